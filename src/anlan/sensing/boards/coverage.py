"""Where nobody looks: stations per area, places far from any gauge, points that no camera sees."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from anlan.kernel.actor import Actor
from anlan.places.access import visible
from anlan.places.types import Division
from anlan.sensing.access import visible_cameras, visible_stations
from anlan.sensing.boards.types import BlindSpot, Coverage, DensityLine
from anlan.sensing.models import Camera, Station
from anlan.vocab.cameras import ASSUMED_ANGLE_DEG, ASSUMED_RANGE_M
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.kinds import KINDS, WITH_RAIN, WITH_STAGE

#: A village farther than this from the next gauge counts as unwatched. An engineering assumption, not verified: no text seen names one.
BLIND_WITHIN_KM = 5.0
EARTH_KM = 6371.0088
_MOBILE = frozenset(code for code, kind in KINDS.items() if kind.is_mobile)


def density(actor: Actor) -> list[DensityLine]:
    """Fixed stations of each township by its area; a township without a boundary has no area, and is said to have none."""
    townships = list(visible(actor).filter(level=DivisionLevel.TOWNSHIP).order_by("code"))
    paths = [one.division.path for one in visible_stations(actor) if one.kind not in _MOBILE]
    return [
        DensityLine(place.code, place.name, sum(_is_below(path, place.path) for path in paths), _area(place))
        for place in townships
    ]


def blind_spots(actor: Actor, *, within_km: float = BLIND_WITHIN_KM) -> Coverage:
    """Villages and townships of the jurisdiction without a rain gauge, or a river gauge, within so many kilometres."""
    levels = [DivisionLevel.TOWNSHIP, DivisionLevel.VILLAGE]
    places = list(visible(actor).filter(level__in=levels).defer("geometry").order_by("code"))
    placed = [place for place in places if place.lon is not None and place.lat is not None]
    stations = list(visible_stations(actor))
    return Coverage(
        within_km=within_km,
        rain=tuple(_far(placed, [one for one in stations if one.kind in WITH_RAIN], within_km)),
        river=tuple(_far(placed, [one for one in stations if one.kind in WITH_STAGE], within_km)),
        unplaced=tuple(place.name for place in places if place.lon is None or place.lat is None),
        judged=len(placed),
    )


def unseen(actor: Actor, points: Iterable[tuple[str, float, float]]) -> list[str]:
    """Of points (key, longitude, latitude) those that lie in the view of no camera of the jurisdiction."""
    cameras = [one for one in visible_cameras(actor) if one.lon is not None and one.lat is not None]
    return [key for key, lon, lat in points if not any(sees(camera, lon, lat) for camera in cameras)]


def sees(camera: Camera, lon: float, lat: float) -> bool:
    """Whether a point lies within range and opening; terrain is not asked. Unknown range and opening are assumed."""
    if camera.lon is None or camera.lat is None:
        return False
    if distance_km(camera.lon, camera.lat, lon, lat) * 1000 > (camera.range_m or ASSUMED_RANGE_M):
        return False
    angle = ASSUMED_ANGLE_DEG if camera.angle_deg is None else camera.angle_deg
    if angle >= 360 or camera.azimuth_deg is None:
        return True
    turn = (bearing_deg(camera.lon, camera.lat, lon, lat) - camera.azimuth_deg + 180) % 360 - 180
    return abs(turn) <= angle / 2


def view_of(camera: Camera, *, steps: int = 24) -> list[list[float]] | None:
    """The outline of what a camera sees as a closed ring of [lon, lat]; None where its place is not known."""
    if camera.lon is None or camera.lat is None:
        return None
    reach = camera.range_m or ASSUMED_RANGE_M
    angle = ASSUMED_ANGLE_DEG if camera.angle_deg is None else camera.angle_deg
    is_round = angle >= 360 or camera.azimuth_deg is None
    start = 0.0 if is_round else (camera.azimuth_deg or 0.0) - angle / 2
    arc = 360.0 if is_round else angle
    rim = [_towards(camera.lon, camera.lat, start + arc * n / steps, reach) for n in range(steps + 1)]
    if is_round:
        return [*rim[:-1], rim[0]]
    centre = [round(camera.lon, 6), round(camera.lat, 6)]
    return [centre, *rim, centre]


def distance_km(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Great-circle distance."""
    dlat, dlon = math.radians(other_lat - lat), math.radians(other_lon - lon)
    a = (
        math.sin(dlat / 2) ** 2
        + math.cos(math.radians(lat)) * math.cos(math.radians(other_lat)) * math.sin(dlon / 2) ** 2
    )
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(a)))


def bearing_deg(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Direction to the other point, degrees clockwise from north; flat earth, right for what a camera sees."""
    east = (other_lon - lon) * math.cos(math.radians((lat + other_lat) / 2))
    return math.degrees(math.atan2(east, other_lat - lat)) % 360


def _towards(lon: float, lat: float, bearing: float, metres: float) -> list[float]:
    north = metres / 1000 / EARTH_KM * math.cos(math.radians(bearing))
    east = metres / 1000 / EARTH_KM * math.sin(math.radians(bearing)) / math.cos(math.radians(lat))
    return [round(lon + math.degrees(east), 6), round(lat + math.degrees(north), 6)]


def _far(places: Sequence[Division], stations: Sequence[Station], within_km: float) -> list[BlindSpot]:
    """Places whose nearest station is farther than that, the farthest first. Arrays, since a city has 2,000 by 5,000 of them."""
    if not stations:
        return [BlindSpot(one.code, one.name, one.level, "", "", None) for one in places]
    import numpy as np  # here, because only this page needs it

    lon, lat = (np.radians([getattr(one, name) for one in stations]) for name in ("lon", "lat"))
    found = []
    for place in places:
        here_lon, here_lat = math.radians(place.lon or 0), math.radians(place.lat or 0)
        a = np.sin((lat - here_lat) / 2) ** 2
        a += np.cos(lat) * math.cos(here_lat) * np.sin((lon - here_lon) / 2) ** 2
        nearest = int(a.argmin())
        km = 2 * EARTH_KM * math.asin(math.sqrt(min(1.0, float(a[nearest]))))
        if km > within_km:
            station = stations[nearest]
            found.append(BlindSpot(place.code, place.name, place.level, station.code, station.name, km))
    return sorted(found, key=lambda one: (-(one.nearest_km or 0), one.code))


def _area(place: Division) -> float | None:
    return _area_of(place.geometry) if place.geometry else None


@lru_cache(maxsize=4096)
def _area_of(geometry: str) -> float:
    """Square kilometres on a sphere, by the cylinder of equal area: exact but for the earth's flattening (under 0.5 %)."""
    shape = json.loads(geometry)
    polygons = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
    return sum(_ring_km2(rings[0]) - sum(map(_ring_km2, rings[1:])) for rings in polygons)


def _ring_km2(ring: Sequence[Any]) -> float:
    xs = [math.radians(point[0]) for point in ring]
    ys = [math.sin(math.radians(point[1])) for point in ring]
    twice = sum(x * y2 - x2 * y for x, y, x2, y2 in zip(xs, ys, xs[1:], ys[1:], strict=False))
    return abs(twice) / 2 * EARTH_KM**2


def _is_below(path: str, top: str) -> bool:
    return path == top or path.startswith(f"{top}/")
