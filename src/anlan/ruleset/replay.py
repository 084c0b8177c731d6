"""A binding run over a stretch of the past in one pass: what it would have said, and when. Pure.

Windows are those of `ruleset.reference`; only the memory of levels is kept in one pass here, since the reference looks back
over the whole stretch at every reading. A test holds both against each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from anlan.ruleset.bindings import NEVER, Binding
from anlan.ruleset.reference import WindowAt, _history
from anlan.vocab.levels import Level

_DAY_S = 86_400


class Episode(NamedTuple):
    """From the first level to the fall below all of them (`ended` None: still over at the end). Epoch seconds; stored integers.

    `level` is the most severe one reached; `peak` the greatest value of the window that decided, at `peak_at`.
    """

    began: int
    ended: int | None
    level: Level
    window_s: int
    peak: int
    peak_at: int


class _Memory:
    """One level of one window: when it was last reached, since when it is over the rise edge or under the fall edge."""

    __slots__ = ("fall", "over", "reached", "rise", "under")

    def __init__(self, rise: int, fall: int) -> None:
        self.rise, self.fall = rise, fall
        self.over: int | None = None
        self.reached: int | None = None
        self.under: int | None = None

    def holds(self, at: WindowAt, binding: Binding) -> bool:
        if at.value >= self.rise:
            self.over = at.time if self.over is None else self.over
            if at.time - self.over >= binding.rise_hold_s:
                self.reached, self.under = at.time, None
                return True
        else:
            self.over = None
        if self.reached is None:
            return False
        if at.is_uncertain or at.value >= self.fall:
            self.under = None
        else:
            self.under = at.time if self.under is None else self.under
            if at.time - self.under >= binding.hold_s:
                self.reached = None
                return False
        return at.time - self.reached < binding.memory_s


def levels_of(binding: Binding, counted: dict[int, int]) -> list[tuple[int, Level | None, int]]:
    """(time, level of the binding, index of the window that decides) at each reading; `counted` by time, oldest first."""
    return _levels(binding, _histories(binding, counted))


def _histories(binding: Binding, counted: dict[int, int]) -> list[list[WindowAt]]:
    return [_history(binding, window_s, counted) for window_s in binding.windows_s]


def _levels(binding: Binding, histories: list[list[WindowAt]]) -> list[tuple[int, Level | None, int]]:
    edges = [binding.edges(index) for index in range(len(histories))]
    memories = [[_Memory(r, f) for r, f in zip(e.rise, e.fall, strict=True)] for e in edges]
    found = []
    for n, first in enumerate(histories[0]):
        best, best_window = 9, 0
        for window, history in enumerate(histories):
            at = history[n]
            for position, memory in enumerate(memories[window]):
                is_awake = at.value >= memory.rise or memory.reached is not None or memory.over is not None
                if is_awake and memory.holds(at, binding) and position + 1 < best:
                    best, best_window = position + 1, window
        found.append((first.time, Level(best) if best < 9 else None, best_window))
    return found


def episodes(binding: Binding, readings: Sequence[tuple[int, int]]) -> list[Episode]:
    """What the binding would have fired over readings that count, (time, stored integer) in order of time."""
    return [one for part in _parts(binding, readings) for one in _episodes(binding, dict(part))]


def _parts(binding: Binding, readings: Sequence[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """The days around those on which an edge could be reached at all; between them nothing can happen.

    Each part begins with the longest window before such a day and ends two days after it: a level that is not reached again
    is let go within one day (`memory_s`).
    """
    days: dict[int, list[tuple[int, int]]] = {}
    for time, value in readings:
        days.setdefault(time // _DAY_S, []).append((time, value))
    before = -(-max(binding.windows_s) // _DAY_S) or 0
    lowest = min((e for n in range(len(binding.windows_s)) for e in binding.edges(n).rise), default=NEVER)
    kept: set[int] = set()
    for day in days:
        span = [value for back in range(before + 1) for _, value in days.get(day - back, ())]
        if _most(binding, span) >= lowest:
            kept.update(range(day - before - 1, day + 3))
    parts: list[list[tuple[int, int]]] = []
    last = None
    for day in sorted(kept & days.keys()):
        if last is None or day - last > 1:
            parts.append([])
        parts[-1] += days[day]
        last = day
    return parts


def _most(binding: Binding, span: list[int]) -> int:
    """The greatest thing that the binding could compare with its edges within these readings."""
    if binding.evaluator == "rolling_rain":
        return sum(span)
    if binding.evaluator == "rise":
        return max(span) - min(span)
    return max(binding.sign * value for value in span)


def _episodes(binding: Binding, counted: dict[int, int]) -> list[Episode]:
    histories = _histories(binding, counted)
    found: list[Episode] = []
    current: Episode | None = None
    for n, (time, level, window) in enumerate(_levels(binding, histories)):
        if level is None:
            if current is not None:
                found.append(current._replace(ended=time))
                current = None
            continue
        window_s, value = binding.windows_s[window], binding.sign * histories[window][n].value
        if current is None:
            current = Episode(time, None, level, window_s, value, time)
        elif level < current.level:
            current = current._replace(level=level, window_s=window_s, peak=value, peak_at=time)
        elif window_s == current.window_s and binding.sign * value > binding.sign * current.peak:
            current = current._replace(peak=value, peak_at=time)
    return [*found, current] if current is not None else found
