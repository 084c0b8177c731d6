"""A drill on its own clock beside reality: injects come due, steps are timed against limits, blind scripts stay closed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.console.tests.scenes import RAIN, build_stations
from anlan.dissemination.channels import Nature, gate, manifests
from anlan.drills import minimums, scoring, services
from anlan.drills.access import reads_script, visible_drills
from anlan.drills.models import Drill, Inject
from anlan.drills.refusals import DayOfDrill, NothingToPlay, ScriptWrong
from anlan.drills.script import BadScript, Expect, Script, ScriptLine, check
from anlan.drills.services.scoring import scorecard
from anlan.incidents.models import Incident
from anlan.intake.models import Intake
from anlan.journal import clocks
from anlan.journal.deadlines import run_deadlines, run_reactions
from anlan.journal.models import ExerciseRun, WorkFailure
from anlan.journal.verify import verify
from anlan.sensing.models import Crossing
from anlan.testing import County
from anlan.warning.models import HazardWarning

pytestmark = pytest.mark.django_db

CALL = ScriptLine(
    key="L1",
    at_min=5,
    kind="caller",
    title="群众来电",
    payload={"source": "110", "text": "上柳村后山滑坡，压了一户", "caller_name": "郭群众"},
    expects=(
        Expect(key="open", words="登记事件", entry="incident.opened", within_min=10),
        Expect(key="wrong", words="误判不属实", entry="incident.not_true", must_not=True),
    ),
)


def planned(county: County, *lines: ScriptLine, **fields: Any) -> Drill:
    details = services.DrillDetails(
        title="防汛综合演练", kind="comprehensive", division=county.division, **fields
    )
    drill = services.plan_drill(details, by=county.actor("Wang"), by_name="王", at=county.now)
    if lines:
        services.write_script(drill, Script(lines=lines), by=county.actor("Wang"), at=county.now)
    return drill


def started(county: County, *lines: ScriptLine, speed: float = 1.0) -> Drill:
    return services.start_drill(planned(county, *lines), speed=speed, by=county.actor("Wang"), at=county.now)


def test_an_inject_comes_when_the_clock_of_the_drill_says_so_and_lands_in_the_drill_only(
    county: County,
) -> None:
    drill = started(county, CALL)
    county.clock.advance(minutes=4)
    run_deadlines(owner="test")
    assert not Intake.objects.exists()
    county.clock.advance(minutes=2)
    run_deadlines(owner="test")
    intake = Intake.objects.get()
    assert (intake.exercise_id, intake.text) == (drill.run_id, "上柳村后山滑坡，压了一户")
    inject = Inject.objects.get()
    assert (inject.state, inject.outcome) == ("given", intake.number)


def test_a_drill_at_ten_times_the_speed_gives_its_injects_ten_times_as_soon(county: County) -> None:
    started(county, CALL, speed=10)
    county.clock.advance(seconds=29)
    run_deadlines(owner="test")
    assert not Intake.objects.exists()
    county.clock.advance(seconds=2)
    run_deadlines(owner="test")
    assert Intake.objects.count() == 1


def test_the_scorecard_times_each_step_and_names_the_missed_the_late_and_the_wrong(county: County) -> None:
    drill = started(county, CALL)
    county.clock.advance(minutes=6)
    run_deadlines(owner="test")
    [step] = scorecard(drill).steps
    assert (step.key, step.mark) == ("open", scoring.Mark.OPEN)
    county.clock.advance(minutes=12)
    [step] = scorecard(drill).steps
    assert step.mark == scoring.Mark.MISSED
    row = _opened(county, drill)
    [step] = scorecard(drill).steps
    assert (step.mark, step.took_min) == (scoring.Mark.LATE, 12.0)
    with clocks.entered(drill.run_id):
        row.advance("not_true", by=county.actor("Chen"), at=clocks.now(drill.run_id))
    assert [one.mark for one in scorecard(drill).steps] == [scoring.Mark.LATE, scoring.Mark.WRONG]
    services.end_drill(drill, by=county.actor("Wang"), at=county.now)
    assert drill.scorecard["score"] == 0.0
    assert drill.scorecard["counts"] == {"late": 1, "wrong": 1}


def _opened(county: County, drill: Drill) -> Incident:
    from anlan.incidents.services import open_incident
    from anlan.incidents.types import IncidentDetails

    at = clocks.now(drill.run_id)
    details = IncidentDetails(
        title="上柳村后山滑坡",
        event_type="landslide",
        division=county.divisions["Upper Willow"],
        informant="110",
        known_at=at,
    )
    return open_incident(details, by=county.actor("Chen"), at=at, exercise_id=drill.run_id)


def test_what_happens_in_reality_counts_for_no_drill(county: County) -> None:
    drill = started(county, CALL)
    county.clock.advance(minutes=6)
    run_deadlines(owner="test")
    from anlan.incidents.services import open_incident
    from anlan.incidents.types import IncidentDetails

    details = IncidentDetails(
        title="真实滑坡",
        event_type="landslide",
        division=county.divisions["Upper Willow"],
        informant="110",
        known_at=county.now,
    )
    open_incident(details, by=county.actor("Chen"), at=county.now)
    assert [one.mark for one in scorecard(drill).steps] == [scoring.Mark.OPEN]


def test_the_end_stops_the_clock_and_what_waits_is_never_given(county: County) -> None:
    drill = started(county, CALL)
    services.end_drill(drill, why="提前结束", by=county.actor("Wang"), at=county.now)
    county.clock.advance(hours=3)
    run_deadlines(owner="test")
    run = ExerciseRun.objects.get()
    assert (Intake.objects.count(), Inject.objects.get().state, run.ended_at is not None) == (
        0,
        "skipped",
        True,
    )


@pytest.mark.parametrize(("kind", "rings"), [("tabletop", False), ("functional", True)])
def test_at_a_tabletop_drill_nobodys_telephone_rings_and_at_a_real_one_only_those_of_people(
    county: County, kind: str, *, rings: bool
) -> None:
    drill = planned(county, CALL)
    Drill.objects.filter(pk=drill.pk).update(kind=kind)
    drill.refresh_from_db()
    services.start_drill(drill, by=county.actor("Wang"), at=county.now)
    by_nature = {one.nature: gate.held_back(one, drill.run_id) is None for one in manifests().values()}
    assert by_nature.pop(Nature.PERSONAL) is rings
    assert not any(by_nature.values())


def test_two_drills_run_at_once_and_each_sees_its_own(county: County) -> None:
    first, second = started(county, CALL), started(county, CALL)
    county.clock.advance(minutes=6)
    run_deadlines(owner="test")
    assert set(Intake.objects.values_list("exercise_id", flat=True)) == {first.run_id, second.run_id}


def test_of_a_double_blind_drill_a_player_sees_nothing_before_it_is_over(county: County) -> None:
    drill = planned(county, CALL, blindness="double")
    assert not visible_drills(county.actor("Li")).filter(pk=drill.pk).exists()
    assert visible_drills(county.actor("Wang")).filter(pk=drill.pk).exists()


def test_the_script_of_a_single_blind_drill_is_read_by_those_who_run_it_alone(county: County) -> None:
    drill = planned(county, CALL, blindness="single")
    assert (reads_script(county.actor("Wang"), drill), reads_script(county.actor("Chen"), drill)) == (
        True,
        False,
    )


def test_a_drill_without_a_script_does_not_start(county: County) -> None:
    drill = planned(county)
    with pytest.raises(NothingToPlay):
        services.start_drill(drill, by=county.actor("Wang"), at=county.now)
    assert not ExerciseRun.objects.exists()


def test_a_script_that_names_a_key_twice_is_refused(county: County) -> None:
    with pytest.raises(ScriptWrong):
        planned(county, CALL, CALL)


def test_a_drill_held_outside_counts_and_has_a_day_that_was(county: County) -> None:
    details = services.DrillDetails(title="地震疏散演练", kind="functional", division=county.division)
    common: dict[str, Any] = {"by": county.actor("Wang"), "by_name": "王", "at": county.now}
    with pytest.raises(DayOfDrill):
        services.record_outside(
            details, held_on=county.now.date() + timedelta(days=3), summary="", findings="", **common
        )
    drill = services.record_outside(
        details, held_on=county.now.date() - timedelta(days=3), summary="有序", findings="广播不清", **common
    )
    assert (drill.state, drill.is_outside) == ("held", True)


def test_the_journal_folds_back_into_drills_and_injects(county: County) -> None:
    drill = started(county, CALL)
    county.clock.advance(minutes=6)
    run_deadlines(owner="test")
    services.mark_step(
        drill, step="登记", verdict="right", words="快", by=county.actor("Wang"), by_name="王", at=county.now
    )
    services.end_drill(drill, by=county.actor("Wang"), at=county.now)
    assert verify().ok


def test_rain_of_a_drill_drafts_a_call_out_of_the_drill_and_nothing_in_reality(county: County) -> None:
    station = build_stations(county)[RAIN]
    rain = ScriptLine(
        key="R1",
        at_min=1,
        kind="station",
        title="上柳雨量站暴雨",
        payload={"station": RAIN, "quantity": "rain_5min", "values": " ".join(["9.5"] * 12)},
    )
    drill = started(county, rain)
    county.clock.advance(minutes=2)
    run_deadlines(owner="test")
    run_reactions(owner="test")
    assert Inject.objects.get().state == "given"
    crossings = Crossing.objects.filter(station=station)
    assert {one.exercise_id for one in crossings} == {drill.run_id}
    assert {one.exercise_id for one in HazardWarning.objects.all()} == {drill.run_id}


def test_a_reading_of_no_known_station_leaves_the_line_waiting_and_is_shown(county: County) -> None:
    line = ScriptLine(
        key="R1", at_min=0, kind="station", title="x", payload={"station": "没有", "values": "1"}
    )
    started(county, line)
    county.clock.advance(minutes=1)
    run_deadlines(owner="test")
    assert (Inject.objects.get().state, WorkFailure.objects.count()) == ("waiting", 1)


def test_yearly_minimums_say_who_still_has_to_hold_what() -> None:
    held = [minimums.HeldDrill("C", "county", "comprehensive", date(2026, 3, 1))]
    found = minimums.standings([("C", "county"), ("T", "township")], held, today=date(2026, 11, 1))
    assert {(one.owner, one.missing) for one in found} == {("C", 1), ("T", 1)}


KEYS = st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, max_size=6)


@given(KEYS)
def test_a_script_is_refused_exactly_when_a_key_comes_twice(keys: list[str]) -> None:
    script = Script(lines=tuple(ScriptLine(key=key, at_min=0, kind="note", title=key) for key in keys))
    if len(set(keys)) == len(keys):
        check(script)
    else:
        with pytest.raises(BadScript):
            check(script)
