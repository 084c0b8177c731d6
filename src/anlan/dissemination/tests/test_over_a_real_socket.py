"""The outbox and the phone gateway contract together, over the loopback."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from anlan.dissemination.channels import use_twins
from anlan.dissemination.channels.tests.peers import ACCEPT, CUT, PhonePeer
from anlan.dissemination.models import Delivery
from anlan.dissemination.tests.night import Night, rung


@pytest.fixture
def peer(night: Night, settings: Any) -> Iterator[PhonePeer]:
    """A phone gateway that the settings point to, in place of the twins."""
    gateway = PhonePeer()
    settings.ANLAN_PHONE_URL, settings.ANLAN_PHONE_TOKEN = gateway.url, "secret"
    use_twins(None)
    yield gateway
    gateway.stop()


def test_every_message_of_a_rung_reaches_the_gateway_once_with_its_own_key(
    night: Night, peer: PhonePeer
) -> None:
    night.callout("Upper Willow", "Lower Willow", "North Slope", rungs=[rung("A", "sms", "voice")])
    night.deliver()
    assert len(peer.seen) == 6
    assert {one["client_ref"] for one in peer.seen} == set(
        Delivery.objects.values_list("send_key", flat=True)
    )
    assert {one["to"] for one in peer.seen} == {night.number(name) for name in ("Zhao", "Zhou", "Wu")}
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
    assert peer.seen[0]["keys"] == {"1": "answered", "2": "acting", "3": "done"}


def test_a_cut_connection_is_asked_about_and_not_repeated(night: Night, peer: PhonePeer) -> None:
    peer.mood = CUT
    night.callout("Upper Willow", rungs=[rung("A")])
    night.deliver()
    assert Delivery.objects.get().is_uncertain
    peer.mood = ACCEPT
    night.county.clock.advance(seconds=2)
    night.deliver()
    settled = Delivery.objects.get()
    assert (len(peer.seen), settled.state, settled.provider_ref) == (1, "sent", "p-known")


def test_a_gateway_that_cannot_be_asked_gets_it_again_and_the_board_says_possibly_twice(
    night: Night, peer: PhonePeer
) -> None:
    peer.mood, peer.can_be_asked = CUT, False
    night.callout("Upper Willow", rungs=[rung("A")])
    night.deliver()
    peer.mood = ACCEPT
    night.county.clock.advance(seconds=2)
    night.deliver()
    repeated = Delivery.objects.get()
    assert (len(peer.seen), repeated.state, repeated.may_be_repeated) == (2, "sent", True)
    assert peer.seen[0]["client_ref"] == peer.seen[1]["client_ref"]
