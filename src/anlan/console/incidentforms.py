"""What people type about incidents, read into what the verbs take. Refusals name the field; nothing typed is lost."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_noop as noop

from anlan.accounts.access import within
from anlan.console.moments import input_moment, parse_moment
from anlan.console.refusals import NobodyChosen
from anlan.incidents.models import Incident
from anlan.incidents.refusals import NoPlace
from anlan.incidents.types import FigureDetails, IncidentDetails
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotAllowed, NotFound, Refusal
from anlan.places.access import access_division
from anlan.places.models import Division
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.figures import OF_RESTRICTED
from anlan.vocab.incidents import RESTRICTED, TYPES, IncidentKind, Informant
from anlan.vocab.posts import Right

#: Asked for at once on the form; every other figure is added on the record.
FIRST_FIGURES = ("deaths", "missing", "serious_injuries", "injured", "trapped", "affected", "evacuated")
_LEVELS = (DivisionLevel.COUNTY, DivisionLevel.TOWNSHIP, DivisionLevel.VILLAGE)
#: Texts of the description, in the order of the form.
TEXTS = ("course", "cause_words", "measures", "trend")


class NotANumber(Refusal):
    code = "console.not_a_number"
    text = noop("“%(value)s” is not a number.")
    next_step = noop("Write digits only, without a unit.")
    status = 400


def places_for(actor: Actor, need: Right) -> list[tuple[str, str]]:
    """Where the actor may enter incidents: county, townships, villages, the latter moved in."""
    rows = Division.objects.filter(within(actor, "path", need), level__in=_LEVELS, valid_to=None)
    listed = rows.order_by("path").values_list("code", "name", "level")
    return [(code, ("　" if level == DivisionLevel.VILLAGE else "") + name) for code, name, level in listed]


def units_for(actor: Actor, need: Right) -> list[tuple[str, str]]:
    """Enterprises there."""
    rows = Division.objects.filter(within(actor, "path", need), level=DivisionLevel.ENTERPRISE, valid_to=None)
    return list(rows.order_by("name").values_list("code", "name")[:500])


def number(text: str) -> Decimal | None:
    """A typed number, None for an empty field. Full-width digits and thousands count as digits."""
    tidy = text.strip().replace(",", "").replace("，", "")
    if not tidy:
        return None
    try:
        found = Decimal(tidy)
    except InvalidOperation:
        raise NotANumber(value=text.strip()[:30]) from None
    # "1e999999999" is a number, and a gigabyte once it is written out.
    if not found.is_finite() or abs(found.adjusted()) > 20:
        raise NotANumber(value=text.strip()[:30])
    return found


def moment(text: str) -> datetime | None:
    return parse_moment(text) if text.strip() else None


def key_of(given: QueryDict) -> uuid.UUID:
    """The id that the form was made with."""
    try:
        return uuid.UUID(given.get("key", ""))
    except ValueError:
        raise NotFound from None


def details_of(given: QueryDict, actor: Actor, now: datetime) -> IncidentDetails:
    """A new incident as typed, in a place where the actor takes reports."""
    event_type = given.get("event_type", "")
    face = TYPES.get(event_type)
    is_restricted = face is not None and face.event_class in RESTRICTED
    known_at = moment(given.get("known_at", "")) or now
    division = _division(given.get("division", ""), actor)
    return IncidentDetails(
        title=face.zh if is_restricted and face is not None else given.get("title", ""),
        event_type=event_type,
        division=division,
        informant=_one_of(given.get("informant", ""), Informant, "phone"),
        known_at=known_at,
        figures=figures_of(given, known_at, is_restricted=is_restricted),
        **_rest(given, actor, is_restricted=is_restricted),
    )


def changes_of(given: QueryDict, actor: Actor, incident: Incident) -> dict[str, Any]:
    """The description as typed anew; only fields that the form showed."""
    event_type = given.get("event_type", incident.event_type)
    face = TYPES.get(event_type)
    is_restricted = face is not None and face.event_class in RESTRICTED
    found: dict[str, Any] = {"event_type": event_type, **_rest(given, actor, is_restricted=is_restricted)}
    if not is_restricted:
        found["title"] = given.get("title", incident.title).strip()[:120]
    code = given.get("division", incident.division_id)
    if code != incident.division_id:
        found["division"] = _division(code, actor)
    if "known_at" in given:
        found["known_at"] = (
            _same_minute(moment(given.get("known_at", "")), incident.known_at) or incident.known_at
        )
    found["occurred_at"] = _same_minute(found["occurred_at"], incident.occurred_at)
    found["unit_head_knew_at"] = _same_minute(found["unit_head_knew_at"], incident.unit_head_knew_at)
    return found


def _same_minute(typed: datetime | None, known: datetime | None) -> datetime | None:
    """A form shows minutes; what it sends back unchanged is no change of the seconds."""
    if typed is not None and known is not None and input_moment(typed) == input_moment(known):
        return known
    return typed


def _rest(given: QueryDict, actor: Actor, *, is_restricted: bool) -> dict[str, Any]:
    lon, lat = number(given.get("lon", "")), number(given.get("lat", ""))
    unit = given.get("unit", "")
    return {
        "kind": _one_of(given.get("kind", ""), IncidentKind, "impact"),
        "occurred_at": moment(given.get("occurred_at", "")),
        "place_words": given.get("place_words", "").strip()[:200],
        "lon": None if lon is None else float(lon),
        "lat": None if lat is None else float(lat),
        "unit": access_division(actor, unit) if unit else None,
        "unit_head_knew_at": moment(given.get("unit_head_knew_at", "")),
        "reference": given.get("reference", "").strip()[:120],
        "is_sensitive": given.get("is_sensitive") == "1",
        "sensitive_why": given.get("sensitive_why", "").strip()[:200],
        **{name: given.get(name, "").strip()[:4000] for name in TEXTS},
    }


def figures_of(given: QueryDict, at: datetime, *, is_restricted: bool) -> tuple[FigureDetails, ...]:
    source = given.get("source", "").strip()[:80] or "值班员"
    codes = sorted(OF_RESTRICTED) if is_restricted else FIRST_FIGURES
    typed = ((code, number(given.get(code, ""))) for code in codes)
    return tuple(FigureDetails(code, value, source, at) for code, value in typed if value is not None)


def figure_of(given: QueryDict, actor: Actor, now: datetime) -> FigureDetails:
    """One figure as typed on the record."""
    value = number(given.get("value", ""))
    if value is None:
        raise NotANumber(value="")
    scope = given.get("scope", "")
    source = given.get("source", "").strip()
    if not source:
        raise NobodyChosen
    return FigureDetails(
        code=given.get("code", ""),
        value=value,
        source=source[:80],
        as_of=moment(given.get("as_of", "")) or now,
        scope=access_division(actor, scope) if scope else None,
        why=given.get("why", ""),
    )


def typed_of(incident: Incident) -> dict[str, str]:
    """The description as its form shows it."""
    moments = ("occurred_at", "known_at", "unit_head_knew_at")
    texts = ("title", "event_type", "kind", "place_words", "reference", "sensitive_why", *TEXTS)
    found = {name: str(getattr(incident, name)) for name in texts}
    found |= {name: input_moment(value) if (value := getattr(incident, name)) else "" for name in moments}
    found |= {
        name: "" if getattr(incident, name) is None else str(getattr(incident, name))
        for name in ("lon", "lat")
    }
    return found | {
        "division": incident.division_id,
        "unit": incident.unit_id or "",
        "is_sensitive": "1" if incident.is_sensitive else "",
    }


def _division(code: str, actor: Actor) -> Division:
    if not code:
        raise NoPlace
    place = access_division(actor, code)
    if not actor.can(Right.TAKE_REPORTS, place.path):
        raise NotAllowed
    return place


def _one_of(given: str, known: Any, otherwise: str) -> str:
    return given if given in {one.value for one in known} else otherwise
