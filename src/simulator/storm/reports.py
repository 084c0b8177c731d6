"""What each station says and when: the script turned into SL 651 reports, still without a serial or a send time."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from simulator.seeds import stream
from simulator.sl651 import frames
from simulator.sl651.frames import element, observed
from simulator.storm.script import SLOT_S, Course, Script

HOUR_S = 3600
#: Slot rain from which a report is an added report (33) instead of a timed one (32), 0.1 mm.
ADDED_FROM_TENTHS = 20
#: Stations report within this time after a slot's end, simulated seconds.
EARLIEST_S, LATEST_S = 2, 50
#: So often a burst of repeats sends everything.
TIMES_AGAIN = 3

#: station, quantity, observation time in seconds (UTC)
Key = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Report:
    """One frame to be: due at a simulated time, with the readings it carries (values as on the wire)."""

    station: str
    function: int
    due_s: float
    elements: bytes = b""
    readings: dict[Key, int | None] = field(default_factory=dict)
    #: The send time in the frame is wrong by this, or this much older than its sending.
    skew_s: float = 0.0


def moment_of(second: int) -> datetime:
    """Aware UTC time of a whole second."""
    return datetime.fromtimestamp(second, UTC)


def battery_centivolts(station: str, moment: int) -> int:
    """A battery that is charged by day, 0.01 V."""
    return 1180 + (hash_of(station) + moment // HOUR_S * 7) % 120


def hash_of(text: str) -> int:
    """A small number that depends on the text only (the built-in hash differs between processes)."""
    return sum(ord(letter) * (index + 3) for index, letter in enumerate(text))


class RainGauge:
    """Derives what a tipping-bucket station reports from its slot values."""

    def __init__(self, course: Course, seed: int) -> None:
        self._values = course.said
        self._station = course.station
        self._base = stream(seed, "total", course.station).randint(200, 9000)
        self._total: dict[int, int] = {}
        running = self._base
        for moment, value in self._values.items():
            running += value or 0
            self._total[moment] = running

    def elements_at(self, moment: int) -> list[tuple[str, int, int, int | None]]:
        """(quantity, identifier, bytes, value) at a slot's end; an unread gauge reads nothing at all."""
        slot = self._values[moment]
        hour = self._total[moment] - self._total.get(moment - HOUR_S, self._base)
        day = self._total[moment] - self._total.get(self._morning(moment), self._base)
        total = self._total[moment]
        named = [("rain_5min", 0x22, slot), ("rain_1h", 0x1A, hour), ("rain_current", 0x20, day)]
        named.append(("rain_total", 0x26, total))
        return [(quantity, code, 3, None if slot is None else value) for quantity, code, value in named]

    def group_to(self, hour_end: int) -> dict[int, int | None]:
        """The twelve slots that end at the hour."""
        ends = range(hour_end - HOUR_S + SLOT_S, hour_end + 1, SLOT_S)
        return {moment: self._values.get(moment) for moment in ends}

    @staticmethod
    def _morning(moment: int) -> int:
        """08:00 Beijing time (00:00 UTC) before the slot: the hydrological day."""
        return (moment - 1) // 86400 * 86400


def _battery(station: str, moment: int) -> tuple[bytes, dict[Key, int | None]]:
    volts = battery_centivolts(station, moment)
    return element(0x38, volts, 2, 2), {(station, "battery_v", moment): volts}


def _timed(gauge: RainGauge, course: Course, moment: int, due_s: float, function: int) -> Report:
    shift = course.shifted.get(moment, 0)
    dated = moment + shift
    elements, readings = observed(moment_of(dated)), {}
    for quantity, code, size, value in gauge.elements_at(moment):
        elements += element(code, value, size, 1)
        readings[course.station, quantity, dated] = value
    battery, volts = _battery(course.station, dated)
    return Report(course.station, function, due_s, elements + battery, readings | volts, shift)


def _battery_only(station: str, moment: int, due_s: float) -> Report:
    battery, volts = _battery(station, moment)
    return Report(station, frames.TIMING, due_s, observed(moment_of(moment)) + battery, volts)


def _hourly(gauge: RainGauge, course: Course, hour_end: int, due_s: float) -> Report:
    """34: the twelve slots of the hour (F4), the running total and the battery at its end."""
    group = gauge.group_to(hour_end)
    readings: dict[Key, int | None] = {
        (course.station, "rain_5min", moment): v for moment, v in group.items()
    }
    total = next(value for quantity, _, _, value in gauge.elements_at(hour_end) if quantity == "rain_total")
    elements = observed(moment_of(hour_end)) + frames.rain_group(list(group.values()))
    elements += element(0x26, total, 3, 1)
    readings[course.station, "rain_total", hour_end] = total
    battery, volts = _battery(course.station, hour_end)
    return Report(course.station, frames.HOURLY, due_s, elements + battery, readings | volts)


def _rain_reports(script: Script, course: Course, jitter_s: float) -> Iterator[Report]:
    gauge = RainGauge(course, script.seed)
    skew = script.skew_s(course)
    own_start = script.clock_start_s + skew
    hour, slot = own_start - own_start % HOUR_S, own_start - own_start % SLOT_S
    yield Report(course.station, frames.KEEPALIVE, script.clock_start_s + jitter_s)
    if hash_of(course.station) % 10 == 3:
        yield _timed(gauge, course, slot, script.clock_start_s + jitter_s, frames.TEST)
    if not course.lost and not course.late:
        yield _hourly(gauge, course, hour, script.clock_start_s + jitter_s)
    said = course.said
    for moment in script.live_times(course):
        due_s, value = moment - skew + jitter_s, said[moment]
        if value is None and course.role == "unknown":
            yield _battery_only(course.station, moment, due_s)
            yield Report(course.station, frames.KEEPALIVE, due_s + 1)
            continue
        added = value is not None and value >= ADDED_FROM_TENTHS
        yield _timed(gauge, course, moment, due_s, frames.ADDED if added else frames.TIMING)
        if moment % HOUR_S == 0:
            yield _hourly(gauge, course, moment, due_s + 1)


def _uniform(course: Course, hour_end: int, due_s: float) -> Report:
    """31: the hour's stages in steps of 5 minutes; the observation time is that of the first."""
    ends = list(range(hour_end - HOUR_S + SLOT_S, hour_end + 1, SLOT_S))
    said = course.said
    values = [said.get(moment) for moment in ends]
    elements = observed(moment_of(ends[0])) + frames.uniform_series(5, 0x39, values, 4, 3)
    readings = {(course.station, "stage", moment): v for moment, v in zip(ends, values, strict=True)}
    return Report(course.station, frames.UNIFORM, due_s, elements, readings)


def _stage_reports(script: Script, course: Course, jitter_s: float, added_from_mm: int) -> Iterator[Report]:
    start = script.clock_start_s
    yield Report(course.station, frames.KEEPALIVE, start + jitter_s)
    yield _uniform(course, start - start % HOUR_S, start + jitter_s)
    said = course.said
    for moment in script.live_times(course):
        value = said[moment]
        elements = observed(moment_of(moment)) + element(0x39, value, 4, 3)
        battery, readings = _battery(course.station, moment)
        readings[course.station, "stage", moment] = value
        high = value is not None and value >= added_from_mm
        function = frames.ADDED if high else frames.TIMING
        yield Report(course.station, function, moment + jitter_s, elements + battery, readings)
        if moment % HOUR_S == 0:
            yield _uniform(course, moment, moment + jitter_s + 1)


def plan_reports(script: Script) -> dict[str, list[Report]]:
    """Every station's reports in the order in which it sends them."""
    warning_mm = {g.code: round((g.warning_stage_m - 0.5) * 1000) for g in script.world.river_gauges}
    plan: dict[str, list[Report]] = {}
    for course in script.courses:
        jitter_s = stream(script.seed, "jitter", course.station).uniform(EARLIEST_S, LATEST_S)
        if course.quantity == "stage":
            reports = _stage_reports(script, course, jitter_s, warning_mm[course.station])
        else:
            reports = _rain_reports(script, course, jitter_s)
        own = list(reports)
        own += _sent_late(script, course, jitter_s) + _sent_again(script, own)
        plan[course.station] = sorted(own, key=lambda report: report.due_s)
    return plan


def _sent_late(script: Script, course: Course, jitter_s: float) -> list[Report]:
    """What the device kept while its line was down: the frames as they were made, so their send time is old too."""
    gauge = RainGauge(course, script.seed)
    made = []
    for moment, due_s in course.late.items():
        report = _timed(gauge, course, moment, due_s, frames.TIMING)
        made.append(replace(report, skew_s=moment + jitter_s - due_s))
    return made


def _sent_again(script: Script, reports: list[Report]) -> list[Report]:
    """A device that forgot what was acknowledged sends everything up to a moment several times."""
    found = [one for one in script.injected if one.kind == "duplicate_burst"]
    if not reports or reports[0].station not in {one.station for one in found}:
        return []
    (at_s,) = {one.at_s for one in found}
    before = [report for report in reports if report.due_s < at_s and report.readings]
    return [
        replace(report, due_s=at_s + turn + 1.0, skew_s=report.due_s - at_s - turn - 1.0)
        for turn in range(TIMES_AGAIN)
        for report in before
    ]


def history_rows(script: Script) -> list[tuple[int, str, str, int]]:
    """(time, station, quantity, value) of everything uploaded before the run, oldest first."""
    return sorted(
        (moment, course.station, course.quantity, value)
        for course in script.courses
        for moment, value in course.said.items()
        if value is not None
        and script.is_history(course, moment)
        and moment not in course.lost
        and moment not in course.late
    )


def distinct_readings(script: Script, plan: dict[str, list[Report]]) -> dict[Key, int | None]:
    """Each reading of the run once, whichever way and however often it travels."""
    readings: dict[Key, int | None] = {(s, q, moment): value for moment, s, q, value in history_rows(script)}
    for report in (report for reports in plan.values() for report in reports):
        readings |= report.readings
    return readings
