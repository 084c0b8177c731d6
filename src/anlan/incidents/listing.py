"""Finding incidents: a bounded page by filters, newest first, and others that may be the same event."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from anlan.incidents.access import visible_incidents
from anlan.incidents.models import Incident
from anlan.kernel.actor import Actor
from anlan.places.models import Division

#: Words that say nothing about which event it was.
_EMPTY = frozenset("的了在于发生事故事件一起县镇乡村")
#: Points nearer than this may be one place, degrees (about 2 km). Engineering choice.
NEAR = 0.02


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed to; "" and None leave it wide. `grade` 0 means without a grade."""

    state: str = ""
    event_class: int | None = None
    event_type: str = ""
    grade: int | None = None
    place: str = ""
    tag: str = ""
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""
    exercise_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a page ended: the next one begins after it, however many came in meanwhile."""

    known_at: datetime
    key: uuid.UUID


def chosen(actor: Actor, wanted: Wanted, after: Mark | None = None) -> QuerySet[Incident]:
    """Incidents that the actor may see, newest first, after `after`."""
    rows = visible_incidents(actor).filter(_narrowed(wanted), exercise_id=wanted.exercise_id)
    if wanted.tag:
        rows = rows.annotate(tag_text=Cast("tags", TextField())).filter(tag_text__contains=f'"{wanted.tag}"')
    if after is not None:
        later = Q(known_at__lt=after.known_at) | Q(known_at=after.known_at, pk__lt=after.key)
        rows = rows.filter(later, known_at__lte=after.known_at)
    return rows.order_by("-known_at", "-pk")


def _narrowed(wanted: Wanted) -> Q:
    found = Q()
    if wanted.state == "open":
        found &= Q(state__in=("received", "verified"))
    elif wanted.state:
        found &= Q(state=wanted.state)
    if wanted.event_class is not None:
        found &= Q(event_class=wanted.event_class)
    if wanted.event_type:
        found &= Q(event_type=wanted.event_type)
    if wanted.grade is not None:
        found &= Q(grade=wanted.grade) if wanted.grade else Q(grade=None)
    if wanted.place:
        place = Division.objects.filter(pk=wanted.place).values_list("path", flat=True).first()
        found &= (
            Q(division__path=place) | Q(division__path__startswith=f"{place}/") if place else Q(pk__in=[])
        )
    if wanted.since is not None:
        found &= Q(known_at__gte=wanted.since)
    if wanted.until is not None:
        found &= Q(known_at__lt=wanted.until)
    if wanted.text:
        # The title of a restricted one is its type; its place and reference are not searched.
        in_words = Q(title__icontains=wanted.text) | Q(
            place_words__icontains=wanted.text, is_restricted=False
        )
        found &= Q(number__startswith=wanted.text) | in_words
    return found


@dataclass(frozen=True, slots=True)
class Likeness:
    """Another incident with how alike it is (0 to 1) and why: "place", "point", "type", "title"."""

    incident: Incident
    score: float
    why: tuple[str, ...]


def similar(
    actor: Actor,
    incident: Incident,
    *,
    within_time: timedelta = timedelta(hours=6),
    text: str = "",
    most: int = 10,
) -> list[Likeness]:
    """Open or merged-into incidents near it in place and time, the likeliest first; with `text` only those that say it.

    Both must be readable alike: a restricted one is compared with restricted ones only.
    """
    moment = incident.occurred_at or incident.known_at
    rows = visible_incidents(actor).filter(
        known_at__range=(moment - within_time, moment + within_time),
        exercise_id=incident.exercise_id,
        is_restricted=incident.is_restricted,
        state__in=("received", "verified", "closed"),
    )
    if text:
        rows = rows.filter(
            Q(title__icontains=text) | Q(place_words__icontains=text) | Q(number__startswith=text)
        )
    found = [_likeness(incident, other) for other in rows.exclude(pk=incident.pk).order_by("-known_at")[:300]]
    likely = [one for one in found if text or (one.why and one.score >= 0.3)]
    return sorted(likely, key=lambda one: -one.score)[:most]


def _likeness(one: Incident, other: Incident) -> Likeness:
    why, score = [], 0.0
    if _is_same_place(one.division.path, other.division.path):
        why.append("place")
        score += 0.3
    if None not in (one.lon, one.lat, other.lon, other.lat) and _is_near(one, other):
        why.append("point")
        score += 0.2
    if one.event_type == other.event_type:
        why.append("type")
        score += 0.2
    alike = alikeness(one.title, other.title)
    if alike >= 0.3:
        why.append("title")
    return Likeness(other, round(min(1.0, score + 0.5 * alike), 2), tuple(why))


def _is_same_place(one: str, other: str) -> bool:
    """One lies in the other, or both in one township."""
    if one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/"):
        return True
    return one.split("/")[:2] == other.split("/")[:2]


def _is_near(one: Incident, other: Incident) -> bool:
    return abs((one.lon or 0) - (other.lon or 0)) < NEAR and abs((one.lat or 0) - (other.lat or 0)) < NEAR


def alikeness(one: str, other: str) -> float:
    """How many pairs of characters two titles share, 0 to 1."""
    first, second = _pairs(one), _pairs(other)
    if not first or not second:
        return 0.0
    return len(first & second) / min(len(first), len(second))


def _pairs(text: str) -> set[str]:
    kept = [letter for letter in text.lower() if letter.isalnum() and letter not in _EMPTY]
    return {f"{a}{b}" for a, b in pairwise(kept)} or set(kept)


def open_ones(actor: Actor, *, exercise_id: uuid.UUID | None, most: int = 500) -> Iterable[Incident]:
    """What goes on now, for the map and the boards."""
    rows = visible_incidents(actor).filter(state__in=("received", "verified"), exercise_id=exercise_id)
    return rows.order_by("-known_at")[:most]
