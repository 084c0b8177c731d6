"""Reads of intake for those upstairs."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet

from anlan.incidents.access import visible_incidents
from anlan.incidents.models import Incident
from anlan.intake import similarity
from anlan.intake.access import desk_intakes, visible_intakes, visible_rings
from anlan.intake.models import OPEN, Intake, RingEvent
from anlan.intake.types import Likeness
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.places.access import within
from anlan.vocab.posts import Right

#: Messages and incidents that are compared for a suggestion. Engineering choice.
COMPARED = 150
SUGGESTED = 6


def open_count(actor: Actor) -> int:
    """Messages whose next step the actor's desk owes; duplicates follow their first one."""
    return _of_run(desk_intakes(actor)).filter(state__in=OPEN, duplicate_of=None).count()


def by_source(actor: Actor, *, since: datetime, until: datetime) -> dict[str, int]:
    """How many came from each source in an interval; restricted ones are not counted."""
    rows = _of_run(desk_intakes(actor)).filter(
        received_at__gte=since, received_at__lt=until, is_restricted=False
    )
    return dict(rows.values_list("source").annotate(n=Count("pk")).order_by("source"))


def intakes_of(incident: Incident) -> list[Intake]:
    """The messages that tell of an incident, or of one that was merged into it, oldest first."""
    ids = [incident.pk, *incident.merged_from.values_list("pk", flat=True)]
    rows = Intake.objects.filter(Q(incident_id__in=ids) | Q(duplicate_of__incident_id__in=ids))
    return list(
        rows.select_related("division").defer("division__geometry").distinct().order_by("received_at", "pk")
    )


def first_known_at(incident: Incident) -> datetime | None:
    """When the first message about it came: nobody here knew of it earlier."""
    return min((one.received_at for one in intakes_of(incident)), default=None)


class Mine(NamedTuple):
    """What waits for one person: calls that ring or were missed, messages to look at, findings to give, reports to sign."""

    rings: list[RingEvent]
    waiting: list[Intake]
    asked: list[Intake]
    to_sign: list[Intake]


def my_items(actor: Actor, *, most: int = 20) -> Mine:
    """The first of each, the longest waiting first."""
    run = clocks.default_exercise_id()
    rings = visible_rings(actor).filter(state__in=("ringing", "missed"), exercise_id=run)
    waiting = _of_run(desk_intakes(actor)).filter(state="received", duplicate_of=None)
    asked = _of_run(visible_intakes(actor)).filter(
        ~Q(asked_path="") & within(actor, "asked_path", Right.REPORT), state="verifying"
    )
    if actor.can_somewhere(Right.TAKE_REPORTS):  # the desk asks; only the place that is asked answers
        asked = asked.filter(asked_path__in=actor.where(Right.REPORT))
    to_sign = Intake.objects.none()
    if actor.can_somewhere(Right.SIGN_REPORTS):
        to_sign = _of_run(visible_intakes(actor)).filter(
            within(actor, "path", Right.SIGN_REPORTS), needs_signature=True, signed_at=None
        )
    return Mine(
        list(rings.order_by("rang_at", "pk")[:most]),
        list(waiting.order_by("received_at", "pk")[:most]),
        list(asked.order_by("received_at", "pk")[:most]),
        list(to_sign.order_by("received_at", "pk")[:most]),
    )


def own_reports(actor: Actor, *, most: int = 50) -> list[Intake]:
    """What this person sent, the latest first."""
    if actor.person_id is None:
        return []
    rows = _of_run(visible_intakes(actor)).filter(reporter_person_id=actor.person_id)
    return list(rows.order_by("-received_at", "-pk")[:most])


def of_caller(actor: Actor, number: str, *, most: int = 5) -> list[Intake]:
    """What this number told before, the latest first."""
    if len(number.strip()) < 5:
        return []
    rows = _of_run(desk_intakes(actor)).filter(caller_number=number.strip())
    return list(rows.order_by("-received_at", "-pk")[:most])


class Described(NamedTuple):
    """What is known of something that is looked for elsewhere."""

    text: str
    path: str
    lon: float | None
    lat: float | None
    at: datetime
    number: str = ""
    event_type: str = ""


def described(intake: Intake) -> Described:
    return Described(
        f"{intake.place_words} {intake.text}",
        intake.division.path if intake.division is not None else "",
        intake.lon,
        intake.lat,
        intake.occurred_at or intake.received_at,
        intake.caller_number,
        intake.event_type,
    )


def likely_duplicates(
    actor: Actor, given: Described, *, but: Intake | None = None, most: int = SUGGESTED
) -> list[Likeness]:
    """Messages and incidents of the last hours that may be about the same, the likeliest first (`similarity` says why).

    A message that belongs to an incident speaks for that incident, so that twenty calls about one fire are one line. What was
    found not true, or was handed on, is named too: who tells it again should hear that.
    """
    words = similarity.bigrams(given.text)
    best: dict[tuple[bool, uuid.UUID], Likeness] = {}
    for one in _like_messages(actor, given, words, but) + _like_incidents(actor, given, words, but):
        key = (one.is_incident, one.id)
        if key not in best or best[key].score < one.score:
            best[key] = one
    found = sorted(best.values(), key=lambda one: (-one.score, not one.is_incident, str(one.id)))
    return found[:most]


def _like_messages(
    actor: Actor, given: Described, words: frozenset[str], but: Intake | None
) -> list[Likeness]:
    window = similarity.WINDOW + timedelta(minutes=1)
    rows = (
        _of_run(desk_intakes(actor))
        .filter(received_at__gte=given.at - window, received_at__lte=given.at + window, duplicate_of=None)
        .select_related(None)
        .select_related("division")
    )
    if but is not None:
        rows = rows.exclude(pk=but.pk)
        if but.incident_id is not None:
            rows = rows.exclude(incident_id=but.incident_id)
    found = []
    values = rows.order_by("-received_at", "-pk").values_list(
        "pk", "number", "text", "place_words", "division__path", "division__name", "lon", "lat", "occurred_at",
        "received_at", "caller_number", "event_type", "incident_id", "incident__number", "incident__title",
        "incident__merged_into_id", "incident__merged_into__number", "incident__merged_into__title",
    )  # fmt: skip
    for row in values[:COMPARED]:
        pk, number, text, place, path, name, lon, lat, occurred, received, caller, kind, *of = row
        other = Described(f"{place} {text}", path or "", lon, lat, occurred or received, caller, kind)
        one = _likeness(given, other, words)
        if one.score >= similarity.SUGGESTED_FROM:
            linked: list[Any] = of[3:] if of[3] is not None else of[:3]  # Any: columns of the incident
            key, serial, words_of = linked
            title = (text.strip().splitlines() or [""])[0][:60]
            if key is not None:
                found.append(one.to(key, serial, words_of, name or place, received, is_incident=True))
            else:
                found.append(one.to(pk, number, title, name or place, received, is_incident=False))
    return found


def _like_incidents(
    actor: Actor, given: Described, words: frozenset[str], but: Intake | None
) -> list[Likeness]:
    rows = visible_incidents(actor).filter(
        state__in=("received", "verified"),
        exercise_id=clocks.default_exercise_id(),
        known_at__gte=given.at - 4 * similarity.WINDOW,
    )
    if but is not None and but.incident_id is not None:
        rows = rows.exclude(pk=but.incident_id)
    found = []
    values = rows.order_by("-known_at", "-id").values_list(
        "pk", "number", "title", "place_words", "course", "division__path", "division__name", "lon", "lat",
        "occurred_at", "known_at", "event_type",
    )  # fmt: skip
    for pk, number, title, place, course, path, name, lon, lat, occurred, known, kind in values[:COMPARED]:
        text = f"{title} {place} {course[:300]}"
        one = _likeness(given, Described(text, path, lon, lat, occurred or known, "", kind), words)
        if one.score >= similarity.SUGGESTED_FROM:
            found.append(one.to(pk, number, title, name, known, is_incident=True))
    return found


class _Compared(NamedTuple):
    score: float
    distance_km: float | None
    same_place: bool
    minutes: int
    words: float

    def to(
        self, pk: uuid.UUID, number: str, title: str, place: str, at: datetime, *, is_incident: bool
    ) -> Likeness:
        return Likeness(
            kind="incident" if is_incident else "intake",
            id=pk,
            number=number,
            title=title,
            place=place,
            at=at,
            score=self.score,
            distance_km=self.distance_km,
            same_place=self.same_place,
            minutes=self.minutes,
            words=self.words,
            is_incident=is_incident,
        )


def _likeness(given: Described, other: Described, words: frozenset[str]) -> _Compared:
    at_most = _at_most(given, other)
    if at_most < similarity.SUGGESTED_FROM:
        return _Compared(at_most, None, False, 0, 0.0)
    paths = (given.path, other.path)
    by_path = similarity.of_paths(*paths)
    km = _km(given, other)
    known = all(paths) or km is not None
    place = max(by_path, similarity.of_distance(km) if km is not None else 0.0) if known else None
    like = similarity.alike(words, similarity.bigrams(other.text))
    if given.event_type and given.event_type == other.event_type:
        like = max(like, 0.5)
    whole = similarity.score(
        place=place,
        time=similarity.of_times(given.at, other.at),
        words=like,
        same_number=bool(given.number) and given.number == other.number,
    )
    if place is not None and place == 0.0:
        whole = 0.0  # far apart is another event, however alike the words are
    minutes = round(abs(given.at - other.at).total_seconds() / 60)
    return _Compared(whole, km, by_path == 1.0, minutes, like)


def _at_most(given: Described, other: Described) -> float:
    """What the score could be if the words were the same: cheap, and mostly enough to look no further."""
    paths = (given.path, other.path)
    place = 1.0
    if all(paths) and _km(given, other) is None:
        place = similarity.of_paths(*paths)
        if place == 0.0:
            return 0.0
    return similarity.score(
        place=place,
        time=similarity.of_times(given.at, other.at),
        words=1.0,
        same_number=bool(given.number) and given.number == other.number,
    )


def _km(given: Described, other: Described) -> float | None:
    points = (given.lon, given.lat, other.lon, other.lat)
    if any(value is None for value in points):
        return None
    return similarity.distance_km(*[float(value) for value in points if value is not None])


def _of_run(rows: QuerySet[Intake]) -> QuerySet[Intake]:
    return rows.filter(exercise_id=clocks.default_exercise_id())
