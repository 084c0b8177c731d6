"""What a provider tells us: receipts, reply words and pressed keys. Each event once, each with a named treatment."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from anlan.directory import queries as directory
from anlan.dissemination.models import (
    CalloutSeat,
    CalloutState,
    Delivery,
    DeliveryPurpose,
    DeliveryState,
    InboundEvent,
)
from anlan.dissemination.services.answers import STEP_BY_STATE, Answer, take_answer
from anlan.dissemination.services.calling import rung_failed
from anlan.dissemination.types import Meaning, PhoneEvent, TakeReport, Treatment, Via
from anlan.journal import clocks
from anlan.journal.deadlines import note_failure
from anlan.journal.refusals import StaleRow
from anlan.journal.services import record_all
from anlan.kernel.actor import Actor

log = logging.getLogger("anlan.inbound")

#: What people really type. Anything else is a note, never an answer.
MEANING_BY_WORD: dict[str, Meaning] = {
    "1": Meaning.ANSWERED,
    "收到": Meaning.ANSWERED,
    "已收到": Meaning.ANSWERED,
    "ok": Meaning.ANSWERED,
    "2": Meaning.ACTING,
    "已行动": Meaning.ACTING,
    "正在转移": Meaning.ACTING,
    "3": Meaning.DONE,
    "已完成": Meaning.DONE,
    "完成": Meaning.DONE,
}
MEANING_BY_KEY = {key: MEANING_BY_WORD[key] for key in ("1", "2", "3")}

#: What a receipt proves. A call that was picked up was delivered; only a pressed key is an answer.
STATE_BY_STATUS: dict[str, DeliveryState] = {
    "sent": DeliveryState.SENT,
    "delivered": DeliveryState.DELIVERED,
    "answered": DeliveryState.DELIVERED,
    "failed": DeliveryState.FAILED,
    "no_answer": DeliveryState.FAILED,
    "busy": DeliveryState.FAILED,
}
_RELATED = ("seat__callout", "seat__division", "callout__division", "person")
_TRIES = 3


def meaning_of(event: PhoneEvent) -> Meaning:
    """The step that a reply or key press stands for, or NOTE."""
    if event.type == "keypress":
        return MEANING_BY_KEY.get(event.key.strip(), Meaning.NOTE)
    word = event.text.strip().strip("。.!！ ").lower()
    return MEANING_BY_WORD.get(word, Meaning.NOTE)


def take_events(provider: str, events: Sequence[PhoneEvent], *, by: Actor, at: datetime) -> TakeReport:
    """One bad event never blocks another (each has its own savepoint when it must), a repeated one changes nothing.

    An event that fails inside is kept as it came, with the treatment "failed", and shown to people: the provider would
    otherwise repeat it for ever, or the words would be lost.
    """
    report = TakeReport()
    new = _not_seen(provider, events, report)
    for is_receipt, run in groupby(new, key=lambda event: event.type == "receipt"):
        together = list(run)
        if is_receipt and _take_receipts(provider, together, report, by=by, at=at):
            continue
        for event in together:
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


def _take_receipts(
    provider: str, events: Sequence[PhoneEvent], report: TakeReport, *, by: Actor, at: datetime
) -> bool:
    """Many receipts in one savepoint: hundreds come within seconds of a first rung. False when one of them fails."""
    try:
        with transaction.atomic():
            found = _by_references(events)
            facts = []
            for event in events:
                delivery = found(event)
                if delivery is not None:
                    _receive(delivery, event, by=by, at=_time(delivery, at))
                treatment = Treatment.UNKNOWN_DELIVERY if delivery is None else Treatment.MATCHED
                facts.append(_fact(provider, event, delivery, treatment))
            record_all(facts, by=by, at=at, kind="received")
    except Exception:  # one by one then, so that only the one that is wrong fails, with its own treatment
        log.info("receipts_one_by_one", extra={"count": len(events)})
        return False
    report.accepted += len(events)
    return True


def _by_references(events: Sequence[PhoneEvent]) -> Callable[[PhoneEvent], Delivery | None]:
    """The deliveries that receipts are about, in one read; two receipts about one delivery share the object."""
    keys = [event.client_ref for event in events if event.client_ref]
    refs = [event.provider_ref for event in events if event.provider_ref and not event.client_ref]
    rows = Delivery.objects.filter(Q(send_key__in=keys) | Q(provider_ref__in=refs))
    loaded = list(rows.select_related("seat__division", "callout__division").order_by("id"))
    by_key = {delivery.send_key: delivery for delivery in loaded}
    by_ref = {delivery.provider_ref: delivery for delivery in loaded}

    def find(event: PhoneEvent) -> Delivery | None:
        return by_key.get(event.client_ref) if event.client_ref else by_ref.get(event.provider_ref or "-")

    return find


def _take_one(provider: str, event: PhoneEvent, report: TakeReport, *, by: Actor, at: datetime) -> None:
    for _ in range(_TRIES):
        try:
            with transaction.atomic():
                delivery, treatment = _treat(event, by=by, at=at)
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
        words=event.key if event.type == "keypress" else event.text,
        status=event.status,
        delivery=delivery,
        treatment=treatment,
        happened_at=event.happened_at,
        exercise_id=delivery.exercise_id if delivery is not None else clocks.default_exercise_id(),
    )


def _treat(event: PhoneEvent, *, by: Actor, at: datetime) -> tuple[Delivery | None, Treatment]:
    delivery = _by_reference(event)
    if event.type == "receipt":
        if delivery is None:
            return None, Treatment.UNKNOWN_DELIVERY
        _receive(delivery, event, by=by, at=_time(delivery, at))
        return delivery, Treatment.MATCHED
    if delivery is not None and delivery.seat is not None:
        return delivery, _answer(event, [delivery], by=by, at=_time(delivery, at))
    return _answer_by_number(event, by=by, at=at)


def _time(delivery: Delivery, at: datetime) -> datetime:
    """The clock of the run that the message belongs to."""
    return at if delivery.exercise_id is None else clocks.now(delivery.exercise_id)


def _by_reference(event: PhoneEvent) -> Delivery | None:
    rows = Delivery.objects.select_related(*_RELATED)
    if event.client_ref:
        return rows.filter(send_key=event.client_ref).first()
    if event.provider_ref:
        return rows.filter(provider_ref=event.provider_ref).order_by("-id").first()
    return None


# --- receipts -------------------------------------------------------------------------------------------------------


def _receive(delivery: Delivery, event: PhoneEvent, *, by: Actor, at: datetime) -> None:
    """Move the attempt forward; a weaker or older receipt changes nothing. It also settles an uncertain attempt."""
    state = STATE_BY_STATUS[event.status]
    if state not in delivery.transitions[delivery.state]:
        return
    fields: dict[str, Any] = {"due_at": None, "is_uncertain": False, "handed_at": delivery.handed_at or at}
    if event.provider_ref:
        fields["provider_ref"] = event.provider_ref
    if state == DeliveryState.DELIVERED:
        fields["delivered_at"] = at
    if state == DeliveryState.FAILED:
        fields |= {"ended_at": at, "last_error": event.status}
    delivery.advance(state, by=by, at=at, cause=f"event:{event.event_id}"[:80], **fields)
    if (
        state == DeliveryState.FAILED
        and delivery.seat_id is not None
        and delivery.purpose == DeliveryPurpose.CALL
    ):
        rung_failed(delivery.seat_id, by=by, at=at, cause=f"delivery:{delivery.pk}")


# --- answers --------------------------------------------------------------------------------------------------------


def _answer_by_number(event: PhoneEvent, *, by: Actor, at: datetime) -> tuple[Delivery | None, Treatment]:
    """A reply that names no message: find what was handed to that number or that person."""
    people = directory.people_with_number(event.sender, at) if event.sender else []
    theirs = Q(address=event.sender) | Q(person_id__in=[person.person_id for person in people])
    handed = Q(handed_at__isnull=False) | Q(is_uncertain=True) | Q(state=DeliveryState.HANDING)
    called = list(
        Delivery.objects.filter(theirs, handed, seat__isnull=False)
        .exclude(purpose=DeliveryPurpose.ALL_CLEAR)
        .select_related(*_RELATED)
        .order_by("-id")[:200]
    )
    if not event.sender or not called:
        return None, Treatment.UNKNOWN_DELIVERY if people else Treatment.UNKNOWN_NUMBER
    return _answer_the_latest(event, called, by=by, at=at)


def _answer_the_latest(
    event: PhoneEvent, called: Sequence[Delivery], *, by: Actor, at: datetime
) -> tuple[Delivery, Treatment]:
    meaning = meaning_of(event)
    newest = called[0]
    if meaning is Meaning.NOTE:
        return newest, _answer(event, [newest], by=by, at=_time(newest, at))
    waiting = [delivery for delivery in called if _would_move(delivery, meaning)]
    choice = waiting or [delivery for delivery in called if _is_open(delivery)] or [newest]
    meant = _one_subject(choice)
    if meant is None:
        return newest, _answer_what_was_heard(event, meaning, choice, by=by, at=at)
    return meant[0], _answer(event, meant, by=by, at=_time(meant[0], at))


def _answer_what_was_heard(
    event: PhoneEvent, meaning: Meaning, called: Sequence[Delivery], *, by: Actor, at: datetime
) -> Treatment:
    """One reply to the messages of several call-outs: it proves that they were heard, so each village is answered and one
    answer makes several records. Which of them somebody acts on it does not say; then it counts as answered, no more.

    Where a silent village was handed over to somebody, nothing is concluded: the reply is noted on each.
    """
    calls = [delivery for delivery in called if delivery.purpose == DeliveryPurpose.CALL]
    for delivery in _one_per_seat(calls):
        if delivery.seat is not None:
            _say(event, Meaning.ANSWERED, delivery, delivery.seat, by=by, at=_time(delivery, at))
    for delivery in [] if calls else _one_per_seat(called):
        _note(event, delivery, by=by, at=_time(delivery, at))
    return Treatment.MATCHED if calls and meaning is Meaning.ANSWERED else Treatment.AMBIGUOUS


def _one_subject(called: Sequence[Delivery]) -> list[Delivery] | None:
    """The messages that one answer means for certain: those of one call-out. None when it could mean several.

    Messages that hand a silent village to somebody each mean their own village.
    """
    if len({delivery.callout_id for delivery in called}) > 1:
        return None
    calls = [delivery for delivery in called if delivery.purpose != DeliveryPurpose.ESCALATION]
    if calls:
        return calls
    return list(called) if len({delivery.seat_id for delivery in called}) == 1 else None


def _would_move(delivery: Delivery, meaning: Meaning) -> bool:
    seat = delivery.seat
    return (
        seat is not None
        and _is_open(delivery)
        and seat.state != "released"
        and STEP_BY_STATE[meaning] > STEP_BY_STATE.get(seat.state, 0)
    )


def _is_open(delivery: Delivery) -> bool:
    return delivery.seat is not None and delivery.seat.callout.state == CalloutState.OPEN


def _answer(event: PhoneEvent, deliveries: Sequence[Delivery], *, by: Actor, at: datetime) -> Treatment:
    """One answer answers every seat of the call-out that its sender is called for."""
    meaning = meaning_of(event)
    if meaning is Meaning.NOTE:
        _note(event, deliveries[0], by=by, at=at)
        return Treatment.NOT_AN_ANSWER
    results = [
        _say(event, meaning, delivery, seat, by=by, at=at)
        for seat, delivery in _seats_meant(deliveries, meaning)
    ]
    if any(has_moved for _, has_moved in results):
        return Treatment.MATCHED
    return Treatment.CAME_LATE if results[0][0] else Treatment.SECOND_ANSWER


def _seats_meant(deliveries: Sequence[Delivery], meaning: Meaning) -> list[tuple[CalloutSeat, Delivery]]:
    """The seat of the message that was answered, and the same person's other seats that this answer moves."""
    first = deliveries[0]
    assert first.seat is not None  # asked for by every caller
    meant = {first.seat.pk: (first.seat, first)}
    if first.purpose == DeliveryPurpose.CALL:
        for delivery in _siblings(first):
            if delivery.seat is not None and _would_move(delivery, meaning):
                meant.setdefault(delivery.seat.pk, (delivery.seat, delivery))
    return list(meant.values())


def _siblings(delivery: Delivery) -> Iterable[Delivery]:
    same_person = Q(address=delivery.address)
    if delivery.person_id is not None:
        same_person |= Q(person_id=delivery.person_id)
    return (
        Delivery.objects.filter(same_person, callout=delivery.callout, purpose=DeliveryPurpose.CALL)
        .exclude(state=DeliveryState.CANCELLED)
        .select_related(*_RELATED)
        .order_by("-id")
    )


def _one_per_seat(deliveries: Sequence[Delivery]) -> list[Delivery]:
    by_seat: dict[object, Delivery] = {}
    for delivery in deliveries:
        by_seat.setdefault(delivery.seat_id, delivery)
    return list(by_seat.values())


def _say(
    event: PhoneEvent, meaning: Meaning, delivery: Delivery, seat: CalloutSeat, *, by: Actor, at: datetime
) -> tuple[bool, bool]:
    """(came late, moved the seat)."""
    via = Via.KEY if event.type == "keypress" else Via.REPLY
    said = Answer(meaning, via, event.key or event.text, delivery.person, delivery)
    fact, has_moved = take_answer(seat, said, by=by, at=at)
    return fact.came_late, has_moved


def _note(event: PhoneEvent, delivery: Delivery, *, by: Actor, at: datetime) -> None:
    if delivery.seat is not None:
        _say(event, Meaning.NOTE, delivery, delivery.seat, by=by, at=at)
