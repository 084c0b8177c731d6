"""Boundaries of divisions from GeoJSON (RFC 7946, so WGS84; CGCS2000 differs by centimetres, R28)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from shapely import make_valid
from shapely.errors import ShapelyError
from shapely.geometry import MultiPolygon, Polygon, mapping, shape
from shapely.geometry.base import BaseGeometry

from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.places.refusals import BadBoundaries
from anlan.places.types import BoundaryReport
from anlan.vocab.posts import Right

#: The box that China lies in (R28): what falls outside is not in degrees, or has longitude and latitude swapped.
_CHINA = (73.0, 3.0, 136.0, 54.0)
#: Six decimals of a degree are a tenth of a metre.
_DECIMALS = 6
_MAX_FEATURES = 20_000


def load_boundaries(geojson: str | bytes | dict[str, Any], *, by: Actor, at: datetime) -> BoundaryReport:
    """Give divisions the shapes of a FeatureCollection whose features carry `code`.

    Unknown codes (or ones that the actor does not see) and shapes that cannot be repaired are listed; the rest is stored.
    """
    report = BoundaryReport()
    unknown: list[str] = []
    invalid: list[tuple[str, str]] = []
    with transaction.atomic(savepoint=False):
        divisions = Division.objects.in_bulk()
        for code, geometry in _features(geojson):
            place = divisions.get(code)
            if place is None or not by.can(Right.ADMINISTER, place.path):
                unknown.append(code)
                continue
            try:
                stored = _store(place, _polygon(geometry), by=by, at=at)
            except _BadShape as bad:
                invalid.append((code, str(bad)))
                continue
            report.stored += stored
            report.unchanged += not stored
    report.unknown, report.invalid = tuple(unknown), tuple(invalid)
    return report


class _BadShape(Exception):
    """A shape that is no area; the message says why."""


def _features(geojson: str | bytes | dict[str, Any]) -> Iterator[tuple[str, Any]]:
    if not isinstance(geojson, dict):
        try:
            geojson = json.loads(geojson)
        except (ValueError, RecursionError):
            raise BadBoundaries(why="it is not JSON") from None
    features = geojson.get("features") if isinstance(geojson, dict) else None
    if not isinstance(features, list) or len(features) > _MAX_FEATURES:
        raise BadBoundaries(why="it has no list of features")
    for number, feature in enumerate(features, start=1):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        code = properties.get("code") if isinstance(properties, dict) else None
        if not isinstance(code, str | int):
            raise BadBoundaries(why=f"feature {number} has no code")
        yield str(code).strip().ljust(12, "0"), feature.get("geometry")


def _polygon(geometry: Any) -> BaseGeometry:
    """A valid polygon or multipolygon in degrees. Self-intersections are repaired."""
    try:
        drawn = shape(geometry)
    except (ShapelyError, ValueError, TypeError, KeyError, AttributeError, IndexError):
        raise _BadShape("not a GeoJSON geometry") from None
    if not isinstance(drawn, Polygon | MultiPolygon) or drawn.is_empty:
        raise _BadShape("not a polygon")
    valid = drawn if drawn.is_valid else _areas_of(make_valid(drawn))
    west, south, east, north = valid.bounds
    if not (_CHINA[0] <= west and _CHINA[1] <= south and east <= _CHINA[2] and north <= _CHINA[3]):
        raise _BadShape("outside China; are longitude and latitude swapped, or is it not WGS84?")
    return valid


def _areas_of(repaired: BaseGeometry) -> BaseGeometry:
    """The areas of a repaired shape, without the lines and points that a repair may leave."""
    parts = getattr(repaired, "geoms", [repaired])
    polygons = [
        piece for part in parts for piece in getattr(part, "geoms", [part]) if isinstance(piece, Polygon)
    ]
    if not polygons:
        raise _BadShape("crosses itself so that no area is left")
    return polygons[0] if len(polygons) == 1 else MultiPolygon(polygons)


def _rounded(coordinates: Any) -> Any:
    if isinstance(coordinates, int | float):
        return round(float(coordinates), _DECIMALS)
    return [_rounded(part) for part in coordinates]


def _store(place: Division, area: BaseGeometry, *, by: Actor, at: datetime) -> bool:
    """Keep shape, box and, where the division has none, a point inside. False where nothing changed."""
    drawn = mapping(area)
    geometry = {"type": drawn["type"], "coordinates": _rounded(drawn["coordinates"])}
    text = json.dumps(geometry, separators=(",", ":"))
    if text == place.geometry:
        return False
    west, south, east, north = (round(value, _DECIMALS) for value in area.bounds)
    inside = area.representative_point()
    place.change(
        by=by,
        at=at,
        kind="bounded",
        geometry=text,
        min_lon=west,
        min_lat=south,
        max_lon=east,
        max_lat=north,
        lon=place.lon if place.lon is not None else round(inside.x, _DECIMALS),
        lat=place.lat if place.lat is not None else round(inside.y, _DECIMALS),
    )
    return True
