"""Areas of warnings: from what a person drew or pasted to a checked geometry, WGS84 degrees, longitude first. Mostly pure.

Bounds are engineering bounds against mistakes and floods of points: 1 MB of text, 5,000 points, a circle of at most 200 km.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from anlan.places.coordinates import Box, check_point
from anlan.warning.refusals import AreaTooBig, BadArea, CircleTooWide

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

MAX_BYTES = 1_000_000
MAX_POINTS = 5_000
WIDEST_RADIUS_M = 200_000.0
CIRCLE_POINTS = 64
#: Metres of one degree of latitude (sphere of 6,371,008.8 m, IUGG mean radius).
METRES_A_DEGREE = 111_195.08
_KINDS = ("Polygon", "MultiPolygon")


@dataclass(frozen=True, slots=True)
class Area:
    """`geometry` is None where only places were named; `codes` are divisions that belong to it whatever the geometry says.

    `source` is what `HazardWarning.area_source` keeps.
    """

    geometry: BaseGeometry | None
    codes: frozenset[str] = frozenset()
    source: str = ""

    @property
    def is_empty(self) -> bool:
        return not self.codes and (self.geometry is None or self.geometry.is_empty)

    def as_text(self) -> str:
        """GeoJSON with six decimals (about 0.1 m), "" where only places were named."""
        from shapely import to_geojson

        return "" if self.geometry is None else to_geojson(_rounded(self.geometry))


def read_area(text: str | bytes, box: Box | None) -> BaseGeometry:
    """A checked area from GeoJSON (a geometry or a Feature) or from pasted points, “lon lat;lon lat;…”.

    Refuses with a sentence: more than 1 MB or 5,000 points, what is no area, a ring that is not closed or crosses itself,
    longitude and latitude swapped, and what lies far from the county.
    """
    raw = text if isinstance(text, str) else text.decode("utf-8", errors="replace")
    if len(raw.encode()) > MAX_BYTES:
        raise AreaTooBig(points=MAX_POINTS)
    raw = raw.strip()
    if not raw.startswith("{"):
        from anlan.risk.geometry import parse_boundary

        if raw.count(";") + raw.count("；") + raw.count("\n") > MAX_POINTS:
            raise AreaTooBig(points=MAX_POINTS)
        polygon = parse_boundary(raw)
        _check_places(list(polygon.exterior.coords), box)
        return polygon
    try:
        shape = json.loads(raw)
    except (ValueError, RecursionError):
        raise BadArea(why="it is no JSON") from None
    return geometry_of(shape, box)


def geometry_of(shape: Any, box: Box | None) -> BaseGeometry:
    """The same for GeoJSON that was read already (what JSON may hold is checked here, hence Any)."""
    from shapely.geometry import MultiPolygon

    from anlan.risk.geometry import checked_polygon

    if isinstance(shape, dict) and shape.get("type") == "Feature":
        shape = shape.get("geometry")
    if not isinstance(shape, dict) or shape.get("type") not in _KINDS:
        raise BadArea(why="only Polygon and MultiPolygon are areas")
    parts = shape.get("coordinates")
    parts = [parts] if shape["type"] == "Polygon" else parts
    if not isinstance(parts, list) or not parts:
        raise BadArea(why="it has no points")
    if _count(parts) > MAX_POINTS:
        raise AreaTooBig(points=MAX_POINTS)
    polygons = []
    for rings in parts:
        points = [list(_points(ring)) for ring in (rings if isinstance(rings, list) else [])]
        if not points:
            raise BadArea(why="it has no points")
        for ring in points:
            _check_places(ring, box)
        polygon = checked_polygon(points[0])
        for hole in points[1:]:
            polygon = polygon.difference(checked_polygon(hole))
        polygons.append(polygon)
    whole: BaseGeometry = polygons[0] if len(polygons) == 1 else MultiPolygon(polygons)
    if not whole.is_valid or whole.area == 0:
        raise BadArea(why="its parts overlap")
    return whole


def circle(lon: float, lat: float, radius_m: float, box: Box | None) -> BaseGeometry:
    """A circle as a polygon of 64 points; good to some metres for radii of a county."""
    from shapely.geometry import Polygon

    if not (math.isfinite(radius_m) and 0 < radius_m <= WIDEST_RADIUS_M):
        raise CircleTooWide(km=round(WIDEST_RADIUS_M / 1000))
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise BadArea(why="the centre is no point")
    check_point(lon, lat, box)
    up = radius_m / METRES_A_DEGREE
    across = up / max(0.1, math.cos(math.radians(lat)))
    turns = [2 * math.pi * n / CIRCLE_POINTS for n in range(CIRCLE_POINTS)]
    return Polygon([(lon + across * math.cos(turn), lat + up * math.sin(turn)) for turn in turns])


def joined(shapes: Iterable[BaseGeometry]) -> BaseGeometry | None:
    """One geometry of several; None where there are none."""
    from shapely import make_valid, union_all

    parts = [make_valid(shape) for shape in shapes if not shape.is_empty]
    return union_all(parts) if parts else None


def square_km(geometry: BaseGeometry) -> float:
    """Area in square kilometres, flat at its own latitude: good to about one per cent for a county."""
    if geometry.is_empty:
        return 0.0
    scale = METRES_A_DEGREE / 1000
    return float(geometry.area * scale * scale * math.cos(math.radians(geometry.centroid.y)))


def _rounded(geometry: BaseGeometry) -> BaseGeometry:
    from shapely import set_precision

    return set_precision(geometry, 1e-6)


def _points(ring: Any) -> Iterator[tuple[float, float]]:
    if not isinstance(ring, list):
        raise BadArea(why="a ring is a list of points")
    for point in ring:
        is_pair = isinstance(point, list) and len(point) >= 2
        if not is_pair or not all(isinstance(number, int | float) for number in point[:2]):
            raise BadArea(why="a point is [longitude, latitude]")
        lon, lat = float(point[0]), float(point[1])
        if not (math.isfinite(lon) and math.isfinite(lat)):
            raise BadArea(why="a point is [longitude, latitude]")
        yield lon, lat


def _count(parts: Any) -> int:
    """Points of nested lists, counted without recursion; stops soon after the bound."""
    waiting, count = [parts], 0
    while waiting and count <= MAX_POINTS:
        one = waiting.pop()
        if isinstance(one, list) and one and isinstance(one[0], int | float):
            count += 1
        elif isinstance(one, list):
            waiting.extend(one)
    return count


def _check_places(ring: Sequence[tuple[float, ...]], box: Box | None) -> None:
    lons, lats = [point[0] for point in ring], [point[1] for point in ring]
    if lons:
        check_point(min(lons), min(lats), box)
        check_point(max(lons), max(lats), box)
