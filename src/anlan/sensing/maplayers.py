"""Layers of the map as GeoJSON in WGS84, already in bytes with a tag, so that an unchanged layer is not sent again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

from anlan.kernel.actor import Actor
from anlan.places.access import visible
from anlan.places.queries import villages_at
from anlan.places.types import Division
from anlan.sensing.access import visible_cameras
from anlan.sensing.boards.coverage import view_of
from anlan.sensing.queries.overview import STAGE, stations_for
from anlan.sensing.queries.vehicles import VehicleLine, vehicles_now
from anlan.sensing.types import Condition, StationLine
from anlan.vocab.cameras import CAMERA_STATES
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.kinds import StationKind, kind_of

#: About 30 m; a county is drawn a few hundred pixels wide.
TOLERANCE_DEGREES = 0.0003
GRID_DEGREES = 0.00001
LEVELS = (DivisionLevel.COUNTY, DivisionLevel.TOWNSHIP, DivisionLevel.VILLAGE)

#: Kinds with a sign of their own on the map; the others share one and are told apart by their words.
DRAWN_KINDS = frozenset(StationKind)

CONDITION_TEXTS: dict[Condition, str] = {
    Condition.SILENT: _("silent"),
    Condition.NEVER: _("never heard"),
    Condition.UNCERTAIN: _("gaps in the data"),
    Condition.OK: _("reporting"),
}


@dataclass(frozen=True, slots=True)
class MapLayer:
    """A FeatureCollection as UTF-8 JSON. `etag` changes exactly when the content does."""

    body: bytes
    etag: str


def layer(features: list[dict[str, Any]]) -> MapLayer:
    """A collection of GeoJSON features."""
    body = orjson.dumps({"type": "FeatureCollection", "features": features})
    return MapLayer(body, hashlib.sha256(body).hexdigest()[:32])


def stations(actor: Actor, *, at: datetime, url_of: Callable[[str], str]) -> MapLayer:
    """Every fixed station the actor may see, with level, state and reading; `url_of` gives the page of a station's code."""
    fixed = (line for line in stations_for(actor, at=at) if not kind_of(line.kind).is_mobile)
    return layer([_station(line, url_of) for line in fixed])


def vehicles(actor: Actor, *, at: datetime, url_of: Callable[[str], str]) -> MapLayer:
    """Vehicles where they last said they were. One whose position is doubtful or unknown is on the list only."""
    drawn = (line for line in vehicles_now(actor, at=at) if line.is_drawn)
    return layer([_vehicle(line, url_of) for line in drawn])


def cameras(actor: Actor, *, url_of: Callable[[str], str]) -> MapLayer:
    """Each camera of known place as a point, and what it sees as an outline of the same properties."""
    features: list[dict[str, Any]] = []
    for camera in visible_cameras(actor):
        outline = view_of(camera)
        if outline is None:
            continue
        zh, en = CAMERA_STATES.get(camera.state, (camera.state, camera.state))
        properties = {
            "code": camera.code,
            "name": camera.name,
            "state": camera.state,
            "state_text": en if (get_language() or "").startswith("en") else zh,
            "url": url_of(camera.code),
        }
        shapes = (
            {"type": "Polygon", "coordinates": [outline]},
            {"type": "Point", "coordinates": [round(camera.lon or 0, 5), round(camera.lat or 0, 5)]},
        )
        features += [{"type": "Feature", "properties": properties, "geometry": shape} for shape in shapes]
    return layer(features)


def divisions(actor: Actor) -> MapLayer:
    """Boundaries of the actor's county parts, simplified; made once and kept until a division changes."""
    drawn = visible(actor).filter(level__in=LEVELS).exclude(geometry="").order_by("code")
    return _divisions(tuple(drawn.values_list("code", "version")))


@lru_cache(maxsize=64)
def _divisions(versions: tuple[tuple[str, int], ...]) -> MapLayer:
    """The version of a division grows with every change, so codes and versions tell old from new."""
    places = villages_at(code for code, _ in versions)
    return layer([_division(place) for place in places])


def _division(place: Division) -> dict[str, Any]:
    properties = {"code": place.code, "name": place.name, "level": place.level}
    return {"type": "Feature", "properties": properties, "geometry": simplified(place.geometry)}


def simplified(geometry: str) -> dict[str, Any]:
    """A stored GeoJSON geometry with fewer points and five decimals; what would vanish is left as it is."""
    from shapely import from_geojson, set_precision, simplify
    from shapely.geometry import mapping

    full = from_geojson(geometry)
    smaller = set_precision(simplify(full, TOLERANCE_DEGREES), GRID_DEGREES)
    return _rounded(mapping(full if smaller.is_empty else smaller))


def _rounded(geometry: dict[str, Any]) -> dict[str, Any]:
    return {"type": geometry["type"], "coordinates": _round_all(geometry["coordinates"])}


def _round_all(part: Any) -> Any:
    """Numbers of any nesting, five decimals (about 1 m)."""
    return round(part, 5) if isinstance(part, float) else [_round_all(inner) for inner in part]


def _station(line: StationLine, url_of: Callable[[str], str]) -> dict[str, Any]:
    newest = line.newest
    return {
        "type": "Feature",
        "properties": {
            "code": line.code,
            "name": line.name,
            "kind": line.kind if line.kind in DRAWN_KINDS else "other",
            "kind_text": _kind_text(line.kind),
            "level": None if line.level is None else int(line.level),
            "state": "silent" if line.condition is Condition.NEVER else line.condition.value,
            "state_text": _state_text(line),
            "reading": _reading(line),
            "read_at": None if newest is None else newest.phenomenon_time.isoformat().replace("+00:00", "Z"),
            "url": url_of(line.code),
        },
        "geometry": {"type": "Point", "coordinates": [round(line.lon, 5), round(line.lat, 5)]},
    }


def _vehicle(line: VehicleLine, url_of: Callable[[str], str]) -> dict[str, Any]:
    speed = "" if line.speed_kmh is None else f"{line.speed_kmh:.0f} km/h"
    return {
        "type": "Feature",
        "properties": {
            "code": line.code,
            "name": line.name,
            "kind": "other",
            "kind_text": _kind_text(line.kind),
            "level": None,
            "state": "silent" if line.is_stale else "ok",
            "state_text": gettext("old position") if line.is_stale else gettext("position"),
            "reading": speed,
            "read_at": None if line.at is None else line.at.isoformat().replace("+00:00", "Z"),
            "url": url_of(line.code),
        },
        "geometry": {"type": "Point", "coordinates": [round(line.lon or 0, 5), round(line.lat or 0, 5)]},
    }


def _kind_text(code: str) -> str:
    known = kind_of(code)
    return known.en if (get_language() or "").startswith("en") else known.zh


def _state_text(line: StationLine) -> str:
    words = gettext(CONDITION_TEXTS[line.condition])
    if line.level is None:
        return words
    is_english = (get_language() or "").startswith("en")
    return f"{line.level.face.en if is_english else line.level.face.zh} {line.level.face.roman} · {words}"


def _reading(line: StationLine) -> str:
    """The stage, else the rain of the last hour, else the newest value; "" before the first reading."""
    newest = line.newest
    if newest is not None and newest.quantity == STAGE and newest.value is not None:
        return f"{newest.value:.2f} {newest.unit}"
    if line.rain_1h is not None:
        return f"{'≥ ' if line.rain_1h.is_uncertain else ''}{line.rain_1h.value:.1f} mm/h"
    if newest is None or newest.value is None:
        return ""
    return f"{newest.value} {newest.unit}".strip()
