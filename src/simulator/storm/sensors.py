"""Faults of sensors, clocks and memories, put on stations of a script so that each could raise a false warning or hide a true one.

Which reading may be believed is decided here, from the script alone: what a device says in a fault is no evidence. Rain is in
0.1 mm a slot, stages in millimetres; slots are counted from 1 after the start.
"""

from dataclasses import replace
from math import hypot

from simulator.storm.script import SLOT_S, Course, Injected, Script
from simulator.world import RainStation, World

#: One reading in a dry place that alone would mean red: 55 mm in 5 minutes, which a gauge can say.
RAIN_SPIKE = 550
#: More than any gauge measures in 5 minutes.
IMPOSSIBLE_RAIN = 999
#: 2.8 mm again and again: an hour of it stays under every threshold, two hours would be blue.
STUCK_RAIN, STUCK_SLOTS_BEFORE = 28, 14
#: A stage stands still from this many slots before the start on.
STUCK_STAGE_SLOTS_BEFORE = 3
SPIKE_OVER_HISTORIC_MM = 2_000
RISE_OVER_HISTORIC_MM = 100
#: A clock more than a day ahead would make every true reading look like yesterday's.
AHEAD_S = 26 * 3600
#: A clock two slots behind dates a reading where another one stands.
BEHIND_S = -2 * SLOT_S
HOUR_SLOTS = 12
#: So many of the nearest stations are asked about a lonely one.
NEIGHBOURS = 4
#: The hour that comes late: 33.6 mm, which makes blue only together with what falls after it.
LATE_HOUR = [27, 29] * 6
LATE_STORM = 40
LATE_AT_SLOT = 4
REPEATS_AT_SLOT = 5
#: Storms (0.1 mm by slot) at stations whose fault could hide the warning: blue from what a clock ahead leaves; yellow only if
#: the second and third slot keep their rain; blue before the repeats.
AHEAD_STORM = [60, 60, 120, 120, 120, 60]
BEHIND_STORM = [40, 160, 170, 20, 20, 90]
REPEATED_STORM = [90, 90, 100, 100, 60, 20]


def inject(script: Script) -> Script:
    """The same script with faults. They play within one hour, since an hourly summary would tell later what a fault lost."""
    if not 6 * SLOT_S <= script.duration_s < HOUR_SLOTS * SLOT_S or script.preload_s < 4 * 3600:
        raise ValueError("faults of sensors need a run of 30 to 55 minutes and 4 hours of history")
    return _Injection(script).result()


def nearest_rain(world: World, station: str, count: int) -> list[RainStation]:
    """The rain stations around one, nearest first."""
    here = next(one for one in world.rain_stations if one.code == station)
    others = [one for one in world.rain_stations if one.code != station]
    return sorted(others, key=lambda one: (hypot(one.x_km - here.x_km, one.y_km - here.y_km), one.code))[
        :count
    ]


class _Injection:
    def __init__(self, script: Script) -> None:
        self.script = script
        self.courses = {course.station: course for course in script.courses}
        self.injected: list[Injected] = []
        self.first = script.clock_start_s - script.clock_start_s % SLOT_S
        surveyed = {link.station for link in script.world.links if link.own}
        free = [c for c in script.courses if c.station not in surveyed]
        rain = [c for c in free if c.quantity == "rain_5min" and c.role == "plain"]
        #: Stations without a part of their own, wettest first; gauges whose river stays low.
        self.by_rain = sorted(rain, key=lambda c: (-self._fallen(c), c.station))
        self.calm = [c for c in script.courses if c.quantity == "stage" and c.role == "calm"]

    def result(self) -> Script:
        lonely = self._loneliest()
        near = {one.code for one in nearest_rain(self.script.world, lonely.station, NEIGHBOURS)}
        far = [course for course in self.by_rain if course is not lonely and course.station not in near]
        wet, dry, calm = iter(far), reversed(far), iter(self.calm)
        for course, fault in (
            (lonely, self._rain_spike),
            (next(wet), self._hour_never_sent),
            (next(wet), self._clock_ahead),
            (next(wet), self._clock_behind),
            (next(wet), self._repeats),
            (next(dry), self._hour_sent_late),
            (next(dry), self._stuck_rain),
            (next(dry), self._impossible_rain),
            (next(calm), self._stage_spike),
            (next(calm), self._sudden_rise),
            (next(calm), self._stuck_stage),
            (next(calm), self._unit_change),
        ):
            changed, injected = fault(course)
            self.courses[course.station] = replace(changed, role=injected.kind)
            self.injected.append(injected)
        self._slow_clock()
        return replace(self.script, courses=list(self.courses.values()), injected=tuple(self.injected))

    # -- places and times

    def _slot(self, number: int) -> int:
        return self.first + number * SLOT_S

    def _live(self, course: Course) -> list[int]:
        return list(self.script.live_times(course))

    def _fallen(self, course: Course) -> int:
        return sum(course.values.get(self._slot(n)) or 0 for n in range(1, 7))

    def _hour_at(self, station: str, slot: int) -> int:
        values = self.courses[station].values
        return sum(values.get(self._slot(slot - n)) or 0 for n in range(HOUR_SLOTS))

    def _loneliest(self) -> Course:
        """Where one station alone would have rain: the neighbours stay as dry as anywhere."""

        def around(course: Course) -> int:
            near = nearest_rain(self.script.world, course.station, NEIGHBOURS)
            return max(self._hour_at(one.code, slot) for one in near for slot in (2, 3))

        return min(self.by_rain[8:], key=lambda course: (around(course), course.station))

    def _marks_mm(self, course: Course) -> int:
        gauge = next(g for g in self.script.world.river_gauges if g.code == course.station)
        return round(gauge.historic_max_m * 100) * 10

    def _about(
        self, course: Course, kind: str, moments: list[int], *treatments: str, at: int = 0
    ) -> Injected:
        return Injected(
            course.station, course.quantity, kind, at or moments[0], tuple(moments), tuple(treatments)
        )

    # -- rain

    def _rain_spike(self, course: Course) -> tuple[Course, Injected]:
        at = self._slot(3)
        return replace(course, lies={at: RAIN_SPIKE}), self._about(course, "spike", [at], "neighbour")

    def _impossible_rain(self, course: Course) -> tuple[Course, Injected]:
        at = self._slot(3)
        return replace(course, lies={at: IMPOSSIBLE_RAIN}), self._about(course, "out_of_range", [at], "range")

    def _stuck_rain(self, course: Course) -> tuple[Course, Injected]:
        start = self._slot(-STUCK_SLOTS_BEFORE + 1)
        moments = [t for t in course.values if start <= t <= self.script.end_s]
        return replace(course, lies=dict.fromkeys(moments, STUCK_RAIN)), self._about(
            course, "stuck", moments, "stuck"
        )

    def _hour_never_sent(self, course: Course) -> tuple[Course, Injected]:
        hour = [self._slot(-n) for n in reversed(range(HOUR_SLOTS))]
        return replace(course, lost=frozenset(hour)), self._about(course, "lost_hour", hour, "gap")

    def _hour_sent_late(self, course: Course) -> tuple[Course, Injected]:
        hour = [self._slot(-n) for n in reversed(range(HOUR_SLOTS))]
        storm = dict.fromkeys(self._live(course), LATE_STORM)
        values = {**course.values, **dict(zip(hour, LATE_HOUR, strict=True)), **storm}
        due = self._slot(LATE_AT_SLOT) + 60.0
        late = {moment: due + number for number, moment in enumerate(hour)}
        changed = replace(course, values=values, late=late)
        return changed, self._about(course, "hour_sent_late", hour, "late", at=round(due))

    def _clock_ahead(self, course: Course) -> tuple[Course, Injected]:
        stormy = self._with_storm(course, AHEAD_STORM)
        return self._shifted(stormy, "clock_ahead", (1, 2), AHEAD_S, "future", "clock")

    def _clock_behind(self, course: Course) -> tuple[Course, Injected]:
        stormy = self._with_storm(course, BEHIND_STORM)
        return self._shifted(stormy, "clock_behind", (4, 5), BEHIND_S, "clock")

    def _with_storm(self, course: Course, storm: list[int]) -> Course:
        """Other rain from the first slot on, and none after it."""
        live = self._live(course)
        fallen = [*storm, *[0] * len(live)][: len(live)]
        return replace(course, values={**course.values, **dict(zip(live, fallen, strict=True))})

    def _shifted(
        self, course: Course, kind: str, slots: tuple[int, ...], by_s: int, *treatments: str
    ) -> tuple[Course, Injected]:
        moments = [self._slot(n) for n in slots]
        dated = [moment + by_s for moment in moments]
        changed = replace(course, shifted=dict.fromkeys(moments, by_s))
        return changed, self._about(course, kind, dated, *treatments, at=moments[0])

    def _repeats(self, course: Course) -> tuple[Course, Injected]:
        moments = [self._slot(n) for n in range(1 - HOUR_SLOTS, REPEATS_AT_SLOT)]
        at = self._slot(REPEATS_AT_SLOT) - 30
        stormy = self._with_storm(course, REPEATED_STORM)
        return stormy, self._about(course, "duplicate_burst", moments, "once", at=at)

    def _slow_clock(self) -> None:
        """The station of the plain script whose clock is behind all the time."""
        for course in self.script.courses:
            if course.role == "skewed":
                self.injected.append(self._about(course, "clock_slow", self._live(course), "clock"))

    # -- stages

    def _stage_spike(self, course: Course) -> tuple[Course, Injected]:
        at = self._slot(3)
        lie = self._marks_mm(course) + SPIKE_OVER_HISTORIC_MM
        return replace(course, lies={at: lie}), self._about(course, "spike", [at], "spike", "rate")

    def _sudden_rise(self, course: Course) -> tuple[Course, Injected]:
        """No fault: a true rise looks like a spike until the next reading, and must be warned of."""
        moments = [t for t in self._live(course) if t >= self._slot(3)]
        top = self._marks_mm(course) + RISE_OVER_HISTORIC_MM
        values = {**course.values, **{t: top + 10 * n for n, t in enumerate(moments)}}
        return replace(course, values=values), self._about(course, "true_rise", moments[:1], "confirmed")

    def _stuck_stage(self, course: Course) -> tuple[Course, Injected]:
        start = self._slot(1 - STUCK_STAGE_SLOTS_BEFORE)
        moments = [t for t in course.values if start <= t <= self.script.end_s]
        lies: dict[int, int | None] = dict.fromkeys(moments, course.values[start - SLOT_S])
        return replace(course, lies=lies), self._about(course, "stuck", moments, "stuck")

    def _unit_change(self, course: Course) -> tuple[Course, Injected]:
        """From the third slot on the stage comes in centimetres where metres were agreed."""
        moments = [t for t in self._live(course) if t >= self._slot(3)]
        lies: dict[int, int | None] = {t: (course.values[t] or 0) * 100 for t in moments}
        return replace(course, lies=lies), self._about(course, "unit_change", moments, "range")
