"""Each row of the decision table in docs/life-of/an-answer.md: which call-out and which person a reply belongs to."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.directory import services as directory
from anlan.directory.models import Contact, ContactKind
from anlan.dissemination import services
from anlan.dissemination.models import Acknowledgement, Callout, Delivery, InboundEvent
from anlan.dissemination.services.seats import new_delivery
from anlan.dissemination.tests.night import PHONE, Night, rung
from anlan.dissemination.types import PhoneEvent
from anlan.journal.models import Announcement
from anlan.journal.services import record_all
from anlan.journal.verify import verify

BOTH = (rung("A", "sms"), rung("B", "sms"))


def called(night: Night, *villages: str, **more: bool) -> Callout:
    found = night.callout(*(villages or ("Upper Willow",)), rungs=BOTH, **more)  # type: ignore[arg-type]
    night.deliver()
    return found


def close(night: Night, callout: Callout) -> None:
    services.close_callout(callout, reason="结束", by=night.county.actor("Chen"), at=night.now)


def last_treatment() -> str:
    return InboundEvent.objects.order_by("-id")[0].treatment


def bundle(night: Night, *callouts: Callout) -> Delivery:
    """As if the messages of these call-outs had left as one."""
    first, *others = [Delivery.objects.get(callout=one) for one in callouts]
    for other in others:
        other.change(by=PHONE, at=night.now, kind="queued", bundled_in=first)
    return first


def test_row_1_a_reply_that_names_its_message_answers_that_one_also_when_it_is_over(night: Night) -> None:
    old = called(night)
    named = Delivery.objects.get(callout=old)
    close(night, old)
    night.county.clock.advance(hours=20)
    new = called(night)
    night.reply("Zhao", "1", client_ref=named.send_key)
    assert last_treatment() == "came_late"
    assert night.seat(new, "Upper Willow").state == "waiting"


def test_row_2_a_reply_after_one_running_call_out_answers_it_and_not_yesterdays(night: Night) -> None:
    old = called(night)
    close(night, old)
    night.county.clock.advance(hours=20)
    new = called(night)
    night.county.clock.advance(minutes=1)
    night.reply("Zhao", "1")
    assert night.seat(new, "Upper Willow").state == "answered"
    assert not Acknowledgement.objects.filter(seat__callout=old).exists()


def test_row_3_a_reply_sent_before_the_new_message_left_belongs_to_the_old_call_out(night: Night) -> None:
    old = called(night)
    close(night, old)
    sent = night.now + timedelta(minutes=5)
    night.county.clock.advance(hours=20)
    new = called(night)
    night.take(PhoneEvent("late", "reply", sent, sender=night.number("Zhao"), text="1"))
    assert last_treatment() == "came_late"
    assert night.seat(new, "Upper Willow").state == "waiting"
    assert Acknowledgement.objects.get().seat.callout == old


def test_row_3_a_clock_of_the_provider_that_is_hours_slow_costs_no_answer(night: Night) -> None:
    callout = called(night)
    slow = night.now - timedelta(hours=8)
    night.take(PhoneEvent("slow", "reply", slow, sender=night.number("Zhao"), text="1"))
    assert night.seat(callout, "Upper Willow").state == "answered"


def test_row_4_one_reply_to_several_running_call_outs_is_one_answer_with_a_record_on_each(
    night: Night,
) -> None:
    first, second = called(night), called(night)
    night.reply("Zhao", "1")
    assert [night.seat(one, "Upper Willow").state for one in (first, second)] == ["answered"] * 2


def test_row_4_numbers_are_true_for_the_village_whatever_it_was_called_about(night: Night) -> None:
    first, second = called(night), called(night)
    night.reply("Zhao", "Z 12 35")
    for one in (first, second):
        seat = night.seat(one, "Upper Willow")
        assert (seat.state, seat.households_moved, seat.people_moved) == ("acting", 12, 35)
    assert last_treatment() == "matched"


def test_row_5_done_in_answer_to_a_combined_message_settles_all_that_it_named(night: Night) -> None:
    first, second = called(night), called(night)
    bundle(night, first, second)
    night.reply("Zhao", "3")
    assert [night.seat(one, "Upper Willow").state for one in (first, second)] == ["done"] * 2
    assert last_treatment() == "matched"
    assert Acknowledgement.objects.count() == 2


def test_row_5_one_key_in_a_combined_call_is_four_records_in_four_call_outs(night: Night) -> None:
    callouts = [called(night) for _ in range(4)]
    first = bundle(night, *callouts)
    night.press(first, "2")
    assert [night.seat(one, "Upper Willow").state for one in callouts] == ["acting"] * 4
    assert Acknowledgement.objects.count() == 4
    assert verify().problems == []


def test_row_5_what_was_only_told_in_another_message_and_never_left_alone_is_answered_too(
    night: Night,
) -> None:
    first, second = called(night), night.callout("Upper Willow", rungs=BOTH)
    bundle(night, first, second)
    assert Delivery.objects.get(callout=second).handed_at is None
    night.reply("Zhao", "1")
    assert night.seat(second, "Upper Willow").state == "answered"


def test_row_5_numbers_in_answer_to_two_villages_are_kept_as_words_and_given_to_neither(night: Night) -> None:
    first, second = called(night, "Upper Willow"), called(night, "Lower Willow")
    bundle(night, first, second)
    night.reply("Zhao", "Z 12 35")
    for one, village in ((first, "Upper Willow"), (second, "Lower Willow")):
        seat = night.seat(one, village)
        assert (seat.state, seat.households_moved) == ("acting", None)
        assert Acknowledgement.objects.get(seat=seat).words == "Z 12 35"


def test_row_6_done_to_several_separate_messages_counts_as_heard_and_no_more(night: Night) -> None:
    first, second = called(night), called(night)
    night.reply("Zhao", "3")
    assert last_treatment() == "ambiguous"
    assert [night.seat(one, "Upper Willow").state for one in (first, second)] == ["answered"] * 2


def test_row_7_a_reply_after_the_end_is_kept_as_late_and_shown(night: Night) -> None:
    old = called(night)
    close(night, old)
    night.county.clock.advance(hours=20)
    night.reply("Zhao", "Z 12 35")
    fact = Acknowledgement.objects.get()
    assert (fact.came_late, fact.households, fact.people) == (True, 12, 35)
    assert night.seat(old, "Upper Willow").households_moved is None


def test_row_8_a_call_out_that_has_not_reached_the_number_yet_is_not_answered_by_it(night: Night) -> None:
    night.callout("Upper Willow", rungs=BOTH)
    night.reply("Zhao", "1")
    assert last_treatment() == "unknown_delivery"
    assert not Acknowledgement.objects.exists()


def test_row_9_a_reply_to_a_contact_test_answers_no_call_out(night: Night) -> None:
    old = called(night)
    close(night, old)
    at, number = night.now, night.number("Zhao")
    test = new_delivery(
        purpose="test", channel="sms", address=number, text="通讯测试", at=at, exercise_id=None
    )
    test.person = night.county.people["Zhao"]
    record_all([test], by=PHONE, at=at, kind="queued")
    night.deliver()
    night.reply("Zhao", "1")
    assert last_treatment() == "matched"
    assert InboundEvent.objects.get().delivery == test
    assert not Acknowledgement.objects.exists()


def test_row_10_an_event_from_the_future_is_an_answer_of_now(night: Night) -> None:
    callout = called(night)
    night.take(
        PhoneEvent("f", "reply", night.now + timedelta(days=400), sender=night.number("Zhao"), text="1")
    )
    assert night.seat(callout, "Upper Willow").answered_at == night.now


def share(night: Night) -> str:
    """Qian uses Zhao's telephone."""
    number = night.number("Zhao")
    directory.set_contact(
        night.county.people["Qian"], kind=ContactKind.MOBILE, value=number, by=night.county.by, at=night.now
    )
    return number


def test_row_11_a_shared_telephone_answers_for_everybody_who_was_called_on_it(night: Night) -> None:
    share(night)
    callout = night.callout("Upper Willow", rungs=BOTH)
    night.deliver()
    night.pass_minutes(10)  # the deputy's turn: the same telephone rings
    night.reply("Zhao", "1")
    seat = night.seat(callout, "Upper Willow")
    assert (seat.state, seat.answered_by) == ("answered", None)
    assert seat.answered_by_name == "号码100****0008（赵春兰／钱进）"


def test_row_11_a_telephone_shared_with_somebody_who_was_not_called_speaks_for_the_one_who_was(
    night: Night,
) -> None:
    share(night)
    callout = night.callout("Upper Willow", rungs=BOTH)
    night.deliver()
    night.reply("Zhao", "1")
    assert night.seat(callout, "Upper Willow").answered_by_name == "赵春兰"


def test_row_12_words_from_an_unknown_number_are_kept_and_passed_on(night: Night) -> None:
    called(night)
    words = "云岭县气象台2026年7月1日08时发布暴雨橙色预警" * 20
    night.take(PhoneEvent("w", "reply", night.now, sender="10000009999", text=words))
    assert last_treatment() == "unknown_number"
    assert InboundEvent.objects.get().words == words[:300]
    rows = Announcement.objects.filter(event="dissemination.inbound_text_received")
    assert all(row.payload["text"] == words for row in rows)
    assert not Acknowledgement.objects.exists()


@pytest.mark.parametrize(
    "written", ["8610000000008", "+8610000000008", "100-0000-0008", "１００００００００08"]
)
def test_the_number_counts_however_the_gateway_writes_it(night: Night, written: str) -> None:
    callout = called(night)
    night.take(PhoneEvent("n", "reply", night.now, sender=written, text="1"))
    assert night.seat(callout, "Upper Willow").state == "answered"


def test_an_answer_proves_the_number_and_clears_the_mark_of_a_dead_one(night: Night) -> None:
    contact = Contact.objects.get(value=night.number("Zhao"))
    directory.contact_failed(contact, why="failed", by=night.county.by, at=night.now)
    called(night)
    night.county.clock.advance(minutes=1)
    night.reply("Zhao", "1")
    contact.refresh_from_db()
    assert (contact.verified_at, contact.failed_at) == (night.now, None)
    night.reply("Zhao", "2")
    assert verify().problems == []


def test_a_batch_gives_the_same_as_one_event_after_the_other(night: Night) -> None:
    first, second = called(night, "Upper Willow", "Lower Willow"), called(night, "North Slope")
    number = night.number
    night.take(
        night.event("reply", sender=number("Zhao"), text="1"),
        night.event(
            "receipt", client_ref=Delivery.objects.filter(callout=second)[0].send_key, status="delivered"
        ),
        night.event("reply", sender=number("Zhao"), text="2"),
        night.event("reply", sender=number("Zhou"), text="Z 3 9"),
        night.event("reply", sender=number("Wu"), text="3"),
        night.event("reply", sender="10000009999", text="1"),
        night.event("receipt", client_ref="nobody", status="delivered"),
        night.event("callback", sender=number("Wu")),
    )
    assert list(InboundEvent.objects.order_by("id").values_list("treatment", flat=True)) == [
        "matched", "matched", "matched", "matched", "matched", "unknown_number", "unknown_delivery", "unknown_delivery",
    ]  # fmt: skip
    states = [night.seat(first, "Upper Willow").state, night.seat(first, "Lower Willow").state]
    assert [*states, night.seat(second, "North Slope").state] == ["acting", "acting", "done"]
    assert verify().problems == []


def test_a_hundred_answers_cost_few_queries_each(night: Night, django_assert_max_num_queries: object) -> None:
    called(night)
    number = night.number("Zhao")
    events = [night.event("reply", sender=number, text="好的马上") for _ in range(100)]
    with django_assert_max_num_queries(100 * 5 + 25):  # type: ignore[operator]
        night.take(*events)
