"""What lies inside an area: villages, people, households, sites, danger spots. From arrays in memory, so that dragging stays live.

How it is counted
- A *village* is concerned when a part of its boundary lies inside, or its point where no boundary is known, or when it was named.
- *Residents and households* are counted by the finest points known: natural villages where a village has them, else the village's
  own point. A named village counts wholly.
- *At sites now* are people at schools, camps, scenic spots … at the hour asked, where somebody counted them. They may also be
  residents, so the two numbers stand side by side and are never added.
- *Needing assistance* are families of danger zones marked so, and people counted at sites.
- *Spill-over* is the part of the area outside the county's boundary.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.risk import queries as risk
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import Right
from anlan.warning.areas import Area, joined, square_km
from anlan.warning.following import Followed

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

#: Day for schools and camps, by the clock of the county (assumption, shown as such).
DAY_FROM, DAY_TO = 7, 19
#: Names listed in an answer; the counts are always whole.
LISTED = 60
#: A village is concerned when at least this share of it lies inside (assumption: less is the width of a drawn line).
LEAST_SHARE = 0.01
#: Or when this share of a small area lies in it: a slope or a gully is much less than a hundredth of a village.
SMALL_SHARE = 0.1
_SCHOOLS = frozenset({"school", "kindergarten"})


@dataclass(frozen=True, slots=True)
class Points:
    """Things with a point. `place` is a division code for each, `numbers` columns by name."""

    codes: NDArray[np.str_]
    names: NDArray[np.str_]
    kinds: NDArray[np.str_]
    paths: NDArray[np.str_]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    numbers: dict[str, NDArray[np.int64]]

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True, slots=True)
class CountIndex:
    """Everything that is counted, as arrays. `villages` have outlines where boundaries were imported (None elsewhere)."""

    villages: Points
    outlines: NDArray[Any]
    homes: Points
    sites: Points
    enterprises: Points
    hazard_sites: Points
    families: Points
    county: BaseGeometry | None


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of an area. `spill_km2` and `spill_share` are None where no boundary of the county is known."""

    villages: int = 0
    people: int = 0
    households: int = 0
    people_at_sites: int = 0
    needing_help: int = 0
    schools: int = 0
    sites: int = 0
    hazard_sites: int = 0
    threatened: int = 0
    enterprises: int = 0
    shelters: int = 0
    families_in_zones: int = 0
    area_km2: float | None = None
    spill_km2: float | None = None
    spill_share: float | None = None
    is_day: bool = True
    village_codes: tuple[str, ...] = ()
    site_codes: tuple[str, ...] = ()
    enterprise_codes: tuple[str, ...] = ()
    listed: dict[str, list[str]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def count_index() -> CountIndex:
    """The arrays as of now; made anew once a division, site, zone or family was written."""
    return _index.get()


def count(area: Area, *, hour: int, by: Actor, index: CountIndex | None = None) -> Counts:
    """Numbers of an area at an hour of the county's clock, narrowed to where the actor may draft."""
    found = index or count_index()
    is_day = DAY_FROM <= hour < DAY_TO
    geometry = area.geometry
    villages = _villages(found, area, by)
    codes = {str(code) for code in found.villages.codes[villages]}
    homes = _inside(found.homes, geometry, area.codes, by)
    sites = _inside(found.sites, geometry, area.codes, by)
    enterprises = _inside(found.enterprises, geometry, area.codes, by)
    spots = _inside(found.hazard_sites, geometry, area.codes, by)
    families = _inside(found.families, geometry, area.codes, by)
    kinds = found.sites.kinds[sites]
    area_km2 = None if geometry is None else square_km(geometry)
    spill = _spill(found.county, geometry)
    return Counts(
        villages=len(villages),
        people=_sum(found.homes, "people", homes),
        households=_sum(found.homes, "households", homes),
        people_at_sites=_sum(found.sites, "day" if is_day else "night", sites),
        needing_help=_sum(found.families, "needs", families) + _sum(found.sites, "needs", sites),
        schools=int(np.isin(kinds, list(_SCHOOLS)).sum()),
        sites=int((~np.isin(kinds, ["shelter"])).sum()),
        hazard_sites=len(spots),
        threatened=_sum(found.hazard_sites, "people", spots),
        enterprises=len(enterprises),
        shelters=int((kinds == "shelter").sum()),
        families_in_zones=len(families),
        area_km2=None if area_km2 is None else round(area_km2, 2),
        spill_km2=None if spill is None else round(spill, 2),
        spill_share=None if spill is None or not area_km2 else round(spill / area_km2, 4),
        is_day=is_day,
        village_codes=tuple(sorted(codes)),
        site_codes=tuple(str(code) for code in found.sites.codes[sites]),
        enterprise_codes=tuple(str(code) for code in found.enterprises.codes[enterprises]),
        listed={
            "villages": _names(found.villages, villages),
            "sites": _names(found.sites, sites),
            "hazard_sites": _names(found.hazard_sites, spots),
            "enterprises": _names(found.enterprises, enterprises),
        },
    )


def _villages(found: CountIndex, area: Area, by: Actor) -> NDArray[np.intp]:
    from shapely import area as area_of
    from shapely import intersection, intersects, prepare

    points = found.villages
    chosen = _below(points.paths, area.codes)
    if area.geometry is not None:
        prepare(area.geometry)
        chosen |= _hit(points, area.geometry) & (found.outlines == None)  # noqa: E711 - element-wise
        touched = np.flatnonzero(intersects(area.geometry, found.outlines))
        if len(touched):
            shapes = found.outlines[touched]
            shared = area_of(intersection(shapes, area.geometry))
            inside = (shared >= LEAST_SHARE * area_of(shapes)) | (shared >= SMALL_SHARE * area.geometry.area)
            inside |= _hit(points, area.geometry)[touched]
            chosen[touched[inside]] = True
    return np.flatnonzero(chosen & _allowed(points.paths, by))


def _inside(
    points: Points, geometry: BaseGeometry | None, codes: Collection[str], by: Actor
) -> NDArray[np.intp]:
    chosen = _below(points.paths, codes)
    if geometry is not None:
        chosen |= _hit(points, geometry)
    return np.flatnonzero(chosen & _allowed(points.paths, by))


def _hit(points: Points, geometry: BaseGeometry) -> NDArray[np.bool_]:
    from shapely import intersects_xy, prepare

    prepare(geometry)
    west, south, east, north = geometry.bounds
    chosen: NDArray[np.bool_] = (
        (points.lon >= west) & (points.lon <= east) & (points.lat >= south) & (points.lat <= north)
    )
    near = np.flatnonzero(chosen)
    chosen[near] = intersects_xy(geometry, points.lon[near], points.lat[near])
    return chosen


def _below(paths: NDArray[np.str_], codes: Collection[str]) -> NDArray[np.bool_]:
    """Which paths hold one of the codes: the division itself or something below it."""
    chosen = np.zeros(len(paths), dtype=bool)
    if not codes or not len(paths):
        return chosen
    wanted = set(codes)
    return np.fromiter((not wanted.isdisjoint(path.split("/")) for path in paths), bool, len(paths))


def _allowed(paths: NDArray[np.str_], by: Actor) -> NDArray[np.bool_]:
    own = by.where(Right.DRAFT)
    if "" in own:
        return np.ones(len(paths), dtype=bool)
    chosen = np.zeros(len(paths), dtype=bool)
    for path in own if len(paths) else ():
        chosen |= (paths == path) | np.char.startswith(paths, f"{path}/")
    return chosen


def _spill(county: BaseGeometry | None, geometry: BaseGeometry | None) -> float | None:
    from shapely import contains_properly, difference, prepare

    if county is None or geometry is None:
        return None
    prepare(county)
    if contains_properly(county, geometry):
        return 0.0
    return square_km(difference(geometry, county))


def _sum(points: Points, column: str, rows: NDArray[np.intp]) -> int:
    return int(points.numbers[column][rows].sum())


def _names(points: Points, rows: NDArray[np.intp]) -> list[str]:
    return [str(name) for name in points.names[rows[:LISTED]]]


def _read() -> CountIndex:
    from shapely import from_geojson, simplify

    places = list(Division.objects.filter(valid_to=None).order_by("code"))
    villages = [place for place in places if place.level == DivisionLevel.VILLAGE]
    outlines = np.array([place.geometry or None for place in villages], dtype=object)
    known = np.flatnonzero(outlines != None)  # noqa: E711 - element-wise
    for row in known:
        # About 5 m: an area is drawn by hand, and every move of a corner is counted.
        outlines[row] = simplify(from_geojson(outlines[row]), 0.00005)
    counties = [place for place in places if place.level == DivisionLevel.COUNTY and place.geometry]
    sites = list(risk.sites())
    return CountIndex(
        villages=_points([_line(place) for place in villages], ()),
        outlines=outlines,
        homes=_homes(places),
        sites=_points(
            [
                (*_line(site.place, site.kind), site.people_day, site.people_night, site.needing_help)
                for site in sites
            ],
            ("day", "night", "needs"),
        ),
        enterprises=_points(
            [_line(place, place.trade) for place in places if place.level == DivisionLevel.ENTERPRISE], ()
        ),
        hazard_sites=_points(
            [
                (spot.code, spot.name, spot.kind, spot.division.path, spot.lon, spot.lat, spot.threat_people)
                for spot in risk.hazard_sites()
            ],
            ("people",),
        ),
        families=_families(places),
        county=joined(from_geojson(place.geometry) for place in counties),
    )


def _homes(places: list[Division]) -> Points:
    """The finest points that have a population: natural villages whose village has them, else the village."""
    fine = [
        place
        for place in places
        if place.level in (DivisionLevel.HAMLET, DivisionLevel.GROUP)
        and place.population is not None
        and place.lon is not None
    ]
    hamlets = [place for place in fine if place.level == DivisionLevel.HAMLET]
    covered = {place.parent_id for place in hamlets}
    groups = [
        place for place in fine if place.level == DivisionLevel.GROUP and place.parent_id not in covered
    ]
    groups = [place for place in groups if place.parent_id not in {one.code for one in hamlets}]
    covered |= {place.parent_id for place in groups}
    villages = [
        place for place in places if place.level == DivisionLevel.VILLAGE and place.code not in covered
    ]
    rows = [(*_line(place), place.population, place.households) for place in [*hamlets, *groups, *villages]]
    return _points(rows, ("people", "households"))


def _families(places: list[Division]) -> Points:
    path = {place.code: place.path for place in places}
    rows = [
        (str(one.id), "", "", path.get(one.division_code, ""), one.lon, one.lat, int(one.needs_assistance))
        for one in risk.household_points()
    ]
    return _points(rows, ("needs",))


def _line(place: Division, kind: str = "") -> tuple[Any, ...]:
    lon, lat = place.lon, place.lat
    if lon is None or lat is None:
        west, east, south, north = place.min_lon, place.max_lon, place.min_lat, place.max_lat
        if west is not None and east is not None and south is not None and north is not None:
            lon, lat = (west + east) / 2, (south + north) / 2
    return (place.code, place.name, kind, place.path, lon, lat)


def _points(rows: list[tuple[Any, ...]], columns: tuple[str, ...]) -> Points:
    """Columns of rows of different types (hence Any). An unknown point is NaN and lies nowhere; an unknown number counts 0."""

    def text(column: int) -> NDArray[np.str_]:
        return np.array([row[column] for row in rows], dtype=np.str_)

    def degrees(column: int) -> NDArray[np.float64]:
        return np.array(
            [float("nan") if row[column] is None else row[column] for row in rows], dtype=np.float64
        )

    numbers = {
        name: np.array([row[6 + n] or 0 for row in rows], dtype=np.int64) for n, name in enumerate(columns)
    }
    return Points(text(0), text(1), text(2), text(3), degrees(4), degrees(5), numbers)


_index: Followed[CountIndex] = Followed(
    ("division", "exposed_site", "hazard_site", "danger_zone", "household"), _read
)


def forget() -> None:
    """Read everything again at the next call."""
    _index.forget()
