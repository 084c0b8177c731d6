"""Reads about outlets: what is in force for one, its token, its last signs, and the tasks that wait for hands."""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Q, QuerySet

from anlan.accounts.access import narrow
from anlan.dissemination.channels import Nature, manifests
from anlan.dissemination.models import Broadcast, Delivery, DeliveryState, Outlet
from anlan.dissemination.services.hand import task_of
from anlan.dissemination.tokens import is_genuine
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.vocab.posts import Right

_SIGNATURE = 12
#: How many texts a display shows, danger first. Engineering choice.
SHOWN_MAX = 12
TASKS_MAX = 300


@dataclass(frozen=True, slots=True)
class Shown:
    """What a display shows now, danger first; `at` is the time of the data."""

    outlet: Outlet
    rows: tuple[Broadcast, ...]
    at: datetime


def display_token(outlet: Outlet) -> str:
    """The secret part of a display's address. Another address of the outlet makes another token; nothing is stored."""
    return _text(outlet.pk.bytes + _signature(outlet))


def outlet_by_token(token: str) -> Outlet | None:
    """The display that a token opens, or None when it is forged, old or switched off."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        return None
    if len(raw) != 16 + _SIGNATURE or _text(raw) != token:
        return None
    outlet = (
        Outlet.objects.filter(pk=uuid.UUID(bytes=raw[:16]), is_active=True, channel="display")
        .select_related("division")
        .first()
    )
    if outlet is None or not hmac.compare_digest(raw[16:], _signature(outlet)):
        return None
    return outlet


def shown_on(outlet: Outlet) -> Shown:
    """In force, told to this display, of the run that this folder lives in: a drill in a live county is never shown."""
    at = clocks.now(clocks.default_exercise_id())
    told = Delivery.objects.filter(outlet=outlet, channel="display").exclude(state=DeliveryState.CANCELLED)
    rows = in_force(at).filter(pk__in=told.values("broadcast"))
    found = sorted(rows, key=lambda one: (one.is_all_clear, one.level or 5, -one.started_at.timestamp()))
    return Shown(outlet, tuple(found[:SHOWN_MAX]), at)


def in_force(at: datetime) -> QuerySet[Broadcast]:
    """Broadcasts that stand at `at` in the run of this folder."""
    rows = Broadcast.objects.filter(started_at__lte=at, exercise_id=clocks.default_exercise_id())
    return rows.filter(Q(expires_at=None) | Q(expires_at__gt=at), ended_at=None).select_related("division")


def task_by_token(token: str) -> Delivery | None:
    """The hand task or partner's text that a link opens."""
    if not is_genuine(token):
        return None
    delivery = (
        Delivery.objects.filter(answer_token=token, outlet__isnull=False)
        .select_related("outlet__division", "outlet__keeper", "broadcast", "person")
        .first()
    )
    return task_of(delivery) if delivery is not None else None


def hand_channels() -> list[str]:
    """Channels where a person says when it was done."""
    natures = (Nature.HAND, Nature.PARTNER)
    return [code for code, face in manifests().items() if face.nature in natures]


def visible_outlets(actor: Actor, *, need: Right = Right.SEE) -> QuerySet[Outlet]:
    rows = Outlet.objects.select_related("division", "keeper", "sign_of_life").order_by(
        "channel", "name", "id"
    )
    return narrow(rows, actor, need=need)


def visible_tasks(actor: Actor) -> QuerySet[Delivery]:
    """Hand work and partners of the jurisdiction, in this folder's run."""
    rows = Delivery.objects.filter(
        channel__in=hand_channels(), outlet__isnull=False, exercise_id=clocks.default_exercise_id()
    ).select_related("outlet__division", "outlet__keeper", "broadcast")
    return narrow(rows, actor, path_field="outlet__division__path")


def open_tasks(actor: Actor) -> list[Delivery]:
    """What nobody has confirmed, the most dangerous and oldest first."""
    waiting = (DeliveryState.QUEUED, DeliveryState.HANDING, DeliveryState.SENT, DeliveryState.FAILED)
    rows = visible_tasks(actor).filter(state__in=waiting)
    return list(rows.order_by("priority", "due_at", "id")[:TASKS_MAX])


def done_tasks(actor: Actor) -> list[Delivery]:
    rows = visible_tasks(actor).filter(state=DeliveryState.DELIVERED).prefetch_related("hand_receipts")
    return list(rows.order_by("-delivered_at", "-id")[:50])


def _signature(outlet: Outlet) -> bytes:
    key = settings.SECRET_KEY.encode()
    said = b"anlan display token" + outlet.pk.bytes + outlet.address.encode()
    return hmac.new(key, said, hashlib.sha256).digest()[:_SIGNATURE]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
