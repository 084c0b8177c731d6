"""Reach one person: about anything (a review, an alarm), or now about a village by hand."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from anlan.directory import queries as directory
from anlan.directory.models import Person
from anlan.dissemination.audience import Reach, addresses_for
from anlan.dissemination.channels import manifests
from anlan.dissemination.models import CalloutSeat, Delivery, DeliveryPurpose
from anlan.dissemination.refusals import NoReachableRecipient, UnknownChannel
from anlan.dissemination.services.calling import for_seat
from anlan.dissemination.services.seats import SILENT, new_delivery, require_open, with_fresh_seat
from anlan.dissemination.texts import compose
from anlan.dissemination.wake import wake_worker
from anlan.journal.services import record_all
from anlan.kernel.actor import Actor


def reach_person(
    *,
    person_id: uuid.UUID,
    subject: str,
    text: str,
    voice_text: str = "",
    channels: Sequence[str] = ("sms", "voice"),
    role: str,
    by: Actor,
    at: datetime,
    exercise_id: uuid.UUID | None = None,
    cause: str = "",
) -> list[Delivery]:
    """Queue a message on each channel; an empty list means that the person has no address, and the caller must go on."""
    points = directory.contact_points([person_id], at).get(person_id, [])
    deliveries = []
    for channel in _known(channels):
        spoken = voice_text if channel == "voice" and voice_text else text
        for address in addresses_for(points, channel):
            delivery = new_delivery(
                purpose=DeliveryPurpose.NOTICE,
                channel=channel,
                address=address,
                text=spoken,
                at=at,
                exercise_id=exercise_id,
            )
            delivery.subject, delivery.person_id, delivery.role = subject, person_id, role
            delivery.answer_token = ""
            delivery.priority = 1  # our own people at the desk: few messages, before any queue
            deliveries.append(delivery)
    with transaction.atomic(savepoint=False):
        record_all(deliveries, by=by, at=at, kind="queued", cause=cause)
        wake_worker()
    return deliveries


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to one person about `subject`."""

    person_id: uuid.UUID
    subject: str
    text: str
    role: str = ""


def reach_people(
    notices: Sequence[Notice],
    *,
    channels: Sequence[str] = ("sms",),
    by: Actor,
    at: datetime,
    exercise_id: uuid.UUID | None = None,
    cause: str = "",
) -> list[Delivery]:
    """`reach_person` for many people: the same few statements however many they are. Whoever has no address gets nothing."""
    points = directory.contact_points({one.person_id for one in notices}, at)
    made = [
        _notice(one, channel, address, at=at, exercise_id=exercise_id)
        for one in notices
        for channel in _known(channels)
        for address in addresses_for(points.get(one.person_id, []), channel)
    ]
    with transaction.atomic(savepoint=False):
        record_all(made, by=by, at=at, kind="queued", cause=cause)
        if made:
            wake_worker()
    return made


def _notice(
    one: Notice, channel: str, address: str, *, at: datetime, exercise_id: uuid.UUID | None
) -> Delivery:
    delivery = new_delivery(
        purpose=DeliveryPurpose.NOTICE, channel=channel, address=address, text=one.text, at=at, exercise_id=exercise_id
    )  # fmt: skip
    delivery.subject, delivery.person_id, delivery.role = one.subject, one.person_id, one.role
    delivery.answer_token = ""
    delivery.priority = 1  # as in `reach_person`
    return delivery


def call_now(
    seat: CalloutSeat,
    *,
    person_id: uuid.UUID | None = None,
    channel: str | None = None,
    by: Actor,
    at: datetime,
) -> list[Delivery]:
    """The duty officer calls somebody about a village at once, whatever rung it is on; the ladder's own deadline stays."""
    require_open(seat.callout)
    [code] = _known([channel or "voice"])
    chosen = person_id or seat.trying_person_id or seat.escalated_to_id
    points = directory.contact_points([chosen], at).get(chosen, []) if chosen else []
    addresses = addresses_for(points, code)
    if chosen is None or not addresses:
        raise NoReachableRecipient(village=seat.division.name)
    person = Person.objects.get(pk=chosen)
    made: list[Delivery] = []

    def move(fresh: CalloutSeat) -> None:
        if fresh.state in SILENT:
            fresh.change(by=by, at=at, kind="called_by_hand", trying_person=person, trying_channel=code)
        made[:] = [_by_hand(fresh, person, code, address, at=at) for address in addresses]

    with transaction.atomic(savepoint=False):
        with_fresh_seat(seat, move)
        record_all(made, by=by, at=at, kind="queued", cause=f"seat:{seat.pk}")
        wake_worker()
    return made


def _by_hand(seat: CalloutSeat, person: Person, channel: str, address: str, *, at: datetime) -> Delivery:
    callout = seat.callout
    spoken = callout.voice_text if channel == "voice" else ""
    text = compose(
        f"call.{channel}", issuer=callout.issuer, village=seat.division.name, text=spoken or callout.text
    )
    # To an answered seat it is a notice: the outbox would rightly drop a call that is no longer needed.
    purpose = DeliveryPurpose.CALL if seat.state in SILENT else DeliveryPurpose.NOTICE
    reach = Reach(person.pk, person.name, seat.trying_role or "by_hand", channel, address)
    return for_seat(seat, reach, purpose=purpose, text=text, rung=seat.rung, at=at)


def _known(channels: Sequence[str]) -> Sequence[str]:
    for channel in channels:
        if channel not in manifests():
            raise UnknownChannel(channel=channel, known=", ".join(manifests()))
    return channels
