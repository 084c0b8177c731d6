"""Outlines of danger zones: from text to a checked polygon and back. WGS84 degrees, longitude first. Pure."""

from __future__ import annotations

import json
import math
import re

from shapely.geometry import Polygon, mapping, shape
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from anlan.risk.refusals import BoundaryCrossesItself, BoundaryNotClosed, NotABoundary, TooFewPoints

Point = tuple[float, float]

#: Most points of one outline (engineering bound; surveyed zones have some dozen).
MAX_POINTS = 5_000
_BETWEEN = re.compile(r"[;；\n]+")
_WITHIN = re.compile(r"[\s,，]+")


def parse_boundary(text: str) -> Polygon:
    """“lon lat;lon lat;…” as a polygon; the last point repeats the first."""
    parts = [part.strip() for part in _BETWEEN.split(text) if part.strip()]
    if len(parts) > MAX_POINTS:
        raise BoundaryCrossesItself(why=f"{len(parts)} points")
    return checked_polygon([_point(part) for part in parts])


def checked_polygon(points: list[Point]) -> Polygon:
    """A closed, simple outline with an area; raises a refusal otherwise."""
    distinct = set(points)
    if len(distinct) < 3:
        raise TooFewPoints(count=len(distinct))
    if points[0] != points[-1]:
        raise BoundaryNotClosed
    polygon = Polygon(points)
    if not polygon.is_valid:
        raise BoundaryCrossesItself(why=explain_validity(polygon))
    if polygon.area == 0:
        raise BoundaryCrossesItself(why="no area")
    return polygon


def to_text(polygon: Polygon) -> str:
    """GeoJSON, six decimals (about 0.1 m)."""
    ring = [[round(lon, 6), round(lat, 6)] for lon, lat in mapping(polygon)["coordinates"][0]]
    return json.dumps({"type": "Polygon", "coordinates": [ring]}, separators=(",", ":"))


def from_text(geometry: str) -> BaseGeometry:
    """The stored GeoJSON geometry."""
    return shape(json.loads(geometry))


def _point(part: str) -> Point:
    numbers = _WITHIN.split(part)
    try:
        lon, lat = (float(number) for number in numbers)
    except ValueError:
        raise NotABoundary(part=part[:40]) from None
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise NotABoundary(part=part[:40])
    return lon, lat
