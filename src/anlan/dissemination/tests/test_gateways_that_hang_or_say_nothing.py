"""One gateway dies half-way, hangs, or takes everything and proves nothing: the messages find another way, and the desk is told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from anlan.dissemination import doubts, outbox
from anlan.dissemination.channels import (
    Asked,
    Channel,
    ChannelDown,
    ChannelUncertain,
    Handed,
    Message,
    Trace,
    manifests,
    use_twins,
)
from anlan.dissemination.channels.routing import RoutedChannel, Terms
from anlan.dissemination.models import Delivery, RouteDoubt
from anlan.dissemination.tests.night import Night, rung
from anlan.journal.models import Announcement, Entry

VILLAGES = ("Upper Willow", "Lower Willow", "North Slope")


class Gateway:
    """A route of a test: `mood` is what it does with the next message; `hangs` waits for `go_on`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.mood = "takes"
        self.taken: list[Message] = []
        self.can_be_asked = False
        self.go_on = threading.Event()

    def send(self, message: Message) -> Handed:
        if self.mood == "down":
            raise ChannelDown("down")
        if self.mood == "hangs":
            self.taken.append(message)
            self.go_on.wait(5)
            raise ChannelUncertain("ReadTimeout")
        self.taken.append(message)
        if self.mood == "cuts":
            raise ChannelUncertain("ReadError")
        return Handed(f"{self.name}-{len(self.taken)}", time.time())

    def ask(self, send_key: str) -> Asked:
        if self.mood == "down":
            raise ChannelDown("down")
        if not self.can_be_asked:
            return Asked(Trace.CANNOT_TELL)
        known = any(message.send_key == send_key for message in self.taken)
        return Asked(Trace.KNOWN if known else Trace.NEVER_SEEN)


@pytest.fixture
def pair(night: Night, settings: Any, tmp_path: Path) -> Iterator[tuple[Gateway, Gateway]]:
    """Two gateways behind voice; both are in routes.json, so that the platform knows of a second way."""
    first, second = Gateway("mobile"), Gateway("telecom")
    terms = {name: Terms(500.0, 4, 120.0) for name in ("mobile", "telecom")}
    manifest = manifests()["voice"]
    channel = RoutedChannel(manifest, {"mobile": first, "telecom": second}, terms)
    channels: dict[str, Channel] = {**night.twins, "voice": channel}
    use_twins(channels)
    settings.ANLAN_DATA = tmp_path
    row = {"kind": "phone_gateway", "url": "http://127.0.0.1:9", "token": "x"}
    routes = {"voice": [{"name": "mobile", **row}, {"name": "telecom", **row}]}
    (tmp_path / "routes.json").write_text(json.dumps(routes))
    yield first, second
    first.go_on.set()
    second.go_on.set()


def test_when_one_of_two_gateways_dies_half_way_the_other_carries_on(
    night: Night, pair: tuple[Gateway, Gateway]
) -> None:
    first, second = pair
    night.callout("Upper Willow", rungs=[rung("A")])
    night.deliver()
    first.mood = "down"
    night.callout("Lower Willow", "North Slope", rungs=[rung("A")])
    night.deliver()
    assert (len(first.taken), len(second.taken)) == (1, 2)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
    assert not Delivery.objects.filter(may_be_repeated=True).exists()


def test_a_call_that_a_dying_gateway_may_have_is_repeated_by_the_other_and_marked(
    night: Night, pair: tuple[Gateway, Gateway]
) -> None:
    first, second = pair
    first.mood = "cuts"
    night.callout("Upper Willow", rungs=[rung("A")])
    night.deliver()
    first.mood = "down"
    night.county.clock.advance(seconds=2)
    night.deliver()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.may_be_repeated, delivery.route) == ("sent", True, "telecom")
    assert (len(first.taken), len(second.taken)) == (1, 1)


def test_a_gateway_that_hangs_holds_up_neither_the_other_channel_nor_the_other_route(
    night: Night, pair: tuple[Gateway, Gateway]
) -> None:
    first, _second = pair
    first.mood = "hangs"
    night.callout(*VILLAGES, rungs=[rung("A", "voice", "sms")])
    done = threading.Event()
    sent_meanwhile: list[int] = []

    def look() -> None:
        limit = time.monotonic() + 4
        while time.monotonic() < limit and len(night.twins["sms"].taken) < 3:
            done.wait(0.01)
        sent_meanwhile.append(len(night.twins["sms"].taken))
        first.go_on.set()

    watcher = threading.Thread(target=look)
    watcher.start()
    night.deliver()
    watcher.join()
    assert sent_meanwhile == [3], "SMS waited for a voice gateway that hangs"


@pytest.mark.parametrize("hangs", [1, 2, 3])
def test_a_provider_that_hangs_rings_a_telephone_at_most_twice(
    night: Night, pair: tuple[Gateway, Gateway], hangs: int
) -> None:
    first, second = pair
    first.mood = "cuts"
    second.mood = "cuts"
    night.callout("Upper Willow", rungs=[rung("A", wait_s=3600), rung("B", wait_s=3600)])
    for _ in range(hangs * 3):
        night.deliver()
        night.county.clock.advance(seconds=30)
    to_zhao = [one for gateway in pair for one in gateway.taken if one.address == night.number("Zhao")]
    assert len(to_zhao) <= 2
    if hangs > 1:
        assert len(to_zhao) == 2
        ended = Delivery.objects.get(address=night.number("Zhao"))
        assert (ended.state, ended.is_uncertain, ended.may_be_repeated) == ("failed", True, True)
        assert night.seat(ended.callout, "Upper Willow").rung > 0  # type: ignore[arg-type]


def test_a_gateway_that_takes_everything_and_proves_nothing_is_doubted_and_the_calls_go_the_other_way(
    night: Night, pair: tuple[Gateway, Gateway]
) -> None:
    first, second = pair
    night.callout(*VILLAGES, rungs=[rung("A", wait_s=3600)])
    night.deliver()
    assert len(first.taken) == 3
    night.county.clock.advance(seconds=121)
    night.tick_over()
    assert RouteDoubt.objects.get().route == "mobile"
    assert len(second.taken) == 3
    firsts = Delivery.objects.filter(instead_of=None)
    assert set(firsts.values_list("state", "last_error")) == {("sent", "no_receipt")}
    seconds = Delivery.objects.exclude(instead_of=None)
    assert set(seconds.values_list("state", "may_be_repeated", "route")) == {("sent", True, "telecom")}
    assert Entry.objects.filter(kind="route.doubted").count() == 1
    assert {seat.rung for seat in Delivery.objects.all()} == {0}, "the rung was not touched"


def test_a_doubted_gateway_is_asked_last_until_it_tells_something(
    night: Night, pair: tuple[Gateway, Gateway]
) -> None:
    _first, _second = pair
    night.callout(*VILLAGES, rungs=[rung("A", wait_s=3600)])
    night.deliver()
    early = Delivery.objects.order_by("id")[0]
    night.county.clock.advance(seconds=121)
    night.tick_over()
    night.receipt(early, "answered")
    doubts.trust_again(at=night.now)
    assert not RouteDoubt.objects.exists()
    assert Entry.objects.filter(kind="route.trusted").count() == 1


def test_one_telephone_that_is_switched_off_is_no_doubt_about_its_gateway(
    night: Night, pair: tuple[Gateway, Gateway]
) -> None:
    night.callout(*VILLAGES, rungs=[rung("A", wait_s=3600)])
    night.deliver()
    for delivery in Delivery.objects.order_by("-id")[:2]:
        night.receipt(delivery, "answered")
    night.county.clock.advance(seconds=121)
    night.tick_over()
    assert not RouteDoubt.objects.exists()
    assert Delivery.objects.filter(last_error="no_receipt").count() == 1
    assert not Delivery.objects.exclude(instead_of=None).exists()
    assert not Announcement.objects.filter(event="dissemination.route_doubted").exists()


def test_an_answered_village_is_not_called_again_by_the_other_gateway(
    night: Night, pair: tuple[Gateway, Gateway]
) -> None:
    callout = night.callout(*VILLAGES, rungs=[rung("A", wait_s=3600)])
    night.deliver()
    from anlan.dissemination import services

    seat = night.seat(callout, "Upper Willow")
    services.tick(seat, meaning="answered", words="对讲机", by=night.county.actor("Chen"), at=night.now)
    night.county.clock.advance(seconds=121)
    night.tick_over()
    assert len(pair[1].taken) == 2


def test_a_quota_that_is_used_up_spills_over_to_the_next_gateway() -> None:
    first, second = Gateway("mobile"), Gateway("telecom")
    terms = {"mobile": Terms(1.0), "telecom": Terms(100.0)}
    channel = RoutedChannel(manifests()["sms"], {"mobile": first, "telecom": second}, terms)
    for number in range(10):
        channel.send(Message(f"k{number}", "10000000001", "x"))
    assert len(first.taken) == 2, "two seconds' worth, then the other one"
    assert len(second.taken) == 8
    assert channel.rate_per_s == 101.0


def test_the_pump_comes_back_when_it_is_asked_to_stop(night: Night) -> None:
    night.callout(*VILLAGES, rungs=[rung("A")])
    assert outbox.deliver_due(owner="w", is_stopping=lambda: True) == 0
    assert outbox.deliver_due(owner="w") == 3
