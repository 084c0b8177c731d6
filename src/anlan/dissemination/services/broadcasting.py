"""One text to the outlets of an area: made, replaced, taken back with an all-clear to exactly the outlets that had it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from anlan.directory import queries as directory
from anlan.dissemination.audience import addresses_for
from anlan.dissemination.channels import Nature, manifests
from anlan.dissemination.channels.hand import WORK_BY_CHANNEL
from anlan.dissemination.channels.loudspeaker.numbers import message_numbers
from anlan.dissemination.channels.siren import signal_for
from anlan.dissemination.models import (
    Broadcast,
    Callout,
    CalloutSeat,
    Delivery,
    DeliveryPurpose,
    DeliveryState,
    Outlet,
)
from anlan.dissemination.refusals import NobodyToTell, NothingToSay
from anlan.dissemination.services import hand
from anlan.dissemination.services.seats import cancel_queued, new_delivery
from anlan.dissemination.texts import compose
from anlan.dissemination.wake import wake_worker
from anlan.journal.services import record_all
from anlan.kernel.actor import Actor
from anlan.places.models import Division

#: How long a keeper or a partner may say nothing before he is asked again. Assumption: no text seen rules on it.
CHASE_AFTER: dict[Nature, timedelta] = {
    Nature.HAND: timedelta(minutes=15),
    Nature.PARTNER: timedelta(minutes=20),
}
#: On which channels a keeper is told about his task.
_KEEPER_CHANNELS: dict[Nature, tuple[str, ...]] = {
    Nature.HAND: ("sms",),
    Nature.PARTNER: ("sms", "email"),
}
_MAY_HAVE_LEFT = Q(handed_at__isnull=False) | Q(is_uncertain=True) | Q(state=DeliveryState.HANDING)


@dataclass(frozen=True, slots=True)
class Said:
    """What is broadcast. `voice_text` is spoken where it is given; `audio_digest` is that of a recorded one. Times are aware, UTC."""

    subject: str
    issuer: str
    title: str
    text: str
    division: Division
    voice_text: str = ""
    level: int | None = None
    hazard_type: str = ""
    expires_at: datetime | None = None
    audio_digest: str = ""
    exercise_id: uuid.UUID | None = None


def broadcast(
    *,
    subject: str,
    callout: Callout | None = None,
    outlets: Iterable[Outlet],
    text: str,
    voice_text: str = "",
    issuer: str,
    title: str,
    level: int | None,
    hazard_type: str = "",
    division: Division,
    expires_at: datetime | None = None,
    replaces: Broadcast | None = None,
    seat: CalloutSeat | None = None,
    audio_digest: str = "",
    exercise_id: uuid.UUID | None = None,
    by: Actor,
    at: datetime,
    cause: str = "",
) -> Broadcast:
    """Queue the text for every outlet, and for the keepers of those that need hands.

    An update names what it `replaces`: that one ends, what of it has not left is taken back, and every outlet that had it is
    told the new text too. With `seat` the deliveries belong to that seat; they never answer for it.
    """
    if not text.strip():
        raise NothingToSay
    said = Said(
        subject,
        issuer,
        title,
        text,
        division,
        voice_text,
        level,
        hazard_type,
        expires_at,
        audio_digest,
        exercise_id,
    )
    told = [] if replaces is None else outlets_told(replaces)
    chosen = list({outlet.pk: outlet for outlet in [*outlets, *told]}.values())
    if not chosen:
        raise NobodyToTell
    row = _row(said, callout=callout, replaces=replaces, is_all_clear=False, at=at)
    with transaction.atomic(savepoint=False):
        if replaces is not None:
            _end(replaces, "replaced", by=by, at=at)
        row.record(by=by, at=at, kind="started", cause=cause)
        _queue(row, chosen, seat=seat, by=by, at=at)
    return row


def end_broadcast(
    row: Broadcast, *, all_clear: str = "", title: str = "", reason: str, by: Actor, at: datetime
) -> Broadcast | None:
    """It is no longer in force. With `all_clear` exactly the outlets that may have had it are told so; returns that broadcast.

    Ended before, it stays as it is and None is returned. What has not left is taken back and needs no all-clear.
    """
    if row.ended_at is not None:
        return None
    told = outlets_told(row)
    with transaction.atomic(savepoint=False):
        _end(row, reason, by=by, at=at)
        if not all_clear.strip() or not told:
            return None
        said = Said(
            row.subject,
            row.issuer,
            title or row.title,
            all_clear,
            row.division,
            level=row.level,
            hazard_type=row.hazard_type,
            expires_at=at + ALL_CLEAR_STANDS,
            exercise_id=row.exercise_id,
        )
        clear = _row(said, callout=row.callout, replaces=row, is_all_clear=True, at=at)
        clear.record(by=by, at=at, kind="started", cause=f"broadcast:{row.pk}")
        _queue(clear, told, seat=None, by=by, at=at)
    return clear


#: How long an all-clear stands on displays. Engineering choice.
ALL_CLEAR_STANDS = timedelta(hours=6)


def outlets_told(row: Broadcast) -> list[Outlet]:
    """Outlets that may have had it, in themselves or by its predecessors; an uncertain attempt counts as had."""
    chain = [row.pk]
    before = row.replaces
    while before is not None and not before.is_all_clear:
        chain.append(before.pk)
        before = before.replaces
    deliveries = Delivery.objects.filter(_MAY_HAVE_LEFT, broadcast__in=chain, outlet__isnull=False)
    keys = deliveries.values_list("outlet", flat=True).distinct()
    return list(
        Outlet.objects.filter(pk__in=keys).select_related("division", "keeper").order_by("name", "id")
    )


def running(subject: str, *, exercise_id: uuid.UUID | None) -> list[Broadcast]:
    """What is in force about a subject."""
    rows = Broadcast.objects.filter(
        subject=subject, ended_at=None, is_all_clear=False, exercise_id=exercise_id
    )
    return list(rows.select_related("division", "callout", "replaces").order_by("id"))


def _row(
    said: Said, *, callout: Callout | None, replaces: Broadcast | None, is_all_clear: bool, at: datetime
) -> Broadcast:
    return Broadcast(
        subject=said.subject,
        callout=callout,
        division=said.division,
        issuer=said.issuer,
        title=said.title,
        level=said.level,
        hazard_type=said.hazard_type,
        text=said.text,
        voice_text=said.voice_text,
        started_at=at,
        expires_at=said.expires_at,
        is_all_clear=is_all_clear,
        replaces=replaces,
        audio_digest=said.audio_digest,
        exercise_id=said.exercise_id,
    )


def _end(row: Broadcast, reason: str, *, by: Actor, at: datetime) -> None:
    if row.ended_at is None:
        row.change(by=by, at=at, kind="ended", ended_at=at, end_reason=reason)
    cancel_queued(Delivery.objects.filter(broadcast=row), by=by, at=at, cause=f"broadcast:{row.pk}")
    waiting = Delivery.objects.filter(broadcast=row, chase_at__isnull=False)
    for delivery in waiting.select_related("outlet__division", "seat__division", "callout__division"):
        delivery.change(by=by, at=at, kind="chased_no_more", chase_at=None)
    by_hand = [code for code, face in manifests().items() if face.nature in CHASE_AFTER]
    undone = Delivery.objects.filter(broadcast=row, channel__in=by_hand, chase_at=None, state__in=hand.UNDONE)
    for delivery in undone:  # overdue: it may ring at the desk
        hand.settle(delivery, is_done=False, at=at)


def _queue(
    row: Broadcast, outlets: Sequence[Outlet], *, seat: CalloutSeat | None, by: Actor, at: datetime
) -> None:
    """Danger first is told by `priority`; the loudspeakers' message numbers are taken here, so that a repeat keeps its own."""
    deliveries = [_to_outlet(row, outlet, seat=seat, at=at) for outlet in outlets]
    speakers = [one for one in deliveries if one.channel == "loudspeaker"]
    for delivery, number in zip(speakers, message_numbers(len(speakers), at=at), strict=False):
        delivery.provider_ref = number
    if row.replaces is not None:
        _name_what_is_taken_back(speakers, row.replaces)
    deliveries += _to_keepers(row, outlets, seat=seat, at=at)
    record_all(deliveries, by=by, at=at, kind="queued", cause=f"broadcast:{row.pk}")
    wake_worker()


def _to_outlet(row: Broadcast, outlet: Outlet, *, seat: CalloutSeat | None, at: datetime) -> Delivery:
    nature = manifests()[outlet.channel].nature
    delivery = new_delivery(
        purpose=DeliveryPurpose.BROADCAST,
        channel=outlet.channel,
        address=outlet.address,
        text=_text(row, outlet, nature),
        at=at,
        exercise_id=row.exercise_id,
    )
    _belongs(delivery, row, outlet, seat)
    delivery.recipient = (outlet.keeper.name if outlet.keeper is not None else outlet.name)[:60]
    if nature in CHASE_AFTER:
        delivery.chase_at = at + CHASE_AFTER[nature]
    else:
        delivery.answer_token = ""
    return delivery


def _to_keepers(
    row: Broadcast, outlets: Sequence[Outlet], *, seat: CalloutSeat | None, at: datetime
) -> list[Delivery]:
    """Whoever must do it by hand, or pass it on, is told on his own telephone and mail."""
    kept = [
        one for one in outlets if one.keeper is not None and manifests()[one.channel].nature in CHASE_AFTER
    ]
    points = directory.contact_points({one.keeper_id for one in kept if one.keeper_id is not None}, at)
    found = []
    for outlet in kept:
        nature = manifests()[outlet.channel].nature
        for channel in _KEEPER_CHANNELS[nature]:
            for address in addresses_for(points.get(outlet.keeper_id, []), channel)[:1]:  # type: ignore[arg-type]
                delivery = new_delivery(
                    purpose=DeliveryPurpose.BROADCAST,
                    channel=channel,
                    address=address,
                    text=_text(row, outlet, nature),
                    at=at,
                    exercise_id=row.exercise_id,
                )
                _belongs(delivery, row, outlet, seat)
                delivery.person_id, delivery.role = outlet.keeper_id, "keeper"
                found.append(delivery)
    return found


def _belongs(delivery: Delivery, row: Broadcast, outlet: Outlet, seat: CalloutSeat | None) -> None:
    delivery.broadcast, delivery.outlet, delivery.seat = row, outlet, seat
    delivery.callout = seat.callout if seat is not None else None
    delivery.subject = row.subject
    delivery.priority = row.level or 5


def _text(row: Broadcast, outlet: Outlet, nature: Nature) -> str:
    keeper = outlet.keeper.name if outlet.keeper is not None else outlet.name
    if nature is Nature.HAND:
        work = WORK_BY_CHANNEL[outlet.channel]
        if outlet.channel == "siren":
            work = f"{work}（{signal_for(is_all_clear=row.is_all_clear).words}）"
        return compose("hand.task", issuer=row.issuer, who=keeper, work=work, text=row.text)
    if nature is Nature.PARTNER:
        return compose("partner.request", issuer=row.issuer, who=outlet.name, text=row.text)
    return f"【{row.issuer}】{row.title}。{row.text}" if nature is Nature.GROUP else row.text


def _name_what_is_taken_back(speakers: Sequence[Delivery], former: Broadcast) -> None:
    """Which message of the same loudspeaker an all-clear or update takes back."""
    sent = Delivery.objects.filter(broadcast=former, channel="loudspeaker").exclude(provider_ref="")
    number_by_outlet: dict[uuid.UUID | None, str] = dict(
        sent.order_by("id").values_list("outlet_id", "provider_ref")
    )
    for delivery in speakers:
        delivery.cancels = number_by_outlet.get(delivery.outlet_id, "")
