"""点名 and 视联网: who answered after how long, whom nobody heard, and from when to when a link was silent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from anlan.directory.services import end_holding
from anlan.dissemination.models import Delivery
from anlan.duty.access import visible_roll_calls
from anlan.duty.models import Alarm, ClockSync, LinkGap, RollCall, RollCallSeat, RoomLink
from anlan.duty.queries import duty_statistics
from anlan.duty.refusals import RollCallIsOver
from anlan.duty.services.links import check_link, heartbeat, register_link
from anlan.duty.services.rollcalls import (
    answer_roll_call,
    mark_by_hand,
    moment_of,
    plan_random_roll_call,
    plan_roll_call,
)
from anlan.duty.tests.rooms import Rooms
from anlan.journal.models import Entry
from anlan.journal.verify import verify
from anlan.kernel import timesync
from anlan.kernel.refusals import NotAllowed


def _planned(rooms: Rooms) -> RollCall:
    townships = [rooms.room("Willow River"), rooms.room("Stone Bridge")]
    return plan_roll_call(
        rooms.county.division,
        townships,
        starts_at=rooms.now + timedelta(minutes=5),
        by=rooms.county.actor("Feng"),
        at=rooms.now,
    )


def _seat(name: str) -> RollCallSeat:
    rows = RollCallSeat.objects.select_related("roll_call__division", "room__division", "person")
    return rows.get(room__division__name=name)


def test_answers_are_in_time_late_or_missing_by_the_moment_of_the_call(rooms: Rooms) -> None:
    _planned(rooms)
    rooms.later(minutes=5)
    assert rooms.told("roll_call_seat:") == ["Li", "Liu"]
    rooms.county.clock.advance(seconds=60)
    in_time = answer_roll_call(_seat("柳河镇"), way="page", by=rooms.county.actor("Li"), at=rooms.now)
    rooms.county.clock.advance(seconds=1)
    late = answer_roll_call(_seat("石桥镇"), way="page", by=rooms.county.actor("Liu"), at=rooms.now)
    assert [(one.state, one.answered_s) for one in (in_time, late)] == [("answered", 60), ("late", 61)]
    with pytest.raises(RollCallIsOver):
        answer_roll_call(_seat("石桥镇"), way="page", by=rooms.county.actor("Liu"), at=rooms.now)
    rooms.later(minutes=10)
    assert RollCall.objects.get().state == "closed"
    assert not Alarm.objects.exists()
    assert verify().problems == []


def test_who_does_not_answer_is_absent_and_that_rings_once_for_all(rooms: Rooms) -> None:
    end_holding(rooms.county.holdings["Liu"], by=rooms.county.by, at=rooms.now)
    _planned(rooms)
    rooms.later(minutes=5)
    rooms.later(minutes=10)
    assert set(RollCallSeat.objects.values_list("state", flat=True)) == {"absent"}
    said = Alarm.objects.get().text_zh
    assert ("李梅" in said, "无人值班" in said) == (True, True)
    [_county, willow, stone] = duty_statistics(
        rooms.county.division, start=rooms.now - timedelta(days=1), end=rooms.now
    )
    assert (willow.called, willow.absent, willow.mean_answer_s, stone.absent) == (1, 1, None, 1)


def test_the_link_in_the_message_answers_when_the_button_is_pressed_not_when_it_is_looked_at(
    rooms: Rooms,
) -> None:
    _planned(rooms)
    rooms.later(minutes=5)
    seat = _seat("柳河镇")
    text = Delivery.objects.get(subject=f"roll_call_seat:{seat.pk}", channel="sms").text
    assert f"/f/roll/{seat.token}/" in text
    browser = Client()
    assert browser.get(f"/f/roll/{seat.token}/").status_code == 200
    assert _seat("柳河镇").state == "called"
    assert browser.post(f"/f/roll/{seat.token}/", {"here": "1"}).status_code == 200
    assert (_seat("柳河镇").state, _seat("柳河镇").way) == ("answered", "link")
    assert browser.post("/f/roll/made-up/", {"here": "1"}).status_code == 404


def test_whoever_calls_by_video_marks_by_hand_and_the_called_may_not(rooms: Rooms) -> None:
    _planned(rooms)
    rooms.later(minutes=5)
    with pytest.raises(NotAllowed):
        mark_by_hand(_seat("柳河镇"), way="video", by=rooms.county.actor("Li"), at=rooms.now)
    mark_by_hand(_seat("柳河镇"), way="video", by=rooms.county.actor("Feng"), at=rooms.now)
    assert (_seat("柳河镇").state, _seat("柳河镇").way) == ("answered", "video")


def test_a_random_call_is_drawn_from_a_journaled_seed_and_not_shown_before_it_comes(rooms: Rooms) -> None:
    begin, end = rooms.now + timedelta(hours=1), rooms.now + timedelta(hours=9)
    call = plan_random_roll_call(
        rooms.county.division, [rooms.room("Willow River")], window_from=begin, window_to=end,
        by=rooms.county.actor("Feng"), at=rooms.now,
    )  # fmt: skip
    assert begin <= call.starts_at < end
    assert call.starts_at == moment_of(call.seed, begin, end)
    entry = Entry.objects.get(kind="roll_call.planned")
    assert call.seed in entry.payload
    assert entry.division_path == rooms.county.division.path
    assert list(visible_roll_calls(rooms.county.actor("Li"))) == []
    assert list(visible_roll_calls(rooms.county.actor("Chen"))) == []
    assert list(visible_roll_calls(rooms.county.actor("Zheng"))) == [call]
    drawn = {moment_of(str(seed), begin, end) for seed in range(50)}
    assert len(drawn) > 40


def test_a_silent_link_rings_and_its_gap_begins_when_it_was_heard_last(rooms: Rooms) -> None:
    link, token = register_link(
        rooms.room("Willow River"), name="会议室", every_s=60, by=rooms.county.actor("Feng"), at=rooms.now
    )
    answer = Client().post("/api/duty/v1/heartbeat", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["state"]) == (200, "up")
    heard = rooms.now
    rooms.later(minutes=2, seconds=59)
    assert RoomLink.objects.get().state == "up"
    rooms.later(seconds=1)
    assert (RoomLink.objects.get().state, LinkGap.objects.get().since) == ("silent", heard)
    assert "柳河镇" in Alarm.objects.get(kind="room_link_silent").text_zh
    rooms.county.clock.advance(minutes=2)
    check_link(_link(link), works=True, words="画面正常", by=rooms.county.actor("Li"), at=rooms.now)
    assert (RoomLink.objects.get().state, LinkGap.objects.get().until) == ("up", rooms.now)
    assert Alarm.objects.get().state == "cleared"
    [_county, willow, _stone] = duty_statistics(rooms.county.division, start=heard, end=rooms.now)
    assert willow.silent_s == 300
    before = Entry.objects.count()
    heartbeat(_link(link), by=rooms.county.by, at=rooms.now)
    assert Entry.objects.count() == before  # a beat is no news
    assert Client().post("/api/duty/v1/heartbeat", headers={"Authorization": "Bearer x"}).status_code == 401
    assert verify().problems == []


def test_the_state_of_the_clock_is_journaled_when_it_changes(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert timesync.clock_sync() in {"synced", "unsynced", "unknown"}
    row = ClockSync.objects.get()
    before = Entry.objects.count()
    monkeypatch.setattr(timesync, "clock_sync", lambda: row.sync)
    rooms.later(minutes=10)
    assert Entry.objects.count() == before
    other = "synced" if row.sync != "synced" else "unsynced"
    monkeypatch.setattr(timesync, "clock_sync", lambda: other)
    rooms.later(minutes=10)
    assert (ClockSync.objects.get().sync, Entry.objects.filter(kind="clock_sync.changed").count()) == (
        other,
        1,
    )


def _link(link: RoomLink) -> RoomLink:
    return RoomLink.objects.select_related("room__division").get(pk=link.pk)
