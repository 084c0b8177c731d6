"""Flash-flood danger zones on the river banks of villages, and the households that live in them."""

from dataclasses import dataclass

from shapely.geometry import LineString, Point, Polygon
from shapely.ops import substring

from simulator.county import names
from simulator.county.divisions import Division, to_degrees
from simulator.county.rivers import River
from simulator.seeds import stream

ZONES = 32
#: A zone follows the river for this long, on both banks up to this distance, kilometres.
REACH_KM = 0.9
BANK_KM = 0.12

XY = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Household:
    """One household inside a danger zone."""

    zone: str
    head: str
    members: int
    phone: str
    needs_help: bool
    helper: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Zone:
    """One danger zone; the ring is closed, in degrees."""

    number: str
    name: str
    division: str
    ring: list[XY]
    households: list[Household]


def build_zones(
    villages: list[Division], rivers: list[River], helpers: dict[str, str], seed: int
) -> list[Zone]:
    """The villages nearest to a river get a zone where the river passes them."""
    lines = [LineString(river.line_km) for river in rivers]
    found = ((_nearest_river(village, lines), village) for village in villages)
    near = sorted(found, key=lambda pair: (pair[0][0], pair[1].code))
    zones: list[Zone] = []
    for (_, number), village in near:
        ring = _ring(village, lines[number])
        if ring is not None:
            zones.append(_zone(len(zones) + 1, village, ring, helpers.get(village.code, ""), seed))
        if len(zones) == ZONES:
            break
    return sorted(zones, key=lambda zone: zone.number)


def _nearest_river(village: Division, lines: list[LineString]) -> tuple[float, int]:
    """Distance (km) and number of the river nearest to the village point."""
    here = Point(village.x_km, village.y_km)
    return min((float(line.distance(here)), number) for number, line in enumerate(lines))


def _ring(village: Division, line: LineString) -> list[XY] | None:
    """The bank strip beside the village point, cut to the village's area; None when it falls apart."""
    middle = line.project(Point(village.x_km, village.y_km))
    reach = substring(line, max(0.0, middle - REACH_KM / 2), min(line.length, middle + REACH_KM / 2))
    strip = Polygon([to_degrees((x, y)) for x, y in reach.buffer(BANK_KM, quad_segs=3).exterior.coords])
    shape = strip.intersection(village.shape)
    if not isinstance(shape, Polygon) or shape.area < strip.area / 3:
        return None
    ring = [(round(x, 6), round(y, 6)) for x, y in shape.simplify(2e-5).exterior.coords]
    return ring if Polygon(ring).is_valid else None


def _zone(number: int, village: Division, ring: list[XY], helper: str, seed: int) -> Zone:
    code = f"YL-SH-{number:03d}"
    rng = stream(seed, "households", code)
    shape = Polygon(ring)
    homes = [
        _household(code, shape, helper, f"100880{number:02d}{row:03d}", seed)
        for row in range(1, rng.randint(8, 22))
    ]
    return Zone(code, f"{village.name.removesuffix('村')}沿河危险区", village.code, ring, homes)


def _household(zone: str, shape: Polygon, helper: str, phone: str, seed: int) -> Household:
    rng = stream(seed, "home", phone)
    west, south, east, north = shape.bounds
    while True:
        spot = Point(round(rng.uniform(west, east), 6), round(rng.uniform(south, north), 6))
        if shape.contains(spot):
            break
    members = rng.choices([1, 2, 3, 4, 5, 6], weights=[1, 3, 4, 4, 2, 1])[0]
    has_phone = rng.random() < 0.93
    return Household(
        zone,
        names.person_name(rng),
        members,
        phone if has_phone else "",
        rng.random() < 0.15,
        helper,
        spot.x,
        spot.y,
    )
