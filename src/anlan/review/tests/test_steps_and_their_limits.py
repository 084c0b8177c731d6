"""What a review says of a real incident: each step with its limit, where the limit comes from, and whether it was kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from anlan.command import services as command
from anlan.dispatch import services as dispatch
from anlan.dispatch.tests.forcescenes import sent, team
from anlan.dispatch.tests.order_scenes import flood, order
from anlan.drills.models import DrillMark
from anlan.incidents.models import Incident
from anlan.journal import clocks
from anlan.journal.deadlines import run_deadlines
from anlan.journal.verify import verify
from anlan.reporting import services as reporting
from anlan.response.tests import scenes as response_scenes
from anlan.review import services
from anlan.review.comparing import Verdict, compare
from anlan.review.lines import Line, Mark, from_json, lines_in, mark_of, numbered, tally, to_json, units_of
from anlan.review.models import Review
from anlan.review.refusals import NothingToReview, NotOverYet, ReviewIsFinal
from anlan.review.suggesting import suggestions
from anlan.review.tests import reviewscenes as scenes
from anlan.testing import County
from anlan.warning import services as warnings

pytestmark = pytest.mark.django_db
AT = datetime(2026, 7, 1, tzinfo=UTC)


def line(code: str, key: str, mark: Mark = Mark.KEPT, took: float | None = None, **fields: object) -> Line:
    done = None if took is None else AT + timedelta(minutes=took)
    return Line(code, key, mark, starts_at=AT, done_at=done, **fields)  # type: ignore[arg-type]  # of the test


def of(review: Review, code: str) -> list[Line]:
    return [one for one in lines_in(review.computed) if one.code == code]


def test_who_acknowledged_in_time_and_finished_late_is_said_with_the_limit_and_who_set_it(
    county: County,
) -> None:
    review = scenes.reviewed(county, scenes.played(county))
    by_who = {one.who: one for one in of(review, "order.acknowledged")}
    assert (by_who["柳河镇"].mark, by_who["柳河镇"].took_min, by_who["柳河镇"].limit_min) == (Mark.KEPT, 5.0, 10.0)  # fmt: skip
    assert (by_who["石桥镇"].mark, by_who["石桥镇"].took_min) == (Mark.MISSED, None)
    assert by_who["石桥镇"].source == ("下达人王建国", "set by 王建国")
    finished = {one.who: one for one in of(review, "order.finished")}
    assert (finished["柳河镇"].mark, finished["柳河镇"].took_min, finished["柳河镇"].limit_min) == (Mark.LATE, 75.0, 60.0)  # fmt: skip
    assert finished["石桥镇"].mark == Mark.MISSED


def test_a_team_that_came_after_its_hour_is_late_and_steps_without_a_limit_say_so(county: County) -> None:
    review = scenes.reviewed(county, scenes.played(county))
    [arrived] = of(review, "team.arrived")
    assert (arrived.mark, arrived.took_min, arrived.limit_min) == (Mark.LATE, 75.0, 30.0)
    [verified] = of(review, "intake.verified")
    assert (verified.mark, verified.limit_min) == (Mark.NOT_DONE, None)


def test_a_check_in_that_did_not_come_is_counted_also_when_the_team_was_heard_again_later(
    county: County,
) -> None:
    row = flood(county)
    job = sent(county, team(county), row, check_every_min=30)
    scenes.arrive(county, job)
    county.clock.advance(minutes=31)
    run_deadlines(owner="test")
    missed_at = county.now
    county.clock.advance(minutes=2)
    job.refresh_from_db()
    dispatch.check_in(job, is_well=True, by=county.actor("Chen"), by_name="陈静", via="desk", at=county.now)
    [line] = of(scenes.reviewed(county, row), "team.checks")
    assert (line.mark, line.note[0], line.happened_at) == (Mark.MISSED, "漏报1次", missed_at)


def test_each_village_has_the_time_of_the_whole_ladder_and_one_that_never_answered_missed_it(
    county: County,
) -> None:
    row = flood(county)
    scenes.called(county, row, "Upper Willow", "Lower Willow")
    county.clock.advance(hours=6)
    seats = {one.who: one for one in of(scenes.reviewed(county, row), "callout.answered")}
    assert set(seats) == {"上柳村", "下柳村"}
    assert {one.mark for one in seats.values()} == {Mark.MISSED}
    assert "叫应梯次" in seats["上柳村"].source[0]


def test_the_legal_clock_of_a_report_is_a_limit_with_its_source_and_says_whether_it_was_verified(
    county: County,
) -> None:
    row = response_scenes.a_flood(county)
    clocks_of_it = reporting.recount(row, at=county.now)
    county.clock.advance(hours=12)
    lines = of(scenes.reviewed(county, row), "report.clock")
    ours = [one for one in clocks_of_it if one.is_ours]
    assert len(lines) == len(ours) > 0
    assert {one.mark for one in lines} == {Mark.MISSED}
    assert {one.source[0] for one in lines} == {one.source for one in ours}
    assert {one.is_verified for one in lines} == {one.is_verified for one in ours}


def test_a_response_says_level_by_level_when_the_first_order_went_out_and_who_had_not_acknowledged(
    county: County,
) -> None:
    activation = response_scenes.opened(county)
    county.clock.advance(minutes=20)
    response_scenes.change(county, activation, 3)
    county.clock.advance(minutes=5)
    row = Incident.objects.get(pk=activation.incident_id)
    review = scenes.reviewed(county, row)
    assert [one.key for one in of(review, "response.level")] == ["level/P-1/4", "level/P-1/3"]
    [first] = of(review, "response.first_order")
    assert first.took_min == 0.0
    [all_acknowledged] = of(review, "response.all_acknowledged")
    assert all_acknowledged.done_at is None
    assert "柳河镇" in all_acknowledged.note[0]
    sources = {one.source[0] for one in of(review, "order.finished")}
    assert "《云岭县防汛应急预案》第1版 任务watch" in sources


def test_a_limit_that_ran_out_after_the_incident_was_closed_was_broken_by_nobody(county: County) -> None:
    row = flood(county)
    order(county, row)
    county.clock.advance(minutes=5)
    scenes.closed(county, row)
    county.clock.advance(hours=9)
    review = scenes.reviewed(county, row)
    assert {one.mark for one in of(review, "order.finished")} == {Mark.OPEN}


def test_a_drill_counts_nothing_of_reality_and_reality_nothing_of_a_drill(county: County) -> None:
    real = scenes.played(county)
    drill, row = scenes.drilled(county, 4)
    drilled, really = scenes.drill_reviewed(county, drill), scenes.reviewed(county, real)
    assert {one.incident for one in lines_in(drilled.computed)} == {"", str(row.pk)}
    assert {one.incident for one in lines_in(really.computed)} == {str(real.pk)}
    assert (drilled.exercise_id, really.exercise_id, row.exercise_id) == (None, None, drill.run_id)


def test_a_drill_is_reviewed_by_its_scorecard_on_its_own_clock(county: County) -> None:
    drill, _row = scenes.drilled(county, 4)
    steps = {one.key: one for one in of(scenes.drill_reviewed(county, drill), "drill.step")}
    assert (steps["step/open"].mark, steps["step/open"].took_min, steps["step/open"].limit_min) == (Mark.KEPT, 4.0, 10.0)  # fmt: skip
    assert steps["step/open"].source[0] == "接报要求"
    assert steps["step/verify"].mark == Mark.MISSED


def test_what_an_observer_saw_is_suggested_with_the_rest(county: County) -> None:
    drill, _row = scenes.drilled(county, 4)
    DrillMark(drill=drill, step="登记", verdict="wrong", words="登错村名", by_name="王", made_at=county.now).record(
        by=county.by, at=county.now, kind="made"
    )  # fmt: skip
    found = services.suggest_findings(scenes.drill_reviewed(county, drill))
    assert ("wrong", "登记：登错村名") in {(one.kind, one.words[0]) for one in found}


def test_a_drill_that_runs_cannot_be_reviewed_and_a_review_is_about_one_thing(county: County) -> None:
    drill, _row = scenes.drilled(county, 1)
    type(drill).objects.filter(pk=drill.pk).update(state="running")
    drill.refresh_from_db()
    with pytest.raises(NotOverYet):
        scenes.drill_reviewed(county, drill)
    with pytest.raises(NothingToReview):
        services.open_review(by=county.by, by_name="", at=county.now)


def test_opening_twice_gives_the_same_draft_and_a_final_one_is_not_touched(county: County) -> None:
    row = scenes.played(county)
    first, again = scenes.reviewed(county, row), scenes.reviewed(county, row)
    assert first.pk == again.pk
    services.finish_review(first, by=county.actor("Wang"), at=county.now)
    with pytest.raises(ReviewIsFinal):
        services.recompute(first, by=county.actor("Wang"), at=county.now)
    assert scenes.reviewed(county, row).pk != first.pk


def test_nothing_is_filed_by_itself_and_what_was_dropped_is_not_suggested_again(county: County) -> None:
    review = scenes.reviewed(county, scenes.played(county))
    suggested = services.suggest_findings(review)
    assert review.findings.count() == 0
    assert {"missed:order.acknowledged", "late:order.finished", "late:team.arrived"} <= {one.code for one in suggested}  # fmt: skip
    said: dict[str, Any] = {"by": county.actor("Wang"), "by_name": "王建国", "at": county.now}
    kept = services.accept_suggestion(review, "late:order.finished", words="柳河镇转移慢", **said)
    services.drop_suggestion(review, "late:team.arrived", **said)
    left = {one.code for one in services.suggest_findings(review)}
    assert not left & {"late:order.finished", "late:team.arrived"}
    assert (kept.words, kept.kind, kept.happened_at is not None) == ("柳河镇转移慢", "late", True)
    assert review.findings.filter(dropped_at=None).count() == 1


def test_the_journal_folds_back_into_reviews_findings_and_lessons(county: County) -> None:
    review = scenes.reviewed(county, scenes.played(county))
    said: dict[str, Any] = {"by": county.actor("Wang"), "by_name": "王建国", "at": county.now}
    finding = services.add_finding(review, "gap", "电台盲区", **said)
    services.add_lesson(review, county.division, "补建中继台", None, finding=finding, by=county.actor("Wang"), at=county.now)  # fmt: skip
    services.edit_summary(review, summary="总体有序", by=county.actor("Wang"), at=county.now)
    services.finish_review(review, by=county.actor("Wang"), at=county.now)
    assert verify().ok


def test_reading_the_journal_again_finds_what_came_since(county: County) -> None:
    row = flood(county)
    review = scenes.reviewed(county, row)
    assert not of(review, "order.acknowledged")
    order(county, row)
    services.recompute(review, by=county.actor("Wang"), at=county.now)
    assert len(of(review, "order.acknowledged")) == 1


def test_the_number_of_questions_to_the_database_does_not_grow_with_orders(county: County) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from anlan.review.computing import computed_of_incident

    row = flood(county)
    counted = []
    for _round in range(2):
        for number in range(4):
            order(county, row, title=f"任务{_round}{number}")
        with CaptureQueriesContext(
            connection,
        ) as asked:
            computed_of_incident(row)
        counted.append(len(asked))
    assert counted[0] == counted[1]


@pytest.mark.parametrize(
    ("done", "due", "mark"),
    [
        (10, 10, Mark.KEPT),
        (11, 10, Mark.LATE),
        (None, 10, Mark.MISSED),
        (None, 30, Mark.OPEN),
        (10, None, Mark.DONE),
        (None, None, Mark.NOT_DONE),
    ],
)
def test_a_step_done_exactly_at_its_limit_kept_it(done: int | None, due: int | None, mark: Mark) -> None:
    def at(minutes: int | None) -> datetime | None:
        return None if minutes is None else AT + timedelta(minutes=minutes)

    assert mark_of(at(done), at(due), AT + timedelta(minutes=20)) == mark


def test_a_line_reads_back_as_it_was_kept() -> None:
    one = Line("order.finished", "k", Mark.LATE, "题", "柳河镇", "9999", AT, AT, AT, ("甲", "a"), ("乙", "b"), "x:1", "i", False)  # fmt: skip
    assert from_json(to_json(one)) == one
    assert [n.key for n in numbered([one, one])] == ["k", "k#2"]


def test_units_are_counted_with_the_median_of_how_fast_they_answered() -> None:
    lines = [
        line("order.acknowledged", "a", Mark.KEPT, 2, unit="1", who="柳河镇"),
        line("order.acknowledged", "b", Mark.LATE, 12, unit="1", who="柳河镇", title="甲"),
        line("order.finished", "c", Mark.MISSED, unit="2", who="石桥镇", title="乙"),
    ]
    first, second = units_of(lines)
    assert (first.name, first.kept, first.late, first.missed, first.answer_min) == ("柳河镇", 1, 1, 0, 7.0)
    assert (second.name, second.missed, second.late_titles) == ("石桥镇", 1, ("乙",))
    assert tally(lines).score == 33.3


def test_what_was_kept_throughout_is_suggested_as_good_and_what_was_not_names_who() -> None:
    lines = [
        line("order.acknowledged", str(n), Mark.KEPT, 2, due_at=AT + timedelta(minutes=10)) for n in range(2)
    ]
    assert [one.code for one in suggestions(lines)] == ["good:order.acknowledged"]
    late = line("order.acknowledged", "x", Mark.LATE, 12, who="石桥镇", due_at=AT + timedelta(minutes=10))
    [one] = suggestions([*lines, late])
    assert "石桥镇（用时12分钟，时限10分钟）" in one.words[0]


def test_two_runs_are_aligned_by_their_steps_and_the_difference_is_said() -> None:
    first = [
        line("drill.step", "step/open", Mark.KEPT, 4),
        line("drill.step", "step/move", Mark.KEPT, 5),
        line("drill.step", "step/gone", Mark.KEPT, 5),
        line("order.finished", "finished/a/1", Mark.KEPT, 30, unit="1"),
    ]
    second = [
        line("drill.step", "step/open", Mark.LATE, 14),
        line("drill.step", "step/move", Mark.MISSED),
        line("order.finished", "finished/b/1", Mark.KEPT, 20, unit="1"),
    ]
    made = compare(first, second)
    by_key = {pair.line.key: (pair.verdict, pair.difference_min) for pair in made.pairs}
    assert by_key == {
        "step/open": (Verdict.SLOWER, 10.0),
        "step/move": (Verdict.MISSED_NOW, None),
        "step/gone": (Verdict.ONLY_FIRST, None),
        "finished/b/1": (Verdict.FASTER, -10.0),
    }
    assert (made.aligned, made.first.score, made.second.score) == (3, 100.0, 33.3)


def test_two_runs_of_one_script_show_which_was_slower(county: County) -> None:
    first, _one = scenes.drilled(county, 4)
    second, _two = scenes.drilled(county, 15)
    made = compare(*(lines_in(scenes.drill_reviewed(county, drill).computed) for drill in (first, second)))
    [opened] = [pair for pair in made.pairs if pair.line.key == "step/open"]
    assert (opened.verdict, opened.difference_min) == (Verdict.SLOWER, 11.0)
    assert clocks.default_exercise_id() is None


def test_a_request_shows_the_quantity_of_each_step_beside_what_was_asked_for(county: County) -> None:
    row = flood(county)
    said: dict[str, Any] = {"by": county.actor("Chen"), "by_name": "陈静"}
    asked = dispatch.ask_supplies(
        incident=row, lines=[dispatch.Wanted(Decimal(50), "tent")], division=county.divisions["Willow River"],
        why="安置点", needed_by=county.now + timedelta(minutes=60), at=county.now, **said,
    )  # fmt: skip
    tent = asked.lines.get()
    dispatch.approve_request(asked, {tent.pk: dispatch.Amount(Decimal(30))}, at=county.now, **said)
    county.clock.advance(minutes=90)
    dispatch.send_supplies(asked, {tent.pk: dispatch.Amount(Decimal(30))}, at=county.now, **said)
    dispatch.receive_supplies(asked, {tent.pk: dispatch.Amount(Decimal(28))}, at=county.now, **said)
    review = scenes.reviewed(county, row)
    [received] = of(review, "supply.received")
    assert (received.mark, received.took_min, received.limit_min) == (Mark.LATE, 90.0, 60.0)
    assert received.note[0] == "帐篷 28/50顶"
    [approved] = of(review, "supply.approved")
    assert (approved.mark, approved.note[0]) == (Mark.DONE, "帐篷 30/50顶")


def test_a_decision_is_counted_from_when_it_was_asked_for(county: County) -> None:
    row = flood(county)
    chen = county.actor("Chen")
    asked = command.ask_decision(
        row, words="是否转移全村", needed_by=county.now + timedelta(minutes=20), by=chen, at=county.now
    )
    county.clock.advance(minutes=25)
    command.decide(asked, by=chen, at=county.now)
    [line] = of(scenes.reviewed(county, row), "room.decision")
    assert (line.mark, line.took_min, line.limit_min) == (Mark.LATE, 25.0, 20.0)


def test_a_warning_is_timed_from_its_beginning_to_the_signature_and_the_call(county: County) -> None:
    upper = county.divisions["Upper Willow"]
    draft = warnings.draft_by_hand(
        hazard_type="flash_flood", level=2, villages=[upper.code], by=county.actor("Chen"), at=county.now
    )
    county.clock.advance(minutes=12)
    warnings.sign_off(draft, by=county.actor("Wang"), at=county.now)
    review = scenes.reviewed(county, flood(county))
    [issued] = of(review, "warning.issued")
    assert (issued.took_min, issued.mark, issued.note[0]) == (12.0, Mark.DONE, "人工起草，从起草时间计")
    assert [one.took_min for one in of(review, "warning.called")] == [0.0]
    assert [one.who for one in of(review, "callout.answered")] == ["上柳村"]
