"""Checks what somebody drew: GeoJSON in WGS84 degrees, of one kind, in a sane place, of bounded size. Pure."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import orjson

from anlan.command.plotrefusals import CrossesItself, FarAway, NoGeometry, TooManyCorners, WrongShape
from anlan.incidents.refusals import Words
from anlan.vocab.symbols import GEOJSON_TYPES, SHAPE_LABELS, Shape, Symbol

#: Corners of one mark; more is a trace, not a drawing. Engineering choice.
MOST_CORNERS = 2_000
#: Decimals of a degree that are kept: 1e-6 degrees is about 0.1 m.
DECIMALS = 6
#: Longest text that is read as GeoJSON, characters; 2,000 corners with room.
MOST_TEXT = 200_000


class Box(NamedTuple):
    """Degrees, WGS84."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, lon: float, lat: float) -> bool:
        return self.west <= lon <= self.east and self.south <= lat <= self.north


#: Mainland and islands of China with room, for a county whose place is not known.
CHINA = Box(73.0, 3.0, 136.0, 54.0)


def checked(given: Any, symbol: Symbol, *, inside: Box = CHINA) -> str:
    """The geometry as canonical GeoJSON text. `given` is text or a decoded geometry or Feature. Raises a refusal of `plotrefusals`."""
    geometry = _decoded(given)
    if geometry.get("type") != GEOJSON_TYPES[symbol.shape]:
        raise WrongShape(symbol=Words(symbol.zh, symbol.en), wanted=Words(*SHAPE_LABELS[symbol.shape]))
    rings = _rings(geometry.get("coordinates"), symbol.shape)
    count = sum(len(ring) for ring in rings)
    if count > MOST_CORNERS:
        raise TooManyCorners(count=count, most=MOST_CORNERS)
    clean = [[_corner(corner, inside) for corner in ring] for ring in rings]
    _check_shape(clean, symbol.shape)
    coordinates: Any = clean
    if symbol.shape is Shape.POINT:
        coordinates = clean[0][0]
    elif symbol.shape is Shape.LINE:
        coordinates = clean[0]
    return orjson.dumps({"type": GEOJSON_TYPES[symbol.shape], "coordinates": coordinates}).decode()


def checked_point(given: Any, *, inside: Box = CHINA) -> tuple[float, float]:
    """Longitude and latitude of a GeoJSON point. Raises `NoGeometry` or `FarAway`."""
    geometry = _decoded(given)
    if geometry.get("type") != "Point":
        raise NoGeometry
    lon, lat = _corner(geometry.get("coordinates"), inside)
    return lon, lat


def _decoded(given: Any) -> dict[str, Any]:
    if isinstance(given, str):
        if len(given) > MOST_TEXT:
            raise TooManyCorners(count=f"{len(given) // 20}+", most=MOST_CORNERS)
        try:
            given = orjson.loads(given)
        except orjson.JSONDecodeError:
            raise NoGeometry from None
    if isinstance(given, dict) and given.get("type") == "Feature":
        given = given.get("geometry")
    if not isinstance(given, dict):
        raise NoGeometry
    return given


def _rings(coordinates: Any, shape: Shape) -> list[list[Any]]:
    """Every shape as a list of lists of corners."""
    if shape is Shape.POINT:
        return [[coordinates]]
    rings = coordinates if shape is Shape.AREA else [coordinates]
    if not isinstance(rings, list) or not rings or not all(isinstance(ring, list) for ring in rings):
        raise NoGeometry
    return rings


def _corner(given: Any, inside: Box) -> list[float]:
    if not isinstance(given, list) or not 2 <= len(given) <= 3:
        raise NoGeometry
    lon, lat = given[0], given[1]
    if not all(type(one) in (int, float) and math.isfinite(one) for one in (lon, lat)):
        raise NoGeometry
    if not inside.holds(lon, lat):
        raise FarAway
    return [round(float(lon), DECIMALS), round(float(lat), DECIMALS)]


def _check_shape(rings: list[list[list[float]]], shape: Shape) -> None:
    """What only the whole can be wrong in; Shapely brings NumPy, so that a point does not pay for it."""
    if shape is Shape.POINT:
        return
    if shape is Shape.LINE:
        if len({tuple(corner) for corner in rings[0]}) < 2:
            raise NoGeometry
        return
    from shapely.errors import ShapelyError
    from shapely.geometry import Polygon

    for ring in rings:
        if len({tuple(corner) for corner in ring}) < 3:
            raise NoGeometry
        if ring[0] != ring[-1]:
            ring.append(list(ring[0]))
    try:
        area = Polygon(rings[0], rings[1:])
    except (ShapelyError, ValueError):
        raise NoGeometry from None
    if not area.is_valid or area.is_empty:
        raise CrossesItself
