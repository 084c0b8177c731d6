"""Areas between CAP and GeoJSON. CAP writes latitude first, GeoJSON longitude first; nobody else needs to remember."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from shapely import unary_union
from shapely.errors import GEOSException
from shapely.geometry import MultiPolygon, Point, mapping, shape
from shapely.geometry import Polygon as Shape

from anlan.cap import wire
from anlan.cap.model import Area, Circle, Polygon

#: The German weather service writes holes of a polygon as a geocode of this name; no element of CAP holds them.
HOLE_NAME = "EXCLUDE_POLYGON"
#: Points of all boundaries of an area that we write, and the first step of simplifying in degrees (about 5 m). Engineering choice.
MOST_POINTS, _FINEST = 4_000, 0.00005
_KM_PER_DEGREE = 111.195
#: Corners of the polygon that stands for a circle; it lies outside the circle by less than 0.2 % of the radius.
_CORNERS = 64


def geojson_of(areas: Iterable[Area]) -> dict[str, Any] | None:
    """Polygons less their holes, and circles, of all areas as one GeoJSON geometry (lon/lat); None where there are none."""
    parts = []
    for area in areas:
        solid = [_ring(polygon) for polygon in area.polygons if len(polygon) >= 4]
        solid += [_disc(circle) for circle in area.circles if circle.radius_km > 0]
        if not solid:
            continue
        holes = [
            _ring(hole) for code in area.geocodes if code.name == HOLE_NAME and (hole := _hole(code.value))
        ]
        whole = unary_union([one.buffer(0) for one in solid])
        parts.append(whole.difference(unary_union([one.buffer(0) for one in holes])) if holes else whole)
    merged = unary_union(parts) if parts else None
    return None if merged is None or merged.is_empty else dict(mapping(merged))


def polygons_of(geometry: dict[str, Any]) -> tuple[Polygon, ...]:
    """The outer boundaries of a GeoJSON polygon or multipolygon, closed. Raises ValueError for anything else.

    CAP knows no holes: a hole is warned too, which errs on the safe side.
    """
    try:
        found = shape(geometry)
    except (AttributeError, KeyError, TypeError, IndexError, GEOSException) as error:
        raise ValueError(f"no geometry: {error}") from None
    if isinstance(found, Shape):
        found = MultiPolygon([found])
    if isinstance(found, MultiPolygon):
        found = _light(found)
    if not isinstance(found, MultiPolygon):
        raise ValueError(f"neither polygon nor multipolygon: {found.geom_type}")
    return tuple(
        tuple((round(lat, 6), round(lon, 6)) for lon, lat, *_height in part.exterior.coords)
        for part in found.geoms
        if not part.is_empty
    )


def _light(area: MultiPolygon) -> MultiPolygon:
    """At most so many points as others take; a boundary is moved by as little as that needs."""
    tolerance = _FINEST
    while sum(len(part.exterior.coords) for part in area.geoms) > MOST_POINTS and tolerance < 1:
        simpler = area.simplify(tolerance)
        area = MultiPolygon([simpler]) if isinstance(simpler, Shape) else simpler
        tolerance *= 2
    return area


def _hole(text: str) -> Polygon:
    """() for what is no boundary: then nothing is left out of the warned area."""
    try:
        polygon = wire.read_polygon(text)
    except ValueError:
        return ()
    return polygon if len(polygon) >= 4 else ()


def _ring(polygon: Polygon) -> Shape:
    return Shape([(lon, lat) for lat, lon in polygon])


def _disc(circle: Circle) -> Shape:
    """A circle in degrees; a degree of longitude is shorter towards the poles."""
    squeeze = max(0.01, math.cos(math.radians(circle.lat)))
    reach = circle.radius_km / _KM_PER_DEGREE / math.cos(math.pi / _CORNERS)
    unit = Point(0, 0).buffer(1, quad_segs=_CORNERS // 4)
    return Shape(
        [(circle.lon + x * reach / squeeze, circle.lat + y * reach) for x, y in unit.exterior.coords]
    )
