"""Does a point lie where a county's things can lie? Longitude and latitude in WGS84/CGCS2000, degrees."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import Max, Min
from django.utils.translation import gettext_noop as _

from anlan.kernel.refusals import Refusal
from anlan.places.models import Division
from anlan.vocab.divisions import DivisionLevel

#: A thing may stand this far outside the county: gauges upstream, a neighbour's station that speaks for a village.
MARGIN_DEGREES = 1.0


class Box(NamedTuple):
    """West, south, east, north in degrees."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, lon: float, lat: float, *, margin: float = 0.0) -> bool:
        return (
            self.west - margin <= lon <= self.east + margin
            and self.south - margin <= lat <= self.north + margin
        )


#: Mainland, islands and sea of China, generously (engineering bound for plain mistakes).
CHINA = Box(73.0, 3.0, 136.0, 54.0)


class SwappedCoordinates(Refusal):
    code = "coordinates.swapped"
    text = _("Longitude %(lon)s and latitude %(lat)s look swapped.")
    next_step = _("Longitude (about 73 to 136) comes first, latitude (about 3 to 54) second.")
    status = 422


class FarFromCounty(Refusal):
    code = "coordinates.far_from_county"
    text = _("The point %(lon)s, %(lat)s lies more than 1° outside the county.")
    next_step = _("Check the digits; degrees with decimals are expected, not degrees and minutes.")
    status = 422


def county_box() -> Box | None:
    """The box of the county (or counties) of this node: from boundaries, else from the points of all divisions."""
    edges = {"west": Min("min_lon"), "south": Min("min_lat"), "east": Max("max_lon"), "north": Max("max_lat")}
    found = Division.objects.filter(level=DivisionLevel.COUNTY).aggregate(**edges)
    if any(value is None for value in found.values()):
        points = {"west": Min("lon"), "south": Min("lat"), "east": Max("lon"), "north": Max("lat")}
        found = Division.objects.aggregate(**points)
    if any(value is None for value in found.values()):
        return None
    return Box(found["west"], found["south"], found["east"], found["north"])


def check_point(lon: float, lat: float, box: Box | None) -> None:
    """Raise unless the point lies in the county's box (plus 1°), or in China where no box is known."""
    allowed, margin = (box, MARGIN_DEGREES) if box is not None else (CHINA, 0.0)
    if allowed.holds(lon, lat, margin=margin):
        return
    shown = {"lon": f"{lon:g}", "lat": f"{lat:g}"}
    if allowed.holds(lat, lon, margin=margin):
        raise SwappedCoordinates(**shown)
    raise FarFromCounty(**shown)
