"""A wider area calls only the new seats, a worse level calls everybody again, a milder one only tells."""

from __future__ import annotations

from typing import Any

import pytest

from anlan.dissemination import services
from anlan.dissemination.models import Callout, CalloutSeat, Delivery
from anlan.dissemination.refusals import CalloutIsClosed
from anlan.dissemination.tests.night import Night, rung
from anlan.journal.verify import verify

LADDER = (rung("A"), rung("B"), rung("township_duty"))


def widen(night: Night, callout: Callout, *names: str, **said: Any) -> Callout:
    villages = [night.county.divisions[name] for name in names]
    callout.refresh_from_db()
    return services.widen_callout(callout, villages=villages, by=night.county.by, at=night.now, **said)


def ease(night: Night, callout: Callout, *names: str) -> Callout:
    villages = [night.county.divisions[name] for name in names]
    callout.refresh_from_db()
    return services.ease_callout(
        callout, villages=villages, level=3, notice="已降为黄色。", title="黄色叫应", text="请继续留意。", voice_text="",
        by=night.county.by, at=night.now,
    )  # fmt: skip


def test_a_wider_area_calls_only_the_new_village(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=LADDER)
    night.deliver()
    night.reply("Zhao", "1")
    widen(night, callout, "Upper Willow", "North Slope", title="范围扩大")
    night.deliver()
    assert (night.calls_to("Zhao"), night.calls_to("Wu")) == (1, 1)
    assert night.seat(callout, "Upper Willow").state == "answered"
    assert night.seat(callout, "North Slope").state == "waiting"
    callout.refresh_from_db()
    assert (callout.title, callout.seats_planned) == ("范围扩大", 2)
    assert verify().problems == []


def test_a_waiting_village_keeps_its_place_on_the_ladder_when_others_join(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=LADDER)
    night.deliver()
    night.pass_minutes(10)
    before = night.seat(callout, "Upper Willow")
    widen(night, callout, "Upper Willow", "North Slope")
    after = night.seat(callout, "Upper Willow")
    assert (after.rung, after.escalate_at, after.version) == (before.rung, before.escalate_at, before.version)


def test_widening_twice_seats_nobody_twice(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=LADDER)
    widen(night, callout, "North Slope")
    widen(night, callout, "North Slope")
    assert CalloutSeat.objects.filter(callout=callout).count() == 2


def test_a_call_out_that_is_over_takes_nobody_in(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=LADDER)
    night.deliver()
    night.reply("Zhao", "1")
    services.close_callout(callout, by=night.county.by, at=night.now)
    with pytest.raises(CalloutIsClosed):
        widen(night, callout, "North Slope")
    assert CalloutSeat.objects.filter(callout=callout).count() == 1


def test_a_worse_level_calls_everybody_again_also_who_answered(night: Night) -> None:
    old = night.callout("Upper Willow", "North Slope", rungs=LADDER)
    night.deliver()
    night.reply("Zhao", "1")
    night.callout("Upper Willow", "North Slope", rungs=LADDER, replaces=old)
    night.deliver()
    assert (night.calls_to("Zhao"), night.calls_to("Wu")) == (2, 2)


def test_a_milder_level_tells_who_answered_and_goes_on_calling_who_is_silent(night: Night) -> None:
    callout = night.callout("Upper Willow", "North Slope", rungs=LADDER)
    night.deliver()
    night.reply("Zhao", "1")
    ease(night, callout, "Upper Willow", "North Slope")
    night.deliver()
    told = Delivery.objects.filter(callout=callout, purpose="notice")
    assert [(one.person_id, "已降为黄色" in one.text) for one in told] == [(night.person("Zhao"), True)]
    assert night.seat(callout, "Upper Willow").state == "answered"
    night.pass_minutes(10)
    later = Delivery.objects.filter(callout=callout, rung=2).latest("id")
    assert "请继续留意" in later.text
    assert night.seat(callout, "North Slope").rung == 2
    assert verify().problems == []


def test_a_call_that_had_not_left_says_the_milder_words(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=LADDER)
    ease(night, callout, "Upper Willow")
    night.deliver()
    assert [message.text for message in night.twins["voice"].messages_to(night.number("Zhao"))] == [
        Delivery.objects.get(callout=callout, state="sent").text
    ]
    assert "请继续留意" in Delivery.objects.get(callout=callout, state="sent").text
    assert Delivery.objects.filter(callout=callout, state="cancelled").count() == 1


def test_the_all_clear_goes_to_everybody_who_was_told_before_and_after_widening(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=LADDER)
    night.deliver()
    widen(night, callout, "North Slope")
    night.deliver()
    callout.refresh_from_db()
    services.lift_callout(callout, text="解除", reason="雨停", by=night.county.actor("Chen"), at=night.now)
    told = Delivery.objects.filter(callout=callout, purpose="all_clear").values_list("person_id", flat=True)
    assert set(told) == {night.person("Zhao"), night.person("Wu")}
