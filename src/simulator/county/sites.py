"""Places where people gather or guard something, and places from which danger comes, where they would be.

Schools stand in the biggest villages, a clinic and a nursing home beside the county seat's, a scenic spot and a camp where a river
leaves the mountains, reservoirs on the upper rivers, slopes that may slide on steep ground above hamlets. Counted people are made up.
"""

from dataclasses import dataclass

from shapely.geometry import LineString, Point

from simulator.county import names
from simulator.county.divisions import Division, to_degrees
from simulator.county.people import OFFICER, Contact, Numbers
from simulator.county.rivers import River
from simulator.county.terrain import Terrain
from simulator.seeds import stream

KEEPER = "场所责任人"
SCHOOLS, KINDERGARTENS, SHELTERS, HAZARD_SITES = 16, 6, 12, 24
#: A slope above this may slide: metres over the mean of the ground within two kilometres.
STEEP_M = 40.0


@dataclass(frozen=True, slots=True)
class Site:
    """One row of the sites workbook; degrees, people by day and by night."""

    code: str
    parent: str
    name: str
    kind: str
    lon: float
    lat: float
    day: int
    night: int
    needs: int


@dataclass(frozen=True, slots=True)
class HazardSite:
    """One row of the hazard-sites workbook; `watcher` is the village's information officer."""

    code: str
    name: str
    kind: str
    division: str
    lon: float
    lat: float
    households: int
    people: int
    watcher: str


def build_sites(villages: list[Division], rivers: list[River], seed: int) -> list[Site]:
    """The sites of the county, in order of code."""
    rng = stream(seed, "sites")
    by_size = sorted(villages, key=lambda one: (-(one.population or 0), one.code))
    sites: list[Site] = []
    used: dict[str, int] = {}

    def add(
        village: Division, name: str, kind: str, day: int, night: int, needs: int, x: float, y: float
    ) -> None:
        used[village.code] = used.get(village.code, 0) + 1
        lon, lat = to_degrees((x, y))
        code = f"{village.code}-S{used[village.code]:02d}"
        sites.append(Site(code, village.code, name, kind, round(lon, 6), round(lat, 6), day, night, needs))

    def near(village: Division, east: float, north: float) -> tuple[float, float]:
        """Beside the village point and inside the village."""
        for part in (1.0, 0.5, 0.2, 0.0):
            x, y = village.x_km + east * part, village.y_km + north * part
            if village.shape.contains(Point(to_degrees((x, y)))):
                return x, y
        return village.x_km, village.y_km

    for village in by_size[:SCHOOLS]:
        pupils = rng.randint(60, 420)
        boarders = pupils // 3 if pupils > 250 else 0
        add(
            village,
            f"{_short(village)}小学",
            "学校",
            pupils,
            boarders,
            pupils // 20,
            *near(village, 0.15, -0.1),
        )
    for village in by_size[:KINDERGARTENS]:
        add(
            village,
            f"{_short(village)}幼儿园",
            "幼儿园",
            rng.randint(30, 120),
            0,
            20,
            *near(village, -0.12, 0.1),
        )
    for village in by_size[:SHELTERS]:
        add(village, f"{_short(village)}避难场所", "避难场所", 0, 0, 0, *near(village, 0.25, 0.2))
    add(by_size[0], "云岭县人民医院", "医院、卫生院", 260, 140, 90, *near(by_size[0], 0.3, 0.1))
    add(by_size[1], "云岭县养老院", "养老院、福利院", 96, 90, 82, *near(by_size[1], -0.3, 0.15))
    for number, (village, river, x, y) in enumerate(_banks(villages, rivers)):
        kind, title, day, night = (
            ("景区", "峡谷景区", 600, 40),
            ("施工工地营地", "公路施工营地", 30, 85),
            ("露营地、民宿", "河滩露营地", 40, 70),
        )[number % 3]
        add(village, f"{river.name}{title}", kind, day, night, 0, x, y)
    for village, river, x, y in _reservoirs(villages, rivers):
        add(village, f"{river.name}水库", "水库", 4, 2, 0, x, y)
    return sorted(sites, key=lambda one: one.code)


def site_contacts(sites: list[Site], numbers: Numbers, seed: int) -> list[Contact]:
    """One keeper a site, but none for a shelter: its village opens it."""
    rng = stream(seed, "site-keepers")
    return [
        Contact(one.code, one.name, KEEPER, "A", names.person_name(rng), numbers.mobile())
        for one in sites
        if one.kind != "避难场所"
    ]


def build_hazard_sites(
    villages: list[Division], terrain: Terrain, contacts: list[Contact], seed: int
) -> list[HazardSite]:
    """Slopes above hamlets on the steepest ground, watched by the village's officer."""
    officers = {one.division: one.name for one in contacts if (one.post, one.role) == (OFFICER, "A")}
    spots = []
    for village in villages:
        for hamlet in village.hamlets:
            over = terrain.elevation_at(hamlet.x_km, hamlet.y_km) - terrain.mean_around(
                hamlet.x_km, hamlet.y_km
            )
            spots.append((-abs(over), hamlet.code, village, hamlet, over))
    found = []
    for number, (_, _, village, hamlet, over) in enumerate(
        sorted(spots, key=lambda one: one[:2])[:HAZARD_SITES], 1
    ):
        rng = stream(seed, "hazard-site", hamlet.code)
        kind = (
            rng.choice(["滑坡", "崩塌", "不稳定斜坡"]) if over > STEEP_M else rng.choice(["泥石流", "滑坡"])
        )
        households = rng.randint(2, 12)
        lon, lat = to_degrees((hamlet.x_km, hamlet.y_km))
        found.append(
            HazardSite(
                f"YL-DZ-{number:03d}", f"{hamlet.name}后山{kind}", kind, village.code, round(lon, 6), round(lat, 6),
                households, households * 4 - rng.randint(0, 3), officers.get(village.code, ""),
            )
        )  # fmt: skip
    return found


def _short(village: Division) -> str:
    return village.name.removesuffix("村")


def _banks(villages: list[Division], rivers: list[River]) -> list[tuple[Division, River, float, float]]:
    """A spot on the bank of each of the longest rivers, in the middle of its course, and the village it lies in."""
    found = []
    for river in rivers[:6]:
        line = LineString(river.line_km)
        for part in (0.6, 0.5, 0.7, 0.4, 0.8):
            spot = line.interpolate(part, normalized=True)
            village = _village_at(villages, spot.x, spot.y)
            if village is not None:
                found.append((village, river, spot.x, spot.y))
                break
    return found


def _reservoirs(villages: list[Division], rivers: list[River]) -> list[tuple[Division, River, float, float]]:
    """A dam on the upper course of some rivers."""
    found = []
    for river in rivers[:4]:
        line = LineString(river.line_km)
        for part in (0.2, 0.3, 0.15, 0.4):
            spot = line.interpolate(part, normalized=True)
            village = _village_at(villages, spot.x, spot.y)
            if village is not None:
                found.append((village, river, spot.x, spot.y))
                break
    return found


def _village_at(villages: list[Division], x: float, y: float) -> Division | None:
    here = Point(to_degrees((x, y)))
    return next((village for village in villages if village.shape.contains(here)), None)
