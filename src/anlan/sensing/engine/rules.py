"""The bindings of a shard as arrays: one line for each (binding, window), with the memory of its hysteresis.

Columns of the four-wide arrays are red, orange, yellow, blue. The definition of "holds a level" is in `ruleset.reference`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from anlan.ruleset.bindings import NEVER, Binding
from anlan.ruleset.evaluate import missing_allowed
from anlan.sensing.engine.rain import SLOT_S
from anlan.sensing.hot.rows import Bools, Ints

NO_LEVEL = 0
#: Neither certain nor uncertain: no reading has counted yet.
UNKNOWN = 2


class Changed(NamedTuple):
    """Lines whose held level or certainty changed in one step, with what they saw."""

    lines: Ints
    positions: Ints
    value: Ints
    missing: Ints


class RuleLines:
    """Lines are ordered by stream and then by binding, so a stream and a binding are each one range of lines."""

    def __init__(
        self, bindings: Sequence[Binding], stream_of: dict[str, int], *, hysteresis: bool = True
    ) -> None:
        self.bindings = sorted(bindings, key=lambda b: (stream_of[b.id], b.id))
        spans = [
            (number, index) for number, b in enumerate(self.bindings) for index in range(len(b.windows_s))
        ]
        of = [self.bindings[number] for number, _ in spans]
        edges = [self.bindings[number].edges(index) for number, index in spans]
        self.binding: Ints = np.array([number for number, _ in spans], np.int64)
        self.stream: Ints = np.array([stream_of[b.id] for b in of], np.int64)
        self.window_s: Ints = np.array([self.bindings[n].windows_s[i] for n, i in spans], np.int64)
        self.slots: Ints = self.window_s // SLOT_S
        self.rise: Ints = _wide([e.rise for e in edges])
        self.fall: Ints = _wide([e.fall for e in edges])
        self.sign: Ints = np.array([b.sign for b in of], np.int64)
        self.is_change: Bools = np.array([b.evaluator == "rise" for b in of], np.bool_)
        self.is_absolute: Bools = np.array([b.is_absolute for b in of], np.bool_)
        self.hold_s: Ints = np.array([b.hold_s for b in of], np.int64)
        self.rise_hold_s: Ints = np.array([b.rise_hold_s for b in of], np.int64)
        self._rise_gap_s: Ints = np.array([b.rise_gap_s for b in of], np.int64)
        self._has_rise_hold = bool((self.rise_hold_s > 0).any())
        self.memory_s: Ints = np.array([b.memory_s for b in of], np.int64)
        self.allowed: Ints = np.array(
            [missing_allowed(slots, b.max_gap) for slots, b in zip(self.slots.tolist(), of, strict=True)],
            np.int64,
        )
        if not hysteresis:
            self.fall, self.hold_s = self.rise, np.zeros_like(self.hold_s)
        self.lowest_rise: Ints = self.rise.min(axis=1, initial=NEVER)
        self.first_line, self.line_count = _ranges(self.binding, len(self.bindings))
        self._clear_memory()

    def _clear_memory(self) -> None:
        count = len(self.binding)
        self.held: Bools = np.zeros((count, 4), np.bool_)
        self.is_holding: Bools = np.zeros(count, np.bool_)
        self.level: npt.NDArray[np.int8] = np.zeros(count, np.int8)
        self.uncertain: npt.NDArray[np.int8] = np.full(count, UNKNOWN, np.int8)
        self._below_since: Ints = np.full((count, 4), NEVER, np.int64)
        self._reached: Ints = np.full((count, 4), -NEVER, np.int64)
        #: Since when every reading stood at or over the rise edge; kept for hold times only.
        self._over_since: Ints = np.full((count if self._has_rise_hold else 0, 4), NEVER, np.int64)
        self._seen_at: Ints = np.full(count if self._has_rise_hold else 0, -NEVER, np.int64)

    def forget(self, lines: Ints) -> None:
        self.held[lines] = False
        self.is_holding[lines] = False
        self.level[lines] = NO_LEVEL
        self.uncertain[lines] = UNKNOWN
        self._below_since[lines] = NEVER
        self._reached[lines] = -NEVER
        if self._has_rise_hold:
            self._over_since[lines] = NEVER
            self._seen_at[lines] = -NEVER

    def of_streams(self, size: int) -> tuple[Ints, Ints]:
        """First line and number of lines of each stream number below `size`."""
        return _ranges(self.stream, size)

    def step(self, lines: Ints, positions: Ints, t: Ints, value: Ints, missing: Ints) -> Changed:
        """One reading for each of these different lines. `positions` travels along, to find the reading again."""
        uncertain = (missing > self.allowed[lines]).astype(np.int8)
        turned = uncertain != self.uncertain[lines]
        self.uncertain[lines] = uncertain
        is_over = value >= self.lowest_rise[lines]
        awake = np.flatnonzero(self.is_holding[lines] | is_over)
        if self._has_rise_hold:
            apart = t - self._seen_at[lines] > self._rise_gap_s[lines]
            self._over_since[lines[apart | ~is_over]] = NEVER
            self._seen_at[lines] = t
        if len(awake):
            turned[awake] |= self._latch(lines[awake], t[awake], value[awake], uncertain[awake] == 0)
        chosen = np.flatnonzero(turned)
        return Changed(lines[chosen], positions[chosen], value[chosen], missing[chosen])

    def _latch(self, lines: Ints, t: Ints, value: Ints, is_certain: Bools) -> Bools:
        """Move the latches of lines that hold or reach something; true where the held level changed."""
        at, seen = t[:, None], value[:, None]
        over = self._held_long_enough(lines, at, seen >= self.rise[lines])
        below = (seen < self.fall[lines]) & is_certain[:, None]
        since = np.where(below, np.minimum(self._below_since[lines], at), NEVER)
        reached = np.where(over, at, self._reached[lines])
        fell = below & (at - since >= self.hold_s[lines, None])
        forgotten = at - reached >= self.memory_s[lines, None]
        held = over | (self.held[lines] & ~fell & ~forgotten)
        level = np.where(held.any(axis=1), held.argmax(axis=1) + 1, NO_LEVEL).astype(np.int8)
        has_changed: Bools = level != self.level[lines]
        self.held[lines] = held
        self.is_holding[lines] = level != NO_LEVEL
        self.level[lines] = level
        self._below_since[lines] = since
        self._reached[lines] = reached
        return has_changed

    def _held_long_enough(self, lines: Ints, at: Ints, over: Bools) -> Bools:
        """Over the edge, and so with every reading for the hold time of the rule."""
        if not self._has_rise_hold:
            return over
        since = np.where(over, np.minimum(self._over_since[lines], at), NEVER)
        self._over_since[lines] = since
        held: Bools = over & (at - since >= self.rise_hold_s[lines, None])
        return held

    def level_of(self, binding: int) -> int:
        """The most severe level that a line of this binding holds; 0 when none."""
        levels = self.level[self.lines_of(binding)]
        return int(levels[levels > NO_LEVEL].min(initial=5)) % 5

    def uncertain_windows(self, binding: int) -> list[int]:
        """The windows in seconds that lack too many slots."""
        lines = self.lines_of(binding)
        return [int(w) for w in self.window_s[lines][self.uncertain[lines] == 1]]

    def lines_of(self, binding: int) -> slice:
        start = int(self.first_line[binding])
        return slice(start, start + int(self.line_count[binding]))


def _wide(rows: list[tuple[int, ...]]) -> Ints:
    return np.array(rows, np.int64).reshape(len(rows), 4)


def _ranges(owner: Ints, size: int) -> tuple[Ints, Ints]:
    """Start and length of each owner's range in a sorted column of owners."""
    count = np.bincount(owner, minlength=size).astype(np.int64) if len(owner) else np.zeros(size, np.int64)
    return np.cumsum(count) - count, count
