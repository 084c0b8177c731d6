"""What every verb about a seat shares: reading it fresh, and taking back what is still in the queue."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from datetime import datetime

from django.db.models import QuerySet

from anlan.dissemination.models import Callout, CalloutSeat, CalloutState, Delivery, DeliveryState, SeatState
from anlan.dissemination.refusals import CalloutIsClosed, PersonNeeded, ReasonNeeded
from anlan.dissemination.tokens import make_token
from anlan.journal.inserting import unsaved
from anlan.journal.refusals import StaleRow
from anlan.kernel.actor import Actor
from anlan.kernel.ids import uuid7

#: These still owe an answer; a call-out never closes over one of them without a person's reason.
SILENT = frozenset({SeatState.WAITING, SeatState.UNANSWERED, SeatState.LOST_CONTACT})
#: How often a verb reads again when somebody else moved the row in the same moment (PostgreSQL only).
_TRIES = 5


def seats_of(callout: Callout) -> QuerySet[CalloutSeat]:
    return CalloutSeat.objects.filter(callout=callout).select_related("callout", "division")


def with_fresh_seat(seat: CalloutSeat, move: Callable[[CalloutSeat], None]) -> None:
    """Apply `move` to the seat as it is now, again if another was faster; the caller's object then shows the result.

    An answer must never be turned away because a timer fired between reading and writing.
    """
    for _ in range(_TRIES):
        fresh = CalloutSeat.objects.select_related("callout", "division").get(pk=seat.pk)
        try:
            move(fresh)
        except StaleRow:
            continue
        _show(fresh, seat)
        return
    raise StaleRow


def _show(fresh: CalloutSeat, seat: CalloutSeat) -> None:
    for field in CalloutSeat._meta.concrete_fields:
        setattr(seat, field.attname, getattr(fresh, field.attname))
    seat.callout = fresh.callout


def cancel_queued(deliveries: QuerySet[Delivery], *, by: Actor, at: datetime, cause: str) -> None:
    """Take back what has not left; what a worker has in hand goes out and is recorded as such."""
    for delivery in deliveries.filter(state=DeliveryState.QUEUED).select_related("seat__division", "callout"):
        try:
            delivery.advance(DeliveryState.CANCELLED, by=by, at=at, cause=cause, due_at=None, ended_at=at)
        except StaleRow:
            continue


def new_delivery(
    *, purpose: str, channel: str, address: str, text: str, at: datetime, exercise_id: uuid.UUID | None
) -> Delivery:
    """An unsaved delivery that is due at once. The send key is the row's id, so it is as unique and never reused."""
    key = uuid7()
    return unsaved(
        Delivery,
        id=key,
        state=DeliveryState.QUEUED,
        purpose=purpose,
        channel=channel,
        address=address,
        text=text,
        send_key=key.hex,
        answer_token=make_token(),
        due_at=at,
        exercise_id=exercise_id,
    )


def require_open(callout: Callout) -> None:
    """As it is now, not as the caller's page showed it."""
    if not Callout.objects.filter(pk=callout.pk, state=CalloutState.OPEN).exists():
        raise CalloutIsClosed


def require_person(by: Actor) -> None:
    """A rule, a channel or the system may not decide over a silent village."""
    if by.person_id is None:
        raise PersonNeeded


def require_reason(reason: str) -> str:
    if not reason.strip():
        raise ReasonNeeded
    return reason.strip()


def silent_among(seats: Iterable[CalloutSeat]) -> list[CalloutSeat]:
    return [seat for seat in seats if seat.state in SILENT]
