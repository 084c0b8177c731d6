"""The expectation for one run: which crossings and silences must come; whatever is not listed is false."""

from collections.abc import Iterator, Mapping
from typing import Any

from simulator.oracle.evaluate import (
    BLUE_BELOW_WARNING_MM,
    DEFAULT_RISES,
    SLOT_S,
    Rises,
    Step,
    rain_steps,
    stage_steps,
    uncertain_moments,
)
from simulator.storm.reports import Report, distinct_readings, moment_of, plan_reports
from simulator.storm.script import Course, Injected, Script
from simulator.world import Link, RiverGauge, World

#: Levels of the two stages of a village's own table: 准备转移 counts as orange, 立即转移 as red.
PREPARE_LEVEL, EVACUATE_NOW_LEVEL = 2, 1
#: A crossing's observation time may be this much later when a slot reaches the platform only with the next one.
CROSSING_SLACK_S = SLOT_S
#: A silence alarm may be this late: the check's own interval at high speed, and a process restart.
SILENCE_SLACK_S = 420

Json = dict[str, Any]  # Any: a JSON document


def own_rises(link: Link) -> Rises:
    """Rise edges of a village's own thresholds, 0.1 mm; undefined ones are left out."""
    rises: dict[int, dict[int, int]] = {PREPARE_LEVEL: {}, EVACUATE_NOW_LEVEL: {}}
    for window, (prepare, evacuate) in link.own.items():
        if prepare is not None:
            rises[PREPARE_LEVEL][window] = round(prepare * 10)
        if evacuate is not None:
            rises[EVACUATE_NOW_LEVEL][window] = round(evacuate * 10)
    return rises


def gauge_rises(gauge: RiverGauge) -> dict[int, int]:
    """R13 rise edges of a gauge, millimetres."""
    warning = round(gauge.warning_stage_m * 1000)
    guaranteed, historic = round(gauge.guaranteed_stage_m * 1000), round(gauge.historic_max_m * 1000)
    return {4: warning - BLUE_BELOW_WARNING_MM, 3: warning, 2: guaranteed, 1: historic}


def rain_bindings(world: World, station: str) -> Iterator[tuple[str, Rises, list[str]]]:
    """(binding, rise edges, villages): the default table, then each village with its own."""
    links = world.villages_of(station)
    yield f"R12:{station}", DEFAULT_RISES, [link.division for link in links if not link.own]
    for link in links:
        if link.own:
            yield f"R12:{station}:{link.division}", own_rises(link), [link.division]


def _iso(second: int) -> str:
    return moment_of(second).isoformat().replace("+00:00", "Z")


def _crossings(
    station: str, rule: str, binding: str, steps: list[Step], villages: list[str], known_at_s: int = 0
) -> Iterator[Json]:
    """``known_at_s``: some readings before it arrive only then."""
    for step in steps:
        if step.is_upward:
            yield {
                "station": station,
                "rule_id": rule,
                "binding": binding,
                "level": step.level,
                "previous_level": step.previous if step.previous <= 4 else None,
                "not_before": _iso(step.moment),
                "not_after": _iso(max(step.moment, known_at_s) + CROSSING_SLACK_S),
                "villages": villages,
            }


def _expected(script: Script, course: Course) -> Iterator[Json]:
    seen = script.seen(course)
    if course.quantity == "stage":
        gauge = next(g for g in script.world.river_gauges if g.code == course.station)
        villages = [link.division for link in script.world.villages_of(course.station)]
        steps = stage_steps(seen, gauge_rises(gauge))
        yield from _crossings(course.station, "R13", f"R13:{course.station}", steps, villages)
        return
    known_at_s = round(max(course.late.values(), default=0))
    for binding, rises, villages in rain_bindings(script.world, course.station):
        steps = rain_steps(seen, rises)
        yield from _crossings(course.station, "R12", binding, steps, villages, known_at_s)


def _uncertain(script: Script) -> Iterator[Json]:
    """Windows that are uncertain during the run (for information; needs the full day of history)."""
    for course in script.courses:
        if course.quantity == "stage" or script.preload_s < 86400:
            continue
        seen = script.seen(course)
        for binding, rises, _ in rain_bindings(script.world, course.station):
            moments = uncertain_moments(seen, rises, after=script.clock_start_s)
            if moments:
                yield {
                    "station": course.station,
                    "binding": binding,
                    "from": _iso(moments[0]),
                    "to": _iso(moments[-1]),
                }


def _silent(script: Script, plan: Mapping[str, list[Report]]) -> Iterator[Json]:
    for course in script.courses:
        if course.role != "dead":
            continue
        last_s = round(max(report.due_s for report in plan[course.station]))
        due_s = last_s + script.world.silent_after_s
        if due_s <= script.end_s:
            yield {
                "station": course.station,
                "not_before": _iso(due_s),
                "not_after": _iso(due_s + SILENCE_SLACK_S),
                "certain": due_s + SILENCE_SLACK_S <= script.end_s,
            }


def _fault(injected: Injected, crossings: list[Json]) -> Json:
    """What must become of one fault, and the warnings of its station that it must not hide."""
    return {
        "station": injected.station,
        "quantity": injected.quantity,
        "kind": injected.kind,
        "at": _iso(injected.at_s),
        "moments": [_iso(moment) for moment in injected.moments],
        "treatments": list(injected.treatments),
        "true_warnings": sum(row["station"] == injected.station for row in crossings),
    }


def expect(script: Script) -> Json:
    """Everything that must come of a run, as one JSON document."""
    plan = plan_reports(script)
    readings = distinct_readings(script, plan)
    by_quantity: dict[str, int] = {}
    for _, quantity, _ in readings:
        by_quantity[quantity] = by_quantity.get(quantity, 0) + 1
    crossings = [row for course in script.courses for row in _expected(script, course)]
    return {
        "seed": script.seed,
        "clock_start": _iso(script.clock_start_s),
        "end": _iso(script.end_s),
        "crossings": sorted(crossings, key=lambda row: (row["not_before"], row["binding"])),
        "silent": list(_silent(script, plan)),
        "uncertain": list(_uncertain(script)),
        "faults": [_fault(one, crossings) for one in script.injected],
        "roles": {
            course.station: course.role for course in script.courses if course.role not in ("plain", "calm")
        },
        "readings": {
            "distinct": len(readings),
            "without_value": sum(value is None for value in readings.values()),
            "by_quantity": dict(sorted(by_quantity.items())),
        },
    }
