"""A test message of the person who asks for it, to nobody but that person."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from anlan.directory import queries as directory
from anlan.dissemination.audience import addresses_for
from anlan.dissemination.channels import Nature, manifests
from anlan.dissemination.models import Delivery, DeliveryPurpose
from anlan.dissemination.refusals import NoNumberOfOnesOwn, UnknownChannel
from anlan.dissemination.services.seats import new_delivery
from anlan.dissemination.texts import compose
from anlan.dissemination.wake import wake_worker
from anlan.kernel.actor import Actor

#: Channels that such a test makes sense on; each has its text “test.<channel>”.
TESTED = ("sms", "voice", "email")


def test_own_number(channel: str, *, issuer: str, by: Actor, at: datetime) -> Delivery:
    """Queue one message to the actor's own best address on a channel; no other address can be given."""
    found = manifests().get(channel)
    if channel not in TESTED or found is None or found.nature is not Nature.PERSONAL:
        raise UnknownChannel(channel=channel, known=", ".join(TESTED))
    points = directory.contact_points([by.person_id], at).get(by.person_id, []) if by.person_id else []
    addresses = addresses_for(points, channel)
    if not addresses:
        raise NoNumberOfOnesOwn
    delivery = new_delivery(
        purpose=DeliveryPurpose.TEST,
        channel=channel,
        address=addresses[0],
        text=compose(f"test.{channel}", issuer=issuer, who=by.name),
        at=at,
        exercise_id=None,
    )
    delivery.person_id, delivery.subject = by.person_id, f"channel:{channel}"
    delivery.answer_token = ""
    with transaction.atomic(savepoint=False):
        delivery.record(by=by, at=at, kind="queued")
        wake_worker()
    return delivery
