"""A rung whose time is over moves to the next one."""

from __future__ import annotations

import logging
from datetime import datetime

from django.conf import settings
from django.db import transaction

from anlan.dissemination import doubts
from anlan.dissemination.models import (
    CalloutSeat,
    ContactTest,
    Delivery,
    DeliveryState,
    SeatingBatch,
    SeatState,
)
from anlan.dissemination.services import contact_tests, feedback, hand, move_on
from anlan.dissemination.services.seating import open_batch
from anlan.journal.deadlines import deadline
from anlan.kernel.actor import system

log = logging.getLogger("anlan.dissemination")

LADDER = system("ladder")
SEATING = system("seating")
#: Seats of one transaction. Engineering choice: a province moves in many short steps, between which answers come in.
TOGETHER = 400
#: Batches of seats between two looks at every other deadline: a ladder elsewhere waits less than a second.
SEATINGS = 2
_CAUSE = "deadline:dissemination.escalation"


@deadline("dissemination.escalation", CalloutSeat, "escalate_at", state=SeatState.WAITING.value)
def escalate(seat: CalloutSeat, at: datetime) -> None:
    """Move every seat of this call-out that is due, at once: 139 villages fall due in the same second.

    The seats that follow in the same round then have a new deadline and return here without a write. If one of them
    cannot be moved, this one still is.
    """
    if "escalation" in settings.ANLAN_SABOTAGE:
        log.warning("SABOTAGE_escalation_is_switched_off", extra={"seat": str(seat.pk)})
        return
    due = list(
        CalloutSeat.objects.filter(callout=seat.callout_id, state=SeatState.WAITING, escalate_at__lte=at)
        .select_related("callout", "division")
        .order_by("escalate_at", "id")[:TOGETHER]
    )
    if seat.pk not in {one.pk for one in due}:
        fresh = CalloutSeat.objects.select_related("callout", "division").get(pk=seat.pk)
        if fresh.state != SeatState.WAITING:
            return
        due = [fresh, *due[1:]]
    try:
        with transaction.atomic():
            move_on(due, by=LADDER, at=at, cause=_CAUSE)
    except Exception:
        log.exception(
            "escalation_in_a_batch_failed", extra={"callout": str(seat.callout_id), "seats": len(due)}
        )
        fresh = CalloutSeat.objects.select_related("callout", "division").get(pk=seat.pk)
        move_on([fresh], by=LADDER, at=at, cause=_CAUSE)


@deadline("dissemination.contact_test", ContactTest, "next_step_at")
def next_step_of_test(test: ContactTest, at: datetime) -> None:
    """A planned round begins, a running one is looked at or ends."""
    contact_tests.step(test, at=at)


@deadline("dissemination.feedback", CalloutSeat, "feedback_due_at", state=SeatState.ACTING.value)
def chase_feedback(seat: CalloutSeat, at: datetime) -> None:
    """Somebody said "done" and did not say what was done: ask, then show it as missing."""
    feedback.chase(seat, by=system("feedback"), at=at)


@deadline("dissemination.chase", Delivery, "chase_at")
def chase_hand_work(delivery: Delivery, at: datetime) -> None:
    """A keeper or partner who has not said that it was done is asked again."""
    hand.chase(delivery, by=system("chase"), at=at)


@deadline("dissemination.seating", SeatingBatch, "due_at", limit=SEATINGS)
def open_more_seats(batch: SeatingBatch, at: datetime) -> None:
    """The next seats of a call-out that is too large for one transaction, the most dangerous first."""
    open_batch(batch, by=SEATING, at=at)


@deadline("dissemination.receipts", Delivery, "receipt_due_at", state=DeliveryState.SENT.value)
def no_receipt(delivery: Delivery, at: datetime) -> None:
    """A gateway took it and said nothing in time: the attempt is unproven, and the gateway may be doubted."""
    doubts.look_at(delivery, at=at)
