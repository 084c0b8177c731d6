"""Ringing back counts: whoever missed the call dials the same number and hears what he is called for (peers row 18).

Hearing it is a fact on the board and no answer; a pressed key during that call is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from anlan.dissemination.audience import Reach
from anlan.dissemination.models import (
    Acknowledgement,
    CalloutSeat,
    Delivery,
    DeliveryPurpose,
    DeliveryState,
    InboundEvent,
)
from anlan.dissemination.services.answers import Answer, take_answer
from anlan.dissemination.services.calling import for_seat
from anlan.dissemination.services.feedback import parameters
from anlan.dissemination.services.mailbag import Mailbag, is_open
from anlan.dissemination.services.seats import SILENT
from anlan.dissemination.texts import compose
from anlan.dissemination.types import Meaning, PhoneEvent, Treatment, Via
from anlan.dissemination.wake import wake_worker
from anlan.journal import clocks
from anlan.journal.services import record_all
from anlan.kernel.actor import Actor

#: What the keys mean in such a call.
KEYS = {"1": "answered", "2": "acting", "3": "done"}
#: Marks a call that was made because somebody rang back.
ROLE = "rang_back"
#: A gateway speaks at most 1000 characters (docs/phone-gateway.md).
SPOKEN_MAX = 950
_OVER = frozenset({"done", "resolved", "released"})


@dataclass(frozen=True, slots=True)
class Heard:
    """What the gateway says to somebody who rings in. Without `client_ref` no key means anything."""

    text: str
    keys: dict[str, str]
    client_ref: str = ""


def text_for(number: str, at: datetime) -> str:
    """What whoever rings from this number hears now."""
    return _spoken(number, _bag(number, at=at))


def answer_call(provider: str, call_id: str, number: str, *, by: Actor, at: datetime) -> Heard:
    """Somebody rang in and the gateway asks what to say; the fact is kept, and keys pressed in this call count.

    The gateway may ask again for the same call: the same answer, and nothing is kept twice.
    """
    event = PhoneEvent(call_id, "callback", at, sender=number)
    with transaction.atomic(savepoint=False):
        bag = _bag(number, at=at)
        running = running_for(number, bag)
        text = _spoken(number, bag)
        known = InboundEvent.objects.filter(provider=provider, event_id=call_id).select_related("delivery")
        kept = known.first()
        if kept is not None:
            ref = kept.delivery.send_key if kept.delivery is not None else ""
            return Heard(text, KEYS if ref else {}, ref)
        call = _told_in_this_call(running, number, text, by=by, at=at) if running else None
        _note_ringing(running, call, by=by, at=at)
        treatment = _treatment(number, running, bag)
        _keep(provider, event, call, treatment, by=by, at=at)
    return Heard(text, KEYS, call.send_key) if call is not None else Heard(text, {})


def rang_back(number: str, *, bag: Mailbag, by: Actor, at: datetime) -> tuple[Delivery | None, Treatment]:
    """A missed call came from this number: noted on every seat that waits for it, and that person is called at once.

    Only once in a while: somebody who lets it ring every minute is not called every minute.
    """
    running = running_for(number, bag)
    if not running:
        return None, _treatment(number, running, bag)
    silent = [one for one in running if one.seat is not None and one.seat.state in SILENT]
    if silent and not _was_called_back(silent, at=at):
        _call_back(silent, number, by=by, at=at)
    _note_ringing(running, running[0], by=by, at=at)
    return running[0], Treatment.MATCHED


def running_for(number: str, bag: Mailbag) -> list[Delivery]:
    """The newest message to that number, or to whoever uses it, for each seat of a running call-out that is not done."""
    found: dict[object, Delivery] = {}
    for delivery in bag.sent_to(number):
        if delivery.seat is None or not is_open(delivery) or delivery.seat.state in _OVER:
            continue
        for one in (delivery, *bag.bundle_of(delivery)):
            if one.seat is not None and is_open(one) and one.seat.state not in _OVER:
                found.setdefault(one.seat_id, one)
    return list(found.values())


def _bag(number: str, *, at: datetime) -> Mailbag:
    return Mailbag([PhoneEvent("", "callback", at, sender=number)], at=at)


def _treatment(number: str, running: Sequence[Delivery], bag: Mailbag) -> Treatment:
    if running:
        return Treatment.MATCHED
    return Treatment.UNKNOWN_DELIVERY if bag.people(number) else Treatment.UNKNOWN_NUMBER


def _spoken(number: str, bag: Mailbag) -> str:
    running = running_for(number, bag)
    if not running:
        return compose("callback.none" if bag.people(number) else "callback.unknown")
    return _combined(running)


def _combined(running: Sequence[Delivery]) -> str:
    seats = [one.seat for one in running if one.seat is not None]
    if len(seats) == 1:
        text = compose("call.voice", **_parts(seats[0]))
    else:
        items = "".join(
            compose("callback.item", number=number, **_parts(seat, most=SPOKEN_MAX // len(seats) - 60))
            for number, seat in enumerate(seats, start=1)
        )
        text = compose("callback.many", count=len(seats), items=items)
    is_drill = any(seat.exercise_id is not None for seat in seats)
    return (compose("callback.exercise", text=text) if is_drill else text)[: SPOKEN_MAX + 50]


def _parts(seat: CalloutSeat, *, most: int = SPOKEN_MAX - 100) -> dict[str, str]:
    """A long text is cut in the middle of nothing: the title says the same in few words."""
    callout = seat.callout
    text = callout.voice_text or callout.text
    if len(text) > max(40, most):
        text = f"{callout.title}。"
    return {"issuer": callout.issuer, "village": seat.division.name, "text": text}


def _told_in_this_call(
    running: Sequence[Delivery], number: str, text: str, *, by: Actor, at: datetime
) -> Delivery:
    """One row a seat for the call that came in, all in one bundle, so that one key settles all that it names."""
    rows = [_row(one, number, text, at=_time(one, at)) for one in running]
    for row in rows:
        row.state, row.due_at, row.attempts = DeliveryState.DELIVERED, None, 1
        row.handed_at = row.delivered_at = _time(row, at)
    return _record(rows, by=by, at=at)


def _call_back(silent: Sequence[Delivery], number: str, *, by: Actor, at: datetime) -> None:
    """Calls that are due now, one a seat; the outbox says what goes to one telephone in one call."""
    rows = [
        _row(one, number, compose("call.voice", **_parts(one.seat)), at=_time(one, at))
        for one in silent
        if one.seat is not None
    ]
    record_all(rows, by=by, at=at, kind="queued", cause="rang_back")
    wake_worker()


def _row(told: Delivery, number: str, text: str, *, at: datetime) -> Delivery:
    assert told.seat is not None  # `running_for` asks for it
    name = told.person.name if told.person is not None else ""
    reach = Reach(told.person_id, name, ROLE, "voice", number)
    return for_seat(told.seat, reach, purpose=DeliveryPurpose.CALL, text=text, rung=told.seat.rung, at=at)


def _record(rows: Sequence[Delivery], *, by: Actor, at: datetime) -> Delivery:
    first, others = rows[0], rows[1:]
    record_all([first], by=by, at=at, kind="delivered", cause="rang_back")
    for row in others:
        row.bundled_in = first
    record_all(others, by=by, at=at, kind="delivered", cause="rang_back")
    return first


def _note_ringing(running: Sequence[Delivery], call: Delivery | None, *, by: Actor, at: datetime) -> None:
    for one in running:
        if one.seat is None:
            continue
        said = Answer(Meaning.RANG_BACK, Via.CALLBACK, "", one.person, call if call is not None else one)
        take_answer(one.seat, said, by=by, at=_time(one, at))


def _was_called_back(silent: Sequence[Delivery], *, at: datetime) -> bool:
    """By the facts of these people on these seats: a wait on the clock of the run."""
    first = silent[0]
    since = _time(first, at) - parameters().call_back_again_after
    facts = Acknowledgement.objects.filter(
        seat_id__in=[one.seat_id for one in silent],
        person_id__in=[one.person_id for one in silent],
        meaning=Meaning.RANG_BACK,
        answered_at__gt=since,
    )
    return facts.exists()


def _keep(
    provider: str, event: PhoneEvent, call: Delivery | None, treatment: Treatment, *, by: Actor, at: datetime
) -> None:
    InboundEvent(
        provider=provider,
        event_id=event.event_id,
        kind=event.type,
        from_address=event.sender[:40],
        delivery=call,
        treatment=treatment,
        happened_at=event.happened_at,
        exercise_id=call.exercise_id if call is not None else clocks.default_exercise_id(),
    ).record(by=by, at=at, kind="received")


def _time(delivery: Delivery, at: datetime) -> datetime:
    return at if delivery.exercise_id is None else clocks.now(delivery.exercise_id)
