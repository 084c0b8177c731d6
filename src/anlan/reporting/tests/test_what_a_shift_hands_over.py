"""The sheet of a change of shift names every call, limit, report and receipt that is not settled."""

from __future__ import annotations

import pytest

from anlan.duty.services.handovers import compose
from anlan.duty.services.rooms import open_rooms
from anlan.incidents.tests.test_incidents import landslide
from anlan.intake import services as intake
from anlan.intake.types import IntakeDetails
from anlan.journal.deadlines import run_reactions
from anlan.reporting.models import ReportClock
from anlan.reporting.services import draft_report
from anlan.reporting.types import Draft
from anlan.testing import County

pytestmark = pytest.mark.django_db


def test_a_call_a_running_limit_and_an_unsigned_report_stand_on_the_next_sheet(county: County) -> None:
    chen, at = county.actor("Chen"), county.now
    room = next(
        one for one in open_rooms(county.division, by=county.by, at=at) if one.division == county.division
    )
    details = IntakeDetails(
        source="110", received_at=at, text="河边进水", division=county.divisions["Upper Willow"]
    )
    call, _new = intake.take_intake(details, by=chen, at=at)
    incident = landslide(county)
    run_reactions(owner="test")
    report = draft_report(incident, Draft("initial"), division=county.division, by=chen, at=at)
    keys = {item["key"] for item in compose(room, at=at).items}
    clocks = ReportClock.objects.filter(state="open", is_ours=True)
    assert clocks.exists()
    assert {f"intake:{call.pk}", f"incident:{incident.pk}", f"upward_report:{report.pk}"} <= keys
    assert {f"report_clock:{row.pk}" for row in clocks if row.division_id == county.division.pk} <= keys
    intake.find_intake_not_true(call, reason="不属实", by=chen, at=at)
    assert f"intake:{call.pk}" not in {item["key"] for item in compose(room, at=at).items}
