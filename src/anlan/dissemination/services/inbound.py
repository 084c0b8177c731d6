"""What a provider tells us: receipts, reply words and pressed keys. Each event once, each with a named treatment."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from anlan.directory.models import Person
from anlan.directory.numbers import mask
from anlan.dissemination import grammar
from anlan.dissemination.grammar import Said
from anlan.dissemination.models import (
    CalloutSeat,
    Delivery,
    DeliveryPurpose,
    DeliveryState,
    InboundEvent,
)
from anlan.dissemination.services import callback, threes
from anlan.dissemination.services.answers import NAME_MAX, STEP_BY_STATE, WORDS_MAX, Answer, take_answer
from anlan.dissemination.services.calling import rung_failed
from anlan.dissemination.services.mailbag import Mailbag, heard_before, is_open, joined_by_bundles
from anlan.dissemination.services.proving import prove_number
from anlan.dissemination.texts import compose
from anlan.dissemination.types import Meaning, PhoneEvent, TakeReport, Treatment, Via
from anlan.events.published import InboundTextReceived, NoticeAnswered
from anlan.journal import clocks
from anlan.journal.deadlines import note_failure
from anlan.journal.refusals import StaleRow
from anlan.journal.services import announce, record_all
from anlan.kernel.actor import Actor

log = logging.getLogger("anlan.inbound")

#: What a receipt proves. A call that was picked up was delivered; only a pressed key is an answer.
STATE_BY_STATUS: dict[str, DeliveryState] = {
    "sent": DeliveryState.SENT,
    "delivered": DeliveryState.DELIVERED,
    "answered": DeliveryState.DELIVERED,
    "failed": DeliveryState.FAILED,
    "no_answer": DeliveryState.FAILED,
    "busy": DeliveryState.FAILED,
}
#: A text message that answers no call-out may be a warning that somebody else issued.
_MAY_BE_NEWS = frozenset(
    {
        Treatment.UNKNOWN_NUMBER,
        Treatment.UNKNOWN_DELIVERY,
        Treatment.NOT_AN_ANSWER,
        Treatment.AMBIGUOUS,
    }
)
#: From somebody who was called it is a remark, unless it is as long as a warning. Engineering choice.
_FROM_THE_CALLED = frozenset({Treatment.NOT_AN_ANSWER, Treatment.AMBIGUOUS})
_SENTENCE = 20
_NEWS_MAX = 4_000
_TRIES = 3


def said_by(event: PhoneEvent) -> Said:
    """What a reply or key press says."""
    return grammar.read_key(event.key) if event.type == "keypress" else grammar.read_reply(event.text)


def take_events(provider: str, events: Sequence[PhoneEvent], *, by: Actor, at: datetime) -> TakeReport:
    """One bad event never blocks another, a repeated one changes nothing. Join it to a transaction of 25 to 100 events.

    All of them are taken in one savepoint; when one fails inside, they are taken one by one, each in its own. That one is
    kept as it came, with the treatment "failed", and shown to people: the provider would otherwise repeat it for ever, or the
    words would be lost.
    """
    report = TakeReport()
    new = _not_seen(provider, events, report)
    if len(new) > 1 and _take_together(provider, new, report, by=by, at=at):
        return report
    for event in new:
        _take_one(provider, event, report, by=by, at=at)
    return report


def _not_seen(provider: str, events: Sequence[PhoneEvent], report: TakeReport) -> list[PhoneEvent]:
    ids = [event.event_id for event in events]
    known = InboundEvent.objects.filter(provider=provider, event_id__in=ids)
    seen = set(known.values_list("event_id", flat=True))
    new = []
    for event in events:
        if event.event_id in seen:
            report.repeated += 1
        else:
            seen.add(event.event_id)
            new.append(event)
    return new


def _take_together(
    provider: str, events: Sequence[PhoneEvent], report: TakeReport, *, by: Actor, at: datetime
) -> bool:
    """Many events in one savepoint: thousands come within a minute of a first rung. False when one of them fails."""
    try:
        with transaction.atomic():
            bag = Mailbag(events, at=at)
            facts = []
            for event in events:
                delivery, treatment = _treat(event, bag=bag, by=by, at=at)
                facts.append(_fact(provider, event, delivery, treatment))
                _tell_whose_notice(event, delivery, at=at)
                _pass_on(provider, event, treatment, at=at)
            record_all(facts, by=by, at=at, kind="received")
    except Exception:  # one by one then, so that only the one that is wrong fails, with its own treatment
        log.info("events_one_by_one", extra={"count": len(events)})
        return False
    report.accepted += len(events)
    return True


def _take_one(provider: str, event: PhoneEvent, report: TakeReport, *, by: Actor, at: datetime) -> None:
    for _ in range(_TRIES):
        try:
            with transaction.atomic():
                bag = Mailbag([event], at=at)
                delivery, treatment = _treat(event, bag=bag, by=by, at=at)
                _tell_whose_notice(event, delivery, at=at)
                _pass_on(provider, event, treatment, at=at)
                _keep(provider, event, delivery, treatment, by=by, at=at)
        except StaleRow:
            continue  # the seat or attempt moved in the same moment: look again
        except IntegrityError as error:
            if _is_known(provider, event):
                report.repeated += 1
                return
            _keep_failed(provider, event, error, report, by=by, at=at)
            return
        except Exception as error:
            _keep_failed(provider, event, error, report, by=by, at=at)
            return
        report.accepted += 1
        return
    _keep_failed(provider, event, StaleRow(), report, by=by, at=at)


def _is_known(provider: str, event: PhoneEvent) -> bool:
    return InboundEvent.objects.filter(provider=provider, event_id=event.event_id).exists()


def _keep_failed(
    provider: str, event: PhoneEvent, error: Exception, report: TakeReport, *, by: Actor, at: datetime
) -> None:
    log.error("inbound_event_failed", exc_info=error, extra={"event_id": event.event_id})
    with transaction.atomic():
        _keep(provider, event, None, Treatment.FAILED, by=by, at=at)
        note_failure("dissemination.inbound", event.event_id[:64], error)
    report.refused.append((event.event_id, "failed"))


def _keep(
    provider: str,
    event: PhoneEvent,
    delivery: Delivery | None,
    treatment: Treatment,
    *,
    by: Actor,
    at: datetime,
) -> None:
    _fact(provider, event, delivery, treatment).record(by=by, at=at, kind="received")


def _fact(provider: str, event: PhoneEvent, delivery: Delivery | None, treatment: Treatment) -> InboundEvent:
    return InboundEvent(
        provider=provider,
        event_id=event.event_id,
        kind=event.type,
        from_address=event.sender,
        words=(event.key if event.type == "keypress" else event.text)[:WORDS_MAX],
        status=event.status,
        delivery=delivery,
        treatment=treatment,
        happened_at=event.happened_at,
        exercise_id=delivery.exercise_id if delivery is not None else clocks.default_exercise_id(),
    )


def _treat(event: PhoneEvent, *, bag: Mailbag, by: Actor, at: datetime) -> tuple[Delivery | None, Treatment]:
    """The decision table is in docs/life-of/an-answer.md; its rows are the tests of test_whose_answer_it_is.py."""
    named = bag.named(event)
    if event.type == "receipt":
        if named is None:
            return None, Treatment.UNKNOWN_DELIVERY
        _receive_with([named, *bag.bundle_of(named)], event, by=by, at=_time(named, at))
        return named, Treatment.MATCHED
    if event.type == "callback":
        return callback.rang_back(event.sender, bag=bag, by=by, at=at)
    if named is None:
        return _answer_by_number(event, bag=bag, by=by, at=at)
    if named.seat is None:
        return (
            named,
            Treatment.MATCHED,
        )  # a contact test, or a call about something else: heard, and no call-out answered
    said = said_by(event)
    return named, _answer(event, said, [named], bag=bag, by=by, at=_time(named, at))


def _tell_whose_notice(event: PhoneEvent, delivery: Delivery | None, *, at: datetime) -> None:
    """An answer to a message that was no call-out (a roll call, an absence) goes to whoever sent it."""
    if delivery is None or delivery.seat_id is not None or event.type not in ("reply", "keypress"):
        return
    if delivery.purpose != DeliveryPurpose.NOTICE or not delivery.subject:
        return
    news = NoticeAnswered(
        delivery_id=str(delivery.pk),
        subject=delivery.subject,
        words=(event.key if event.type == "keypress" else event.text)[:WORDS_MAX],
        person_id=str(delivery.person_id or ""),
        happened_at=min(event.happened_at, at).isoformat(),
    )
    announce(news, at=at, exercise_id=delivery.exercise_id)


def _pass_on(provider: str, event: PhoneEvent, treatment: Treatment, *, at: datetime) -> None:
    """Words that answer nothing go to whoever reads other people's warnings."""
    if event.type != "reply" or treatment not in _MAY_BE_NEWS or not event.text.strip():
        return
    if treatment in _FROM_THE_CALLED and len(event.text) < _SENTENCE:
        return
    news = InboundTextReceived(
        sender=event.sender,
        text=event.text[:_NEWS_MAX],
        received_at=min(event.happened_at, at).isoformat(),
        provider=provider,
        event_id=event.event_id,
    )
    announce(news, at=at, exercise_id=clocks.default_exercise_id())


def _time(delivery: Delivery, at: datetime) -> datetime:
    """The clock of the run that the message belongs to."""
    return at if delivery.exercise_id is None else clocks.now(delivery.exercise_id)


# --- receipts -------------------------------------------------------------------------------------------------------


def _receive_with(said: Sequence[Delivery], event: PhoneEvent, *, by: Actor, at: datetime) -> None:
    """What is told of a message holds for each delivery that it named; the provider's number stays with the one it knows."""
    for number, delivery in enumerate(said):
        _receive(delivery, event if number == 0 else replace(event, provider_ref=""), by=by, at=at)


def _receive(delivery: Delivery, event: PhoneEvent, *, by: Actor, at: datetime) -> None:
    """Move the attempt forward; a weaker or older receipt changes nothing. It also settles an uncertain attempt."""
    state = STATE_BY_STATUS[event.status]
    if state not in delivery.transitions[delivery.state]:
        return
    fields: dict[str, Any] = {"due_at": None, "is_uncertain": False, "handed_at": delivery.handed_at or at}
    fields |= {"receipt_due_at": None}
    if event.provider_ref:
        fields["provider_ref"] = event.provider_ref
    if state == DeliveryState.DELIVERED:
        fields["delivered_at"] = at
    if state == DeliveryState.FAILED:
        fields |= {"ended_at": at, "last_error": event.status}
    delivery.advance(state, by=by, at=at, cause=f"event:{event.event_id}"[:80], **fields)
    threes.note_delivery(delivery, at, by=by)
    if (
        state == DeliveryState.FAILED
        and delivery.seat_id is not None
        and delivery.purpose == DeliveryPurpose.CALL
    ):
        rung_failed(delivery.seat_id, by=by, at=at, cause=f"delivery:{delivery.pk}")


# --- answers --------------------------------------------------------------------------------------------------------


def _answer_by_number(
    event: PhoneEvent, *, bag: Mailbag, by: Actor, at: datetime
) -> tuple[Delivery | None, Treatment]:
    """A reply that names no message: find what was handed to that number or that person before it."""
    called = heard_before(bag.sent_to(event.sender), event) if event.sender else []
    if not called:
        is_known = bool(event.sender and bag.people(event.sender))
        return None, Treatment.UNKNOWN_DELIVERY if is_known else Treatment.UNKNOWN_NUMBER
    if called[0].seat is None and not any(is_open(one) for one in called):
        return called[0], Treatment.MATCHED  # the latest that it can answer is a contact test
    about = [one for one in called if one.seat is not None]
    if not about:
        return called[0], Treatment.MATCHED
    return _answer_the_latest(event, about, bag=bag, by=by, at=at)


def _answer_the_latest(
    event: PhoneEvent, called: Sequence[Delivery], *, bag: Mailbag, by: Actor, at: datetime
) -> tuple[Delivery, Treatment]:
    said = said_by(event)
    running = [delivery for delivery in called if is_open(delivery)]
    newest = (running or called)[0]
    if said.meaning is Meaning.NOTE:
        return newest, _answer(event, said, [newest], bag=bag, by=by, at=_time(newest, at))
    waiting = [delivery for delivery in running if _would_move(delivery, said)]
    choice = waiting or running or [newest]
    meant = _one_subject(choice, bag)
    if meant is None:
        return newest, _answer_what_was_heard(event, said, choice, bag=bag, by=by, at=at)
    return meant[0], _answer(event, said, meant, bag=bag, by=by, at=_time(meant[0], at))


def _answer_what_was_heard(
    event: PhoneEvent, said: Said, called: Sequence[Delivery], *, bag: Mailbag, by: Actor, at: datetime
) -> Treatment:
    """One reply to the messages of several call-outs: it proves that they were heard, so each village is answered and one
    answer makes several records. Which of them somebody acts on it does not say; then it counts as answered, no more. Numbers
    of people moved are true for a village, whatever it was called about.

    Where a silent village was handed over to somebody, nothing is concluded: the reply is noted on each.
    """
    calls = _one_per_seat([one for one in called if one.purpose != DeliveryPurpose.ESCALATION])
    is_one_village = len({one.seat.division_id for one in calls if one.seat is not None}) == 1
    keeps_numbers = said.has_numbers and is_one_village
    heard = said if keeps_numbers else Said(Meaning.ANSWERED, asks_for_help=said.asks_for_help)
    for delivery in calls:
        if delivery.seat is not None:
            _say(event, heard, delivery, delivery.seat, bag=bag, by=by, at=_time(delivery, at))
    for delivery in [] if calls else _one_per_seat(called):
        if delivery.seat is not None:
            note = Said(Meaning.NOTE, asks_for_help=said.asks_for_help)
            _say(event, note, delivery, delivery.seat, bag=bag, by=by, at=_time(delivery, at))
    is_plain = said.meaning is Meaning.ANSWERED or keeps_numbers
    return Treatment.MATCHED if calls and is_plain else Treatment.AMBIGUOUS


def _one_subject(called: Sequence[Delivery], bag: Mailbag) -> list[Delivery] | None:
    """The messages that one answer means for certain: those of one call-out, or of one combined message. None when it could
    mean several. Messages that hand a silent village to somebody each mean their own village.
    """
    if len({delivery.callout_id for delivery in called}) > 1 and not joined_by_bundles(called, bag):
        return None
    calls = [delivery for delivery in called if delivery.purpose != DeliveryPurpose.ESCALATION]
    if calls:
        return calls
    return list(called) if len({delivery.seat_id for delivery in called}) == 1 else None


def _would_move(delivery: Delivery, said: Said) -> bool:
    seat = delivery.seat
    if seat is None or not is_open(delivery) or seat.state == "released":
        return False
    if STEP_BY_STATE[said.meaning] > STEP_BY_STATE.get(seat.state, 0):
        return True
    is_new_claim = said.meaning is Meaning.DONE and seat.claimed_done_at is None
    return seat.state in ("answered", "acting") and (is_new_claim or said.has_numbers)


def _answer(
    event: PhoneEvent, said: Said, deliveries: Sequence[Delivery], *, bag: Mailbag, by: Actor, at: datetime
) -> Treatment:
    """One answer answers every seat of the call-out that its sender is called for, and all that one message named."""
    first = deliveries[0]
    assert first.seat is not None  # asked for by every caller
    if said.meaning is Meaning.NOTE:
        _say(event, said, first, first.seat, bag=bag, by=by, at=at)
        return Treatment.NOT_AN_ANSWER
    meant = _seats_meant(event, deliveries, said, bag)
    if (
        len({seat.division_id for seat, _ in meant}) > 1
    ):  # numbers of which village? the words are kept, the page asks
        said = Said(said.meaning, asks_for_help=said.asks_for_help, is_open_ended=said.is_open_ended)
    results = [_say(event, said, delivery, seat, bag=bag, by=by, at=at) for seat, delivery in meant]
    prove_number(event.sender or first.address, by=by, at=at, exercise_id=first.exercise_id)
    if any(has_moved for _, has_moved in results):
        return Treatment.MATCHED
    if results[0][0]:
        return Treatment.CAME_LATE
    return Treatment.MATCHED if said.has_numbers else Treatment.SECOND_ANSWER


def _seats_meant(
    event: PhoneEvent, deliveries: Sequence[Delivery], said: Said, bag: Mailbag
) -> list[tuple[CalloutSeat, Delivery]]:
    """The seat of the message that was answered, what else that message named, and the same person's other seats that this
    answer moves."""
    first = deliveries[0]
    assert first.seat is not None  # asked for by every caller
    meant = {first.seat.pk: (first.seat, first)}
    named = [one for delivery in deliveries for one in bag.bundle_of(delivery)]
    siblings = _siblings(event, first, bag) if first.purpose != DeliveryPurpose.ESCALATION else []
    for delivery in (*named, *siblings):
        if delivery.seat is not None and _would_move(delivery, said):
            meant.setdefault(delivery.seat.pk, (delivery.seat, delivery))
    return list(meant.values())


def _siblings(event: PhoneEvent, delivery: Delivery, bag: Mailbag) -> list[Delivery]:
    """Calls of the same call-out to the same person or telephone that were heard, or may have been."""
    known = {one.pk: one for number in (event.sender, delivery.address) for one in bag.sent_to(number)}
    return [
        one
        for one in known.values()
        if one.callout_id == delivery.callout_id
        and one.purpose != DeliveryPurpose.ESCALATION
        and one.state != DeliveryState.CANCELLED
        and (one.address == delivery.address or one.person_id == delivery.person_id)
    ]


def _one_per_seat(deliveries: Sequence[Delivery]) -> list[Delivery]:
    by_seat: dict[object, Delivery] = {}
    for delivery in deliveries:
        by_seat.setdefault(delivery.seat_id, delivery)
    return list(by_seat.values())


def _say(
    event: PhoneEvent,
    said: Said,
    delivery: Delivery,
    seat: CalloutSeat,
    *,
    bag: Mailbag,
    by: Actor,
    at: datetime,
) -> tuple[bool, bool]:
    """(came late, moved the seat)."""
    person, speaker = _speaker(event, delivery, bag)
    answer = Answer(
        said.meaning,
        Via.KEY if event.type == "keypress" else Via.REPLY,
        (event.key or event.text)[:WORDS_MAX],
        person,
        delivery,
        said.households,
        said.people,
        moved_to=said.moved_to,
        refused=said.refused,
        missing=said.missing,
        speaker=speaker,
        asks_for_help=said.asks_for_help,
        is_open_ended=said.is_open_ended,
    )
    fact, has_moved = take_answer(seat, answer, by=by, at=at)
    return fact.came_late, has_moved


def _speaker(event: PhoneEvent, delivery: Delivery, bag: Mailbag) -> tuple[Person | None, str]:
    """Whoever was called. One telephone of several called people speaks for all of them: who it was is not known."""
    number = event.sender or delivery.address
    if len(bag.people(number)) < 2:
        return delivery.person, ""
    callouts: list[uuid.UUID | None] = [delivery.callout_id]
    callouts += [one.callout_id for one in bag.sent_to(number) if is_open(one)]
    named = bag.named_people(number, callouts)
    if len(named) < 2:
        return delivery.person, ""
    names = "／".join(person.name for person in named)
    return None, compose("speaker.shared", number=mask(number), names=names)[:NAME_MAX]
