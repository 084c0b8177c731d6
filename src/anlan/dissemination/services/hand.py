"""Work by hand and "on air at": who did it, when, with a picture (C-08, C-12, C-07). It delivers; it never answers."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import transaction

from anlan.directory.models import Person
from anlan.dissemination.channels import Nature, manifests
from anlan.dissemination.channels.hand import WORK_BY_CHANNEL
from anlan.dissemination.models import Delivery, DeliveryState, HandReceipt
from anlan.dissemination.refusals import (
    AlreadyConfirmed,
    EvidenceNeeded,
    NobodyDidIt,
    NotByHand,
    NotYetHappened,
)
from anlan.dissemination.services import threes
from anlan.dissemination.services.seats import new_delivery
from anlan.dissemination.texts import compose
from anlan.dissemination.wake import wake_worker
from anlan.events.published import HandWorkOverdue, HandWorkSettled
from anlan.journal.services import announce, record_all
from anlan.kernel.actor import Actor

#: A clock on a wall may be a little fast.
AHEAD = timedelta(minutes=2)
#: Nothing that lies further back than this is about the task at hand.
BACK = timedelta(hours=24)
#: Another reminder comes after this, and so long after the last one the desk rings. Assumption.
CHASE_AGAIN = timedelta(minutes=15)
CHASES_MAX = 2

#: What nobody has reported as done.
UNDONE = frozenset(
    {
        DeliveryState.QUEUED,
        DeliveryState.HANDING,
        DeliveryState.SENT,
        DeliveryState.FAILED,
        DeliveryState.REFUSED,
    }
)
_OPEN = frozenset({DeliveryState.QUEUED, DeliveryState.HANDING, DeliveryState.SENT, DeliveryState.FAILED})


def confirm(
    delivery: Delivery,
    *,
    done_by_name: str,
    happened_at: datetime,
    words: str = "",
    photo_id: uuid.UUID | None = None,
    done_by: Person | None = None,
    by: Actor,
    at: datetime,
) -> HandReceipt:
    """Keep who did it and when; the delivery is delivered, never read. A later confirmation is one more fact.

    A video check needs a picture or words about what was seen.
    """
    check_confirmable(
        delivery, done_by_name=done_by_name, happened_at=happened_at, words=words, photo_id=photo_id, at=at
    )
    receipt = HandReceipt(
        delivery=delivery,
        done_by=done_by,
        done_by_name=done_by_name.strip()[:60],
        happened_at=happened_at,
        words=words.strip()[:300],
        photo_id=photo_id,
        exercise_id=delivery.exercise_id,
    )
    with transaction.atomic(savepoint=False):
        receipt.record(by=by, at=at, kind="confirmed", cause=f"delivery:{delivery.pk}")
        if delivery.state in _OPEN:
            delivery.advance(
                DeliveryState.DELIVERED,
                by=by,
                at=at,
                cause=f"hand_receipt:{receipt.pk}",
                delivered_at=happened_at,
                due_at=None,
                chase_at=None,
            )
            threes.note_delivery(delivery, at, by=by, is_answered=True)
        elif delivery.chase_at is not None:
            delivery.change(by=by, at=at, kind="chased_no_more", chase_at=None)
        settle(delivery, is_done=True, at=at)
    return receipt


def settle(delivery: Delivery, *, is_done: bool, at: datetime) -> None:
    """Nothing rings for it any more."""
    event = HandWorkSettled(delivery_id=str(delivery.pk), is_done=is_done)
    announce(event, at=at, exercise_id=delivery.exercise_id)


def confirm_by_link(
    delivery: Delivery,
    *,
    done_by_name: str,
    happened_at: datetime,
    words: str = "",
    photo_id: uuid.UUID | None = None,
    by: Actor,
    at: datetime,
) -> HandReceipt:
    """Through the link of a message: once. Whoever opens it later is told who said so first."""
    first = delivery.hand_receipts.order_by("id").first()
    if first is not None:
        raise AlreadyConfirmed(name=first.done_by_name)
    return confirm(
        delivery,
        done_by_name=done_by_name,
        happened_at=happened_at,
        words=words,
        photo_id=photo_id,
        by=by,
        at=at,
    )


def check_confirmable(
    delivery: Delivery,
    *,
    done_by_name: str,
    happened_at: datetime,
    words: str,
    photo_id: uuid.UUID | None,
    at: datetime,
) -> None:
    if not is_by_hand(delivery):
        raise NotByHand
    if not done_by_name.strip():
        raise NobodyDidIt
    if happened_at > at + AHEAD or happened_at < at - BACK:
        raise NotYetHappened
    if delivery.channel == "video" and photo_id is None and not words.strip():
        raise EvidenceNeeded


def is_by_hand(delivery: Delivery) -> bool:
    """Whether a person says when it was done: hand work and partners, and loudspeakers and displays that cannot tell."""
    face = manifests().get(delivery.channel)
    return face is not None and face.nature in (Nature.HAND, Nature.PARTNER, Nature.PLACE)


def task_of(delivery: Delivery) -> Delivery:
    """The outlet's own delivery where this one is the message to its keeper."""
    if delivery.outlet_id is None or delivery.channel not in ("sms", "email", "voice"):
        return delivery
    return (
        Delivery.objects.filter(broadcast=delivery.broadcast_id, outlet=delivery.outlet_id)
        .exclude(channel__in=("sms", "email", "voice"))
        .select_related("outlet__division", "outlet__keeper", "broadcast")
        .order_by("id")
        .first()
        or delivery
    )


def chase(delivery: Delivery, *, by: Actor, at: datetime) -> None:
    """Ask the keeper once more; after the last time, or where nobody can be asked, the task is overdue and the desk rings.

    So is one that failed: nobody has the text, and no reminder would help.
    """
    if delivery.state not in UNDONE:
        delivery.change(by=by, at=at, kind="chased_no_more", chase_at=None)
        return
    siblings = Delivery.objects.filter(
        broadcast=delivery.broadcast_id, outlet=delivery.outlet_id, person__isnull=False
    )
    asked = list(siblings.filter(role__in=("keeper", "chase")).order_by("id"))
    chases = sum(one.role == "chase" for one in asked)
    first = min(asked, key=lambda one: one.channel != "sms", default=None)
    has_text = delivery.state in (DeliveryState.SENT, DeliveryState.HANDING, DeliveryState.QUEUED)
    with transaction.atomic(savepoint=False):
        if first is None or not has_text or chases >= CHASES_MAX:
            delivery.change(by=by, at=at, kind="overdue", chase_at=None)
            announce(HandWorkOverdue(delivery_id=str(delivery.pk)), at=at, exercise_id=delivery.exercise_id)
            return
        delivery.change(by=by, at=at, kind="chased", chase_at=at + CHASE_AGAIN)
        _ask_again(delivery, first, by=by, at=at)


def _ask_again(task: Delivery, first: Delivery, *, by: Actor, at: datetime) -> None:
    outlet, about = task.outlet, task.broadcast
    text = compose(
        "hand.chase",
        issuer=about.issuer if about is not None else "",
        who=outlet.name if outlet is not None else "",
        work=WORK_BY_CHANNEL.get(task.channel, "播发"),
    )
    again = new_delivery(
        purpose=first.purpose,
        channel=first.channel,
        address=first.address,
        text=text,
        at=at,
        exercise_id=task.exercise_id,
    )
    again.broadcast, again.outlet, again.seat, again.callout = about, outlet, task.seat, task.callout
    again.person_id, again.role, again.subject = first.person_id, "chase", task.subject
    again.priority = task.priority
    record_all([again], by=by, at=at, kind="queued", cause=f"delivery:{task.pk}")
    wake_worker()
