"""What must be reported by when, also when nobody's server was running."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from anlan.duty.models import Alarm
from anlan.losses import queries, services
from anlan.losses.models import LossCourse, ReportDue
from anlan.losses.tests.scenes import flood, run, signed, submitted
from anlan.losses.types import PersonDetails
from anlan.testing import County

pytestmark = pytest.mark.django_db


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of July 2026 in Shanghai."""
    return datetime(2026, 7, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


def due(course: LossCourse, kind: str, division: str = "") -> ReportDue:
    rows = ReportDue.objects.filter(course=course, kind=kind).order_by("-counts_from", "division_id")
    found = (rows.filter(division_id=division) if division else rows).first()
    assert found is not None
    return found


def ringing(kind: str) -> list[str]:
    return sorted(
        Alarm.objects.filter(kind=kind, state__in=("ringing", "leader_called")).values_list(
            "text_zh", flat=True
        )
    )


def test_a_township_has_an_hour_and_the_county_two(county: County) -> None:
    course = flood(county)
    assert due(course, "township_first").due_at == county.now + timedelta(hours=1)
    assert due(course, "county_first").due_at == county.now + timedelta(hours=2)


@pytest.mark.parametrize(("minutes", "is_late"), [(60, False), (61, True)])
def test_one_minute_after_the_limit_is_late(county: County, minutes: int, is_late: bool) -> None:
    course = flood(county)
    county.clock.advance(minutes=minutes)
    assert submitted(county, course, affected=1).is_late is is_late


def test_the_limit_passed_while_the_server_was_down_and_it_is_late_all_the_same(county: County) -> None:
    course = flood(county)
    submitted(county, course, affected=1)
    county.clock.advance(hours=3)
    report = signed(county, course)  # nothing ran in between
    first = due(course, "county_first")
    assert (report.is_late, first.state, first.is_late, first.met_at) == (True, "met", True, county.now)
    run()
    assert ringing("loss_report_late") == ["报灾超时：7·1洪涝灾害 乡镇首报（石桥镇）"]


def test_before_the_limit_it_reminds_and_at_the_limit_it_rings_once_for_all_townships(county: County) -> None:
    course = flood(county)
    county.clock.advance(minutes=46)
    run()
    assert ringing("loss_report_due") == ["报灾时限将到：7·1洪涝灾害 乡镇首报"]
    county.clock.advance(minutes=20)
    run()
    assert len(ringing("loss_report_late")) == 1
    assert ReportDue.objects.filter(kind="township_first", state="overdue", is_late=True).count() == 2
    submitted(county, course, affected=1)
    assert len(ringing("loss_report_late")) == 1  # the other township is still silent
    submitted(county, course, "Stone Bridge", "Liu")
    assert ringing("loss_report_late") == []


def test_until_it_is_stable_everybody_reports_every_morning(county: County) -> None:
    course = flood(county)
    submitted(county, course, affected=1)
    submitted(county, course, "Stone Bridge", "Liu")
    signed(county, course)
    county.clock.advance(hours=16)  # 24:00
    run()
    assert due(course, "township_daily").due_at == local(2, 8)
    assert due(course, "county_daily").due_at == local(2, 9)
    county.clock.advance(hours=7)
    submitted(county, course, affected=1)
    county.clock.advance(hours=1, minutes=1)
    run()
    missing = [one.division.name for one in queries.missed_dues(course, county.actor("Chen"))]
    assert missing == ["石桥镇"]
    report = signed(county, course)
    assert (report.is_late, report.is_unchanged) == (False, True)


def test_a_day_that_nobody_reported_stays_missed(county: County) -> None:
    course = flood(county, "Willow River")
    county.clock.advance(hours=16 + 24 + 1)  # the server was down for more than a day
    run()
    states = dict(ReportDue.objects.filter(kind="township_daily").values_list("due_at", "state"))
    assert states == {local(2, 8): "missed", local(3, 8): "waiting"}
    submitted(county, course)
    assert due(course, "township_daily").state == "met"
    assert ReportDue.objects.get(kind="township_daily", due_at=local(2, 8)).state == "missed"


def test_a_report_of_the_evening_does_not_stand_for_the_next_morning(county: County) -> None:
    course = flood(county, "Willow River")
    county.clock.advance(hours=15, minutes=50)
    submitted(county, course)
    county.clock.advance(minutes=20)
    run()
    assert due(course, "township_daily").state == "waiting"


def test_stability_ends_the_mornings_and_starts_two_working_days(county: County) -> None:
    course = flood(county)
    submitted(county, course, affected=1)
    signed(county, course)
    county.clock.advance(days=1)  # Thursday 2 July
    run()
    course.refresh_from_db()
    services.mark_stable(course, reason="稳定", by=county.actor("Chen"), at=county.now)
    assert due(course, "county_verify").due_at == local(7, 0)  # 24:00 of Monday 6 July
    county.clock.advance(days=2)
    run()
    course.refresh_from_db()
    assert not ReportDue.objects.filter(state="waiting", kind="township_daily").exists()
    assert signed(county, course).is_late is False


def test_a_drought_reports_every_ten_days(county: County) -> None:
    course = flood(county, "Willow River", sub_hazards=("drought",), title="春旱")
    assert course.first_hazard == "drought"
    submitted(county, course, affected=100, drought_relief=20, drought_water=10)
    signed(county, course)
    county.clock.advance(days=1)
    run()
    assert not ReportDue.objects.filter(kind="township_daily").exists()
    county.clock.advance(days=9)
    run()
    assert due(course, "county_drought").due_at == course.known_at + timedelta(days=20)
    assert due(course, "township_drought").due_at == course.known_at + timedelta(days=20) - timedelta(hours=1)


def test_ten_dead_and_missing_go_to_all_levels_at_once(county: County) -> None:
    course = flood(county)
    li, upper = county.actor("Li"), county.divisions["Upper Willow"]
    for n in range(9):
        services.list_person(course, upper, "dead", PersonDetails(f"某{n}"), by=li, at=county.now)
    submitted(county, course, affected=50, deaths=9)
    assert ringing("loss_direct") == []
    services.list_person(course, upper, "missing", PersonDetails(), by=li, at=county.now)
    county.clock.advance(minutes=10)
    submitted(county, course, affected=50, deaths=9, missing=1)
    assert ringing("loss_direct") == ["死亡失踪达直报标准，须立即同报市省部：7·1洪涝灾害（死亡失踪10人）"]
    assert due(course, "county_direct").due_at == county.now + timedelta(hours=2)
    report = signed(county, course)
    assert report.reported_to == ["city", "province", "ministry"]
    assert ringing("loss_direct") == []


def test_a_township_that_joins_later_has_its_own_hour(county: County) -> None:
    course = flood(county, "Willow River")
    county.clock.advance(minutes=30)
    added = services.add_townships(
        course, [county.divisions["Stone Bridge"]], by=county.actor("Chen"), at=county.now
    )
    assert added == 1
    bridge = due(course, "township_first", county.divisions["Stone Bridge"].code)
    assert bridge.due_at == county.now + timedelta(hours=1)
    assert ReportDue.objects.filter(course=course, kind="county_first").count() == 1


def test_what_is_owed_is_handed_over(county: County) -> None:
    from anlan.losses.openitems import losses

    flood(county)
    items = list(losses(county.divisions["Willow River"].path, county.now, None))
    assert [one.title for one in items] == ["7·1洪涝灾害：乡镇首报（柳河镇）"]
    assert len(list(losses(county.division.path, county.now, None))) == 3
