"""Whoever missed the call dials the same number: hears what it is about, may answer by key, and is called again."""

from __future__ import annotations

from anlan.directory import services as directory
from anlan.directory.models import ContactKind
from anlan.dissemination.models import Acknowledgement, Delivery, InboundEvent
from anlan.dissemination.services import callback
from anlan.dissemination.tests.night import PHONE, Night, rung
from anlan.journal.verify import verify

CALL = (rung("A"), rung("B"))
STRANGER = "10000009999"


def ring(night: Night, number: str, call_id: str = "c-1") -> callback.Heard:
    return callback.answer_call("phone", call_id, number, by=PHONE, at=night.now)


def test_whoever_rings_back_hears_the_text_and_a_key_answers(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=CALL)
    night.deliver()
    heard = ring(night, night.number("Zhao"))
    assert "请立即转移" in heard.text
    assert "上柳村" in heard.text
    assert heard.keys == {"1": "answered", "2": "acting", "3": "done"}
    assert night.seat(callout, "Upper Willow").state == "waiting"
    night.take(night.event("keypress", client_ref=heard.client_ref, key="1"))
    seat = night.seat(callout, "Upper Willow")
    assert (seat.state, seat.answered_by_name, seat.answered_via) == ("answered", "赵春兰", "key")
    assert verify().problems == []


def test_several_call_outs_are_heard_in_one_and_settled_by_one_key(night: Night) -> None:
    callouts = [night.callout("Upper Willow", rungs=CALL) for _ in range(3)]
    night.deliver()
    heard = ring(night, night.number("Zhao"))
    assert heard.text.startswith("您有3条叫应。")
    assert len(heard.text) <= 1000
    night.take(night.event("keypress", client_ref=heard.client_ref, key="1"))
    assert [night.seat(one, "Upper Willow").state for one in callouts] == ["answered"] * 3


def test_having_rung_back_is_a_fact_and_no_answer(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=CALL)
    night.deliver()
    ring(night, night.number("Zhao"))
    [fact] = Acknowledgement.objects.all()
    assert (fact.meaning, fact.via, fact.person_name) == ("rang_back", "callback", "赵春兰")
    night.pass_minutes(10)
    assert night.seat(callout, "Upper Willow").trying_role == "B"


def test_the_gateway_may_ask_twice_about_one_call(night: Night) -> None:
    night.callout("Upper Willow", rungs=CALL)
    night.deliver()
    first, again = ring(night, night.number("Zhao")), ring(night, night.number("Zhao"))
    assert first == again
    assert Acknowledgement.objects.count() == 1
    assert Delivery.objects.count() == 2


def test_without_a_call_out_it_says_so_and_no_key_means_anything(night: Night) -> None:
    heard = ring(night, night.number("Zhao"))
    assert "没有等待您应答的叫应" in heard.text
    assert (heard.keys, heard.client_ref) == ({}, "")
    assert InboundEvent.objects.get().treatment == "unknown_delivery"


def test_an_unknown_number_hears_a_neutral_sentence_and_is_kept(night: Night) -> None:
    night.callout("Upper Willow", rungs=CALL)
    night.deliver()
    heard = ring(night, STRANGER)
    assert "上柳" not in heard.text
    assert "转移" not in heard.text
    assert heard.client_ref == ""
    event = InboundEvent.objects.get()
    assert (event.treatment, event.from_address, event.kind) == ("unknown_number", STRANGER, "callback")


def test_a_done_village_is_not_read_out_again(night: Night) -> None:
    night.callout("Upper Willow", rungs=CALL)
    night.deliver()
    night.reply("Zhao", "3")
    assert callback.text_for(night.number("Zhao"), night.now).startswith("您好，目前没有")


def test_a_missed_call_makes_that_person_be_called_at_once(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=CALL)
    night.deliver()
    assert night.calls_to("Zhao") == 1
    night.take(night.event("callback", sender=night.number("Zhao")))
    night.deliver()
    assert night.calls_to("Zhao") == 2
    call = Delivery.objects.get(role="rang_back")
    night.press(call, "1")
    assert night.seat(callout, "Upper Willow").state == "answered"


def test_somebody_who_lets_it_ring_every_minute_is_called_once_in_a_while(night: Night) -> None:
    night.callout("Upper Willow", rungs=CALL)
    night.deliver()
    for _ in range(4):
        night.take(night.event("callback", sender=night.number("Zhao")))
        night.deliver()
        night.county.clock.advance(minutes=1)
    assert night.calls_to("Zhao") == 2
    night.county.clock.advance(minutes=5)
    night.take(night.event("callback", sender=night.number("Zhao")))
    night.deliver()
    assert night.calls_to("Zhao") == 3


def test_a_missed_call_about_two_call_outs_is_one_call_that_settles_both(night: Night) -> None:
    callouts = [night.callout("Upper Willow", rungs=CALL) for _ in range(2)]
    night.deliver()
    before = night.calls_to("Zhao")
    night.take(night.event("callback", sender=night.number("Zhao")))
    night.deliver()
    assert night.calls_to("Zhao") == before + 1
    call = Delivery.objects.filter(role="rang_back", bundled_in=None).get()
    night.press(call, "1")
    assert [night.seat(one, "Upper Willow").state for one in callouts] == ["answered"] * 2


def test_whoever_answered_already_is_not_called_for_ringing_back(night: Night) -> None:
    night.callout("Upper Willow", rungs=CALL)
    night.deliver()
    night.reply("Zhao", "1")
    night.take(night.event("callback", sender=night.number("Zhao")))
    night.deliver()
    assert night.calls_to("Zhao") == 1


def test_ringing_back_from_another_telephone_of_the_person_counts(night: Night) -> None:
    directory.set_contact(
        night.county.people["Zhao"],
        kind=ContactKind.LANDLINE,
        value="0875-8120001",
        by=night.county.by,
        at=night.now,
    )
    night.callout("Upper Willow", rungs=[rung("A", "sms")])
    night.deliver()
    assert "上柳村" in ring(night, "08758120001").text
