"""Layers of the map that several peers fill together: warned areas over danger zones, and villages being called."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import orjson
from django.urls import reverse
from django.utils.translation import gettext as _

from anlan.accounts.access import narrow, within
from anlan.console import incidentwords, words
from anlan.console.templatetags.anlan import is_chinese
from anlan.dissemination.access import visible_seats
from anlan.dissemination.models import Callout, CalloutSeat
from anlan.incidents.listing import open_ones
from anlan.incidents.models import Incident
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.risk.access import visible_zones
from anlan.sensing.maplayers import MapLayer, layer, simplified
from anlan.vocab.levels import Level
from anlan.warning.models import WarningVillage

#: States of a seat as the map draws them.
SEAT_STATES = {
    "waiting": "waiting",
    "unanswered": "unanswered",
    "lost_contact": "lost",
    "answered": "answered",
    "acting": "acting",
    "done": "done",
    "resolved": "done",
    "released": "done",
}
#: Which seat speaks for a village that several call-outs call: whoever still owes an answer.
_GRAVEST = ("unanswered", "lost", "waiting", "answered", "acting", "done")

shape = lru_cache(maxsize=2048)(simplified)


def zones(actor: Actor) -> MapLayer:
    """Danger zones, and the villages of warnings in force. A village without a boundary is shown by its zones."""
    warned = _warned(actor)
    features = [_village(row) for row in warned.values() if row.division.geometry]
    for zone in visible_zones(actor):
        row = warned.get(zone.division_id)
        level = row.warning.level if row is not None and not row.division.geometry else None
        properties = {
            "id": zone.code,
            "name": zone.name,
            "level": level,
            "state_text": _level_words(level) or _("danger zone"),
            "url": _warning_url(row)
            if row is not None
            else reverse("console:division", args=[zone.division_id]),
        }
        features.append(_feature(properties, orjson.loads(zone.geometry)))
    return layer(features)


def _warned(actor: Actor) -> dict[str, WarningVillage]:
    """The worst warning in force by village, in the actor's jurisdiction."""
    rows = WarningVillage.objects.filter(
        within(actor, "division__path"),
        warning__state="issued",
        warning__exercise_id=clocks.default_exercise_id(),
    )
    listed = rows.select_related("warning", "division").order_by("-warning__level", "warning__issued_at")
    return {row.division_id: row for row in listed}


def _village(row: WarningVillage) -> dict[str, Any]:
    properties = {
        "id": f"{row.warning_id}:{row.division_id}",
        "name": row.division.name,
        "level": row.warning.level,
        "state_text": f"{_level_words(row.warning.level)} · {row.warning.headline}",
        "url": _warning_url(row),
    }
    return _feature(properties, shape(row.division.geometry))


def _warning_url(row: WarningVillage) -> str:
    return reverse("console:warning", args=[row.warning_id])


def _level_words(level: int | None) -> str:
    if level is None:
        return ""
    face = Level(level).face
    return f"{face.zh if is_chinese() else face.en} {face.roman}"


def callout_villages(actor: Actor, callout: Callout | None) -> MapLayer:
    """One point a village with the state of its seat; of one call-out, else of every open one."""
    if callout is not None:
        seats = visible_seats(callout, actor)
    else:
        is_open = {"callout__state": "open", "exercise_id": clocks.default_exercise_id()}
        seats = narrow(CalloutSeat.objects.filter(**is_open), actor)
    shown: dict[str, CalloutSeat] = {}
    rows = seats.select_related("division", "callout").defer("division__geometry", "callout__ladder")
    for seat in rows.order_by("callout__started_at", "pk"):
        other = shown.get(seat.division_id)
        if other is None or _gravity(seat) <= _gravity(other):
            shown[seat.division_id] = seat
    state_words = words.seat_words()
    return layer(
        [_seat(seat, place, state_words) for seat in shown.values() if (place := point_of(seat.division))]
    )


def _gravity(seat: CalloutSeat) -> int:
    return _GRAVEST.index(SEAT_STATES[seat.state])


def _seat(seat: CalloutSeat, place: list[float], state_words: dict[str, str]) -> dict[str, Any]:
    properties = {
        "code": seat.division_id,
        "name": seat.division.name,
        "state": SEAT_STATES[seat.state],
        "state_text": state_words[seat.state],
        "level": seat.callout.level,
        "url": reverse("console:seat", args=[seat.pk]),
    }
    return _feature(properties, {"type": "Point", "coordinates": place})


def point_of(place: Division) -> list[float] | None:
    """Where a village is shown: its own point, else the middle of its boundary's box; None where neither is known."""
    if place.lon is not None and place.lat is not None:
        return [round(place.lon, 5), round(place.lat, 5)]
    if None in (place.min_lon, place.max_lon, place.min_lat, place.max_lat):
        return None
    lon = ((place.min_lon or 0) + (place.max_lon or 0)) / 2
    return [round(lon, 5), round(((place.min_lat or 0) + (place.max_lat or 0)) / 2, 5)]


#: Signs of incidents on the map by class; the type is written beside.
_SIGNS = {1: "natural", 2: "accident", 3: "health", 4: "security"}


def open_incidents(actor: Actor) -> MapLayer:
    """Open incidents that the actor may read, where they happened; without a point, where their place lies."""
    return incidents(open_ones(actor, exercise_id=clocks.default_exercise_id()))


def incidents(rows: Iterable[Incident]) -> MapLayer:
    """Incidents as points with sign, grade and words."""
    return layer([_incident(row, place) for row in rows if (place := _where(row))])


def _where(row: Incident) -> list[float] | None:
    if row.lon is not None and row.lat is not None:
        return [round(row.lon, 5), round(row.lat, 5)]
    return point_of(row.division)


def _incident(row: Incident, place: list[float]) -> dict[str, Any]:
    words = [incidentwords.type_word(row.event_type), incidentwords.state_words()[row.state]]
    if row.grade is not None:
        words.insert(0, incidentwords.grade_word(row.grade))
    properties = {
        "id": str(row.pk),
        "name": row.title,
        "sign": _SIGNS[row.event_class],
        "level": row.grade,
        "type_text": incidentwords.type_word(row.event_type),
        "state_text": " · ".join(words),
        "read_at": row.known_at.isoformat(),
        "url": reverse("console:incident", args=[row.pk]),
    }
    return _feature(properties, {"type": "Point", "coordinates": place})


def _feature(properties: dict[str, Any], geometry: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}
