"""What the other apps recorded becomes deductions of the place that owes it, once, in the period of its limit."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from anlan.assessment.periods import Period, last_month, month_of, parse_period
from anlan.assessment.queries import scores_of
from anlan.assessment.types import PlaceScore
from anlan.datacalls.tests import scenes as calls
from anlan.directory.models import Shift
from anlan.duty.models import CheckIn, DutyRoom, RollCall, RollCallSeat
from anlan.incidents import services as incidents
from anlan.incidents.types import FigureDetails
from anlan.kernel.ids import uuid7
from anlan.losses.tests import scenes as losses
from anlan.reporting import services as reporting
from anlan.reporting.models import ReportingFinding
from anlan.reporting.tests import desk
from anlan.testing import County

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_data(settings: Any, tmp_path: Path) -> None:
    settings.ANLAN_DATA = tmp_path


def line(county: County, name: str, period: Period | None = None) -> PlaceScore:
    found = scores_of(period or month_of(county.now), at=county.now)
    return next(one for one in found.places if one.code == county.divisions[name].code)


def rules(county: County, name: str) -> list[tuple[str, int]]:
    return [(one.rule, one.count) for one in line(county, name).deductions]


def test_a_quiet_month_takes_nothing_from_anybody(county: County) -> None:
    for one in scores_of(month_of(county.now), at=county.now).places:
        assert (float(one.total), one.asked, one.rank, len(one.deductions)) == (100, 0, None, 0)


def test_a_report_that_left_too_late_costs_the_county_and_says_by_how_much(county: County) -> None:
    desk.receivers(county)
    desk.landslide(county)
    county.clock.advance(hours=3)
    desk.work(county)
    found = line(county, "Yunling")
    assert {one.rule for one in found.deductions} == {"report_late"}
    assert "至今未报" in found.deductions[0].zh
    assert found.deductions[0].about.startswith("incident:")
    assert found.timeliness < 100


def test_a_township_that_answers_a_data_call_late_or_never_loses_points(county: County) -> None:
    call = calls.ask(county)
    county.clock.advance(minutes=61)
    calls.tick(county)
    calls.fill(county, calls.seat_of(call, county.divisions["Willow River"]), 0, 0)
    assert rules(county, "Willow River") == [("data_late", 1)]
    assert rules(county, "Stone Bridge") == [("data_missed", 1)]
    assert line(county, "Stone Bridge").rank == 2


def test_a_data_call_filed_in_time_and_corrected_costs_accuracy_only(county: County) -> None:
    call = calls.ask(county)
    seat = calls.seat_of(call, county.divisions["Willow River"])
    calls.fill(county, seat, 1, 0)
    county.clock.advance(minutes=5)
    calls.fill(county, seat, 2, 0, why="漏了一户")
    found = line(county, "Willow River")
    assert [(one.rule, one.aspect) for one in found.deductions] == [("data_corrected", "accuracy")]
    assert {found.timeliness, found.completeness} == {Decimal(100)}


def test_a_department_is_scored_like_a_township(county: County) -> None:
    calls.add_department(county)
    calls.ask(county, targets=(calls.WATER,))
    county.clock.advance(minutes=61)
    calls.tick(county)
    assert rules(county, "Water") == [("data_missed", 1)]


def test_disaster_statistics_that_come_late_or_not_count_for_their_township(county: County) -> None:
    course = losses.flood(county)
    county.clock.advance(hours=2)
    desk.work(county)
    losses.submitted(county, course, "Willow River")
    assert ("loss_late", 1) in rules(county, "Willow River")
    assert ("villages_missing", 1) in rules(county, "Willow River")
    assert ("loss_late", 1) in rules(county, "Stone Bridge")


def test_a_decision_that_a_place_concealed_something_counts_until_it_is_taken_back(county: County) -> None:
    incident = desk.landslide(county)
    decided = ReportingFinding(
        incident=incident, division=county.divisions["Willow River"], kind="concealed", evidence="隐瞒死亡1人",
        decided_at=county.now, decided_by=county.actor("Feng").ref,
    ).record(by=county.actor("Feng"), at=county.now, kind="decided")  # fmt: skip
    assert rules(county, "Willow River") == [("concealed", 1)]
    county.clock.advance(minutes=5)
    reporting.take_back(decided, evidence="核查属实，不构成", by=county.actor("Feng"), at=county.now)
    assert rules(county, "Willow River") == []


def test_a_signed_report_without_an_element_costs_completeness_for_each(county: County) -> None:
    incident = desk.landslide(county)
    report = desk.signed(county, incident)
    assert report.missing
    found = line(county, "Yunling")
    missing = [one for one in found.deductions if one.rule == "element_missing"]
    assert [one.count for one in missing] == [len(report.missing)]
    assert found.completeness == 100 - min(len(report.missing), 20)


def test_a_report_that_was_sent_back_costs_accuracy(county: County) -> None:
    report = desk.draft(county, desk.landslide(county))
    reporting.submit_report(report, by=county.actor("Chen"), at=county.now)
    reporting.return_report(report, reason="伤亡数不清", by=county.actor("Feng"), at=county.now)
    assert rules(county, "Yunling") == [("report_returned", 1)]


def test_a_figure_that_its_own_township_lowered_counts_for_it_and_another_source_does_not(
    county: County,
) -> None:
    incident = desk.landslide(county)
    place = county.divisions["Willow River"]
    for source in (place.name, "119"):
        for value, why in ((3, ""), (1, "重复统计")):
            county.clock.advance(minutes=1)
            details = FigureDetails("injured", Decimal(value), source, county.now, scope=place, why=why)
            incidents.add_figure(incident, details, by=county.actor("Chen"), at=county.now)
    assert rules(county, "Willow River") == [("figure_corrected", 1)]


def test_an_order_that_nobody_answered_in_time_counts_for_its_addressee(county: County) -> None:
    incidents.issue_chase(
        incident=None, addressee="石桥乡", division=county.divisions["Stone Bridge"], task="核实人数",
        due_at=county.now + timedelta(minutes=30), by=county.actor("Feng"), at=county.now,
    )  # fmt: skip
    county.clock.advance(minutes=31)
    desk.work(county)
    assert rules(county, "Stone Bridge") == [("chase_late", 1)]


def test_a_roll_call_and_a_shift_that_nobody_came_to_count_for_the_room(county: County) -> None:
    by, at = county.by, county.now
    room = DutyRoom.objects.filter(division=county.divisions["Stone Bridge"]).first() or DutyRoom(
        division=county.divisions["Stone Bridge"], name="石桥乡值班室", opened_at=at
    ).record(by=by, at=at, kind="opened")
    roll = RollCall(
        state="closed", division=county.division, title="夜间点名", starts_at=at, answer_within_s=60,
        absent_after_s=300, planned_by=by.ref, called_at=at,
    ).record(by=by, at=at, kind="planned")  # fmt: skip
    for state, seconds in (("answered", 30), ("late", 90), ("absent", None)):
        RollCallSeat(
            state=state, roll_call=roll, room=room, person=county.people["Liu"], token=uuid7().hex,
            called_at=at, answered_s=seconds,
        ).record(by=by, at=at, kind="called")  # fmt: skip
    assert rules(county, "Stone Bridge") == [("roll_absent", 1), ("roll_late", 1)]
    shift = Shift(
        post=next(iter(county.posts.values())), person=county.people["Liu"], starts_at=at, ends_at=at + timedelta(hours=8),
    ).record(by=by, at=at, kind="planned")  # fmt: skip
    CheckIn(
        state="missing", shift=shift, room=room, person=county.people["Liu"], expected_at=at, step=2
    ).record(by=by, at=at, kind="expected")
    assert ("check_in_missing", 1) in rules(county, "Stone Bridge")


def test_what_ran_out_last_month_does_not_count_in_this_one(county: County) -> None:
    calls.ask(county)
    county.clock.advance(days=31)
    calls.tick(county)
    assert line(county, "Stone Bridge").deductions == ()
    assert line(county, "Stone Bridge", last_month(county.now)).deductions
    quarter = parse_period("2026-Q3")
    assert line(county, "Stone Bridge", quarter).deductions
