"""With a quota the red ones leave first, and before sending one can read how long it will take."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.dissemination import forecast, outbox
from anlan.dissemination.models import Delivery
from anlan.dissemination.tests.night import Night, rung

VILLAGES = ("Upper Willow", "Lower Willow", "North Slope")


def queue(night: Night, level: int, *villages: str) -> None:
    """A call-out of this level whose first rung waits in the queue."""
    callout = night.callout(*(villages or VILLAGES), rungs=[rung("A", "sms")])
    Delivery.objects.filter(callout=callout).update(priority=level)


@pytest.fixture
def slow(settings: pytest.FixtureRequest) -> None:
    settings.ANLAN_CHANNEL_RATES = {"sms": 0.5}  # type: ignore[attr-defined]
    outbox._pace.cache_clear()


def test_a_red_message_that_comes_later_overtakes_the_blue_ones(night: Night, slow: None) -> None:
    queue(night, 4)
    night.deliver()
    assert len(night.twins["sms"].taken) == 1
    night.county.clock.advance(seconds=1)
    queue(night, 1, "North Slope")
    night.county.clock.advance(seconds=1)
    night.deliver()
    red = Delivery.objects.get(priority=1)
    assert red.state == "sent"
    # The blue message to the same telephone was still waiting and went along in the same call.
    assert Delivery.objects.get(priority=4, seat__division__name="北坡村").bundled_in == red
    assert Delivery.objects.filter(priority=4, state="queued").count() == 1


def test_an_alarm_to_the_desk_does_not_wait_behind_a_county(night: Night, slow: None) -> None:
    from anlan.dissemination import services
    from anlan.kernel.actor import system

    queue(night, 4)
    person = night.county.people["Chen"]
    services.reach_person(
        person_id=person.pk, subject="alarm:x", text="x", channels=("sms",), role="desk",
        by=system("test"), at=night.now,
    )  # fmt: skip
    night.deliver()
    assert [message.address for message in night.twins["sms"].taken] == [night.number("Chen")]


def test_twenty_thousand_at_fifty_a_second_take_four_hundred_seconds(
    night: Night, settings: pytest.FixtureRequest
) -> None:
    settings.ANLAN_CHANNEL_RATES = {"sms": 50.0}  # type: ignore[attr-defined]
    assert forecast.eta("sms", extra=20_000, priority=3) == timedelta(seconds=400)


def test_what_is_more_dangerous_counts_as_ahead_and_what_is_less_does_not(night: Night, slow: None) -> None:
    queue(night, 1, "Upper Willow")
    queue(night, 4, "Lower Willow", "North Slope")
    found = forecast.time_to_send("sms", night.now, extra={3: 4})
    assert [(one.priority, one.waiting, one.ahead, one.takes_s) for one in found.waits] == [
        (1, 1, 0, 2.0), (3, 4, 1, 10.0), (4, 2, 5, 14.0)
    ]  # fmt: skip
    assert found.done_at == night.now + timedelta(seconds=14)
    assert forecast.eta("sms", priority=1) == timedelta(seconds=2)
