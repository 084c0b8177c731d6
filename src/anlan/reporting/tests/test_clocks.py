"""Who must know by when: computed from true times, moved with the facts, closed with a reason, never lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from anlan.duty.models import Alarm
from anlan.incidents.models import Incident
from anlan.incidents.services import find_not_true, merge_incident, set_grade, split_incident
from anlan.journal.verify import verify
from anlan.reporting import services
from anlan.reporting.models import ReportClock
from anlan.reporting.queries import is_late, next_clock
from anlan.reporting.tests.desk import clock, landslide, receivers, sent, signed, work
from anlan.reporting.types import Draft
from anlan.testing import County

pytestmark = pytest.mark.django_db


def ringing(kind: str) -> int:
    return Alarm.objects.filter(kind=kind, state__in=("ringing", "leader_called")).count()


def test_phone_writing_and_pictures_have_each_their_own_limit_from_the_moment_of_knowing(
    county: County,
) -> None:
    incident = landslide(county)
    limits = {
        code: (clock(incident, code).due_at - incident.known_at).total_seconds() / 60
        for code in ("phone", "written", "image")
    }
    assert limits == {"phone": 30, "written": 60, "image": 120}
    assert not clock(incident, "phone").is_verified  # R05: local practice, marked


@pytest.mark.parametrize(
    ("minutes", "late"), [(0, False), (29, False), (30, False), (30.1, True), (31, True), (600, True)]
)
def test_late_is_after_the_limit_and_not_at_it(county: County, minutes: float, late: bool) -> None:
    by_tier = receivers(county)
    incident = landslide(county)
    county.clock.advance(minutes=minutes)
    at = county.now
    services.flash(incident, Draft("flash"), [by_tier["city"]], told_at=at, by=county.actor("Chen"), at=at)
    row = clock(incident, "phone")
    assert (row.state, row.met_at, row.is_late) == ("met", at, late)
    assert is_late(row, at) is late


def test_a_limit_that_passes_while_nothing_runs_is_late_from_the_true_times_after_the_restart(
    county: County,
) -> None:
    incident = landslide(county)
    county.clock.advance(hours=5)  # the machine was off
    row = clock(incident, "written")
    assert not row.is_late
    assert is_late(row, county.now)
    work(county)
    row = clock(incident, "written")
    assert row.is_late
    assert row.state == "open"
    assert ringing("report_late") >= 1
    assert not Alarm.objects.filter(kind="report_clock_warn", subject=f"report_clock:{row.pk}").exists()


def test_a_report_that_left_in_time_and_was_written_down_after_the_limit_is_in_time(county: County) -> None:
    by_tier = receivers(county)
    incident = landslide(county)
    report = signed(county, incident)
    handed = county.now + timedelta(minutes=20)
    county.clock.advance(hours=3)
    work(county)
    assert clock(incident, "written").is_late
    sent(county, report, by_tier["city"], "fax", at=handed)
    row = clock(incident, "written")
    assert (row.state, row.met_at, row.is_late) == ("met", handed, False)
    assert not Alarm.objects.filter(subject=f"report_clock:{row.pk}", state="ringing").exists()


def test_the_desk_is_warned_before_the_limit_once(county: County) -> None:
    incident = landslide(county)
    county.clock.advance(minutes=23)
    work(county)
    row = clock(incident, "phone")
    warned = Alarm.objects.filter(kind="report_clock_warn", subject=f"report_clock:{row.pk}")
    assert warned.count() == 1
    assert row.warned_at == county.now
    county.clock.advance(minutes=8)
    work(county)
    assert warned.get().state == "cleared"
    assert Alarm.objects.get(kind="report_late", subject=f"report_clock:{row.pk}").state == "ringing"


def test_a_merge_counts_the_earliest_knowing_and_a_split_brings_the_own_clocks_back(county: County) -> None:
    by_tier = receivers(county)
    first = landslide(county)
    county.clock.advance(minutes=20)
    second = landslide(county, title="下柳路口塌方", known_at=county.now, occurred_at=county.now)
    services.flash(
        first, Draft("flash"), [by_tier["city"]], told_at=county.now, by=county.actor("Chen"), at=county.now
    )
    link = merge_incident(first, second, reason="同一处", by=county.actor("Chen"), at=county.now)
    work(county)
    row = clock(second, "phone")
    assert row.starts_at == first.known_at
    assert row.state == "met"  # told about the other one: the fact is not lost
    assert clock(first, "written").state == "closed"
    assert "归并" in clock(first, "written").closed_why
    assert clock(first, "phone").state == "met"
    split_incident(Incident.objects.get(pk=first.pk), reason="两处", by=county.actor("Chen"), at=county.now)
    work(county)
    assert clock(first, "written").state == "open"
    assert clock(second, "phone").state == "open"
    assert clock(second, "phone").starts_at == second.known_at
    assert link.pk


def test_a_grade_that_grows_brings_the_province_and_starts_when_it_was_known(county: County) -> None:
    incident = landslide(county, event_type="road_traffic", title="客车坠沟")
    assert not ReportClock.objects.filter(incident=incident, code="phone_flash").exists()
    county.clock.advance(hours=3)
    set_grade(incident, 3, reason="三人死亡", by=county.actor("Wang"), at=county.now)
    work(county)
    row = clock(incident, "phone_flash", "province")
    assert row.starts_at == county.now
    assert row.due_at == county.now + timedelta(hours=1)
    set_grade(incident, 4, reason="重复统计", by=county.actor("Wang"), at=county.now)
    work(county)
    row.refresh_from_db()
    assert row.state == "closed"
    assert row.closed_why
    assert ReportClock.objects.filter(pk=row.pk).exists()


def test_the_unit_that_told_us_after_sixty_one_minutes_is_late(county: County) -> None:
    """R04: unit head → county within 1 h."""
    knew = county.now
    county.clock.advance(minutes=61)
    incident = landslide(
        county,
        event_type="mine",
        title="矿井透水",
        known_at=county.now,
        occurred_at=knew,
        unit_head_knew_at=knew,
    )
    row = clock(incident, "unit_to_county", "county")
    assert (row.state, row.is_late, row.is_ours) == ("met", True, False)
    city = clock(incident, "county_to_city")
    assert city.due_at == incident.known_at + timedelta(hours=2)


def test_the_chain_of_an_extremely_serious_accident_ends_six_hours_after_the_county_knew(
    county: County,
) -> None:
    incident = landslide(county, event_type="mine", title="矿井透水")
    set_grade(incident, 1, reason="三十人死亡", by=county.actor("Wang"), at=county.now)
    work(county)
    row = clock(incident, "province_to_ministry", "ministry")
    assert row.due_at == incident.known_at + timedelta(hours=6)
    assert not row.is_ours
    assert ringing("report_late") == 0


def test_an_incident_that_is_not_true_owes_nothing_any_more(county: County) -> None:
    incident = landslide(county)
    find_not_true(incident, reason="误报", by=county.actor("Chen"), at=county.now)
    work(county)
    states = set(ReportClock.objects.filter(incident=incident).values_list("state", flat=True))
    assert states == {"closed"}


def test_pictures_meet_their_own_clock_and_words_do_not(county: County, tmp_path: Any, settings: Any) -> None:
    from anlan.attachments.services import keep

    settings.ANLAN_DATA = tmp_path
    by_tier = receivers(county)
    incident = landslide(county)
    sent(county, signed(county, incident), by_tier["city"], "fax")
    assert clock(incident, "written").state == "met"
    assert clock(incident, "image").state == "open"
    county.clock.advance(minutes=90)
    report = signed(county, incident, "follow_up", elements={"latest": "附现场图"})
    keep([b"\xff\xd8\xff picture"], subject=f"upward_report:{report.pk}", division=county.division, by=county.by, at=county.now)  # fmt: skip
    sent(county, report, by_tier["city"], "fax")
    row = clock(incident, "image")
    assert (row.state, row.is_late) == ("met", False)


def test_what_the_program_did_not_see_is_met_by_a_persons_word_with_time_and_words(county: County) -> None:
    incident = landslide(county)
    row = clock(incident, "image")
    met = county.now + timedelta(minutes=40)
    county.clock.advance(hours=4)
    work(county)
    services.meet_by_word(row, met_at=met, words="图像由消防直传市局", by=county.actor("Chen"), at=county.now)
    row.refresh_from_db()
    assert (row.state, row.met_at, row.is_late) == ("met", met, False)


def test_follow_ups_are_owed_daily_until_the_final_report(county: County) -> None:
    by_tier = receivers(county)
    incident = landslide(county)
    sent(county, signed(county, incident), by_tier["city"], "fax")
    row = clock(incident, "follow_up", "", 1)
    assert row.due_at == county.now + timedelta(hours=24)
    county.clock.advance(hours=25)
    work(county)
    sent(county, signed(county, incident, "follow_up"), by_tier["city"], "fax")
    row.refresh_from_db()
    assert (row.state, row.is_late) == ("met", True)
    sent(county, signed(county, incident, "final"), by_tier["city"], "fax")
    assert clock(incident, "follow_up", "", 2).state == "met"
    assert not ReportClock.objects.filter(incident=incident, code="follow_up", state="open").exists()


def test_the_next_limit_is_known_to_the_desk_and_to_no_township(county: County) -> None:
    incident = landslide(county)
    found = next_clock(county.actor("Chen"), now=county.now)
    assert found is not None
    assert found.due_at == clock(incident, "phone").due_at
    assert found.late_count == 0
    county.clock.advance(hours=1, minutes=1)
    found = next_clock(county.actor("Chen"), now=county.now)
    assert found is not None
    assert found.late_count >= 2
    assert next_clock(county.actor("Li"), now=county.now) is None


def test_the_journal_folds_back_into_every_row_of_reporting(county: County) -> None:
    by_tier = receivers(county)
    incident = landslide(county)
    sent(county, signed(county, incident), by_tier["city"], "fax")
    county.clock.advance(days=2)
    work(county)
    services.decide(
        incident, kind="omitted", division=county.divisions["Willow River"], evidence="市局通报", by=county.actor("Wang"), at=county.now
    )  # fmt: skip
    assert verify().problems == []
