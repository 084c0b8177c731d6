"""Lifting is not leave to go home; a warning is judged afterwards; a notice waits for its report."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from anlan.dissemination.models import CalloutSeat, Delivery
from anlan.dissemination.services import acknowledge
from anlan.journal.verify import verify
from anlan.kernel.refusals import NotAllowed
from anlan.warning.models import HazardWarning, RectificationReport, ReturnDecision, RiskNotice
from anlan.warning.queries import yearly_table
from anlan.warning.refusals import (
    CheckNeeded,
    DrafterCannotSign,
    NotEndedYet,
    NotHappenedYet,
    NoticeIncomplete,
    NoticeNotOpen,
    ReplyDatePast,
    UnknownVerdict,
)
from anlan.warning.services import lift_warning
from anlan.warning.services import notices as papers
from anlan.warning.services.followup import decide_return, judge_warning, record_missed
from anlan.warning.tests.storm import Storm
from anlan.warning.tests.test_ending import hand_over_everything, in_force


def lifted_after_moving(storm: Storm, people: int = 41) -> HazardWarning:
    warning = in_force(storm)
    hand_over_everything(storm)
    acknowledge(
        CalloutSeat.objects.select_related("callout", "division").get(),
        meaning="acting",
        via="tick",
        words="已转移",
        households=12,
        people=people,
        by=storm.county.actor("Chen"),
        at=storm.now,
    )
    lift_warning(warning, reason="雨停", by=storm.county.actor("Wang"), at=storm.now)
    storm.work()
    return warning


def test_lifting_opens_the_question_of_return_for_each_danger_zone_and_sends_nobody_home(
    storm: Storm,
) -> None:
    lifted_after_moving(storm)
    [row] = ReturnDecision.objects.all()
    assert (row.state, row.zone_name, row.people) == ("waiting", "柳河沟口", 41)
    assert not any("可以返回" in one.text for one in Delivery.objects.filter(purpose="notice"))


def test_where_nobody_was_moved_there_is_nothing_to_decide(storm: Storm) -> None:
    lifted_after_moving(storm, people=0)
    assert not ReturnDecision.objects.exists()


def test_a_return_is_decided_after_a_check_and_told_to_exactly_those_who_were_told(storm: Storm) -> None:
    lifted_after_moving(storm)
    row = ReturnDecision.objects.select_related("division", "warning").get()
    told = set(Delivery.objects.filter(purpose="call").values_list("address", flat=True))
    details = {"checked_at": storm.now, "by": storm.county.actor("Wang"), "at": storm.now}
    with pytest.raises(CheckNeeded):
        decide_return(row, may_return=True, checked_by=" ", words="无险", **details)  # type: ignore[arg-type]
    with pytest.raises(NotAllowed):
        decide_return(
            row,
            may_return=True,
            checked_by="李梅",
            words="无险",
            **(details | {"by": storm.county.actor("Li")}),  # type: ignore[arg-type]
        )
    decide_return(row, may_return=True, checked_by="李梅", words="沟口已查，无险情", **details)  # type: ignore[arg-type]
    notices = Delivery.objects.filter(purpose="notice", text__contains="可以返回")
    assert {one.address for one in notices} == told
    assert (row.state, row.told) == ("may_return", len(told))
    assert verify().ok


def test_a_warning_is_judged_only_when_it_is_over_and_the_newest_judgement_counts(storm: Storm) -> None:
    warning = in_force(storm)
    wang = storm.county.actor("Wang")
    with pytest.raises(NotEndedYet):
        judge_warning(warning, verdict="hit", words="x", by=wang, at=storm.now)
    lift_warning(warning, reason="雨停", by=wang, at=storm.now)
    with pytest.raises(UnknownVerdict):
        judge_warning(warning, verdict="maybe", words="x", by=wang, at=storm.now)
    judge_warning(warning, verdict="hit", words="下柳村进水", by=wang, at=storm.now)
    judge_warning(warning, verdict="false", words="核实为误测", by=wang, at=storm.now + timedelta(hours=1))
    record_missed(
        hazard_type="flash_flood",
        level=2,
        division=storm.county.divisions["North Slope"],
        happened_at=storm.now,
        words="北坡溪沟漫水，无测站",
        by=storm.county.actor("Chen"),
        at=storm.now,
    )
    [row] = yearly_table(wang, years=[2026])
    assert (row.issued, row.hits, row.false_alarms, row.missed, row.unjudged) == (1, 0, 1, 1, 0)
    [neighbour] = yearly_table(storm.county.actor("Li"), years=[2026])
    assert neighbour.missed == 0


def notice(storm: Storm, **changes: object) -> RiskNotice:
    details: dict[str, object] = {
        "title": "上柳村沟口隐患",
        "body": "沟口堆料占压行洪通道。",
        "demands": "三日内清除。",
        "division": storm.county.division,
        "addressee": "柳河镇人民政府",
        "addressee_place": storm.county.divisions["Willow River"],
        "reply_by": storm.now + timedelta(days=3),
        "by": storm.county.actor("Chen"),
        "at": storm.now,
    }
    return papers.draft_notice(**(details | changes))  # type: ignore[arg-type]


def test_a_notice_is_numbered_when_a_second_person_signs_it(storm: Storm) -> None:
    first, second = notice(storm), notice(storm, by=storm.county.actor("Feng"))
    with pytest.raises(DrafterCannotSign):
        papers.sign_notice(second, by=storm.county.actor("Feng"), at=storm.now)
    for one in (first, second):
        papers.sign_notice(one, by=storm.county.actor("Wang"), at=storm.now)
    assert [first.serial, second.serial] == [1, 2]
    assert first.number == "应急险提〔2026〕1号"


def test_a_notice_needs_an_addressee_and_a_day_to_come(storm: Storm) -> None:
    with pytest.raises(NoticeIncomplete):
        notice(storm, addressee="")
    with pytest.raises(ReplyDatePast):
        notice(storm, reply_by=storm.now)
    assert not RiskNotice.objects.exists()


def test_a_report_closes_the_pair_or_is_returned_for_another_one(storm: Storm) -> None:
    wang, li = storm.county.actor("Wang"), storm.county.actor("Li")
    row = notice(storm)
    with pytest.raises(NoticeNotOpen):
        papers.file_report(row, body="已清", finished_on=date(2026, 7, 2), by=li, at=storm.now)
    papers.sign_notice(row, by=wang, at=storm.now)
    report = papers.file_report(row, body="已清一半", finished_on=date(2026, 7, 2), by=li, at=storm.now)
    papers.judge_report(
        report,
        accepted=False,
        words="未清完",
        new_reply_by=storm.now + timedelta(days=5),
        by=wang,
        at=storm.now,
    )
    assert row.state == "issued"
    again = papers.file_report(row, body="已清完", finished_on=date(2026, 7, 3), by=li, at=storm.now)
    papers.judge_report(again, accepted=True, words="现场核查通过", by=wang, at=storm.now)
    assert (row.state, row.close_words) == ("closed", "现场核查通过")
    assert [one.verdict for one in RectificationReport.objects.order_by("number")] == ["returned", "accepted"]
    assert verify().ok


def test_a_report_that_does_not_come_is_overdue_and_asked_for_again(storm: Storm) -> None:
    row = papers.sign_notice(notice(storm), by=storm.county.actor("Wang"), at=storm.now)
    storm.later(days=3, minutes=1)
    row.refresh_from_db()
    assert row.overdue_at is not None
    first = row.overdue_at
    storm.later(days=1, minutes=1)
    row.refresh_from_db()
    assert (row.overdue_at, row.state) == (first, "issued")


def test_the_pair_is_one_document(storm: Storm) -> None:
    import io

    from docx import Document

    from anlan.warning.notice_paper import notice_docx

    row = papers.sign_notice(notice(storm, level=2), by=storm.county.actor("Wang"), at=storm.now)
    papers.file_report(
        row, body="已清完", finished_on=date(2026, 7, 3), by=storm.county.actor("Li"), at=storm.now
    )
    text = "\n".join(one.text for one in Document(io.BytesIO(notice_docx(row))).paragraphs)
    assert "灾害风险提示单" in text
    assert "应急险提〔2026〕1号-报1" in text
    assert "Ⅱ级（橙色）" in text


def test_the_papers_of_an_exercise_say_so_and_those_of_reality_do_not(storm: Storm) -> None:
    import io

    from docx import Document

    from anlan.journal import clocks
    from anlan.journal.models import ExerciseRun
    from anlan.warning.notice_paper import notice_docx

    run = ExerciseRun.objects.create(
        scenario="test", clock_start=storm.now, wall_start=clocks.wall_now(), speed=1.0
    )
    for exercise_id, is_marked in ((run.pk, True), (None, False)):
        row = papers.sign_notice(
            notice(storm, exercise_id=exercise_id), by=storm.county.actor("Wang"), at=storm.now
        )
        papers.file_report(
            row, body="已清完", finished_on=date(2026, 7, 3), by=storm.county.actor("Li"), at=storm.now
        )
        text = "\n".join(one.text for one in Document(io.BytesIO(notice_docx(row))).paragraphs)
        assert ("【演练】灾害风险提示单" in text, "【演练】整改报告单" in text) == (is_marked, is_marked)


def test_what_has_not_happened_yet_cannot_have_been_missed(storm: Storm) -> None:
    with pytest.raises(NotHappenedYet):
        record_missed(
            hazard_type="flash_flood",
            level=2,
            division=storm.county.divisions["North Slope"],
            happened_at=storm.now + timedelta(minutes=1),
            words="将来",
            by=storm.county.actor("Chen"),
            at=storm.now,
        )
