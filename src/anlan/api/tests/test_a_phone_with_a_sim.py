"""The Android gateway: the phone fetches, and only what it reports counts as sent."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from anlan.dissemination.channels import ChannelDown, ChannelUncertain, Message, Trace
from anlan.dissemination.channels.android.route import AndroidRoute
from anlan.dissemination.models import (
    AndroidDevice,
    AndroidMessage,
    CalloutSeat,
    Delivery,
    InboundEvent,
)
from anlan.dissemination.services import android, open_callout
from anlan.dissemination.services.android import Condition
from anlan.journal import clocks
from anlan.testing import County

MESSAGE = Message("key-1", "10000000007", "请立即转移。")
pytestmark = pytest.mark.django_db


class Phone:
    """One paired phone, as its app speaks."""

    def __init__(self, county: County, name: str = "duty-room-1", rate: int = 20) -> None:
        self.device, self.token = android.pair_device(name, rate_per_minute=rate, by=county.by, at=county.now)
        self.client = Client()

    def post(
        self, path: str, body: dict[str, Any], token: str | None = None
    ) -> Any:  # Any: Django's test response
        header = {"Authorization": f"Bearer {self.token if token is None else token}"}
        return self.client.post(
            f"/api/android/v1/{path}", json.dumps(body), content_type="application/json", headers=header
        )

    def pull(self, **body: Any) -> list[dict[str, str]]:
        found: list[dict[str, str]] = self.post("pull", body).json()["messages"]
        return found

    def tell(self, *events: dict[str, Any]) -> dict[str, Any]:
        at = clocks.wall_now().isoformat()
        told: dict[str, Any] = self.post("report", {"events": [{"at": at, **one} for one in events]}).json()
        return told


@pytest.fixture
def phone(county: County) -> Phone:
    return Phone(county)


def call_out(county: County) -> CalloutSeat:
    """Upper Willow is called; returns its seat."""
    opened = open_callout(
        subject="warning:test", title="山洪橙色叫应", text="请立即转移。", voice_text="", issuer="云岭县应急指挥部",
        level=2, hazard_type="flash_flood", division=county.division, villages=[county.divisions["Upper Willow"]],
        ladder_name="anlan_default", by=county.by, at=county.now,
    )  # fmt: skip
    return CalloutSeat.objects.get(callout=opened)


def lay_out(key: str = "key-1") -> AndroidMessage:
    return android.lay_out(key, address="10000000007", text="请转移", device=None, at=clocks.wall_now())


def test_a_phone_fetches_a_message_once_and_its_condition_is_shown(phone: Phone) -> None:
    row = lay_out()
    [message] = phone.pull(battery=55, charging=True, signal=3)
    assert (message["id"], message["to"], message["text"]) == (str(row.pk), "10000000007", "请转移")
    assert phone.pull() == []
    phone.device.refresh_from_db()
    assert (phone.device.battery, phone.device.is_charging, phone.device.signal) == (55, True, 3)
    assert phone.device.last_seen_at is not None


def test_a_stranger_and_a_stopped_phone_are_told_nothing(phone: Phone, county: County) -> None:
    lay_out()
    assert phone.post("pull", {}, token="made-up").status_code == 401
    assert phone.post("report", {"events": []}, token="").status_code == 401
    android.stop_device(phone.device, by=county.by, at=county.now)
    assert phone.post("pull", {}).status_code == 401
    assert AndroidMessage.objects.get().state == "waiting"


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff",
        b'{"events": 3}',
        b'{"events": [], "unknown": 1}',
        b'{"events": [{"event_id": "a", "type": "sent", "at": "2026-07-01T00:00:00Z"}]}',
        b'{"events": [{"event_id": "a", "type": "sms", "at": "2026-07-01T00:00:00", "from": "1"}]}',
        b'{"events": [], "battery": 300}',
    ],
)
def test_a_bad_report_is_refused_and_nothing_is_stored(phone: Phone, body: bytes) -> None:
    answer = phone.client.post(
        "/api/android/v1/report", body, content_type="application/json",
        headers={"Authorization": f"Bearer {phone.token}"},
    )  # fmt: skip
    assert answer.status_code == 400
    assert InboundEvent.objects.count() == 0


def test_no_more_than_the_rate_of_the_phone_is_given_out(county: County) -> None:
    slow = Phone(county, "slow", rate=2)
    for number in range(5):
        lay_out(f"key-{number}")
    assert len(slow.pull()) == 2
    assert slow.pull() == []
    AndroidMessage.objects.filter(state="taken").update(taken_at=clocks.wall_now() - timedelta(minutes=2))
    assert len(slow.pull()) == 2


def test_a_message_for_one_phone_is_not_given_to_another(county: County, phone: Phone) -> None:
    other = Phone(county, "other")
    android.lay_out("key-1", address="1", text="x", device=other.device, at=clocks.wall_now())
    assert phone.pull() == []
    assert len(other.pull()) == 1


def test_a_report_is_taken_once_however_often_it_comes(county: County, phone: Phone) -> None:
    delivery = Delivery.objects.filter(seat=call_out(county)).first()
    assert delivery is not None
    Delivery.objects.filter(pk=delivery.pk).update(state="handing")
    row = lay_out(delivery.send_key)
    phone.pull()
    sent = {"event_id": "e1", "type": "sent", "message_id": str(row.pk)}
    assert phone.tell(sent)["accepted"] == 1
    assert phone.tell(sent) == {"accepted": 0, "repeated": 1, "refused": []}
    phone.tell({"event_id": "e2", "type": "delivered", "message_id": str(row.pk)})
    row.refresh_from_db()
    delivery.refresh_from_db()
    assert (row.state, delivery.state) == ("delivered", "delivered")


def test_an_sms_to_the_phone_is_an_answer(county: County, phone: Phone) -> None:
    seat = call_out(county)
    delivery = Delivery.objects.filter(seat=seat).first()
    assert delivery is not None
    Delivery.objects.filter(pk=delivery.pk).update(state="sent", handed_at=county.now)
    phone.tell({"event_id": "in-1", "type": "sms", "from": f"+86{delivery.address}", "text": "1"})
    seat.refresh_from_db()
    assert seat.state == "answered"


def test_a_report_about_a_message_of_another_phone_is_refused(county: County, phone: Phone) -> None:
    row = lay_out()
    phone.pull()
    other = Phone(county, "other")
    told = other.tell({"event_id": "e1", "type": "sent", "message_id": str(row.pk)})
    assert told["refused"] == [{"event_id": "e1", "code": "unknown_message"}]
    row.refresh_from_db()
    assert row.state == "taken"


def test_without_a_phone_in_sight_the_next_route_is_tried_at_once(county: County) -> None:
    phone = Phone(county)
    with pytest.raises(ChannelDown, match="no_phone_seen"):
        AndroidRoute("phone", "", 5).send(MESSAGE)
    android.seen(phone.device, Condition(), at=clocks.wall_now() - timedelta(seconds=91))
    with pytest.raises(ChannelDown, match="no_phone_seen"):
        AndroidRoute("phone", "", 5).send(MESSAGE)
    assert AndroidMessage.objects.count() == 0


def test_a_message_that_no_phone_fetched_is_taken_back(county: County) -> None:
    phone = Phone(county)
    android.seen(phone.device, Condition(), at=clocks.wall_now())
    route = AndroidRoute("phone", "", 0.05)
    with pytest.raises(ChannelDown, match="phone_did_not_fetch"):
        route.send(MESSAGE)
    assert AndroidMessage.objects.get().state == "withdrawn"
    assert phone.pull() == []
    assert route.ask("key-1").trace is Trace.NEVER_SEEN


@pytest.fixture
def far_phone(transactional_db: None, county: County) -> Phone:
    phone = Phone(county)
    android.seen(phone.device, Condition(), at=clocks.wall_now())
    return phone


def fetching(phone: Phone, then: str) -> threading.Thread:
    """The phone's app in a thread: fetches until it has one, then says what became of it."""

    def run() -> None:
        try:
            got: list[dict[str, str]] = []
            while not got:
                got = phone.pull(wait_s=1)
            if then:
                phone.tell({"event_id": "e1", "type": then, "message_id": got[0]["id"]})
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_sent_is_what_the_phone_reported(far_phone: Phone) -> None:
    thread = fetching(far_phone, "sent")
    handed = AndroidRoute("phone", "", 10).send(MESSAGE)
    thread.join()
    assert handed.provider_ref == str(AndroidMessage.objects.get().pk)


def test_a_phone_that_cannot_send_lets_the_next_route_try(far_phone: Phone) -> None:
    thread = fetching(far_phone, "failed")
    with pytest.raises(ChannelDown, match="phone_could_not_send"):
        AndroidRoute("phone", "", 10).send(MESSAGE)
    thread.join()


def test_a_phone_that_took_it_and_says_nothing_leaves_it_uncertain(far_phone: Phone) -> None:
    thread = fetching(far_phone, "")
    route = AndroidRoute("phone", "", 1.5)
    with pytest.raises(ChannelUncertain):
        route.send(MESSAGE)
    thread.join()
    with pytest.raises(ChannelDown, match="phone_is_sending"):
        route.ask("key-1")
    AndroidMessage.objects.update(taken_at=clocks.wall_now() - timedelta(minutes=4))
    assert route.ask("key-1").trace is Trace.CANNOT_TELL
    assert AndroidDevice.objects.count() == 1
