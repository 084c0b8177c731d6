"""Open an incident, describe it, verify it, close it, or find that it is not true."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from anlan.events.published import IncidentMoved
from anlan.incidents.models import Incident
from anlan.incidents.numbering import next_number
from anlan.incidents.refusals import (
    AnotherCounty,
    BadPoint,
    GradeMissing,
    InTheFuture,
    NoTitle,
    OnlyTheCount,
    OutOfOrder,
    ReasonMissing,
    UnknownTag,
    UnknownType,
)
from anlan.incidents.services.figures import store_figure
from anlan.incidents.services.grading import regrade
from anlan.incidents.services.telling import tell_graded, tell_opened
from anlan.incidents.tags import known_tags
from anlan.incidents.types import IncidentDetails
from anlan.journal.refusals import NoSuchTransition
from anlan.journal.services import announce
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.places import queries as places
from anlan.vocab.incidents import RESTRICTED, TYPES, EventClass, IncidentKind

#: Clocks of callers and phones differ a little from ours. Engineering choice.
SLACK = timedelta(minutes=2)
#: What an incident of class 3 or 4 may not carry here.
_WORDS = ("course", "cause_words", "measures", "trend", "sensitive_why")
#: Fields whose change moves the legal clocks.
_CLOCKED = frozenset({"is_sensitive", "known_at", "occurred_at", "unit", "unit_head_knew_at", "event_type"})


def open_incident(
    details: IncidentDetails,
    *,
    by: Actor,
    at: datetime,
    exercise_id: uuid.UUID | None = None,
    cause: str = "",
    key: uuid.UUID | None = None,
) -> Incident:
    """Enter an incident with its first figures and announce it; the legal clocks begin at `details.known_at`.

    `key` is the id that the form made, so that a form sent twice cannot make two incidents: the second one fails as a whole.
    """
    face = TYPES.get(details.event_type)
    if face is None:
        raise UnknownType(given=details.event_type)
    is_restricted = face.event_class in RESTRICTED
    check_details(details, at=at, is_restricted=is_restricted)
    incident = Incident(
        **({} if key is None else {"id": key}),
        number=next_number("incident", at),
        state="received",
        # Words about an incident of class 3 or 4 are kept by the responsible system alone.
        title=face.zh if is_restricted else details.title.strip()[:120],
        event_class=face.event_class.value,
        event_type=details.event_type,
        kind=details.kind,
        occurred_at=details.occurred_at,
        known_at=details.known_at,
        place_words=details.place_words.strip()[:200],
        division=details.division,
        lon=details.lon,
        lat=details.lat,
        unit=details.unit,
        unit_head_knew_at=details.unit_head_knew_at,
        informant=details.informant,
        course=details.course,
        cause_words=details.cause_words,
        measures=details.measures,
        trend=details.trend,
        reference=details.reference,
        is_sensitive=details.is_sensitive,
        sensitive_why=details.sensitive_why,
        is_restricted=is_restricted,
        opened_by_person_id=by.person_id,
        exercise_id=exercise_id,
    ).record(by=by, at=at, kind="opened", cause=cause)
    for figure in details.figures:
        store_figure(incident, figure, by=by, at=at)
    regrade(incident, by=by, at=at)
    tell_opened(incident, at=at)
    return incident


def change_incident(
    incident: Incident, *, by: Actor, at: datetime, cause: str = "", **fields: Any
) -> Incident:
    """Describe it better. The former words stay in the journal; a new type may change class and grade."""
    different = {name: value for name, value in fields.items() if getattr(incident, name) != value}
    if not different:
        return incident
    _check_change(incident, different, at=at)
    if "event_type" in different:
        face = TYPES[different["event_type"]]
        different["event_class"] = face.event_class.value
        different["is_restricted"] = face.event_class in RESTRICTED
    if different.get("is_restricted", incident.is_restricted):
        different["title"] = TYPES[different.get("event_type", incident.event_type)].zh
        different["tags"] = []
    incident.change(by=by, at=at, kind="described", cause=cause, fields=different)
    regrade(incident, by=by, at=at)
    if _CLOCKED & different.keys():
        tell_graded(incident, former=incident.grade, at=at)
    return incident


def verify_incident(incident: Incident, *, by: Actor, at: datetime, cause: str = "") -> Incident:
    """It is true. Classes 1 to 3 need a grade by now (R01); class 4 may have none.

    Neither must a threat: it did nothing yet that a table could count, and somebody has to be able to end it.
    """
    regrade(incident, by=by, at=at)
    _check_grade(incident)
    return _move(incident, "verified", by=by, at=at, cause=cause)


def find_not_true(incident: Incident, *, reason: str, by: Actor, at: datetime) -> Incident:
    """It did not happen; it stays in the record with the reason."""
    return _move(incident, "not_true", by=by, at=at, closed_at=at, closed_why=_reason(reason))


def close_incident(incident: Incident, *, reason: str, by: Actor, at: datetime) -> Incident:
    """Handling has ended. A threat that struck after it was verified needs a grade by now."""
    if incident.state == "verified":
        _check_grade(incident)
    return _move(incident, "closed", by=by, at=at, closed_at=at, closed_why=_reason(reason))


def reopen_incident(incident: Incident, *, reason: str, by: Actor, at: datetime) -> Incident:
    """It goes on after all, or was true after all."""
    to = "received" if incident.state == "not_true" else "verified"
    return _move(incident, to, by=by, at=at, closed_at=None, closed_why=_reason(reason))


def tag_incident(incident: Incident, codes: Iterable[str], *, by: Actor, at: datetime) -> Incident:
    """Set its tags; only those of the controlled list."""
    if incident.is_restricted:
        raise OnlyTheCount
    known = known_tags()
    wanted = list(dict.fromkeys(codes))
    for code in wanted:
        if code not in known:
            raise UnknownTag(given=code)
    return incident if wanted == incident.tags else incident.change(by=by, at=at, kind="tagged", tags=wanted)


def check_details(details: IncidentDetails, *, at: datetime, is_restricted: bool) -> None:
    """Raise what is wrong with an incident before anything is stored."""
    if not details.title.strip():
        raise NoTitle
    county = places.county()
    if county is not None and not (details.division.path + "/").startswith(county.path + "/"):
        raise AnotherCounty(place=details.division.name)
    _check_times(details.occurred_at, details.known_at, at)
    if is_restricted and any(getattr(details, name) for name in _WORDS):
        raise OnlyTheCount
    _check_point(details.lon, details.lat)


def _check_point(lon: float | None, lat: float | None) -> None:
    if (lon is None) != (lat is None) or not (-180 <= (lon or 0) <= 180 and -90 <= (lat or 0) <= 90):
        raise BadPoint


def _check_times(occurred_at: datetime | None, known_at: datetime, at: datetime) -> None:
    if known_at > at + SLACK:
        raise InTheFuture(what=_local(known_at))
    if occurred_at is not None and occurred_at > at + SLACK:
        raise InTheFuture(what=_local(occurred_at))
    if occurred_at is not None and known_at < occurred_at - SLACK:
        raise OutOfOrder


def _check_change(incident: Incident, different: dict[str, Any], *, at: datetime) -> None:
    if "title" in different and not str(different["title"]).strip():
        raise NoTitle
    wanted = different.get("event_type", incident.event_type)
    if wanted not in TYPES:
        raise UnknownType(given=wanted)
    _check_times(
        different.get("occurred_at", incident.occurred_at), different.get("known_at", incident.known_at), at
    )
    place = different.get("division")
    county = places.county() if place is not None else None
    if place is not None and county is not None and not (place.path + "/").startswith(county.path + "/"):
        raise AnotherCounty(place=place.name)
    _check_point(different.get("lon", incident.lon), different.get("lat", incident.lat))
    is_restricted = TYPES[wanted].event_class in RESTRICTED
    if is_restricted and any(different.get(name, getattr(incident, name)) for name in _WORDS):
        raise OnlyTheCount


def _check_grade(incident: Incident) -> None:
    may_have_none = incident.event_class == EventClass.SECURITY or incident.kind == IncidentKind.THREAT
    if incident.grade is None and not may_have_none:
        raise GradeMissing


def _move(
    incident: Incident, to: str, *, by: Actor, at: datetime, cause: str = "", **fields: Any
) -> Incident:
    if incident.state == "merged":  # a page that was open before: only a split brings it back
        raise NoSuchTransition(old=incident.state, new=to)
    incident.advance(to, by=by, at=at, cause=cause, **fields)
    announce(IncidentMoved(str(incident.pk), state=to), at=at, exercise_id=incident.exercise_id)
    return incident


def _reason(words: str) -> str:
    if not words.strip():
        raise ReasonMissing
    return words.strip()[:300]


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
