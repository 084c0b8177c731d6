"""Areal mean of rain: arithmetic over the stations inside, and Thiessen where a boundary is known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

_TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Gauge:
    """A station with its rain; lon/lat in degrees, mm."""

    code: str
    lon: float
    lat: float
    total: Decimal
    division_path: str
    catchment: str


@dataclass(frozen=True, slots=True)
class ArealMean:
    """Means in mm. `arithmetic` is None without a station inside; `thiessen` is None where the boundary is unknown.

    Thiessen also uses stations outside the boundary that are nearest to a part of it; `weighted` says how many had a part.
    """

    kind: str
    name: str
    stations: int
    arithmetic: Decimal | None
    highest: Decimal | None
    thiessen: Decimal | None = None
    weighted: int = 0


def mean_of(kind: str, name: str, inside: Sequence[Gauge]) -> ArealMean:
    """The arithmetic mean alone."""
    totals = [gauge.total for gauge in inside]
    mean = (sum(totals, Decimal(0)) / len(totals)).quantize(_TENTH) if totals else None
    return ArealMean(kind, name, len(totals), mean, max(totals, default=None))


def thiessen(geometry: str, gauges: Sequence[Gauge]) -> tuple[Decimal, int] | None:
    """Mean weighted by the part of a GeoJSON polygon that is nearest to each gauge, and how many gauges had a part.

    Plane geometry with longitudes shrunk by the cosine of the latitude: over a county the error is far below the rain's own.
    """
    import shapely
    from shapely.affinity import scale
    from shapely.geometry import MultiPoint, Point
    from shapely.ops import voronoi_diagram

    if not geometry or not gauges:
        return None
    area = shapely.from_geojson(geometry)
    shrink = math.cos(math.radians(area.centroid.y))
    area = scale(area, xfact=shrink, yfact=1, origin=(0, 0))
    by_place: dict[tuple[float, float], list[Decimal]] = {}
    for gauge in gauges:
        by_place.setdefault((gauge.lon * shrink, gauge.lat), []).append(gauge.total)
    totals = {place: sum(values, Decimal(0)) / len(values) for place, values in by_place.items()}
    if len(totals) == 1:
        return next(iter(totals.values())).quantize(_TENTH), 1
    points = MultiPoint(list(totals))
    cells = voronoi_diagram(points, envelope=area.union(points.envelope).buffer(1)).geoms
    weighted, whole, used = Decimal(0), 0.0, 0
    tree = shapely.STRtree(list(cells))
    for place, total in totals.items():
        (position, *_) = tree.query(Point(place), predicate="intersects").tolist()
        part = cells[position].intersection(area).area
        if part > 0:
            weighted, whole, used = weighted + Decimal(part) * total, whole + part, used + 1
    return ((weighted / Decimal(whole)).quantize(_TENTH), used) if whole else None
