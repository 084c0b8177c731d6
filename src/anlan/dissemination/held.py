"""What the steps of the outbox share: rows as they are read for sending, and whether anybody still needs them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from anlan.dissemination.models import (
    Callout,
    CalloutSeat,
    CalloutState,
    Delivery,
    DeliveryPurpose,
)
from anlan.dissemination.services.seats import SILENT
from anlan.kernel.actor import system

OUTBOX = system("outbox")

#: A province's call-out carries lists and a map of it that no message needs.
_HEAVY = ("ladder", "audience", "texts")


def loaded(rows: QuerySet[Delivery]) -> list[Delivery]:
    """The rows with everything that a message and the journal need, danger first. Call-outs are read once each."""
    related = ("seat__division", "outlet__division", "broadcast")
    found = list(rows.select_related(*related).order_by("priority", "due_at", "id"))
    keys = {one.callout_id for one in found} | {one.seat.callout_id for one in found if one.seat}
    callouts = Callout.objects.select_related("division").defer(*_HEAVY).in_bulk([k for k in keys if k])
    for delivery in found:
        if delivery.callout_id is not None:
            delivery.callout = callouts[delivery.callout_id]
        if delivery.seat is not None:
            delivery.seat.callout = callouts[delivery.seat.callout_id]
    return found


def is_wanted(delivery: Delivery) -> bool:
    """A call to a seat that answered, or of a call-out that is over, must not ring."""
    if delivery.purpose not in (DeliveryPurpose.CALL, DeliveryPurpose.ESCALATION) or delivery.seat is None:
        return True
    return delivery.seat.state in SILENT and delivery.seat.callout.state == CalloutState.OPEN


def is_any_wanted(delivery: Delivery, bundle: Sequence[Delivery]) -> bool:
    """As the seats are now, not as they were when the message was made."""
    states = dict(
        CalloutSeat.objects.filter(
            pk__in=[one.seat_id for one in [delivery, *bundle] if one.seat_id]
        ).values_list("pk", "state")
    )
    for one in [delivery, *bundle]:
        if one.seat is not None and one.seat_id in states:
            one.seat.state = states[one.seat_id]
    return any(is_wanted(one) for one in [delivery, *bundle])
