"""Each injected fault can do harm: believed, it would raise a false warning or hide a true one."""

from datetime import UTC, datetime

import pytest

from simulator.oracle.evaluate import DEFAULT_RISES, Step, rain_steps, stage_steps
from simulator.oracle.expect import expect, gauge_rises
from simulator.storm.reports import distinct_readings, plan_reports
from simulator.storm.script import Course, Script, write_script
from simulator.storm.sensors import inject
from simulator.world import World

SEED = 7


@pytest.fixture(scope="module")
def script(world: World) -> Script:
    return inject(write_script(world, SEED, datetime(2026, 7, 1, 18, 0, tzinfo=UTC), 30, 24))


def course_of(script: Script, kind: str, quantity: str = "rain_5min") -> Course:
    station = next(one.station for one in script.injected if (one.kind, one.quantity) == (kind, quantity))
    return next(course for course in script.courses if course.station == station)


def upward(script: Script, course: Course, values: dict[int, int | None]) -> list[Step]:
    known = {t: v for t, v in values.items() if t <= script.end_s}
    if course.quantity == "stage":
        gauge = next(g for g in script.world.river_gauges if g.code == course.station)
        steps = stage_steps(known, gauge_rises(gauge))
    else:
        steps = rain_steps(known, DEFAULT_RISES)
    return [step for step in steps if step.is_upward]


@pytest.mark.parametrize(
    ("kind", "quantity"),
    [("spike", "rain_5min"), ("spike", "stage"), ("stuck", "rain_5min"), ("out_of_range", "rain_5min"), ("unit_change", "stage")],
)  # fmt: skip
def test_a_lie_would_ring_where_nothing_happens(script: Script, kind: str, quantity: str) -> None:
    course = course_of(script, kind, quantity)
    assert upward(script, course, course.said)
    assert not upward(script, course, script.seen(course))


def test_a_true_rise_is_expected_although_it_looks_like_a_spike(script: Script) -> None:
    rows = expect(script)["crossings"]
    station = course_of(script, "true_rise", "stage").station
    assert [row["level"] for row in rows if row["station"] == station] == [1]


def test_the_rain_that_comes_late_decides(script: Script) -> None:
    course = course_of(script, "hour_sent_late")
    assert upward(script, course, script.seen(course))
    without = {t: v for t, v in script.seen(course).items() if t not in course.late}
    assert not upward(script, course, without)


def test_what_a_clock_behind_would_overwrite_decides(script: Script) -> None:
    course = course_of(script, "clock_behind")
    true = script.seen(course)
    overwritten = {**true, **{t + by: course.values[t] for t, by in course.shifted.items()}}
    assert len(upward(script, course, true)) > len(upward(script, course, overwritten))


def test_warnings_stay_true_although_hours_and_readings_are_missing(script: Script) -> None:
    counts = {fault["kind"]: fault["true_warnings"] for fault in expect(script)["faults"]}
    assert min(counts[kind] for kind in ("lost_hour", "clock_ahead", "clock_behind", "duplicate_burst")) >= 1


def test_what_is_lost_is_never_sent_and_what_is_misdated_is_sent_under_its_wrong_time(script: Script) -> None:
    sent = distinct_readings(script, plan_reports(script))
    lost = course_of(script, "lost_hour")
    assert not any((lost.station, "rain_5min", t) in sent for t in lost.lost)
    ahead = course_of(script, "clock_ahead")
    for t, by in ahead.shifted.items():
        assert sent[ahead.station, "rain_5min", t + by] == ahead.values[t]


@pytest.mark.parametrize("seed", [1, 3, 11, 42])
def test_other_storms_hold_every_fault_too(world: World, seed: int) -> None:
    other = inject(write_script(world, seed, datetime(2026, 7, 1, 18, 0, tzinfo=UTC), 30, 24))
    assert len(other.injected) == 13
    assert len({one.station for one in other.injected}) == 13
