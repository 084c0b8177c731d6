"""What a delivery is about, for channels that say it in fields; and the link that a person with hands gets."""

from __future__ import annotations

from django.conf import settings

from anlan.dissemination.channels import Occasion
from anlan.dissemination.models import Broadcast, Callout, Delivery, DeliveryPurpose
from anlan.places.models import Division


def occasion_of(delivery: Delivery) -> Occasion:
    """Reads only what `outbox._loaded` brought along: the broadcast and its predecessor, the outlet, the seat, the call-out."""
    place = _place(delivery)
    about: Broadcast | Callout | None = delivery.broadcast or delivery.callout
    if about is None:
        return Occasion(
            division_code=place.code if place else "",
            place=place.name if place else "",
            is_exercise=delivery.exercise_id is not None,
        )
    return Occasion(
        issuer=about.issuer,
        title=about.title,
        level=about.level,
        hazard_type=about.hazard_type,
        division_code=place.code if place else "",
        place=place.name if place else "",
        started_at=about.started_at,
        expires_at=about.expires_at,
        is_all_clear=_is_all_clear(delivery),
        is_exercise=delivery.exercise_id is not None,
        number=delivery.provider_ref if delivery.outlet_id else "",
        cancels=delivery.cancels,
        voice_text=delivery.broadcast.voice_text if delivery.broadcast else "",
        audio_digest=delivery.broadcast.audio_digest if delivery.broadcast else "",
        priority=delivery.priority,
    )


def hand_url(token: str) -> str:
    """The page on which a keeper or a partner says when it was done, without a log-in, once."""
    return f"{settings.ANLAN_BASE_URL}/h/{token}"


def asks_for_hand(delivery: Delivery) -> bool:
    """A message to the person who keeps an outlet, or to a partner: it carries the link of the outlet's own delivery."""
    return bool(
        delivery.outlet_id and delivery.answer_token and delivery.purpose == DeliveryPurpose.BROADCAST
    )


def _is_all_clear(delivery: Delivery) -> bool:
    if delivery.broadcast is not None:
        return delivery.broadcast.is_all_clear
    return delivery.purpose == DeliveryPurpose.ALL_CLEAR


def _place(delivery: Delivery) -> Division | None:
    if delivery.outlet is not None:
        return delivery.outlet.division
    return delivery.seat.division if delivery.seat is not None else None
