"""Continuity of streams on arrays: step (rate), spike (Hampel), stuck. The definition is in `ruleset.reference`.

A doubted reading is held back, not lost: the next reading of its stream that confirms the new level releases it, and both
count, in their order. So a true sudden rise comes one reading late at most; a lone spike stays flagged.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal
from typing import Any, NamedTuple

import numpy as np

from anlan.ruleset.bindings import NEVER
from anlan.ruleset.quality import CONTINUITY, INTRINSIC, SPIKE_MAX_WINDOW, SPIKE_MIN_VALUES, QualityRule
from anlan.sensing.hot.rows import Bools, Ints
from anlan.vocab.quality import QualityFlag
from anlan.vocab.quantities import quantity_of

_RATE, _SPIKE, _STUCK = int(QualityFlag.RATE), int(QualityFlag.SPIKE), int(QualityFlag.STUCK)
_INTRINSIC, _CONTINUITY = int(INTRINSIC), int(CONTINUITY)
_ACCEPTED = int(QualityFlag.ACCEPTED)
#: No reading beyond this is plausible (it is flagged RANGE), so that products stay inside 64 bits.
LARGEST = 1 << 40
_FILL = 1 << 62


class Limits(NamedTuple):
    """A rule in stored integers; NEVER (or 0 for `spike_k`) = not judged."""

    rate_per_h: int
    floor: int
    #: 1000 · spike_mads · 1.4826.
    spike_k: int
    window: int
    stuck_after_s: int
    stuck_tolerance: int
    dry: int
    memory_s: int
    context_s: int


def limits_of(rule: QualityRule, quantity: str) -> Limits:
    """The rule of a stream in the integers in which its readings are stored; fractions are cut off."""
    decimals = quantity_of(quantity).decimals
    return Limits(
        rate_per_h=NEVER
        if rule.max_rate_per_h is None
        else min(LARGEST, _stored(rule.max_rate_per_h, decimals)),
        floor=_stored(rule.floor, decimals),
        spike_k=0 if rule.spike_mads is None else round(rule.spike_mads * 1482.6),
        window=rule.spike_window,
        stuck_after_s=NEVER if rule.stuck_after_s is None else rule.stuck_after_s,
        stuck_tolerance=_stored(rule.stuck_tolerance, decimals),
        dry=-NEVER if rule.dry_at_or_below is None else _stored(rule.dry_at_or_below, decimals),
        memory_s=rule.memory_s,
        context_s=rule.context_s,
    )


def _stored(value: float, decimals: int) -> int:
    return int(Decimal(str(value)).scaleb(decimals).to_integral_value(rounding=ROUND_FLOOR))


class Lot(NamedTuple):
    """Readings of different streams, judged together. `row` leads back to where each came from; `trusted` flags are taken as they are."""

    t: Ints
    s: Ints
    v: Ints
    flag: Ints
    row: Ints
    trusted: Bools | None = None

    def pick(self, chosen: Ints | Bools) -> Lot:
        trusted = None if self.trusted is None else self.trusted[chosen]
        return Lot(
            self.t[chosen], self.s[chosen], self.v[chosen], self.flag[chosen], self.row[chosen], trusted
        )


class Released(NamedTuple):
    """A held reading (t, s, v) that the reading in `by` confirmed; `row` is its own row in the batch, -1 from earlier ones."""

    t: int
    s: int
    v: int
    row: int
    by: int


class Doubt(NamedTuple):
    """Why a reading of the batch was flagged: numbers by flag name, for the sentence."""

    row: int
    flag: QualityFlag
    numbers: dict[str, Any]  # JSON by contract


class Findings(NamedTuple):
    released: list[Released]
    doubts: list[Doubt]


class QualityLines:
    """Parameters and memory by stream number."""

    def __init__(self) -> None:
        self._size = 0
        self.limits: list[Ints] = [np.empty(0, np.int64) for _ in Limits._fields]
        self.is_judged: Bools = np.empty(0, np.bool_)
        self._last_t = self._last_v = self._run_t = self._run_v = self._run_since = np.empty(0, np.int64)
        self._held_t = self._held_v = self._held_row = np.empty(0, np.int64)
        self._ring_row = np.empty(0, np.int64)
        self._rings = 0
        self._ring_t: Ints = np.empty((0, SPIKE_MAX_WINDOW), np.int64)
        self._ring_v: Ints = np.empty((0, SPIKE_MAX_WINDOW), np.int64)
        self._ring_at: Ints = np.empty(0, np.int64)

    def resize(self, size: int) -> None:
        """Room for stream numbers below `size`."""
        extra = size - self._size
        if extra <= 0:
            return
        self._size = size
        self.limits = [_longer(column, extra, NEVER) for column in self.limits]
        self.is_judged = np.concatenate([self.is_judged, np.zeros(extra, np.bool_)])
        for name in ("_last_t", "_run_t", "_held_t"):
            setattr(self, name, _longer(getattr(self, name), extra, -NEVER))
        for name in ("_last_v", "_run_v", "_run_since", "_held_v"):
            setattr(self, name, _longer(getattr(self, name), extra, 0))
        self._held_row = _longer(self._held_row, extra, -1)
        self._ring_row = _longer(self._ring_row, extra, -1)

    def add(self, stream: int, limits: Limits) -> None:
        """Judge this stream from now on."""
        for column, value in zip(self.limits, limits, strict=True):
            column[stream] = value
        self.is_judged[stream] = True
        if limits.spike_k and self._ring_row[stream] < 0:
            self._ring_row[stream] = self._rings
            self._rings += 1
            self._grow_rings()

    def _grow_rings(self) -> None:
        if self._rings > len(self._ring_at):
            more = max(64, len(self._ring_at))
            never = np.full((more, SPIKE_MAX_WINDOW), -NEVER, np.int64)
            self._ring_t = np.concatenate([self._ring_t, never])
            self._ring_v = np.concatenate([self._ring_v, np.zeros_like(never)])
            self._ring_at = np.concatenate([self._ring_at, np.zeros(more, np.int64)])

    def limits_at(self, stream: int) -> Limits:
        return Limits(*(int(column[stream]) for column in self.limits))

    def _limit(self, name: str, streams: Ints) -> Ints:
        return self.limits[Limits._fields.index(name)][streams]

    def forget(self, streams: Ints) -> None:
        """Back to knowing nothing about these streams."""
        for column in (self._last_t, self._run_t, self._held_t):
            column[streams] = -NEVER
        self._held_row[streams] = -1
        rings = self._ring_row[streams]
        self._ring_t[rings[rings >= 0]] = -NEVER

    def end_batch(self, streams: Ints) -> None:
        """Rows of this batch have no number any more: what they hold back is in the store from now on."""
        self._held_row[streams] = -1

    # -- judging

    def judge(self, lot: Lot, findings: Findings) -> Ints:
        """One reading each of different streams, in the order of their time; returns their flags."""
        flags = lot.flag.copy()
        mine = np.flatnonzero(self.is_judged[lot.s] & ((lot.flag & _INTRINSIC) == 0))
        if not len(mine):
            return flags
        part = lot.pick(mine)
        bits, confirms = self._doubts(part, findings)
        trusted = part.trusted
        if trusted is not None:
            bits = np.where(trusted, part.flag & (_RATE | _SPIKE), bits)
            confirms &= ~trusted
        if confirms.any():
            self._release(part.pick(confirms), findings)
            bits[confirms] = 0
        held = bits != 0
        self._hold(part, bits, held)
        usable = ~held
        bits[usable] = self._use(part.pick(usable), findings)
        flags[mine] = (part.flag & ~_CONTINUITY) | bits
        return flags

    def _doubts(self, lot: Lot, findings: Findings) -> tuple[Ints, Bools]:
        """Flags of steps and spikes, and which readings confirm the one held before them."""
        t, s, v = lot.t, lot.s, lot.v
        bits = np.zeros(len(t), np.int64)
        memory = self._limit("memory_s", s)
        dt = t - self._last_t[s]
        step = v - self._last_v[s]
        floor = self._limit("floor", s)
        wide = np.flatnonzero((dt <= memory) & (np.abs(step) > floor) & self._has_steps(s))
        confirms = np.zeros(len(t), np.bool_)
        if len(wide):
            jump = np.abs(step[wide])
            bits[wide] = self._steps(lot.pick(wide), jump, dt[wide], findings)
            bits[wide] |= self._spikes(lot.pick(wide), jump, floor[wide], findings)
            bits[(lot.flag & _ACCEPTED) != 0] = 0
        waiting = np.flatnonzero((dt <= memory) & (t - self._held_t[s] <= memory))
        if len(waiting):
            confirms[waiting] = self._confirms(s[waiting], v[waiting], floor[waiting])
        return bits, confirms

    def _has_steps(self, s: Ints) -> Bools:
        found: Bools = (self._limit("rate_per_h", s) < NEVER) | (self._limit("spike_k", s) > 0)
        return found

    def _steps(self, lot: Lot, jump: Ints, dt: Ints, findings: Findings) -> Ints:
        limit = self._limit("rate_per_h", lot.s)
        bad = (limit < NEVER) & (jump * 3600 > limit % NEVER * dt)
        if lot.trusted is None or not lot.trusted.all():
            for i in np.flatnonzero(bad).tolist():
                numbers = {"jump": int(jump[i]), "dt": int(dt[i]), "limit": int(limit[i])}
                findings.doubts.append(Doubt(int(lot.row[i]), QualityFlag.RATE, numbers))
        return np.where(bad, _RATE, 0)

    def _spikes(self, lot: Lot, jump: Ints, floor: Ints, findings: Findings) -> Ints:
        """Beyond the median and beyond the last value: after a confirmed step the new level is no spike again."""
        bits = np.zeros(len(lot.t), np.int64)
        k = self._limit("spike_k", lot.s)
        asked = np.flatnonzero(k > 0)
        if not len(asked):
            return bits
        count, median2, mad4 = self._medians(lot.pick(asked))
        off2, limit = np.abs(2 * lot.v[asked] - median2), k[asked] * mad4
        bad = (
            (count >= SPIKE_MIN_VALUES)
            & (2000 * off2 > limit)
            & (4000 * jump[asked] > limit)
            & (off2 > 2 * floor[asked])
        )
        for i in np.flatnonzero(bad).tolist():
            numbers = {
                "off": int(off2[i]) / 2,
                "median": int(median2[i]) / 2,
                "limit": max(int(floor[asked[i]]), int(limit[i]) / 4000),
                "count": int(count[i]),
            }
            findings.doubts.append(Doubt(int(lot.row[asked[i]]), QualityFlag.SPIKE, numbers))
        bits[asked[bad]] = _SPIKE
        return bits

    def _medians(self, lot: Lot) -> tuple[Ints, Ints, Ints]:
        """Number of remembered values, twice their median, and four times their median absolute deviation."""
        rings = self._ring_row[lot.s]
        window = self._limit("window", lot.s)
        times, values = self._ring_t[rings], self._ring_v[rings]
        age = (self._ring_at[rings][:, None] - 1 - np.arange(SPIKE_MAX_WINDOW)[None, :]) % SPIKE_MAX_WINDOW
        counts = (times >= (lot.t - self._limit("memory_s", lot.s))[:, None]) & (age < window[:, None])
        count = counts.sum(axis=1)
        median2 = _middle2(values, counts, count)
        deviation = np.abs(2 * values - median2[:, None])
        return count, median2, _middle2(deviation, counts, count)

    def _confirms(self, s: Ints, v: Ints, floor: Ints) -> Bools:
        """At the held level, or between half and twice its step from the last usable value, on the same side."""
        held, last = self._held_v[s], self._last_v[s]
        step, mine = held - last, v - last
        side = np.sign(step)
        size, reach = step * side, mine * side
        found: Bools = (np.abs(v - held) <= floor) | ((2 * reach >= size) & (reach <= 2 * size))
        return found

    def _release(self, lot: Lot, findings: Findings) -> None:
        """The held readings before these count after all: they are used first, then the ones that confirm them."""
        s = lot.s
        for t, stream, v, row, by in zip(
            self._held_t[s].tolist(), s.tolist(), self._held_v[s].tolist(), self._held_row[s].tolist(), lot.row.tolist(),
            strict=True,
        ):  # fmt: skip
            findings.released.append(Released(t, stream, v, row, by))
        vouched = np.full(len(s), _ACCEPTED, np.int64)
        self._use(Lot(self._held_t[s], s, self._held_v[s], vouched, self._held_row[s]), findings)

    def _hold(self, lot: Lot, bits: Ints, held: Bools) -> None:
        s = lot.s
        self._held_t[s] = np.where(held, lot.t, -NEVER)
        self._held_v[s] = np.where(held, lot.v, 0)
        self._held_row[s] = np.where(held, lot.row, -1)

    def _use(self, lot: Lot, findings: Findings) -> Ints:
        """Readings that nothing speaks against but, perhaps, that they do not move; returns STUCK or 0 for each."""
        t, s, v = lot.t, lot.s, lot.v
        memory = self._limit("memory_s", s)
        same = (t - self._run_t[s] <= memory) & (v > self._limit("dry", s))
        same &= np.abs(v - self._run_v[s]) <= self._limit("stuck_tolerance", s)
        since = np.where(same, self._run_since[s], t)
        limit = self._limit("stuck_after_s", s)
        stuck = same & (t - since > limit) & ((lot.flag & _ACCEPTED) == 0)
        if lot.trusted is not None:
            stuck = np.where(lot.trusted, (lot.flag & _STUCK) != 0, stuck)
            since = np.where(stuck & lot.trusted, np.minimum(since, t - limit - 1), since)
        self._run_t[s], self._run_v[s], self._run_since[s] = t, v, since
        self._remember(lot.pick(~stuck))
        for i in np.flatnonzero(stuck).tolist():
            numbers = {"v": int(v[i]), "since": int(since[i]), "limit": int(limit[i])}
            findings.doubts.append(Doubt(int(lot.row[i]), QualityFlag.STUCK, numbers))
        return np.where(stuck, _STUCK, 0)

    def _remember(self, lot: Lot) -> None:
        self._last_t[lot.s], self._last_v[lot.s] = lot.t, lot.v
        rings = self._ring_row[lot.s]
        chosen = np.flatnonzero(rings >= 0)
        if len(chosen):
            rings = rings[chosen]
            at = self._ring_at[rings]
            self._ring_t[rings, at], self._ring_v[rings, at] = lot.t[chosen], lot.v[chosen]
            self._ring_at[rings] = (at + 1) % SPIKE_MAX_WINDOW


def _middle2(values: Ints, counts: Bools, count: Ints) -> Ints:
    """Twice the median of the chosen values of each row; meaningless where nothing was chosen."""
    ordered = np.sort(np.where(counts, values, _FILL), axis=1)
    row = np.arange(len(values))
    upper = np.minimum(count // 2, ordered.shape[1] - 1)
    middle: Ints = ordered[row, np.maximum(count - 1, 0) // 2] + ordered[row, upper]
    return np.where(count > 0, middle, 0)


def _longer(column: Ints, extra: int, fill: int) -> Ints:
    return np.concatenate([column, np.full(extra, fill, np.int64)])


def names_of(doubts: Sequence[Doubt]) -> dict[int, dict[str, Any]]:
    """Numbers by flag name of each row; the latest word on a flag wins."""
    found: dict[int, dict[str, Any]] = {}
    for doubt in doubts:
        found.setdefault(doubt.row, {})[doubt.flag.name or ""] = doubt.numbers
    return found
