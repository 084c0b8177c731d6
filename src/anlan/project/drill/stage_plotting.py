"""The demo's marks on the map of an incident."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from anlan.kernel.actor import Actor

#: Symbol, label, GeoJSON type, corners as degrees beside the incident.
_MARKS: tuple[tuple[str, str, str, Any], ...] = (
    ("command_post", "前方指挥部（演示）", "Point", (0.004, 0.003)),
    ("shelter", "临时安置点（演示）", "Point", (0.012, 0.009)),
    ("blocked_road", "", "Point", (-0.006, 0.002)),
    ("cordon", "警戒线（演示）", "LineString", ((-0.008, -0.004), (0.0, -0.006), (0.008, -0.003))),
    ("evacuation_route", "", "LineString", ((0.001, 0.001), (0.007, 0.004), (0.012, 0.009))),
    ("danger_area", "危险区域（演示）", "Polygon", ((-0.004, -0.003), (0.004, -0.003), (0.003, 0.002), (-0.003, 0.002))),
)  # fmt: skip


def build(*, by: Actor, at: datetime, exercise_id: uuid.UUID | None) -> dict[str, int]:
    """On the newest open incident of the run that may be drawn on; nothing where there is none. Returns how many marks were made."""
    from anlan.command.plotting import place_mark
    from anlan.incidents.models import Incident

    open_ones = Incident.objects.filter(
        exercise_id=exercise_id, state__in=("received", "verified"), is_restricted=False
    )
    row = open_ones.select_related("division").order_by("-known_at", "-pk").first()
    lon, lat = (None, None) if row is None else (row.lon or row.division.lon, row.lat or row.division.lat)
    if row is None or lon is None or lat is None:
        return {"marks": 0}
    for symbol, label, kind, corners in _MARKS:
        geometry = {"type": kind, "coordinates": _beside(lon, lat, kind, corners)}
        place_mark(row, symbol=symbol, geometry=geometry, label=label, by=by, by_name="值班员", at=at)
    return {"marks": len(_MARKS)}


def _beside(lon: float, lat: float, kind: str, corners: Any) -> Any:
    if kind == "Point":
        return [lon + corners[0], lat + corners[1]]
    line = [[lon + east, lat + north] for east, north in corners]
    return line if kind == "LineString" else [line]
