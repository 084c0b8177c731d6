"""Tell exactly those who were told before: the decision that people may return, a correction."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from anlan.dissemination.audience import Reach
from anlan.dissemination.models import CalloutSeat, Delivery, DeliveryPurpose, DeliveryState
from anlan.dissemination.services.calling import for_seat
from anlan.dissemination.texts import compose
from anlan.dissemination.wake import wake_worker
from anlan.journal.services import record_all
from anlan.kernel.actor import Actor


def tell_those_told(seat: CalloutSeat, *, text: str, by: Actor, at: datetime) -> list[Delivery]:
    """One message to each address of the seat that may have heard of the call-out; no answer is asked for."""
    may_have_heard = Q(handed_at__isnull=False) | Q(is_uncertain=True) | Q(state=DeliveryState.HANDING)
    rows = (
        seat.deliveries.filter(may_have_heard, outlet__isnull=True)
        .select_related("seat__division", "seat__callout", "person")
        .order_by("id")
    )
    by_address: dict[str, Delivery] = {}
    for delivery in sorted(rows, key=lambda one: one.channel == "voice"):
        by_address.setdefault(delivery.address, delivery)
    told = [_notice(seat, delivery, text, at=at) for delivery in by_address.values()]
    with transaction.atomic(savepoint=False):
        record_all(told, by=by, at=at, kind="queued", cause=f"seat:{seat.pk}")
        wake_worker()
    return told


def _notice(seat: CalloutSeat, delivery: Delivery, text: str, *, at: datetime) -> Delivery:
    name = delivery.person.name if delivery.person is not None else ""
    words = compose(f"all_clear.{delivery.channel}", issuer=seat.callout.issuer, text=text)
    reach = Reach(delivery.person_id, name, delivery.role, delivery.channel, delivery.address)
    notice = for_seat(seat, reach, purpose=DeliveryPurpose.NOTICE, text=words, rung=seat.rung, at=at)
    notice.answer_token = ""
    return notice
