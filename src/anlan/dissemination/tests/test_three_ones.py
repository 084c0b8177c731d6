"""3个一: one message, one call, one video check; a party that owes one of them is not done."""

from __future__ import annotations

import pytest

from anlan.dissemination import services
from anlan.dissemination.ladders import Ladder
from anlan.dissemination.models import Callout, CalloutTask, Delivery
from anlan.dissemination.refusals import NoSuchTask, PersonNeeded, ReasonNeeded, WordsNeeded
from anlan.dissemination.services import threes
from anlan.dissemination.tests.night import Night, rung
from anlan.journal.verify import verify
from anlan.kernel.actor import system


def opened(night: Night, *, heard_out_s: int | None = None) -> Callout:
    night.ladders["three"] = Ladder(
        "three", "三", "three", "test", False, True, (rung("A", "sms", "voice"),), "township_duty",
        threes=("message", "call", "video"), heard_out_s=heard_out_s,
    )  # fmt: skip
    callout = night.callout("Upper Willow", name="three")
    night.deliver()
    return callout


def states(callout: Callout) -> dict[str, str]:
    return dict(CalloutTask.objects.filter(seat__callout=callout).values_list("kind", "state"))


def by_channel(callout: Callout, channel: str) -> Delivery:
    return Delivery.objects.get(callout=callout, channel=channel, purpose="call")


def test_each_called_party_owes_a_message_a_call_and_a_video_check(night: Night) -> None:
    callout = opened(night)
    assert states(callout) == {"message": "open", "call": "open", "video": "open"}
    assert threes.owed(night.seat(callout, "Upper Willow")) == ["message", "call", "video"]


def test_a_ladder_without_them_asks_for_nothing(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=[rung("A")])
    assert states(callout) == {}
    assert threes.owed(night.seat(callout, "Upper Willow")) == []


def test_a_message_that_was_only_handed_over_proves_nothing(night: Night) -> None:
    callout = opened(night)
    night.receipt(by_channel(callout, "sms"), "sent")
    assert states(callout)["message"] == "open"
    night.receipt(by_channel(callout, "sms"), "delivered")
    assert states(callout)["message"] == "done"
    assert CalloutTask.objects.get(kind="message").delivery == by_channel(callout, "sms")


def test_a_call_that_nobody_took_has_failed_and_a_later_one_still_counts(night: Night) -> None:
    callout = opened(night)
    night.receipt(by_channel(callout, "voice"), "no_answer")
    assert states(callout)["call"] == "failed"
    night.press(by_channel(callout, "voice"), "1")
    assert states(callout)["call"] == "done"


def test_a_call_that_was_cut_before_its_end_was_not_heard(night: Night) -> None:
    callout = opened(night, heard_out_s=20)
    call = by_channel(callout, "voice")
    night.receipt(call, "answered")
    assert states(callout)["call"] == "open"
    call.refresh_from_db()
    threes.note_delivery(call, night.now, by=system("test"), heard_s=12)
    assert states(callout)["call"] == "open"
    threes.note_delivery(call, night.now, by=system("test"), heard_s=21)
    assert states(callout)["call"] == "done"


def test_a_seat_that_says_done_is_acting_until_the_last_of_the_three(night: Night) -> None:
    callout, chen = opened(night), night.county.actor("Chen")
    night.receipt(by_channel(callout, "sms"), "delivered")
    night.press(by_channel(callout, "voice"), "1")
    seat = night.seat(callout, "Upper Willow")
    services.tick(seat, meaning="done", words="对讲机", households=3, people=9, by=chen, at=night.now)
    assert night.seat(callout, "Upper Willow").state == "acting"
    threes.settle_task(seat, "video", words="看到本人和转移点", by=chen, at=night.now)
    assert night.seat(callout, "Upper Willow").state == "done"
    assert verify().problems == []


def test_the_video_check_alone_does_not_make_a_silent_seat_done(night: Night) -> None:
    callout, chen = opened(night), night.county.actor("Chen")
    seat = night.seat(callout, "Upper Willow")
    for kind in ("message", "call", "video"):
        threes.settle_task(seat, kind, words="已核实", by=chen, at=night.now)
    assert night.seat(callout, "Upper Willow").state == "waiting"


def test_one_of_the_three_is_waived_only_by_a_person_with_a_reason(night: Night) -> None:
    callout, chen = opened(night), night.county.actor("Chen")
    seat = night.seat(callout, "Upper Willow")
    with pytest.raises(PersonNeeded):
        threes.waive_task(seat, "video", reason="无网络", by=system("test"), at=night.now)
    with pytest.raises(ReasonNeeded):
        threes.waive_task(seat, "video", reason=" ", by=chen, at=night.now)
    with pytest.raises(WordsNeeded):
        threes.settle_task(seat, "video", words="", by=chen, at=night.now)
    assert states(callout)["video"] == "open"
    task = threes.waive_task(seat, "video", reason="无网络", by=chen, at=night.now)
    assert (task.state, task.words, task.settled_by) == ("waived", "无网络", "陈静")
    with pytest.raises(NoSuchTask):
        threes.settle_task(seat, "video", words="看到", by=chen, at=night.now)


def test_a_receipt_after_the_end_still_proves_the_message_and_moves_no_seat(night: Night) -> None:
    """A receipt that comes after the end proves the message and moves no seat."""
    callout, chen = opened(night), night.county.actor("Chen")
    services.close_callout(callout, reason="演练结束", by=chen, at=night.now)
    night.receipt(by_channel(callout, "sms"), "delivered")
    assert states(callout)["message"] == "done"
    assert night.seat(callout, "Upper Willow").state == "resolved"
