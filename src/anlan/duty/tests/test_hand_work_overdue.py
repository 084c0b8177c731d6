"""Hand work that nobody reports rings in the duty room, for itself; a report or the end of its text silences it."""

from __future__ import annotations

import pytest

from anlan.dissemination.models import Broadcast, Delivery
from anlan.dissemination.services import broadcast, end_broadcast, hand
from anlan.dissemination.services.outlets import OutletDetails, define_outlet
from anlan.duty import queries
from anlan.duty.models import Alarm
from anlan.duty.tests.desk import Desk
from anlan.events.published import HandWorkOverdue, WarningEnded
from anlan.journal import deadlines


@pytest.fixture
def gong(desk: Desk) -> Delivery:
    """A gong of Upper Willow whose keeper nobody knows; its task was handed over."""
    county = desk.county
    details = OutletDetails("gong", "村口铜锣", county.divisions["Upper Willow"], "铜锣-1")
    outlet = define_outlet(details, by=county.actor("He"), at=county.now)
    row = broadcast(
        subject="warning:1", outlets=[outlet], text="请立即转移。", issuer="云岭县", title="山洪红色", level=1,
        division=county.division, by=county.by, at=county.now,
    )  # fmt: skip
    delivery = Delivery.objects.get(broadcast=row)
    return delivery.advance("handing", by=county.by, at=county.now).advance(
        "sent", by=county.by, at=county.now
    )


def test_it_rings_once_with_place_and_outlet_and_calls_no_leader(desk: Desk, gong: Delivery) -> None:
    desk.later(minutes=16)
    deadlines.run_reactions(owner="worker-1")
    alarm = desk.alarm()
    assert (alarm.kind, alarm.level, alarm.state) == ("hand_work_overdue", 1, "ringing")
    assert alarm.text_zh == "无人回告已办：上柳村 村口铜锣，山洪红色"
    assert queries.sounds(alarm)
    desk.hears(HandWorkOverdue(delivery_id=str(gong.pk)))
    desk.later(minutes=30)
    assert Alarm.objects.count() == 1
    assert desk.called() == []


def test_a_report_silences_it(desk: Desk, gong: Delivery) -> None:
    desk.hears(HandWorkOverdue(delivery_id=str(gong.pk)))
    hand.confirm(
        gong, done_by_name="赵春兰", happened_at=desk.county.now, by=desk.county.by, at=desk.county.now
    )
    deadlines.run_reactions(owner="worker-1")
    assert (desk.alarm().state, desk.alarm().end_reason) == ("cleared", "已回告")
    desk.hears(HandWorkOverdue(delivery_id=str(gong.pk)))
    assert Alarm.objects.count() == 1


def test_the_end_of_the_text_silences_it(desk: Desk, gong: Delivery) -> None:
    desk.later(minutes=16)
    deadlines.run_reactions(owner="worker-1")
    row = Broadcast.objects.get()
    end_broadcast(row, reason="lifted", by=desk.county.by, at=desk.county.now)
    deadlines.run_reactions(owner="worker-1")
    assert (desk.alarm().state, desk.alarm().end_reason) == ("cleared", "播发已结束")
    desk.hears(HandWorkOverdue(delivery_id=str(gong.pk)))
    assert Alarm.objects.count() == 1


def test_another_warning_that_ends_leaves_it_ringing(desk: Desk, gong: Delivery) -> None:
    desk.hears(HandWorkOverdue(delivery_id=str(gong.pk)))
    desk.hears(WarningEnded(warning_id="2", state="lifted"))
    assert desk.alarm().state == "ringing"
