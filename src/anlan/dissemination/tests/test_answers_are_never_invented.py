"""Sent, delivered, answered, acting and done are different facts, and only a person's answer is one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.directory import services as directory
from anlan.directory.models import ContactKind, HoldingRole
from anlan.dissemination import services
from anlan.dissemination.models import Acknowledgement, CalloutSeat, Delivery, InboundEvent
from anlan.dissemination.queries import seat_by_token
from anlan.dissemination.refusals import UnknownMeaning, WordsNeeded
from anlan.dissemination.services import inbound
from anlan.dissemination.tests.night import Night, rung
from anlan.journal.models import WorkFailure
from anlan.journal.verify import verify
from anlan.vocab.posts import PostKind

BOTH = (rung("A", "sms", "voice"), rung("B"))


def treatments() -> list[str]:
    return list(InboundEvent.objects.order_by("id").values_list("treatment", flat=True))


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("1", "answered"),
        ("收到", "answered"),
        ("已收到。", "answered"),
        (" OK ", "answered"),
        ("ok!", "answered"),
        ("2", "acting"),
        ("已行动", "acting"),
        ("正在转移", "acting"),
        ("3", "done"),
        ("已完成", "done"),
        ("完成", "done"),
        ("11", "waiting"),
        ("好的马上", "waiting"),
        ("没收到", "waiting"),
        ("", "waiting"),
        ("4", "waiting"),
    ],
)
def test_reply_words_mean_what_the_contract_says_and_nothing_else(
    night: Night, words: str, state: str
) -> None:
    callout = night.callout("Upper Willow", rungs=BOTH)
    night.deliver()
    night.reply("Zhao", words)
    assert night.seat(callout, "Upper Willow").state == state


@pytest.mark.parametrize(
    ("key", "state"), [("1", "answered"), ("2", "acting"), ("3", "done"), ("7", "waiting")]
)
def test_pressed_keys_answer_the_call_they_belong_to(night: Night, key: str, state: str) -> None:
    callout = night.callout("Upper Willow", rungs=[rung("A")])
    night.deliver()
    night.press(Delivery.objects.get(callout=callout), key)
    seat = night.seat(callout, "Upper Willow")
    assert seat.state == state
    assert seat.answered_via == ("key" if state != "waiting" else "")


def test_a_call_that_was_picked_up_is_delivered_and_not_answered(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=[rung("A")])
    night.deliver()
    call = Delivery.objects.get(callout=callout)
    night.receipt(call, "answered")
    call.refresh_from_db()
    assert call.state == "delivered"
    assert night.seat(callout, "Upper Willow").state == "waiting"


def test_answered_acting_and_done_are_three_steps_with_three_times(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=BOTH)
    night.deliver()
    start = night.now
    for minutes, word in ((1, "1"), (2, "2"), (3, "3")):
        night.county.clock.advance(minutes=minutes)
        night.reply("Zhao", word)
    seat = night.seat(callout, "Upper Willow")
    assert seat.state == "done"
    assert seat.answered_at is not None
    assert seat.acting_at is not None
    assert seat.done_at is not None
    steps = [seat.answered_at - start, seat.acting_at - start, seat.done_at - start]
    assert steps == [timedelta(minutes=1), timedelta(minutes=3), timedelta(minutes=6)]


def test_an_answer_never_takes_a_seat_back(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=BOTH)
    night.deliver()
    night.reply("Zhao", "3")
    night.reply("Zhao", "1")
    assert night.seat(callout, "Upper Willow").state == "done"
    assert treatments() == ["matched", "second_answer"]
    assert Acknowledgement.objects.count() == 2


def test_the_first_person_still_counts_after_the_deputys_turn_began(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=[rung("A"), rung("B")])
    night.deliver()
    night.pass_minutes(10)
    night.reply("Zhao", "1")
    seat = night.seat(callout, "Upper Willow")
    assert (seat.state, seat.answered_by_name) == ("answered", "赵春兰")


def test_an_answer_counts_after_the_village_was_handed_up(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=[rung("A")])
    night.deliver()
    night.pass_minutes(10)
    night.reply("Zhao", "1")
    assert night.seat(callout, "Upper Willow").state == "answered"


def test_one_answer_answers_every_village_that_the_person_is_called_for(night: Night) -> None:
    zhou = night.county.people["Zhou"]
    for village in ("Upper Willow", "North Slope", "Lower Willow"):
        post = directory.ensure_post(
            PostKind.INFORMATION_OFFICER,
            division=night.county.divisions[village],
            by=night.county.by,
            at=night.now,
        )
        directory.appoint(post, zhou, role=HoldingRole.A, by=night.county.by, at=night.now)
    night.county.clock.advance(seconds=1)
    callout = night.callout(
        "Upper Willow", "Lower Willow", "North Slope", rungs=[rung("A"), rung("township_duty")]
    )
    night.deliver()
    night.press(Delivery.objects.filter(callout=callout).order_by("id")[1], "1")
    assert set(CalloutSeat.objects.filter(callout=callout).values_list("state", flat=True)) == {"answered"}
    assert Acknowledgement.objects.filter(person=zhou).count() == 3


def test_another_village_of_the_call_out_is_not_answered_by_it(night: Night) -> None:
    callout = night.callout("Upper Willow", "Lower Willow", rungs=BOTH)
    night.deliver()
    night.reply("Zhao", "1")
    assert night.seat(callout, "Lower Willow").state == "waiting"


def test_what_is_still_queued_for_an_answered_seat_never_leaves(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=BOTH)
    night.twins["voice"].is_down = True
    night.deliver()
    night.reply("Zhao", "1")
    night.twins["voice"].is_down = False
    night.pass_minutes(30)
    assert night.calls_to("Zhao") == 0
    assert Delivery.objects.get(callout=callout, channel="voice").state == "cancelled"


def test_an_answer_from_an_unknown_number_is_kept_and_answers_nothing(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=BOTH)
    night.deliver()
    night.take(night.event("reply", sender="10000009999", text="1"))
    assert treatments() == ["unknown_number"]
    assert night.seat(callout, "Upper Willow").state == "waiting"


def test_a_known_person_who_was_not_called_answers_nothing(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=BOTH)
    night.deliver()
    night.reply("Wang", "1")
    assert treatments() == ["unknown_delivery"]
    assert night.seat(callout, "Upper Willow").state == "waiting"


def test_an_answer_from_the_persons_other_phone_counts(night: Night) -> None:
    directory.set_contact(
        night.county.people["Zhao"],
        kind=ContactKind.LANDLINE,
        value="0875-8120001",
        by=night.county.by,
        at=night.now,
    )
    callout = night.callout("Upper Willow", rungs=[rung("A", "sms")])
    night.deliver()
    night.take(night.event("reply", sender="08758120001", text="1"))
    assert night.seat(callout, "Upper Willow").state == "answered"


def test_one_reply_to_two_call_outs_is_one_answer_and_two_records(night: Night) -> None:
    first = night.callout("Upper Willow", rungs=BOTH)
    second = night.callout("Upper Willow", rungs=BOTH)
    night.deliver()
    night.reply("Zhao", "收到")
    assert treatments() == ["matched"]
    for callout in (first, second):
        seat = night.seat(callout, "Upper Willow")
        assert (seat.state, seat.answered_by_name) == ("answered", "赵春兰")
        assert seat.acknowledgements.count() == 1


def test_done_in_reply_to_two_call_outs_counts_as_heard_and_no_more(night: Night) -> None:
    first = night.callout("Upper Willow", rungs=BOTH)
    night.deliver()
    second = night.callout("Upper Willow", rungs=BOTH)
    night.deliver()
    night.reply("Zhao", "3")
    assert treatments() == ["ambiguous"]
    for callout in (first, second):
        assert night.seat(callout, "Upper Willow").state == "answered"


def test_a_reply_after_one_of_two_call_outs_is_answered_means_the_other(night: Night) -> None:
    first = night.callout("Upper Willow", rungs=BOTH)
    night.deliver()
    second = night.callout("Upper Willow", rungs=BOTH)
    night.deliver()
    night.press(Delivery.objects.get(callout=first, channel="voice"), "1")
    night.reply("Zhao", "1")
    assert night.seat(second, "Upper Willow").state == "answered"
    assert treatments() == ["matched", "matched"]


def test_a_township_officer_who_takes_over_one_village_does_not_take_the_other(night: Night) -> None:
    callout = night.callout("Upper Willow", "Lower Willow", rungs=[rung("A")])
    night.pass_minutes(10)
    night.deliver()
    told = Delivery.objects.get(
        callout=callout, purpose="escalation", seat=night.seat(callout, "Upper Willow")
    )
    night.press(told, "1")
    assert night.seat(callout, "Upper Willow").answered_by_name == "李梅"
    assert night.seat(callout, "Lower Willow").state == "unanswered"
    both = night.callout("Upper Willow", "Lower Willow", rungs=[rung("A")])
    night.pass_minutes(10)
    night.reply("Li", "1")
    assert treatments()[-1] == "ambiguous"
    assert set(CalloutSeat.objects.filter(callout=both).values_list("state", flat=True)) == {"unanswered"}


def test_free_text_is_a_note_and_the_ladder_goes_on(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=[rung("A"), rung("B")])
    night.deliver()
    night.reply("Zhao", "路断了，过不去")
    seat = night.seat(callout, "Upper Willow")
    assert (seat.state, seat.note) == ("waiting", "路断了，过不去")
    assert treatments() == ["not_an_answer"]
    night.pass_minutes(10)
    assert night.seat(callout, "Upper Willow").trying_role == "B"


def test_an_answer_after_the_end_is_kept_as_late_and_changes_nothing(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=BOTH)
    night.deliver()
    services.close_callout(callout, reason="村民已自行撤离", by=night.county.actor("Chen"), at=night.now)
    night.reply("Zhao", "1")
    seat = night.seat(callout, "Upper Willow")
    assert seat.state == "resolved"
    assert treatments() == ["came_late"]
    assert Acknowledgement.objects.get().came_late


def test_an_answer_after_a_person_resolved_the_seat_still_counts(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=BOTH)
    night.deliver()
    seat = night.seat(callout, "Upper Willow")
    services.resolve_seat(seat, reason="乡镇已派人", by=night.county.actor("Chen"), at=night.now)
    night.reply("Zhao", "1")
    assert night.seat(callout, "Upper Willow").state == "answered"


def test_the_same_event_twice_is_one_answer(night: Night) -> None:
    night.callout("Upper Willow", rungs=BOTH)
    night.deliver()
    event = night.event("reply", "same", sender=night.number("Zhao"), text="1")
    first, second = night.take(event, event), night.take(event)
    assert (first.accepted, first.repeated, second.repeated) == (1, 1, 1)
    assert Acknowledgement.objects.count() == 1


def test_one_event_that_fails_inside_is_kept_and_shown_and_blocks_no_other(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    callout = night.callout("Upper Willow", rungs=BOTH)
    night.deliver()
    honest = inbound._treat

    def broken(event: object, **rest: object) -> object:
        if getattr(event, "event_id", "") == "bad":
            raise RuntimeError("broken")
        return honest(event, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(inbound, "_treat", broken)
    report = night.take(
        night.event("reply", "bad", sender="10000009999", text="1"),
        night.event("reply", "good", sender=night.number("Zhao"), text="1"),
    )
    assert (report.accepted, report.refused) == (1, [("bad", "failed")])
    assert night.seat(callout, "Upper Willow").state == "answered"
    assert InboundEvent.objects.get(event_id="bad").words == "1"
    assert WorkFailure.objects.get().subject_id == "bad"


def test_the_answer_link_opens_one_seat_until_two_days_after_the_end(night: Night) -> None:
    callout = night.callout("Upper Willow", "Lower Willow", rungs=[rung("A", "sms")])
    night.deliver()
    message = night.twins["sms"].messages_to(night.number("Zhao"))[0]
    token = message.text.rpartition("/a/")[2]
    ticket = seat_by_token(token)
    assert ticket is not None
    assert ticket.seat == night.seat(callout, "Upper Willow")
    services.close_callout(callout, reason="结束", by=night.county.actor("Chen"), at=night.now)
    night.county.clock.advance(hours=48)
    assert seat_by_token(token) is not None
    night.county.clock.advance(seconds=1)
    assert seat_by_token(token) is None


@pytest.mark.parametrize("forged", ["", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "上柳", "a" * 4000])
def test_a_forged_link_opens_nothing_and_asks_no_database(
    night: Night, forged: str, django_assert_num_queries: object
) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert seat_by_token(forged) is None


def test_the_link_is_a_secret_and_therefore_not_in_the_journal(night: Night) -> None:
    from anlan.journal.models import Entry

    night.callout("Upper Willow", rungs=[rung("A", "sms")])
    night.deliver()
    token = Delivery.objects.get().answer_token
    assert token in night.twins["sms"].taken[0].text
    assert not Entry.objects.filter(payload__contains=token).exists()


def test_a_tick_names_who_ticked_and_how_the_answer_came(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=BOTH)
    seat = night.seat(callout, "Upper Willow")
    services.tick(seat, meaning="acting", words="对讲机，02:14", by=night.county.actor("Chen"), at=night.now)
    assert (seat.state, seat.answered_via, seat.answered_by_name) == ("acting", "tick", "陈静")
    assert Acknowledgement.objects.get().words == "对讲机，02:14"


def test_a_tick_without_words_is_refused_and_nothing_is_stored(night: Night) -> None:
    seat = night.seat(night.callout("Upper Willow", rungs=BOTH), "Upper Willow")
    with pytest.raises(WordsNeeded):
        services.tick(seat, meaning="answered", words=" ", by=night.county.actor("Chen"), at=night.now)
    assert not Acknowledgement.objects.exists()


def test_an_unknown_meaning_is_refused(night: Night) -> None:
    seat = night.seat(night.callout("Upper Willow", rungs=BOTH), "Upper Willow")
    with pytest.raises(UnknownMeaning):
        services.acknowledge(seat, meaning="asleep", via="page", by=night.county.by, at=night.now)


def test_numbers_of_moved_families_are_kept_with_the_answer(night: Night) -> None:
    seat = night.seat(night.callout("Upper Willow", rungs=BOTH), "Upper Willow")
    by, at = night.county.actor("Zhao"), night.now
    services.acknowledge(seat, meaning="acting", via="link", households=3, people=11, by=by, at=at)
    services.acknowledge(seat, meaning="acting", via="link", households=5, people=19, by=by, at=at)
    assert (seat.households_moved, seat.people_moved) == (5, 19)
    assert verify().problems == []


def test_a_stale_page_still_gets_its_answer_through(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=[rung("A"), rung("B")])
    opened_at_the_beginning = night.seat(callout, "Upper Willow")
    night.pass_minutes(10)
    services.acknowledge(
        opened_at_the_beginning, meaning="answered", via="link", by=night.county.actor("Zhao"), at=night.now
    )
    assert opened_at_the_beginning.state == "answered"
    assert opened_at_the_beginning.rung == 1
