"""Villages downstream of a station, found from the river network."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from anlan.places.models import Division
from anlan.ruleset import Parameter
from anlan.sensing.models import RiverReach, Station
from anlan.sensing.rivers.course import Course, nearest_course
from anlan.vocab.divisions import DivisionLevel

_WHY = gettext_noop("No text seen gives a number; the county confirms it for its rivers.")
#: What the list rests on, shown beside it.
ASSUMPTIONS = {
    one.name: one
    for one in (
        Parameter("flow_speed_m_s", 2.0, "m/s", "engineering assumption", False, _WHY),
        Parameter("near_river_m", 1000.0, "m", "engineering assumption", False, _WHY),
        Parameter("station_to_river_m", 1000.0, "m", "engineering assumption", False, _WHY),
        Parameter("farthest_m", 50_000.0, "m", "engineering assumption", False, _WHY),
    )
}


@dataclass(frozen=True, slots=True)
class Downstream:
    """A village near the water below a station. Distance along the river; the time is the distance at the assumed speed."""

    division: Division
    river: str
    distance_m: int
    off_river_m: int
    travel_min: int

    @property
    def distance_km(self) -> str:
        return f"{self.distance_m / 1000:.1f}"


def downstream_of(station: Station) -> list[Downstream]:
    """Villages near the river below the station, the nearest first; none where no river is drawn near it."""
    reaches = {one.pk: one for one in RiverReach.objects.filter(is_active=True)}
    courses = [(one, Course(one.line)) for one in reaches.values()]
    point = (station.lon, station.lat)
    start = nearest_course(point, courses, within_m=ASSUMPTIONS["station_to_river_m"].value)
    if start is None:
        return []
    by_reach = {one.pk: course for one, course in courses}
    best: dict[str, Downstream] = {}
    for reach, from_m, before_m in _way(start[0], start[1], reaches):
        for found in _along(reach, by_reach[reach.pk], from_m, before_m):
            known = best.get(found.division.code)
            if known is None or found.off_river_m < known.off_river_m:
                best[found.division.code] = found
    return sorted(best.values(), key=lambda one: one.distance_m)


def _way(
    reach: RiverReach, from_m: float, reaches: dict[uuid.UUID, RiverReach]
) -> Iterator[tuple[RiverReach, float, float]]:
    """Each reach that the water passes, from where on, and how far it has come until there."""
    travelled = 0.0
    here: RiverReach | None = reach
    while here is not None and travelled <= ASSUMPTIONS["farthest_m"].value:
        yield here, from_m, travelled
        travelled += max(0.0, here.length_m - from_m)
        from_m = float(here.joins_at_m or 0)
        here = reaches.get(here.downstream_id) if here.downstream_id else None


def _along(reach: RiverReach, course: Course, from_m: float, before_m: float) -> Iterator[Downstream]:
    near, farthest = ASSUMPTIONS["near_river_m"].value, ASSUMPTIONS["farthest_m"].value
    for village in _villages_around(reach.line, near):
        assert village.lon is not None  # the query asks for it
        assert village.lat is not None
        place = course.place((village.lon, village.lat), from_m=from_m)
        distance = before_m + place.along_m - from_m
        # What lies beside or above the station is nearest to the station's own spot.
        if place.off_m <= near and 0 < distance <= farthest:
            minutes = distance / ASSUMPTIONS["flow_speed_m_s"].value / 60
            yield Downstream(village, reach.name, round(distance), round(place.off_m), round(minutes))


def _villages_around(line: Sequence[Sequence[float]], near_m: float) -> QuerySet[Division]:
    """Villages inside the box around the line, which is wider than `near_m` on every side."""
    margin = 2 * near_m / 100_000
    lons, lats = [point[0] for point in line], [point[1] for point in line]
    return Division.objects.filter(
        level=DivisionLevel.VILLAGE,
        valid_to=None,
        lon__range=(min(lons) - margin, max(lons) + margin),
        lat__range=(min(lats) - margin, max(lats) + margin),
    )
