"""Reads about outlets: what is in force for one, its token, its last signs, and the tasks that wait for hands."""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Q, QuerySet

from anlan.accounts.access import narrow
from anlan.dissemination.channels import Nature, manifests
from anlan.dissemination.channels.loudspeaker.logs import BroadcastLog, counts, line_of
from anlan.dissemination.models import Broadcast, Delivery, DeliveryState, InboundEvent, Outlet
from anlan.dissemination.services.hand import task_of
from anlan.dissemination.tokens import is_genuine
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import Right

_SIGNATURE = 12
#: How many texts a display shows, danger first. Engineering choice.
SHOWN_MAX = 12
TASKS_MAX = 300
#: Broadcasts whose loudspeakers are summed up by village. Engineering choice.
REPORTED_MAX = 5


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


@dataclass(frozen=True, slots=True)
class VillageReport:
    """What the loudspeakers of one village reported about one broadcast: terminals by state, the newest word of each counting.

    `told` are its loudspeakers that were told, `silent` those of them about which no log came.
    """

    broadcast: Broadcast
    village: Division
    told: int
    silent: int
    by_state: Mapping[str, int]


def village_reports(actor: Actor) -> list[VillageReport]:
    """The newest broadcasts in force, village by village, those that failed or say nothing first."""
    at = clocks.now(clocks.default_exercise_id())
    told = Delivery.objects.filter(channel="loudspeaker", person=None).exclude(state=DeliveryState.CANCELLED)
    newest = in_force(at).filter(pk__in=told.values("broadcast")).order_by("-id")[:REPORTED_MAX]
    broadcast_by_id = {one.pk: one for one in newest}
    rows = narrow(
        told.filter(broadcast__in=list(broadcast_by_id)), actor, path_field="outlet__division__path"
    ).select_related("outlet__division")
    together: dict[tuple[uuid.UUID, str], list[Delivery]] = defaultdict(list)
    deliveries = list(rows)
    villages = _villages({one.outlet.division for one in deliveries if one.outlet is not None})
    for one in deliveries:
        if one.outlet is not None and one.broadcast_id is not None:
            together[one.broadcast_id, villages[one.outlet.division_id].code].append(one)
    lines = terminal_lines(Q(delivery__broadcast__in=list(broadcast_by_id), delivery__channel="loudspeaker"))
    village_by_code = {one.code: one for one in villages.values()}
    found = [
        _report(broadcast_by_id[pk], village_by_code[code], group, lines)
        for (pk, code), group in together.items()
    ]
    found.sort(key=lambda one: (-one.by_state["failed"], -one.silent, one.village.code))
    order = list(broadcast_by_id)
    return sorted(found, key=lambda one: order.index(one.broadcast.pk))


def terminal_lines(about: Q) -> dict[uuid.UUID, list[BroadcastLog]]:
    """The kept lines of broadcast logs by delivery, the oldest first. `about` chooses the events; no list of ids, for a
    province has more loudspeakers than a query has room for."""
    rows = InboundEvent.objects.filter(about, provider="ebd", kind="receipt")
    found: dict[uuid.UUID, list[BroadcastLog]] = defaultdict(list)
    for pk, words, at in rows.order_by("happened_at", "id").values_list("delivery", "words", "happened_at"):
        line = line_of(words, str(pk), at)
        if line is not None:
            found[pk].append(line)
    return found


def terminals_by_state(lines: Iterable[BroadcastLog]) -> Counter[str]:
    """Received, playing, finished, failed; the newest word of each terminal counts."""
    return counts(lines)


def _report(
    row: Broadcast,
    village: Division,
    deliveries: list[Delivery],
    lines: Mapping[uuid.UUID, list[BroadcastLog]],
) -> VillageReport:
    heard = [one for one in deliveries if lines.get(one.pk)]
    by_state = terminals_by_state(line for one in heard for line in lines[one.pk])
    return VillageReport(row, village, len(deliveries), len(deliveries) - len(heard), by_state)


def _villages(places: Iterable[Division]) -> dict[str, Division]:
    """The village of each place by its code: a school's loudspeaker counts in its village, that of a township for itself."""
    here = list(places)
    codes = {code for place in here if place.level != DivisionLevel.VILLAGE for code in place.path.split("/")}
    known = {place.code: place for place in here if place.level == DivisionLevel.VILLAGE} | {
        one.code: one
        for one in Division.objects.filter(code__in=codes, level=DivisionLevel.VILLAGE).defer("geometry")
    }
    return {
        place.code: next((known[code] for code in place.path.split("/") if code in known), place)
        for place in here
    }


def _signature(outlet: Outlet) -> bytes:
    key = settings.SECRET_KEY.encode()
    said = b"anlan display token" + outlet.pk.bytes + outlet.address.encode()
    return hmac.new(key, said, hashlib.sha256).digest()[:_SIGNATURE]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
