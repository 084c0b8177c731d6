"""Ends: resolve a seat, declare contact lost, close a call-out, lift it. Silence is never closed over without a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from anlan.dissemination.audience import Reach
from anlan.dissemination.models import (
    Callout,
    CalloutSeat,
    CalloutState,
    Delivery,
    DeliveryPurpose,
    DeliveryState,
    SeatingBatch,
    SeatState,
)
from anlan.dissemination.refusals import (
    CalloutIsClosed,
    FeedbackOwed,
    ReasonNeeded,
    SilentSeats,
    StillOpening,
)
from anlan.dissemination.services.calling import for_seat
from anlan.dissemination.services.feedback import UNDER_WAY
from anlan.dissemination.services.seats import (
    cancel_queued,
    require_open,
    require_person,
    require_reason,
    seats_of,
    silent_among,
    with_fresh_seat,
)
from anlan.dissemination.texts import compose
from anlan.dissemination.wake import wake_worker
from anlan.events.published import SeatAnswered
from anlan.journal.services import announce, record_all
from anlan.kernel.actor import Actor

#: Villages named in a refusal before "…".
_NAMED = 5


def resolve_seat(seat: CalloutSeat, *, reason: str, by: Actor, at: datetime) -> CalloutSeat:
    """A person ends the calling of one village and says why; an answer that comes later still counts."""
    require_person(by)
    why = require_reason(reason)
    require_open(seat.callout)

    def move(fresh: CalloutSeat) -> None:
        _resolve(fresh, why, by=by, at=at)

    with transaction.atomic(savepoint=False):
        with_fresh_seat(seat, move)
    return seat


def mark_lost_contact(seat: CalloutSeat, *, last_contact: str, by: Actor, at: datetime) -> CalloutSeat:
    """Contact is lost (失联): calling stops, somebody has to go there. Not the same as unanswered, and not an end.

    `last_contact` says in words when and how somebody was last heard there.
    """
    require_person(by)
    require_open(seat.callout)

    def move(fresh: CalloutSeat) -> None:
        fresh.advance(
            SeatState.LOST_CONTACT,
            by=by,
            at=at,
            escalate_at=None,
            lost_contact_at=at,
            last_contact=last_contact[:300],
        )

    with transaction.atomic(savepoint=False):
        with_fresh_seat(seat, move)
    return seat


def close_callout(callout: Callout, *, reason: str = "", by: Actor, at: datetime) -> Callout:
    """End a call-out. With silent villages it needs a person's reason, which then stands on each of them."""
    require_open(callout)
    seats = list(seats_of(callout))
    silent = silent_among(seats)
    _check_all_opened(callout)
    _check_silence(silent, reason, by)
    _check_feedback(callout, seats, reason, by)
    with transaction.atomic(savepoint=False):
        for seat in silent:
            _resolve(seat, reason.strip(), by=by, at=at)
        _close(callout, reason.strip(), by=by, at=at)
    return callout


def _check_all_opened(callout: Callout) -> None:
    """Places that nobody has called yet are more silent than silent ones."""
    if SeatingBatch.objects.filter(callout=callout, due_at__isnull=False).exists():
        raise StillOpening


def lift_callout(callout: Callout, *, text: str, by: Actor, at: datetime, reason: str) -> Callout:
    """All-clear to exactly those to whom something was handed; silent seats are released and the call-out closes.

    A call-out that was closed before (everybody had answered) still gives its all-clear, once.
    """
    if not text.strip():
        raise ReasonNeeded
    why = require_reason(reason)
    cause = f"callout:{callout.pk}"
    is_open = Callout.objects.filter(pk=callout.pk, state=CalloutState.OPEN).exists()
    if not is_open and _has_all_clear(callout):
        raise CalloutIsClosed
    silent = silent_among(seats_of(callout)) if is_open else []
    if silent:
        require_person(by)
    with transaction.atomic(savepoint=False):
        told = told_by(Delivery.objects.filter(callout=callout, seat__isnull=False))
        for seat in silent:
            seat.advance(SeatState.RELEASED, by=by, at=at, cause=cause, escalate_at=None, resolve_reason=why)
        if is_open:
            _close(callout, why, by=by, at=at)
        record_all(
            [_all_clear(delivery, text, at=at) for delivery in told], by=by, at=at, kind="queued", cause=cause
        )
        wake_worker()
    return callout


def _has_all_clear(callout: Callout) -> bool:
    return Delivery.objects.filter(callout=callout, purpose=DeliveryPurpose.ALL_CLEAR).exists()


def _resolve(seat: CalloutSeat, why: str, *, by: Actor, at: datetime) -> None:
    seat.advance(SeatState.RESOLVED, by=by, at=at, escalate_at=None, resolve_reason=why)
    cancel_queued(Delivery.objects.filter(seat=seat), by=by, at=at, cause=f"seat:{seat.pk}")
    announce(SeatAnswered(seat_id=str(seat.pk)), at=at, exercise_id=seat.exercise_id)


def _close(callout: Callout, reason: str, *, by: Actor, at: datetime) -> None:
    callout.advance(
        CalloutState.CLOSED,
        by=by,
        at=at,
        closed_at=at,
        closed_by=by.name or by.ref,
        close_reason=reason,
    )
    cancel_queued(Delivery.objects.filter(callout=callout), by=by, at=at, cause=f"callout:{callout.pk}")


def _check_silence(silent: Sequence[CalloutSeat], reason: str, by: Actor) -> None:
    if not silent:
        return
    require_person(by)
    if not reason.strip():
        names = "、".join(seat.division.name for seat in silent[:_NAMED])
        raise SilentSeats(count=len(silent), villages=names + ("…" if len(silent) > _NAMED else ""))


def _check_feedback(callout: Callout, seats: Sequence[CalloutSeat], reason: str, by: Actor) -> None:
    """C-16: it ends with the feedback of every village that answered, or with a person's reason."""
    owed = [seat for seat in seats if seat.state in UNDER_WAY] if callout.needs_feedback else []
    if not owed:
        return
    require_person(by)
    if not reason.strip():
        names = "、".join(seat.division.name for seat in owed[:_NAMED])
        raise FeedbackOwed(count=len(owed), villages=names + ("…" if len(owed) > _NAMED else ""))


def told_by(deliveries: QuerySet[Delivery]) -> list[Delivery]:
    """One delivery per address that may have heard of it, SMS before voice; an uncertain attempt counts as heard."""
    may_have_heard = Q(handed_at__isnull=False) | Q(is_uncertain=True) | Q(state=DeliveryState.HANDING)
    heard = (
        deliveries.filter(may_have_heard)
        .select_related("seat__division", "seat__callout", "person")
        .order_by("id")
    )
    by_address: dict[str, Delivery] = {}
    for delivery in sorted(heard, key=lambda one: one.channel == "voice"):
        by_address.setdefault(delivery.address, delivery)
    return list(by_address.values())


def _all_clear(told: Delivery, text: str, *, at: datetime) -> Delivery:
    assert told.seat is not None  # `_told` asks for it
    name = told.person.name if told.person is not None else ""
    kind = "all_clear.outlet" if told.outlet_id is not None else f"all_clear.{told.channel}"
    sentence = compose(kind, issuer=told.seat.callout.issuer, text=text)
    reach = Reach(told.person_id, name, told.role, told.channel, told.address, told.outlet_id)
    made = for_seat(told.seat, reach, purpose=DeliveryPurpose.ALL_CLEAR, text=sentence, rung=told.rung, at=at)
    made.priority = min(5, made.priority + 1)  # whoever must act is called before whoever may stop
    return made
