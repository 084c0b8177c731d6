"""Receipts and replies on kept connections: stored first, confirmed afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from anlan.dissemination import inbox
from anlan.dissemination.channels import Asked, ChannelDown, Handed, Message, Trace
from anlan.dissemination.channels.phone import SMS
from anlan.dissemination.channels.routing import RoutedChannel
from anlan.dissemination.channels.texting.state import RouteState
from anlan.dissemination.models import InboundEvent
from anlan.dissemination.types import PhoneEvent
from anlan.testing import County

AT = datetime(2026, 7, 1, tzinfo=UTC)


class Line:
    """A route that says what it is given, and remembers what was confirmed."""

    def __init__(self, *events: PhoneEvent) -> None:
        self.events = list(events)
        self.confirmed: list[str] = []
        self.is_broken = False

    def send(self, message: Message) -> Handed:
        raise ChannelDown("not_here")

    def ask(self, send_key: str) -> Asked:
        return Asked(Trace.CANNOT_TELL)

    def collect(self) -> list[PhoneEvent]:
        if self.is_broken:
            raise RuntimeError("broken")
        return list(self.events)

    def stored(self, event_ids: Sequence[str]) -> None:
        self.confirmed += event_ids
        self.events = [event for event in self.events if event.event_id not in event_ids]

    def state(self) -> RouteState:
        return RouteState(state="up", since=1.0, sent=3)


def reply(number: int) -> PhoneEvent:
    return PhoneEvent(f"e{number}", "reply", AT, sender="10000000099", text="1")


@pytest.mark.django_db(transaction=True)
def test_everything_is_stored_before_it_is_confirmed(county: County) -> None:
    line = Line(*(reply(number) for number in range(60)))
    assert inbox.take_in({"sms": RoutedChannel(SMS, {"mobile": line})}) == 60
    assert InboundEvent.objects.filter(provider="route:mobile").count() == 60
    assert len(line.confirmed) == 60


@pytest.mark.django_db(transaction=True)
def test_what_could_not_be_stored_is_not_confirmed_and_other_routes_are_heard(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, line = Line(), Line(reply(1))
    broken.is_broken = True
    channels = {"sms": RoutedChannel(SMS, {"broken": broken, "mobile": line})}

    def fail(*_: object, **__: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(inbox, "take_events", fail)
        assert inbox.take_in(channels) == 0
    assert (line.confirmed, InboundEvent.objects.count()) == ([], 0)
    assert inbox.take_in(channels) == 1
    assert line.confirmed == ["e1"]


@pytest.mark.django_db(transaction=True)
def test_an_event_that_comes_again_after_a_crash_is_confirmed_and_counts_once(county: County) -> None:
    channels = {"sms": RoutedChannel(SMS, {"mobile": Line(reply(1))})}
    inbox.take_in(channels)
    again = Line(reply(1))
    inbox.take_in({"sms": RoutedChannel(SMS, {"mobile": again})})
    assert again.confirmed == ["e1"]
    assert InboundEvent.objects.count() == 1


def test_a_channel_without_any_route_is_down_and_never_uncertain() -> None:
    with pytest.raises(ChannelDown, match="not_configured"):
        RoutedChannel(SMS, {}).send(Message("key-1", "10000000001", "x"))


def test_pages_read_how_routes_stand_and_how_old_that_is(tmp_path: Path) -> None:
    assert inbox.read_states(tmp_path).at == 0.0
    inbox.write_states({"sms": RoutedChannel(SMS, {"mobile": Line()})}, tmp_path)
    seen = inbox.read_states(tmp_path)
    assert seen.is_fresh
    assert (seen.routes["sms"]["mobile"]["state"], seen.routes["sms"]["mobile"]["sent"]) == ("up", 3)
    (tmp_path / "run" / inbox.FILE).write_text("{half")
    assert not inbox.read_states(tmp_path).is_fresh
