"""The state of a shard: what every stream is known to be, advanced by readings in the order of their own time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from anlan.ruleset.bindings import Binding
from anlan.sensing.engine.change import ChangeTrack
from anlan.sensing.engine.rain import LENGTH, SLOT_S, RainTotals, slot_of
from anlan.sensing.engine.rules import Changed, RuleLines
from anlan.sensing.hot.rows import Bools, Ints, Rows
from anlan.sensing.hot.types import DAY_S

#: Before any time a reading may have.
LONG_AGO = -(1 << 62)


class Readings(NamedTuple):
    """Readings that count, as columns. `cause` leads back to where each came from."""

    t: Ints
    s: Ints
    v: Ints
    cause: Ints

    @staticmethod
    def of(rows: Rows) -> Readings:
        return Readings(rows.t, rows.s, rows.v, rows.flag)

    def pick(self, chosen: Ints | Bools) -> Readings:
        return Readings(self.t[chosen], self.s[chosen], self.v[chosen], self.cause[chosen])


class Step(NamedTuple):
    """One reading for each of some different streams, and the rule lines that changed by it."""

    readings: Readings
    changed: Changed


class Shard:
    """Arrays indexed by stream number."""

    def __init__(
        self, bindings: Sequence[Binding], stream_of: dict[str, int], *, hysteresis: bool = True
    ) -> None:
        self.rules = RuleLines(bindings, stream_of, hysteresis=hysteresis)
        self.reach_s = _reach_s(bindings)
        self.rain = RainTotals(_length(bindings, "rolling_rain"))
        self._rainy = _streams_of(bindings, stream_of, "rolling_rain")
        self._changing = _streams_of(bindings, stream_of, "rise")
        self.change = ChangeTrack(len(self._changing), _length(bindings, "rise"))
        self.head_t: Ints = np.empty(0, np.int64)
        self._head_v: Ints = np.empty(0, np.int64)
        self._rain_row: Ints = np.empty(0, np.int64)
        self._change_row: Ints = np.empty(0, np.int64)
        self._first: Ints = np.empty(0, np.int64)
        self._count: Ints = np.empty(0, np.int64)
        self.rain.resize(len(self._rainy))

    def resize(self, size: int) -> None:
        """Room for stream numbers below `size`."""
        extra = size - len(self.head_t)
        if extra <= 0:
            return
        self.head_t = np.concatenate([self.head_t, np.full(extra, LONG_AGO, np.int64)])
        self._head_v = np.concatenate([self._head_v, np.zeros(extra, np.int64)])
        self._rain_row = np.full(size, -1, np.int64)
        self._rain_row[self._rainy] = np.arange(len(self._rainy))
        self._change_row = np.full(size, -1, np.int64)
        self._change_row[self._changing] = np.arange(len(self._changing))
        self._first, self._count = self.rules.of_streams(size)

    def is_bound(self, streams: Ints) -> Bools:
        """Whether a rule looks at these streams."""
        return self._count[streams] > 0

    def forget(self, streams: Ints) -> None:
        """Back to knowing nothing about these streams."""
        self.head_t[streams] = LONG_AGO
        rain = self._rain_row[streams]
        self.rain.forget(rain[rain >= 0])
        change = self._change_row[streams]
        self.change.forget(change[change >= 0])
        self.rules.forget(self._lines(streams)[0])

    def advance(self, readings: Readings) -> Iterator[Step]:
        """Take counted readings, all newer than the head of their stream; several of one stream follow in time order."""
        for part in in_rounds(readings):
            yield Step(part, self._round(part))

    def replay(self, parts: Iterable[Rows], *, judge_from: int) -> None:
        """Take counted readings that come in time order, telling nobody what changed.

        Before `judge_from` only sums are filled: a level reached more than its memory before the newest reading is forgotten.
        """
        for rows in parts:
            for part in in_rounds(Readings.of(rows)):
                if int(part.t.max()) < judge_from:
                    self._push(part)
                else:
                    self._round(part)

    def rain_until(
        self, stream: int, slot: int, slots: int, *, may_lag: int | None = None
    ) -> tuple[int, int] | None:
        """Rain (stored integer) and missing slots up to `slot`; None for a stream without sums, or one that lags too far."""
        row = int(self._rain_row[stream])
        if row < 0 or (may_lag is not None and slot - int(self.rain.head[row]) > may_lag):
            return None
        head = int(self.rain.head[row])
        return self.rain.until(row, max(slot, head), slots)

    def would_reach(self, s: Ints, v: Ints) -> Ints:
        """The most severe level that each reading would bring if it counted, 0 where that is no worse than what holds."""
        lines, positions = self._lines(s)
        slots, value = self.rules.slots[lines], v[positions]
        seen = value * self.rules.sign[lines]
        change = self.rules.is_change[lines]
        seen[change] = np.abs(value[change] - self._head_v[s[positions[change]]])
        sums = (slots > 0) & ~change
        if sums.any():
            total, _ = self.rain.sums(self._rain_row[s[positions[sums]]], slots[sums])
            seen[sums] += total
        over = seen[:, None] >= self.rules.rise[lines]
        level = np.where(over.any(axis=1), over.argmax(axis=1) + 1, 9)
        held = self.rules.level[lines]
        level[(held > 0) & (held <= level)] = 9
        worst = np.full(len(s), 9, np.int64)
        np.minimum.at(worst, positions, level)
        return np.where(worst == 9, 0, worst)

    def window_state(self, binding: int) -> dict[int, tuple[int, int]]:
        """Value and missing slots of each window (seconds) of a binding at the head of its stream."""
        span = self.rules.lines_of(binding)
        lines = np.arange(span.start, span.stop)
        streams = self.rules.stream[lines]
        value, missing = self._seen(lines, streams, self._head_v[streams])
        return {
            int(w): (int(v), int(m))
            for w, v, m in zip(self.rules.window_s[lines], value, missing, strict=True)
        }

    def _push(self, rows: Readings) -> None:
        """Take the readings into heads, sums and changes."""
        self.head_t[rows.s] = rows.t
        self._head_v[rows.s] = rows.v
        rain = self._rain_row[rows.s]
        rainy = rain >= 0
        if rainy.all():
            self.rain.push(rain, slot_of(rows.t), rows.v)
        elif rainy.any():
            self.rain.push(rain[rainy], slot_of(rows.t[rainy]), rows.v[rainy])
        if len(self._changing):
            change = self._change_row[rows.s]
            moved = change >= 0
            self.change.push(change[moved], slot_of(rows.t[moved]), rows.v[moved])

    def _round(self, rows: Readings) -> Changed:
        self._push(rows)
        lines, positions = self._lines(rows.s)
        value, missing = self._seen(lines, rows.s[positions], rows.v[positions])
        return self.rules.step(lines, positions, rows.t[positions], value, missing)

    def _lines(self, streams: Ints) -> tuple[Ints, Ints]:
        """All rule lines of these streams, and for each the position of its stream in `streams`."""
        count = self._count[streams]
        positions = np.repeat(np.arange(len(streams)), count)
        offset = np.arange(len(positions)) - np.repeat(np.cumsum(count) - count, count)
        return self._first[streams][positions] + offset, positions

    def _seen(self, lines: Ints, streams: Ints, value: Ints) -> tuple[Ints, Ints]:
        """What each line compares: a window sum, a change, or the reading itself (negated where low is bad)."""
        slots = self.rules.slots[lines]
        windowed = slots > 0
        if windowed.all() and not len(self._changing):
            return self.rain.sums(self._rain_row[streams], slots)
        seen, missing = value * self.rules.sign[lines], np.zeros(len(lines), np.int64)
        change = self.rules.is_change[lines]
        sums = windowed & ~change
        if sums.any():
            seen[sums], missing[sums] = self.rain.sums(self._rain_row[streams[sums]], slots[sums])
        if change.any():
            mine = lines[change]
            moved, missing[change] = self.change.changes(
                self._change_row[streams[change]], slots[change], value[change], self.rules.allowed[mine]
            )
            seen[change] = np.where(self.rules.is_absolute[mine], np.abs(moved), moved)
        return seen, missing


def _streams_of(bindings: Sequence[Binding], stream_of: dict[str, int], evaluator: str) -> Ints:
    return np.array(sorted({stream_of[b.id] for b in bindings if b.evaluator == evaluator}), np.int64)


def _length(bindings: Sequence[Binding], evaluator: str) -> int:
    """Slots that the longest window of this evaluator needs, and the one just before it."""
    slots = [60 * max(b.windows_min) // SLOT_S + 1 for b in bindings if b.evaluator == evaluator]
    return max(slots, default=0) if evaluator == "rise" else max([LENGTH, *slots])


def _reach_s(bindings: Sequence[Binding]) -> tuple[int, int]:
    """How far before a stream's head levels must be judged anew, and how far before that values must be known (seconds)."""
    judged = max([DAY_S, *(b.memory_s + b.rise_hold_s + b.rise_gap_s for b in bindings if b.rise_hold_s)])
    # A change looks at most one allowed gap beyond its window.
    known = max([DAY_S, *(int(60 * m * (1 + b.max_gap)) for b in bindings for m in b.windows_min)])
    return judged, known + SLOT_S


def in_rounds(rows: Readings) -> Iterator[Readings]:
    """Split so that each part holds a stream at most once, and each stream's readings keep their order in time."""
    if not len(rows.t):
        return
    order = np.lexsort((rows.t, rows.s))
    streams = rows.s[order]
    starts = np.flatnonzero(np.concatenate([[True], streams[1:] != streams[:-1]]))
    if len(starts) == len(streams):
        yield rows
        return
    lengths = np.diff(np.concatenate([starts, [len(streams)]]))
    rank: npt.NDArray[np.int64] = np.arange(len(streams)) - np.repeat(starts, lengths)
    by_rank = order[np.argsort(rank, kind="stable")]
    ends = np.cumsum(np.bincount(rank))
    for start, end in zip(np.concatenate([[0], ends[:-1]]).tolist(), ends.tolist(), strict=True):
        yield rows.pick(by_rank[start:end])
