"""The whole script of a run: what each station measures at which time, and how its device misbehaves.

Pure: the same world, seed, start and length give the same script, for the stations and for the oracle alike.
Times are whole seconds since 1970 (UTC); a rain slot is named by its END.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from simulator.storm.rainfall import HISTORY_SLOTS, RainCourse, rain_courses
from simulator.storm.stages import StageCourse, stage_courses
from simulator.world import World

SLOT_S = 300
#: The skewed station's clock is this far behind.
SKEW_S = -660
#: The dead station's last report is the one for this live slot, counted from 1.
LAST_SLOT_OF_DEAD = 2


@dataclass(frozen=True, slots=True)
class Course:
    """One station's readings of its main quantity by observation time (0.1 mm or mm); None = no reading.

    ``values`` is what happened. The rest is what a faulty device makes of it, by observation time: ``lies`` are said in place
    of the truth; ``lost`` never leaves the device; ``shifted`` is dated wrong by so many seconds; ``late`` is sent only at that
    time (seconds since 1970).
    """

    station: str
    quantity: str
    role: str
    values: dict[int, int | None]
    lies: dict[int, int | None] = field(default_factory=dict)
    lost: frozenset[int] = frozenset()
    shifted: dict[int, int] = field(default_factory=dict)
    late: dict[int, float] = field(default_factory=dict)

    @property
    def said(self) -> dict[int, int | None]:
        """What the device measures, right or wrong."""
        return {**self.values, **self.lies}

    def is_believable(self, moment: int) -> bool:
        """Can a platform that notices every fault know the true reading of this time?"""
        return moment not in self.lies and moment not in self.lost and moment not in self.shifted


@dataclass(frozen=True, slots=True)
class Injected:
    """One fault of a sensor, its clock or its memory.

    ``moments`` are the observation times as they stand on the wire. ``treatments``: any of these is right; a quality flag in
    small letters, or "gap", "once", "late" and "confirmed".
    """

    station: str
    quantity: str
    kind: str
    at_s: int
    moments: tuple[int, ...]
    treatments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Script:
    """Courses of all stations; live slots are those after ``clock_start_s``."""

    world: World
    seed: int
    clock_start_s: int
    duration_s: int
    preload_s: int
    courses: list[Course]
    injected: tuple[Injected, ...] = ()

    @property
    def end_s(self) -> int:
        """Simulated time at which the last slot of the run ends."""
        return self.clock_start_s + self.duration_s

    def skew_s(self, course: Course) -> int:
        """How far the station's own clock is from the true one."""
        return SKEW_S if course.role == "skewed" else 0

    def is_history(self, course: Course, moment: int) -> bool:
        """Is this reading uploaded before the run starts?"""
        known_until = self.clock_start_s + self.skew_s(course)
        return self.clock_start_s - self.preload_s < moment <= known_until

    def live_times(self, course: Course) -> Iterator[int]:
        """Observation times that the station reports during the run."""
        own_start = self.clock_start_s + self.skew_s(course)
        last = self.end_s + self.skew_s(course)
        if course.role == "dead":
            last = self.clock_start_s - self.clock_start_s % SLOT_S + LAST_SLOT_OF_DEAD * SLOT_S
        yield from (moment for moment in course.values if own_start < moment <= last)

    def seen(self, course: Course) -> dict[int, int | None]:
        """Everything that the platform can know of a course when all of it has arrived, without what must not be believed."""
        live = set(self.live_times(course))
        return {
            t: v
            for t, v in course.values.items()
            if course.is_believable(t) and (t in live or self.is_history(course, t))
        }


def write_script(
    world: World, seed: int, clock_start: datetime, duration_min: float, preload_hours: int
) -> Script:
    """The script of one run."""
    if clock_start.tzinfo is None:
        raise ValueError("the clock start needs a time zone, such as 2026-07-01T00:00:00Z")
    if not 5 <= duration_min <= 2880 or not 0 <= preload_hours <= 24:
        raise ValueError("the duration must be 5 to 2880 minutes and the preload 0 to 24 hours")
    start = int(clock_start.timestamp())
    duration_s = int(duration_min * 60)
    slots = duration_s // SLOT_S + 1
    rain = rain_courses(world, seed, slots)
    stages = stage_courses(world, rain, seed, slots)
    courses = [_course(course, "rain_5min", start) for course in rain]
    courses += [_course(course, "stage", start) for course in stages]
    return Script(world, seed, start, duration_s, preload_hours * 3600, courses)


def _course(course: RainCourse | StageCourse, quantity: str, start: int) -> Course:
    first = start - start % SLOT_S - (HISTORY_SLOTS - 1) * SLOT_S
    values: list[int | None] = [*course.history, *course.storm]
    return Course(
        course.station, quantity, course.role, {first + i * SLOT_S: v for i, v in enumerate(values)}
    )
