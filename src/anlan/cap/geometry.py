"""Judging polygons and circles of CAP: form, range, order of coordinates, closed, not crossing."""

from __future__ import annotations

from shapely import Polygon as Shape
from shapely.validation import explain_validity

from anlan.cap import wire
from anlan.cap.model import Polygon
from anlan.cap.reasons import Reason, reason

#: Half the way round the earth; nothing is further away.
_LONGEST_RADIUS_KM = 20_040.0
#: China with its seas, degrees (R28): a point that lies in it only when its numbers are exchanged was written the wrong way.
CHINA_LAT, CHINA_LON = (3.0, 54.0), (73.0, 136.0)


def check_polygon(text: str, where: str = "", *, expects_china: bool = False) -> list[Reason]:
    """What is wrong with the text of one polygon, the first fault of each kind."""
    try:
        polygon = wire.read_polygon(text)
    except ValueError as error:
        return [reason("cap.polygon_form", where, value=str(error))]
    found = check_points(polygon, where, expects_china=expects_china)
    if found:
        return found
    if len(polygon) < 4:
        return [reason("cap.polygon_too_short", where, count=len(polygon))]
    if polygon[0] != polygon[-1]:
        return [reason("cap.polygon_open", where, first=_written(polygon[0]), last=_written(polygon[-1]))]
    return _check_shape(polygon, where)


def check_points(polygon: Polygon, where: str = "", *, expects_china: bool = False) -> list[Reason]:
    """Points out of range, or with latitude and longitude exchanged."""
    for lat, lon in polygon:
        written = _written((lat, lon))
        if abs(lat) > 90 >= abs(lon) and abs(lat) <= 180:
            return [reason("cap.coordinates_swapped", where, value=written)]
        if abs(lat) > 90 or abs(lon) > 180:
            return [reason("cap.coordinates_range", where, value=written)]
        if expects_china and _is_exchanged(lat, lon):
            return [reason("cap.coordinates_swapped", where, value=written)]
    return []


def _is_exchanged(lat: float, lon: float) -> bool:
    return (
        CHINA_LAT[0] <= lon <= CHINA_LAT[1]
        and CHINA_LON[0] <= lat <= CHINA_LON[1]
        and not (CHINA_LAT[0] <= lat <= CHINA_LAT[1] and CHINA_LON[0] <= lon <= CHINA_LON[1])
    )


def _check_shape(polygon: Polygon, where: str) -> list[Reason]:
    if len(set(polygon)) < 3:
        return [reason("cap.polygon_flat", where)]
    shape = Shape([(lon, lat) for lat, lon in polygon])
    if shape.is_valid:
        return [] if shape.area > 0 else [reason("cap.polygon_flat", where)]
    said = explain_validity(shape)
    if "Self-intersection" not in said:
        # A ring that touches itself in a point, or repeats one, still tells inside from outside.
        return [reason("cap.polygon_flat", where)] if shape.area == 0 else []
    lon, _blank, lat = said.partition("[")[2].rstrip("]").partition(" ")
    return [reason("cap.polygon_crossing", where, lat=lat or "?", lon=lon or "?")]


def check_circle(text: str, where: str = "", *, expects_china: bool = False) -> list[Reason]:
    try:
        circle = wire.read_circle(text)
    except ValueError:
        return [reason("cap.circle_form", where, value=text)]
    found = check_points(((circle.lat, circle.lon),), where, expects_china=expects_china)
    if found:
        return found
    if not 0 <= circle.radius_km <= _LONGEST_RADIUS_KM:
        return [reason("cap.circle_radius", where, value=text)]
    return []


def _written(point: tuple[float, float]) -> str:
    return f"{wire.write_number(point[0])},{wire.write_number(point[1])}"
