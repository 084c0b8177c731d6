"""Lost contact (失联): signs are gathered by the program, a person decides, and somebody is sent to look (F-32)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from math import asin, cos, radians, sin, sqrt
from typing import Any

from django.db import transaction

from anlan.directory.models import Contact, ContactKind
from anlan.directory.queries import in_use_at, mask
from anlan.dissemination.models import (
    Acknowledgement,
    CalloutSeat,
    DeliveryPurpose,
    InboundEvent,
    SeatState,
)
from anlan.dissemination.services.reaching import reach_person
from anlan.dissemination.services.seats import (
    require_open,
    require_person,
    require_reason,
    with_fresh_seat,
)
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.vocab.divisions import DivisionLevel

#: Villages offered as the nearest that still answer.
NEIGHBOURS = 5
__all__ = ["LastHeard", "NearBy", "last_heard", "near_by", "note_signs", "order_to_go", "satellite_phones"]


@dataclass(frozen=True, slots=True)
class LastHeard:
    """The newest trace of anybody in a place. `what` is "answer" or "event"; a station's reading is told by its own floor."""

    what: str
    at: datetime
    who: str


@dataclass(frozen=True, slots=True)
class NearBy:
    """A village close by that answered in this call-out, with who answered. `km` is the straight line, None without points."""

    division_code: str
    name: str
    who: str
    person_id: uuid.UUID | None
    km: float | None


def note_signs(seat: CalloutSeat, signs: list[dict[str, Any]], *, by: Actor, at: datetime) -> bool:
    """Keep signs that are not known yet ({"sign", "detail", "at"}); True when one was new. They decide nothing."""
    added: list[bool] = []

    def move(fresh: CalloutSeat) -> None:
        known = {(row["sign"], row["detail"]) for row in fresh.lost_signs}
        new = [row for row in signs if (row["sign"], row["detail"]) not in known]
        if new:
            fresh.change(by=by, at=at, kind="lost_sign", lost_signs=[*fresh.lost_signs, *new])
            added.append(True)

    with transaction.atomic(savepoint=False):
        with_fresh_seat(seat, move)
    return bool(added)


def order_to_go(
    seat: CalloutSeat, *, words: str, person_id: uuid.UUID | None = None, by: Actor, at: datetime
) -> CalloutSeat:
    """Send somebody there to look: who, by which way, until when. A chosen person is told at once by voice and SMS."""
    require_person(by)
    said = require_reason(words)[:300]
    require_open(seat.callout)

    def move(fresh: CalloutSeat) -> None:
        fresh.change(by=by, at=at, kind="ordered_to_go", order_to_go=said)

    with transaction.atomic(savepoint=False):
        with_fresh_seat(seat, move)
        if person_id is not None:
            text = f"【{seat.callout.issuer}】{seat.division.name}失联，请您前往查看：{said}。到达后请回报。"
            reach_person(
                person_id=person_id,
                subject=f"seat:{seat.pk}",
                text=text,
                role="ordered_to_go",
                by=by,
                at=at,
                exercise_id=seat.exercise_id,
                cause=f"seat:{seat.pk}",
            )
    return seat


def last_heard(seat: CalloutSeat) -> LastHeard | None:
    """The newest answer for the place in any call-out, or the newest event from a number that is responsible there."""
    fact = (
        Acknowledgement.objects.filter(seat__division=seat.division_id)
        .exclude(via="tick")
        .order_by("-answered_at")
        .first()
    )
    numbers = (
        seat.deliveries.exclude(purpose=DeliveryPurpose.BROADCAST)
        .values_list("address", flat=True)
        .distinct()
    )
    event = (
        InboundEvent.objects.filter(from_address__in=[number for number in numbers if number])
        .order_by("-happened_at")
        .first()
    )
    found = []
    if fact is not None:
        found.append(LastHeard("answer", fact.answered_at, fact.person_name))
    if event is not None:
        found.append(LastHeard("event", event.happened_at, ""))
    return max(found, key=lambda one: one.at, default=None)


def satellite_phones(seat: CalloutSeat, *, at: datetime, sees_numbers: bool) -> list[tuple[str, str]]:
    """Names and satellite numbers of people in the place and in its township."""
    here_and_above = seat.division.path.split("/")[-2:]
    rows = (
        Contact.objects.filter(
            in_use_at(at), kind=ContactKind.SATELLITE, person__division__code__in=here_and_above
        )
        .select_related("person")
        .order_by("person__name")
    )
    return [(row.person.name, row.value if sees_numbers else mask(row.value)) for row in rows]


def near_by(seat: CalloutSeat) -> list[NearBy]:
    """Who could go and look: villages of the call-out that answered, the nearest first."""
    here = seat.division
    rows = (
        CalloutSeat.objects.filter(
            callout=seat.callout_id, state__in=(SeatState.ANSWERED, SeatState.ACTING, SeatState.DONE)
        )
        .exclude(pk=seat.pk)
        .filter(division__level=DivisionLevel.VILLAGE)
        .select_related("division")
        .defer("division__geometry")
    )
    found = [
        NearBy(
            row.division_id,
            row.division.name,
            row.answered_by_name,
            row.answered_by_id,
            _km(here, row.division),
        )
        for row in rows
    ]
    found.sort(key=lambda one: (one.km is None, one.km or 0.0, one.division_code))
    return found[:NEIGHBOURS]


def _km(one: Division, other: Division) -> float | None:
    """Great-circle distance of the two points to show, on a sphere of 6,371 km."""
    if one.lon is None or one.lat is None or other.lon is None or other.lat is None:
        return None
    lat, lat2 = radians(one.lat), radians(other.lat)
    half = sin((lat2 - lat) / 2) ** 2 + cos(lat) * cos(lat2) * sin(radians(other.lon - one.lon) / 2) ** 2
    return 2 * 6371.0 * asin(sqrt(half))
