"""Closing with a silent village needs a person's reason; the all-clear goes to exactly those who were told."""

from __future__ import annotations

import pytest

from anlan.directory import services as directory
from anlan.dissemination import services
from anlan.dissemination.models import Delivery
from anlan.dissemination.refusals import (
    CalloutIsClosed,
    NoReachableRecipient,
    PersonNeeded,
    ReasonNeeded,
    SilentSeats,
    UnknownChannel,
)
from anlan.dissemination.tests.night import Night, rung
from anlan.journal.verify import verify
from anlan.kernel.actor import rule, system

LADDER = (rung("A", "sms", "voice"), rung("B"))


def test_closing_with_a_silent_village_is_refused_without_a_reason(night: Night) -> None:
    callout = night.callout("Upper Willow", "North Slope", rungs=LADDER)
    with pytest.raises(SilentSeats) as refusal:
        services.close_callout(callout, by=night.county.actor("Chen"), at=night.now)
    assert "上柳村" in refusal.value.sentence()
    callout.refresh_from_db()
    assert callout.state == "open"
    assert night.seat(callout, "Upper Willow").state == "waiting"


@pytest.mark.parametrize("actor", [system("expiry"), rule("R12")])
def test_no_rule_and_no_system_closes_over_a_silent_village(night: Night, actor: object) -> None:
    callout = night.callout("Upper Willow", rungs=LADDER)
    with pytest.raises(PersonNeeded):
        services.close_callout(callout, reason="到期", by=actor, at=night.now)  # type: ignore[arg-type]
    with pytest.raises(PersonNeeded):
        services.lift_callout(callout, text="解除", reason="到期", by=actor, at=night.now)  # type: ignore[arg-type]
    callout.refresh_from_db()
    assert callout.state == "open"


def test_a_persons_reason_stands_on_every_silent_village(night: Night) -> None:
    callout = night.callout("Upper Willow", "Lower Willow", rungs=LADDER)
    night.deliver()
    night.reply("Zhou", "1")
    services.close_callout(callout, reason="已派人入户核实", by=night.county.actor("Chen"), at=night.now)
    silent, answered = night.seat(callout, "Upper Willow"), night.seat(callout, "Lower Willow")
    assert (silent.state, silent.resolve_reason) == ("resolved", "已派人入户核实")
    assert (answered.state, answered.resolve_reason) == ("answered", "")
    assert (callout.state, callout.closed_by) == ("closed", "陈静")


def test_a_call_out_in_which_everybody_answered_closes_by_itself(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=LADDER)
    night.deliver()
    night.reply("Zhao", "3")
    services.close_callout(callout, by=system("expiry"), at=night.now)
    assert callout.state == "closed"


def test_lost_contact_is_its_own_state_stops_the_ladder_and_is_still_silent(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=LADDER)
    seat = night.seat(callout, "Upper Willow")
    services.mark_lost_contact(
        seat, last_contact="01:50 卫星电话", by=night.county.actor("Chen"), at=night.now
    )
    night.pass_minutes(60)
    seat = night.seat(callout, "Upper Willow")
    assert (seat.state, seat.last_contact, seat.rung) == ("lost_contact", "01:50 卫星电话", 0)
    with pytest.raises(SilentSeats):
        services.close_callout(callout, by=night.county.actor("Chen"), at=night.now)
    night.reply("Zhao", "1")
    assert night.seat(callout, "Upper Willow").state == "answered"


def test_resolving_needs_a_person_and_a_reason(night: Night) -> None:
    seat = night.seat(night.callout("Upper Willow", rungs=LADDER), "Upper Willow")
    with pytest.raises(PersonNeeded):
        services.resolve_seat(seat, reason="x", by=system("x"), at=night.now)
    with pytest.raises(ReasonNeeded):
        services.resolve_seat(seat, reason="  ", by=night.county.actor("Chen"), at=night.now)
    assert seat.state == "waiting"


def test_a_closed_call_out_closes_once_and_rings_nobody(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=LADDER)
    chen = night.county.actor("Chen")
    services.close_callout(callout, reason="误发", by=chen, at=night.now)
    night.pass_minutes(60)
    assert night.twins["sms"].taken == []
    assert set(Delivery.objects.values_list("state", flat=True)) == {"cancelled"}
    with pytest.raises(CalloutIsClosed):
        services.close_callout(callout, reason="再来", by=chen, at=night.now)
    with pytest.raises(CalloutIsClosed):
        services.call_now(night.seat(callout, "Upper Willow"), by=chen, at=night.now)


def test_the_all_clear_goes_once_to_each_who_was_told_and_to_nobody_else(night: Night) -> None:
    callout = night.callout("Upper Willow", "Lower Willow", rungs=LADDER)
    night.deliver()
    night.reply("Zhou", "1")
    night.twins["sms"].taken.clear()
    night.twins["voice"].taken.clear()
    services.lift_callout(
        callout, text="险情解除，可以返回。", reason="雨停水退", by=night.county.actor("Wang"), at=night.now
    )
    night.deliver()
    heard = sorted(message.address for message in night.twins["sms"].taken)
    assert heard == sorted([night.number("Zhao"), night.number("Zhou")])
    assert night.twins["voice"].taken == []
    assert "险情解除" in night.twins["sms"].taken[0].text
    assert "/a/" not in night.twins["sms"].taken[0].text
    assert night.seat(callout, "Upper Willow").state == "released"
    assert night.seat(callout, "Lower Willow").state == "answered"
    assert verify().problems == []


def test_a_call_out_that_was_closed_before_still_gives_its_all_clear_and_only_once(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=LADDER)
    night.deliver()
    night.reply("Zhao", "3")
    wang = night.county.actor("Wang")
    services.close_callout(callout, by=wang, at=night.now)
    services.lift_callout(callout, text="解除", reason="雨停", by=wang, at=night.now)
    with pytest.raises(CalloutIsClosed):
        services.lift_callout(callout, text="解除", reason="雨停", by=wang, at=night.now)
    night.deliver()
    assert "解除" in night.twins["sms"].messages_to(night.number("Zhao"))[-1].text
    assert Delivery.objects.filter(purpose="all_clear").count() == 1


def test_nobody_hears_an_all_clear_for_a_call_out_that_never_left(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=LADDER)
    services.lift_callout(callout, text="解除", reason="误判", by=night.county.actor("Wang"), at=night.now)
    night.deliver()
    assert all(twin.taken == [] for twin in night.twins.values())


def test_an_attempt_that_may_have_arrived_is_told_the_all_clear(night: Night) -> None:
    from anlan.dissemination.channels import ChannelUncertain

    night.twins["voice"].failures.append(ChannelUncertain("cut"))
    callout = night.callout("Upper Willow", rungs=[rung("A")])
    night.deliver()
    night.twins["voice"].taken.clear()
    services.lift_callout(callout, text="解除", reason="雨停", by=night.county.actor("Wang"), at=night.now)
    night.deliver()
    assert [message.address for message in night.twins["voice"].taken] == [night.number("Zhao")]


def test_a_person_can_be_called_at_once_by_hand(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=[rung("A", "sms"), rung("B")])
    seat = night.seat(callout, "Upper Willow")
    services.call_now(seat, person_id=night.person("Li"), by=night.county.actor("Chen"), at=night.now)
    night.deliver()
    assert night.calls_to("Li") == 1
    assert seat.trying_person_id == night.person("Li")
    night.reply("Li", "1")
    assert night.seat(callout, "Upper Willow").answered_by_name == "李梅"


def test_calling_somebody_without_a_number_by_hand_is_refused(night: Night) -> None:
    seat = night.seat(night.callout("Upper Willow", rungs=LADDER), "Upper Willow")
    directory.end_contact(night.county.people["Qian"].contacts.get(), by=night.county.by, at=night.now)
    night.county.clock.advance(seconds=1)
    with pytest.raises(NoReachableRecipient):
        services.call_now(seat, person_id=night.person("Qian"), by=night.county.actor("Chen"), at=night.now)
    with pytest.raises(UnknownChannel):
        services.call_now(seat, channel="pigeon", by=night.county.actor("Chen"), at=night.now)
    assert seat.version == night.seat(seat.callout, "Upper Willow").version


def test_reaching_one_person_uses_every_wanted_channel_and_says_when_there_is_none(night: Night) -> None:
    def reach(name: str) -> list[Delivery]:
        return services.reach_person(
            person_id=night.person(name),
            subject="alarm:1",
            text="请确认告警",
            role="duty_leader",
            by=system("duty"),
            at=night.now,
        )

    assert {one.channel for one in reach("Zheng")} == {"sms", "voice"}
    night.deliver()
    assert "请确认告警" in night.twins["sms"].messages_to(night.number("Zheng"))[0].text
    directory.end_contact(night.county.people["Feng"].contacts.get(), by=night.county.by, at=night.now)
    night.county.clock.advance(seconds=1)
    assert reach("Feng") == []
