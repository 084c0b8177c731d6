"""Villages in the valleys, townships around them, and borders that neighbours share point by point.

Cells are cut in a straight-edged plane and then bent by one smooth map, so borders look grown but still fit.
"""

from dataclasses import dataclass, field
from math import cos, hypot, pi, radians, sin

import numpy as np
import shapely
from shapely.geometry import MultiPoint, Point, Polygon
from shapely.geometry.base import BaseGeometry

from simulator.county import names
from simulator.county.terrain import CELLS, Terrain, cell_of, centre_of
from simulator.seeds import numeric_seed, stream

XY = tuple[float, float]
COUNTY_CODE = "999901"
VILLAGES = 139
TOWNSHIPS = 13
POPULATION = 300_000
LON_0, LAT_0 = 103.0, 27.3
#: Kilometres of one degree of latitude, and of longitude at the county's latitude.
KM_PER_LAT = 110.8
KM_PER_LON = 111.32 * cos(radians(LAT_0))
#: Grid of stored coordinates in degrees, about 0.1 m.
DEGREE_GRID = 1e-6
#: The bending map: (amplitude km, wavelength km); the slopes stay below 1, so it never folds.
WAVES = [(0.55, 9.5), (0.12, 2.7)]
#: A village may stand on a cell through which at least this area drains, or next to one.
BROOK_KM2 = 2.0


@dataclass(slots=True)
class Division:
    """One row of the division tree; polygons in degrees, population of the whole unit."""

    code: str
    name: str
    parent: str
    level: str
    x_km: float
    y_km: float
    shape: Polygon
    population: int = 0
    households: int = 0
    hamlets: list["Hamlet"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Hamlet:
    """A natural village or group below the 12-digit village code."""

    code: str
    name: str
    kind: str
    x_km: float
    y_km: float
    households: int
    population: int


def to_degrees(point: XY) -> XY:
    """Kilometres to longitude and latitude."""
    return round(LON_0 + point[0] / KM_PER_LON, 6), round(LAT_0 + point[1] / KM_PER_LAT, 6)


def bend(point: XY) -> XY:
    """The smooth map from the cutting plane to the county, kilometres: one shear along x, one along y per wave."""
    x, y = point
    for amplitude, wavelength in WAVES:
        turn = 2 * pi / wavelength
        x += amplitude * sin(turn * y + 0.7)
        y += amplitude * sin(turn * x + 1.9)
    return x, y


def unbend(point: XY) -> XY:
    """Inverse of :func:`bend`: the shears undone in reverse order."""
    x, y = point
    for amplitude, wavelength in reversed(WAVES):
        turn = 2 * pi / wavelength
        y -= amplitude * sin(turn * x + 1.9)
        x -= amplitude * sin(turn * y + 0.7)
    return x, y


def outline(seed: int) -> Polygon:
    """The county's border in the cutting plane: a ragged round shape of about 1,900 km²."""
    rng = stream(seed, "outline")
    waves = [(rng.uniform(0.4, 1.5), k, rng.uniform(0, 2 * pi)) for k in (2, 3, 4, 5, 7)]
    steps = [2 * pi * step / 120 for step in range(120)]
    radii = [24.6 + sum(a * sin(k * turn + phase) for a, k, phase in waves) for turn in steps]
    return Polygon([(r * cos(turn), r * sin(turn)) for r, turn in zip(radii, steps, strict=True)])


def in_county(outline_plane: Polygon) -> Polygon:
    """The bent outline, kilometres."""
    ring = outline_plane.exterior.segmentize(0.6).coords
    return Polygon([bend((x, y)) for x, y in ring])


def village_sites(terrain: Terrain, county_km: Polygon, seed: int) -> list[XY]:
    """Sites in valleys beside water, as evenly spread as the valleys allow, kilometres."""
    rng = np.random.default_rng(numeric_seed(seed, "sites"))
    inner = county_km.buffer(-0.9)
    shapely.prepare(inner)
    cells = [cell for cell in rng.permutation(CELLS * CELLS).tolist() if _is_habitable(terrain, cell, inner)]
    spacing_km = 3.4
    while True:
        chosen: list[XY] = []
        for cell in cells:
            here = centre_of(cell)
            if all(hypot(here[0] - x, here[1] - y) >= spacing_km for x, y in chosen):
                chosen.append(here)
            if len(chosen) == VILLAGES:
                return chosen
        spacing_km -= 0.1


def _is_habitable(terrain: Terrain, cell: int, county_km: BaseGeometry) -> bool:
    if terrain.drained_km2(cell) < BROOK_KM2:
        return False
    x, y = centre_of(cell)
    return county_km.covers(Point(x, y)) and terrain.elevation_at(x, y) < terrain.mean_around(x, y) - 8.0


def _bent_degrees(shape: Polygon) -> Polygon:
    ring = [to_degrees(bend((x, y))) for x, y in shape.exterior.segmentize(0.6).coords]
    return Polygon(ring)


def village_cells(sites: list[XY], outline_plane: Polygon) -> list[Polygon]:
    """The area of each site in degrees, in the order of the sites."""
    plane = [unbend(site) for site in sites]
    cells = shapely.voronoi_polygons(MultiPoint(plane), extend_to=outline_plane.buffer(5)).geoms
    tree = shapely.STRtree(list(cells))
    found: list[Polygon] = []
    for point in plane:
        (index,) = tree.query(Point(point), predicate="within")
        clipped = cells[int(index)].intersection(outline_plane)
        found.append(_bent_degrees(_largest(clipped)))
    return found


def _largest(shape: BaseGeometry) -> Polygon:
    parts = [part for part in getattr(shape, "geoms", [shape]) if isinstance(part, Polygon)]
    return max(parts, key=lambda part: part.area)


def township_groups(sites: list[XY], cells: list[Polygon], seed: int) -> list[int]:
    """The township number of each village: near ones together, each township in one piece."""
    places = np.array(sites)
    rng = np.random.default_rng(numeric_seed(seed, "townships"))
    centres = [int(rng.integers(len(sites)))]
    while len(centres) < TOWNSHIPS:
        gap = np.min([np.hypot(*(places - places[centre]).T) for centre in centres], axis=0)
        centres.append(int(np.argmax(gap)))
    middle = places[centres]
    for _ in range(8):
        group = np.argmin(np.hypot(*(places[:, None] - middle[None]).transpose(2, 0, 1)), axis=1)
        middle = np.array([places[group == number].mean(axis=0) for number in range(TOWNSHIPS)])
    return _in_one_piece(group.tolist(), cells)


def _in_one_piece(group: list[int], cells: list[Polygon]) -> list[int]:
    """Give each cut-off village to the township with which it shares the longest border."""
    for _ in range(20):
        stray = [i for number in range(TOWNSHIPS) for i in _strays(number, group, cells)]
        if not stray:
            return group
        for i in stray:
            shared: dict[int, float] = {}
            for j, other in enumerate(cells):
                if j != i and group[j] != group[i] and cells[i].intersects(other):
                    shared[group[j]] = shared.get(group[j], 0.0) + float(cells[i].intersection(other).length)
            group[i] = max(shared, key=lambda number: (shared[number], -number))
    raise ValueError("the townships of this seed cannot be made connected; choose another seed")


def _strays(number: int, group: list[int], cells: list[Polygon]) -> list[int]:
    members = [i for i, mine in enumerate(group) if mine == number]
    body = _largest(merged([cells[i] for i in members]))
    return [i for i in members if not body.buffer(1e-7).covers(cells[i].representative_point())]


def merged(shapes: list[Polygon]) -> BaseGeometry:
    """Union on the stored grid, so that shared border points stay the same points."""
    return shapely.unary_union(shapes, grid_size=DEGREE_GRID)


def build_divisions(terrain: Terrain, seed: int) -> list[Division]:
    """County, townships and villages with polygons, people and hamlets; parents before children."""
    plane = outline(seed)
    sites = village_sites(terrain, in_county(plane), seed)
    cells = village_cells(sites, plane)
    groups = township_groups(sites, cells, seed)
    people = _populations(seed)
    order = sorted(range(VILLAGES), key=lambda i: (-terrain.drained_km2(cell_of(*sites[i])), i))
    rank = {number: k for k, number in enumerate(dict.fromkeys(groups[i] for i in order))}
    labels = names.village_names(stream(seed, "village-names"))
    townships = [_township(k) for k in range(TOWNSHIPS)]
    villages: list[Division] = []
    for i in sorted(range(VILLAGES), key=lambda i: (rank[groups[i]] != 1, rank[groups[i]], i)):
        parent = townships[rank[groups[i]]]
        count = sum(village.parent == parent.code for village in villages)
        code = f"{parent.code[:9]}{200 + count:03d}"
        village = Division(code, next(labels), parent.code, "village", *sites[i], cells[i], people[i])
        village.hamlets = _hamlets(village, seed)
        village.households = sum(hamlet.households for hamlet in village.hamlets)
        villages.append(village)
    villages.sort(key=lambda village: village.code)
    for township in townships:
        _sum_up(township, [village for village in villages if village.parent == township.code])
    county = Division(COUNTY_CODE + "000000", names.COUNTY, "", "county", 0.0, 0.0, Polygon())
    _sum_up(county, townships)
    return [county, *townships, *villages]


def _township(number: int) -> Division:
    towns = len(names.TOWNS)
    middle = 100 + number if number < towns else 200 + number - towns
    name = (names.TOWNS + names.RURAL_TOWNSHIPS)[number]
    return Division(
        f"{COUNTY_CODE}{middle}000", name, COUNTY_CODE + "000000", "township", 0.0, 0.0, Polygon()
    )


def _sum_up(parent: Division, children: list[Division]) -> None:
    shape = merged([child.shape for child in children])
    parent.shape = _largest(shape)
    parent.population = sum(child.population for child in children)
    parent.households = sum(child.households for child in children)
    seat = max(children, key=lambda child: child.population)
    parent.x_km, parent.y_km = seat.x_km, seat.y_km


def _populations(seed: int) -> list[int]:
    rng = stream(seed, "population")
    weights = [rng.lognormvariate(0.0, 0.45) for _ in range(VILLAGES)]
    return [round(POPULATION * weight / sum(weights)) for weight in weights]


def _hamlets(village: Division, seed: int) -> list[Hamlet]:
    """Two to four hamlets within 700 m of the village point; their people add up to the village's."""
    rng = stream(seed, "hamlets", village.code)
    labels = names.hamlet_names(rng)
    weights = [rng.uniform(0.6, 1.4) for _ in range(rng.randint(2, 4))]
    left = village.population
    found: list[Hamlet] = []
    for number, weight in enumerate(weights, start=1):
        people = left if number == len(weights) else round(village.population * weight / sum(weights))
        left -= people
        kind = "自然村" if number < 4 else "村民小组"
        point = _inside_near(village, rng.uniform(0, 2 * pi), rng.uniform(0.15, 0.7))
        households = max(1, round(people / rng.uniform(3.1, 3.8)))
        found.append(Hamlet(f"{village.code}{number:03d}", next(labels), kind, *point, households, people))
    return found


def _inside_near(village: Division, turn: float, distance_km: float) -> XY:
    """A point towards a direction, drawn nearer until it lies inside the village."""
    while True:
        point = village.x_km + distance_km * cos(turn), village.y_km + distance_km * sin(turn)
        if village.shape.covers(Point(to_degrees(point))) or distance_km < 0.01:
            return point
        distance_km *= 0.7
