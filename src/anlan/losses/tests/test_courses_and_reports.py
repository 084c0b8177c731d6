"""One disaster from the first figures of a village to the verified report of the county."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.incidents import services as incidents
from anlan.incidents.models import Incident
from anlan.incidents.queries import rolling_of
from anlan.incidents.types import FigureDetails, IncidentDetails
from anlan.journal.models import Entry
from anlan.journal.refusals import NoSuchTransition
from anlan.journal.verify import verify
from anlan.kernel.actor import system
from anlan.kernel.refusals import NotAllowed, Refusal
from anlan.losses import queries, services
from anlan.losses.models import Correction, CourseReport, LossCourse, TownshipReport, VillageFiling
from anlan.losses.refusals import (
    AlreadyCounted,
    CourseIsOver,
    DoesNotAddUp,
    JumpUnexplained,
    ListDiffers,
    NothingToTransfer,
    NotInCourse,
    NotOfThisIncident,
    OnlyAPersonReports,
    OwnReport,
    ReasonMissing,
    ReportWaits,
    StateForbids,
    TimesWrong,
)
from anlan.losses.tests.scenes import filed, flood, signed, submitted
from anlan.losses.types import Edit, PersonDetails
from anlan.testing import County

pytestmark = pytest.mark.django_db


def test_villages_add_up_to_their_township_and_townships_to_the_county(county: County) -> None:
    course = flood(county)
    filed(county, course, "Upper Willow", affected=30, collapsed_rooms=2)
    filed(county, course, "Lower Willow", "Zhou", affected=12)
    sums = queries.village_sums(course, county.divisions["Willow River"])
    assert (int(sums.values["affected"]), sums.filed, sums.total) == (42, 2, 2)
    assert queries.county_sums(course) == {}  # a township has to submit first
    submitted(county, course, affected=42, collapsed_rooms=2)
    submitted(county, course, "Stone Bridge", "Liu", affected=8)
    assert queries.county_sums(course) == {"affected": 50, "collapsed_rooms": 2}


def test_a_township_that_reports_something_else_than_its_villages_says_why(county: County) -> None:
    course = flood(county)
    filed(county, course, "Upper Willow", affected=30)
    with pytest.raises(ReasonMissing):
        submitted(county, course, why="", affected=33)
    assert not TownshipReport.objects.exists()
    submitted(county, course, why="漏统三人", affected=33)
    kept = Correction.objects.get()
    assert (kept.former, kept.value, kept.why, kept.corrected_by) == ("30", "33", "漏统三人", "李梅")


def test_a_corrected_village_keeps_the_former_value_and_who_and_why(county: County) -> None:
    course = flood(county)
    filing = filed(county, course, "Upper Willow", affected=300)
    li, upper = county.actor("Li"), county.divisions["Upper Willow"]
    with pytest.raises(ReasonMissing):
        services.correct_village(course, upper, {"affected": "30"}, why=" ", by=li, at=county.now)
    services.correct_village(course, upper, {"affected": "30"}, why="多写一个零", by=li, at=county.now)
    filing.refresh_from_db()
    assert filing.values == {"affected": "30"}
    kept = Correction.objects.get()
    assert (kept.level, kept.former, kept.value, kept.why) == ("village", "300", "30", "多写一个零")
    with pytest.raises(NotAllowed):  # the village does not correct itself that way
        services.correct_village(
            course, upper, {"affected": "31"}, why="再改", by=county.actor("Zhao"), at=county.now
        )


def test_a_village_files_again_and_nothing_is_stored_twice(county: County) -> None:
    course = flood(county)
    first = filed(county, course, "Upper Willow", affected=30)
    again = filed(county, course, "Upper Willow", affected="30")
    assert (again.pk, again.times) == (first.pk, 1)
    later = filed(county, course, "Upper Willow", affected=31)
    assert (later.pk, later.times) == (first.pk, 2)
    assert VillageFiling.objects.count() == 1


def test_a_zero_report_counts_as_filed(county: County) -> None:
    course = flood(county)
    filed(county, course, "Upper Willow")
    row = submitted(county, course)
    assert (row.values, row.villages_filed) == ({}, 1)
    line = queries.board(course, county.actor("Chen")).lines[0]
    assert (line.is_zero, line.villages_filed, line.villages_total) == (True, 1, 2)


def test_figures_that_do_not_fit_are_refused_and_nothing_is_stored(county: County) -> None:
    course = flood(county)
    with pytest.raises(DoesNotAddUp) as refused:
        filed(county, course, "Upper Willow", crops_affected=1, crops_damaged=2)
    assert "农作物成灾面积" in str(refused.value.data["what"])
    assert not VillageFiling.objects.exists()


def test_the_village_of_another_township_is_not_for_it(county: County) -> None:
    course = flood(county, "Willow River")
    with pytest.raises(NotAllowed):
        filed(county, course, "Upper Willow", "Wu", affected=1)
    with pytest.raises(NotInCourse):  # its own, which takes no part
        filed(county, course, "North Slope", "Wu", affected=1)
    with pytest.raises(NotAllowed):
        submitted(county, course, "Willow River", "Liu", affected=1)


def test_the_list_of_people_has_as_many_lines_as_the_form_counts(county: County) -> None:
    course = flood(county)
    with pytest.raises(ListDiffers):
        submitted(county, course, affected=5, deaths=1, missing=1)
    li, upper = county.actor("Li"), county.divisions["Upper Willow"]
    services.list_person(course, upper, "dead", PersonDetails("张三"), by=li, at=county.now)
    missing = services.list_person(course, upper, "missing", PersonDetails(), by=li, at=county.now)
    submitted(county, course, affected=5, deaths=1, missing=1)
    services.move_person(missing, "dead", why="下游找到", by=li, at=county.now)
    submitted(county, course, affected=5, deaths=2)
    with pytest.raises(NoSuchTransition):
        services.move_person(missing, "found", why="认错人", by=li, at=county.now)


def test_a_large_change_between_submissions_needs_a_word(county: County) -> None:
    course = flood(county)
    submitted(county, course, affected=100)
    with pytest.raises(JumpUnexplained) as refused:
        submitted(county, course, why="", affected=300)
    assert refused.value.data["what"] == "受灾人口 100→300"
    report = submitted(county, course, why="水位上涨", affected=300)
    assert report.explanations == {"affected": "水位上涨"}


def test_the_county_report_takes_the_sums_and_is_frozen_once_signed(county: County) -> None:
    course = flood(county)
    submitted(county, course, affected=42, loss_total=10)
    report = signed(county, course)
    assert (report.kind, report.values, report.state) == (
        "first",
        {"affected": "42", "loss_total": "10"},
        "signed",
    )
    submitted(county, course, affected=43, loss_total=10)
    report.refresh_from_db()
    assert report.values["affected"] == "42"
    with pytest.raises(StateForbids):
        services.edit_report(report, Edit(), by=county.actor("Chen"), at=county.now)
    second = signed(county, course)
    assert (second.kind, second.number, second.follows_id) == ("follow", 1, report.pk)
    line = queries.report_lines(second)[0].lines[0]
    assert line.code == "affected"
    assert [line.former, line.value, line.change] == [Decimal(42), Decimal(43), Decimal(1)]


def test_whoever_drafted_neither_reviews_nor_signs(county: County) -> None:
    course = flood(county)
    submitted(county, course, affected=1)
    zheng = county.actor("Zheng")
    report = services.draft_report(course, by=zheng, at=county.now)
    services.submit_report(report, by=zheng, at=county.now)
    with pytest.raises(OwnReport):
        services.review_report(report, by=zheng, at=county.now)
    services.review_report(report, by=county.actor("Feng"), at=county.now)
    with pytest.raises(OwnReport):
        services.sign_report(report, by=zheng, at=county.now)
    with pytest.raises(NotAllowed):  # Chen has no right to sign
        services.sign_report(report, by=county.actor("Chen"), at=county.now)
    services.sign_report(report, by=county.actor("Wang"), at=county.now)
    assert report.signed_by == "王建国"


def test_the_program_drafts_nothing(county: County) -> None:
    with pytest.raises((OnlyAPersonReports, NotAllowed)):
        services.draft_report(flood(county), by=system("losses"), at=county.now)


def test_a_jump_between_reports_is_explained_before_review(county: County) -> None:
    course = flood(county)
    submitted(county, course, affected=100)
    signed(county, course)
    submitted(county, course, affected=200)
    chen = county.actor("Chen")
    report = services.draft_report(course, by=chen, at=county.now)
    with pytest.raises(JumpUnexplained):
        services.submit_report(report, by=chen, at=county.now)
    services.edit_report(report, Edit(explanations={"affected": "新增石桥镇"}), by=chen, at=county.now)
    services.submit_report(report, by=chen, at=county.now)
    with pytest.raises(ReportWaits):
        services.draft_report(course, by=chen, at=county.now)


def test_after_the_verification_nothing_more_is_reported(county: County) -> None:
    course = flood(county)
    submitted(county, course, affected=10)
    signed(county, course)
    services.mark_stable(course, reason="雨停水退", by=county.actor("Chen"), at=county.now)
    submitted(county, course, affected=11)
    assert signed(county, course).kind == "verify"
    course.refresh_from_db()
    assert course.state == "verified"
    for late in (
        lambda: filed(county, course, "Upper Willow", affected=12),
        lambda: submitted(county, course, affected=12),
        lambda: services.draft_report(course, by=county.actor("Chen"), at=county.now),
    ):
        with pytest.raises(CourseIsOver):
            late()
    services.close_course(course, by=county.actor("Chen"), at=county.now)
    assert course.state == "closed"


def test_one_disaster_is_one_course_unless_somebody_says_why_not(county: County) -> None:
    flood(county)
    with pytest.raises(AlreadyCounted):
        flood(county, title="又一场")
    flood(county, title="又一场", separate_why="上游水库另一次泄洪")
    with pytest.raises(TimesWrong):
        flood(county, separate_why="x", known_at=county.now - timedelta(days=1))


def test_a_course_opened_by_mistake_is_withdrawn_and_rings_no_more(county: County) -> None:
    course = flood(county)
    services.withdraw_course(course, reason="误建", by=county.actor("Chen"), at=county.now)
    assert not course.dues.filter(state__in=("waiting", "overdue")).exists()
    again = flood(county)
    submitted(county, again, affected=1)
    signed(county, again)
    with pytest.raises(ReportWaits):
        services.withdraw_course(again, reason="误建", by=county.actor("Chen"), at=county.now)


def _incident(county: County, event_type: str = "flood") -> Incident:
    details = IncidentDetails(
        title="柳河洪水",
        event_type=event_type,
        division=county.division,
        informant="township",
        known_at=county.now,
    )
    return incidents.open_incident(details, by=county.actor("Chen"), at=county.now)


def test_signed_figures_go_to_the_incident_with_one_key(county: County) -> None:
    incident = _incident(county)
    heard = FigureDetails("affected", Decimal(50), "110", county.now - timedelta(hours=1))
    incidents.add_figure(incident, heard, by=county.actor("Chen"), at=county.now)
    course = flood(county, incident=incident)
    li, upper = county.actor("Li"), county.divisions["Upper Willow"]
    missing = services.list_person(course, upper, "missing", PersonDetails(), by=li, at=county.now)
    submitted(county, course, affected=42, missing=1, loss_total="12.5")
    report = signed(county, course)
    shown = {one.code: one for one in queries.differences(report)}
    assert [shown["affected"].statistics, shown["affected"].rolling] == [Decimal(42), Decimal(50)]
    assert shown["affected"].differs
    services.transfer_figures(report, by=county.actor("Chen"), at=county.now)
    rolling = rolling_of(incident)
    assert (int(rolling["affected"].value), rolling["affected"].source) == (42, "灾情统计")
    assert rolling["direct_loss_yuan"].value == 125_000
    with pytest.raises(NothingToTransfer):
        services.transfer_figures(report, by=county.actor("Chen"), at=county.now)
    county.clock.advance(hours=1)
    services.move_person(missing, "dead", why="找到", by=li, at=county.now)
    submitted(county, course, affected=42, deaths=1, loss_total="12.5")
    services.transfer_figures(signed(county, course), by=county.actor("Chen"), at=county.now)
    rolling = rolling_of(incident)
    assert [rolling["deaths"].value, rolling["missing"].value] == [Decimal(1), Decimal(0)]
    assert not [one for one in queries.differences(report) if one.code == "missing" and one.rolling != 0]


def test_only_a_natural_disaster_of_this_county_is_linked(county: County) -> None:
    with pytest.raises(NotOfThisIncident):
        flood(county, incident=_incident(county, "road_traffic"))


def test_the_text_says_what_the_form_says(county: County) -> None:
    course = flood(county)
    submitted(
        county,
        course,
        affected=42,
        crops_affected=3,
        crops_damaged=2,
        crops_lost=1,
        collapsed_rooms=4,
        loss_total=12,
    )
    content = queries.report_content(signed(county, course).pk)
    assert content.kind_zh == "初报"
    assert content.text == (
        "【灾情初报】7·1洪涝灾害：截至7月1日8时，洪涝造成云岭县1个乡镇42人受灾，因灾死亡0人，失踪0人，"
        "农作物受灾面积3公顷（其中绝收1公顷），倒塌住房4间，直接经济损失12万元。"
    )
    assert [name for name, _values in content.townships] == ["柳河镇"]
    assert content.townships[0][1]["loss_total"] == 12


def test_the_journal_folds_back_into_the_statistics(county: County) -> None:
    course = flood(county, incident=_incident(county))
    filed(county, course, "Upper Willow", affected=30)
    submitted(county, course, affected=31)
    services.return_township(
        TownshipReport.objects.get(), why="请核实", by=county.actor("Chen"), at=county.now
    )
    submitted(county, course, affected=30)
    signed(county, course)
    services.mark_stable(course, reason="稳定", by=county.actor("Chen"), at=county.now)
    services.reopen_course(course, reason="又下雨", by=county.actor("Chen"), at=county.now)
    result = verify()
    assert result.ok, result


def test_a_returned_submission_counts_no_more(county: County) -> None:
    course = flood(county)
    submitted(county, course, affected=30)
    bad = submitted(county, course, affected=31)
    services.return_township(bad, why="重复统计", by=county.actor("Chen"), at=county.now)
    assert queries.county_sums(course) == {"affected": 30}
    assert queries.board(course, county.actor("Chen")).lines[0].is_returned


def test_nothing_personal_is_in_what_the_desk_reads_of_the_list(county: County) -> None:
    from anlan.losses.access import masked

    assert (masked("王小明"), masked("")) == ("王**", "")


STEPS = ("submit", "draft", "send", "review", "sign", "drop", "stable", "reopen", "close", "withdraw")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(STEPS), max_size=14))
def test_whatever_people_try_a_course_has_one_first_report_and_one_verification_at_its_end(
    county: County, steps: list[str]
) -> None:
    course = flood(county, separate_why="另一场")
    for step in steps:
        county.clock.advance(minutes=1)
        with contextlib.suppress(Refusal, NoSuchTransition):
            _try(county, course, step)
        course.refresh_from_db()
    kinds = list(
        CourseReport.objects.filter(course=course, state="signed")
        .order_by("signed_at")
        .values_list("kind", flat=True)
    )
    assert kinds.count("first") == (1 if kinds else 0)
    assert kinds[:1] in ([], ["first"])
    assert "verify" not in kinds[:-1]
    assert (kinds[-1:] == ["verify"]) == (course.state in ("verified", "closed"))
    numbers = CourseReport.objects.filter(course=course, state="signed", kind="follow").values_list(
        "number", flat=True
    )
    assert sorted(numbers) == list(range(1, len(numbers) + 1))


def _try(county: County, course: LossCourse, step: str) -> None:
    chen, feng, zheng, at = county.actor("Chen"), county.actor("Feng"), county.actor("Zheng"), county.now
    waiting = queries.waiting_report(course)
    if step == "submit":
        submitted(county, course, affected=10)
    elif step == "draft":
        services.draft_report(course, by=chen, at=at)
    elif step == "stable":
        services.mark_stable(course, reason="稳定", by=chen, at=at)
    elif step == "reopen":
        services.reopen_course(course, reason="反复", by=chen, at=at)
    elif step == "close":
        services.close_course(course, by=chen, at=at)
    elif step == "withdraw":
        services.withdraw_course(course, reason="误建", by=chen, at=at)
    elif waiting is not None and step == "send":
        services.submit_report(waiting, by=chen, at=at)
    elif waiting is not None and step == "review":
        services.review_report(waiting, by=feng, at=at)
    elif waiting is not None and step == "sign":
        services.sign_report(waiting, by=zheng, at=at)
    elif waiting is not None and step == "drop":
        services.drop_report(waiting, by=chen, at=at)


def test_the_entries_of_a_township_lie_in_its_place(county: County) -> None:
    course = flood(county)
    filed(county, course, "Upper Willow", affected=30)
    entry = Entry.objects.get(kind="loss_filing.filed")
    assert entry.division_path == county.divisions["Upper Willow"].path


def test_a_reason_is_given_once_and_the_next_morning_needs_one_key(county: County) -> None:
    course, willow = flood(county), county.divisions["Willow River"]
    filed(county, course, "Upper Willow", affected=30)
    last = submitted(county, course, why="漏统三人", affected=33)
    county.clock.advance(hours=20)
    sums = queries.village_sums(course, willow)
    assert queries.proposed(sums.values, last) == {"affected": 33}
    submitted(county, course, why="", affected=33)
    assert Correction.objects.count() == 1
    filed(county, course, "Upper Willow", affected=31)
    sums = queries.village_sums(course, willow)
    assert queries.proposed(sums.values, last) == {"affected": 31}
    with pytest.raises(ReasonMissing):
        submitted(county, course, why="", affected=33)
