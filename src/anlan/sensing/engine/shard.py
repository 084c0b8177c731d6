"""The state of a shard: what every stream is known to be, advanced by readings in the order of their own time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from anlan.ruleset.bindings import Binding
from anlan.sensing.engine.rain import RainTotals, slot_of
from anlan.sensing.engine.rules import Changed, RuleLines
from anlan.sensing.hot.rows import Bools, Ints, Rows

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
        self.rain = RainTotals()
        rainy = sorted({stream_of[b.id] for b in bindings if b.evaluator == "rolling_rain"})
        self._rainy: Ints = np.array(rainy, np.int64)
        self.head_t: Ints = np.empty(0, np.int64)
        self._head_v: Ints = np.empty(0, np.int64)
        self._rain_row: Ints = np.empty(0, np.int64)
        self._first: Ints = np.empty(0, np.int64)
        self._count: Ints = np.empty(0, np.int64)
        self.rain.resize(len(rainy))

    def resize(self, size: int) -> None:
        """Room for stream numbers below `size`."""
        extra = size - len(self.head_t)
        if extra <= 0:
            return
        self.head_t = np.concatenate([self.head_t, np.full(extra, LONG_AGO, np.int64)])
        self._head_v = np.concatenate([self._head_v, np.zeros(extra, np.int64)])
        self._rain_row = np.full(size, -1, np.int64)
        self._rain_row[self._rainy] = np.arange(len(self._rainy))
        self._first, self._count = self.rules.of_streams(size)

    def is_bound(self, streams: Ints) -> Bools:
        """Whether a rule looks at these streams."""
        return self._count[streams] > 0

    def forget(self, streams: Ints) -> None:
        """Back to knowing nothing about these streams."""
        self.head_t[streams] = LONG_AGO
        rain = self._rain_row[streams]
        self.rain.forget(rain[rain >= 0])
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

    def window_state(self, binding: int) -> dict[int, tuple[int, int]]:
        """Value and missing slots of each window (seconds) of a binding at the head of its stream."""
        lines = np.arange(len(self.rules.binding))[self.rules.lines_of(binding)]
        streams = self.rules.stream[lines]
        value, missing = self._seen(lines, self._head_v[streams], self._rain_row[streams])
        return {
            int(w): (int(v), int(m))
            for w, v, m in zip(self.rules.window_s[lines], value, missing, strict=True)
        }

    def _push(self, rows: Readings) -> Ints:
        """Take the readings into heads and sums; returns the rain row of each, -1 for none."""
        self.head_t[rows.s] = rows.t
        self._head_v[rows.s] = rows.v
        rain = self._rain_row[rows.s]
        rainy = rain >= 0
        if rainy.all():
            self.rain.push(rain, slot_of(rows.t), rows.v)
        elif rainy.any():
            self.rain.push(rain[rainy], slot_of(rows.t[rainy]), rows.v[rainy])
        return rain

    def _round(self, rows: Readings) -> Changed:
        rain = self._push(rows)
        lines, positions = self._lines(rows.s)
        value, missing = self._seen(lines, rows.v[positions], rain[positions])
        return self.rules.step(lines, positions, rows.t[positions], value, missing)

    def _lines(self, streams: Ints) -> tuple[Ints, Ints]:
        """All rule lines of these streams, and for each the position of its stream in `streams`."""
        count = self._count[streams]
        positions = np.repeat(np.arange(len(streams)), count)
        offset = np.arange(len(positions)) - np.repeat(np.cumsum(count) - count, count)
        return self._first[streams][positions] + offset, positions

    def _seen(self, lines: Ints, value: Ints, rain: Ints) -> tuple[Ints, Ints]:
        """What each line looks at: a window sum with its missing slots, or the reading itself."""
        slots = self.rules.slots[lines]
        windowed = slots > 0
        if windowed.all():
            return self.rain.sums(rain, slots)
        seen, missing = value.copy(), np.zeros(len(lines), np.int64)
        if windowed.any():
            seen[windowed], missing[windowed] = self.rain.sums(rain[windowed], slots[windowed])
        return seen, missing


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
