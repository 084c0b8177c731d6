"""Levels of a series of readings with hysteresis: pure, slow and plain.

Level 1 is red and 4 blue; 5 stands for none. A level rises at once; it falls when a lower level, judged by the
lower edges, has held for the hold time of data time. A missing reading is no reading, never zero.
"""

from collections.abc import Mapping
from dataclasses import dataclass

NONE = 5
#: By level, by window in minutes: the value from which the level holds; rain in 0.1 mm.
Rises = Mapping[int, Mapping[int, int]]
#: R12, county table, in millimetres: level → (1 h, 3 h, 6 h, 24 h).
DEFAULT_MM = {4: (35, 55, 70, 100), 3: (45, 75, 95, 130), 2: (60, 100, 120, 160), 1: (80, 120, 150, 200)}
WINDOWS_MIN = (60, 180, 360, 1440)
SLOT_S = 300
HOLD_S = 1800
FALL_PERCENT = 90
FALL_DROP_MM = 100
#: R13: blue begins this far below the warning stage, millimetres.
BLUE_BELOW_WARNING_MM = 500
MAX_MISSING = 0.2

DEFAULT_RISES: Rises = {
    level: {window: mm * 10 for window, mm in zip(WINDOWS_MIN, row, strict=True)}
    for level, row in DEFAULT_MM.items()
}


@dataclass(frozen=True, slots=True)
class Step:
    """The level changed at this observation time (seconds, UTC)."""

    moment: int
    level: int
    previous: int

    @property
    def is_upward(self) -> bool:
        """Did it get worse?"""
        return self.level < self.previous


@dataclass(slots=True)
class Hysteresis:
    """The memory between readings: the level in force, since when a lower one holds, and the worst of those."""

    level: int = NONE
    lower_since: int | None = None
    worst_lower: int = NONE

    def take(self, moment: int, *, by_rise: int, by_fall: int) -> Step | None:
        """One evaluation: ``by_rise`` is judged by the upper edges, ``by_fall`` by the lower ones."""
        before = self.level
        if by_rise < self.level:
            self.level, self.lower_since, self.worst_lower = by_rise, None, NONE
            return Step(moment, self.level, before)
        if by_fall <= self.level:
            self.lower_since, self.worst_lower = None, NONE
            return None
        if self.lower_since is None:
            self.lower_since, self.worst_lower = moment, by_fall
        self.worst_lower = min(self.worst_lower, by_fall)
        if moment - self.lower_since < HOLD_S:
            return None
        self.level, self.lower_since, self.worst_lower = self.worst_lower, None, NONE
        return Step(moment, self.level, before)


class RunningRain:
    """Running totals of a rain series, so that any window is one subtraction."""

    def __init__(self, values: Mapping[int, int | None]) -> None:
        self._first = min(values, default=0)
        self._totals = [(0, 0)]
        for moment in range(self._first, max(values, default=-1) + 1, SLOT_S):
            value = values.get(moment)
            rain, present = self._totals[-1]
            self._totals.append((rain + (value or 0), present + (value is not None)))

    def _until(self, moment: int) -> tuple[int, int]:
        index = (moment - self._first) // SLOT_S + 1
        return self._totals[min(max(index, 0), len(self._totals) - 1)]

    def window(self, end: int, window_min: int) -> tuple[int, int]:
        """Rain of the slots that end within the window, 0.1 mm, and how many of them are missing."""
        rain, present = self._until(end)
        rain_before, present_before = self._until(end - window_min * 60)
        return rain - rain_before, window_min * 60 // SLOT_S - (present - present_before)


def _worst(sums: Mapping[int, int], rises: Rises, percent: int) -> int:
    reached = [
        level
        for level, row in rises.items()
        if any(sums[window] * 100 >= rise * percent for window, rise in row.items())
    ]
    return min(reached, default=NONE)


def rain_steps(values: Mapping[int, int | None], rises: Rises) -> list[Step]:
    """All level changes of a rain series (0.1 mm by slot end)."""
    state, steps = Hysteresis(), []
    running, windows = RunningRain(values), {window for row in rises.values() for window in row}
    for moment in sorted(values):
        if values[moment] is None:
            continue
        sums = {window: running.window(moment, window)[0] for window in windows}
        by_rise, by_fall = _worst(sums, rises, 100), _worst(sums, rises, FALL_PERCENT)
        step = state.take(moment, by_rise=by_rise, by_fall=by_fall)
        steps += [step] if step else []
    return steps


def stage_steps(values: Mapping[int, int | None], rises_mm: Mapping[int, int]) -> list[Step]:
    """All level changes of a stage series (mm)."""
    state, steps = Hysteresis(), []
    for moment in sorted(values):
        stage = values[moment]
        if stage is None:
            continue
        by_rise = min((level for level, rise in rises_mm.items() if stage >= rise), default=NONE)
        by_fall = min(
            (level for level, rise in rises_mm.items() if stage >= rise - FALL_DROP_MM), default=NONE
        )
        step = state.take(moment, by_rise=by_rise, by_fall=by_fall)
        steps += [step] if step else []
    return steps


def uncertain_moments(values: Mapping[int, int | None], rises: Rises, *, after: int) -> list[int]:
    """Slot ends at which some window misses more than a fifth of its slots and no partial sum fires."""
    found = []
    running, names = RunningRain(values), {window for row in rises.values() for window in row}
    for moment in sorted(moment for moment in values if moment > after):
        windows = {window: running.window(moment, window) for window in names}
        sums = {window: total for window, (total, _) in windows.items()}
        holed = any(missing > MAX_MISSING * window * 60 / SLOT_S for window, (_, missing) in windows.items())
        if holed and _worst(sums, rises, 100) == NONE:
            found.append(moment)
    return found
