"""Rain stations in villages, river gauges on rivers, and which villages each of them speaks for."""

import itertools
from math import hypot

from shapely.geometry import Point

from simulator.county.divisions import Division, to_degrees
from simulator.county.rivers import River, upstream_cells
from simulator.county.terrain import Terrain, cell_of
from simulator.seeds import stream
from simulator.world import Link, RainStation, RiverGauge

RAIN_STATIONS = 60
RIVER_GAUGES = 12
#: Reporting every 5 minutes, a station that is not heard for this long is silent.
SILENT_AFTER_S = 900
#: A village links to a second rain station within this distance, and to a gauge within these two.
SECOND_STATION_KM = 4.5
GAUGE_REACH_KM = 14.0
GAUGE_BANK_KM = 1.6
#: Villages whose own thresholds are known from a survey.
SURVEYED_VILLAGES = 16

XY = tuple[float, float]


def _distance(a: Division, b: Division) -> float:
    return hypot(a.x_km - b.x_km, a.y_km - b.y_km)


def place_rain_stations(villages: list[Division], seed: int) -> list[RainStation]:
    """Sixty villages as far from each other as possible, one station in each."""
    chosen = [stream(seed, "first-station").choice(villages)]
    while len(chosen) < RAIN_STATIONS:
        rest = [village for village in villages if village not in chosen]
        chosen.append(
            max(rest, key=lambda village: (min(_distance(village, c) for c in chosen), village.code))
        )
    chosen.sort(key=lambda village: village.code)
    return [
        RainStation(_rain_code(number), f"{v.name.removesuffix('村')}雨量站", v.code, v.x_km, v.y_km)
        for number, v in enumerate(chosen, start=1)
    ]


def _rain_code(number: int) -> str:
    """Ten hex digits; the first dozen carry letters as some real station codes do."""
    return f"00999A{number:04d}" if number <= 12 else f"009901{number:04d}"


def place_river_gauges(
    rivers: list[River], villages: list[Division], stations: list[RainStation], terrain: Terrain, seed: int
) -> list[RiverGauge]:
    """Four gauges down the main river, the others near the mouths of the largest rivers."""
    main, *others = rivers
    spots = [(main, round(len(main.line_km) * part)) for part in (0.35, 0.55, 0.75, 0.93)]
    largest = sorted(others, key=lambda river: -terrain.drained_km2(river.cells[-2]))
    spots += [(river, round(len(river.line_km) * 0.8)) for river in largest[: RIVER_GAUGES - len(spots)]]
    spots += [(main, round(len(main.line_km) * part)) for part in (0.45, 0.65, 0.84)][
        : RIVER_GAUGES - len(spots)
    ]
    if len(spots) < RIVER_GAUGES:
        raise ValueError("this seed has too few rivers for the gauges; choose another seed")
    return [_gauge(i, *spot, villages, stations, terrain, seed) for i, spot in enumerate(spots, start=1)]


def _gauge(
    number: int,
    river: River,
    vertex: int,
    villages: list[Division],
    stations: list[RainStation],
    terrain: Terrain,
    seed: int,
) -> RiverGauge:
    here = river.line_km[vertex]
    mouth = river.cells[min(len(river.cells) - 1, vertex * len(river.cells) // len(river.line_km))]
    catchment = upstream_cells(terrain, mouth)
    village = _village_at(here, villages)
    rng = stream(seed, "gauge", number)
    warning = round(rng.uniform(6.0, 14.0) * 2) / 2
    guaranteed = warning + rng.choice([0.8, 1.0, 1.2, 1.5])
    historic = guaranteed + rng.choice([0.8, 1.0, 1.4])
    return RiverGauge(
        f"009902{number:04d}",
        f"{river.name}{village.name.removesuffix('村')}水位站",
        village.code,
        river.name,
        round(terrain.drained_km2(mouth), 1),
        warning,
        round(guaranteed, 2),
        round(historic, 2),
        [s.code for s in stations if cell_of(s.x_km, s.y_km) in catchment],
    )


def _village_at(point: XY, villages: list[Division]) -> Division:
    spot = Point(to_degrees(point))
    return min(villages, key=lambda village: (village.shape.distance(spot), village.code))


def gauge_point(gauge: RiverGauge, rivers: list[River], villages: list[Division]) -> XY:
    """Where the gauge stands: the vertex of its river nearest to its village's point, kilometres."""
    village = next(v for v in villages if v.code == gauge.division)
    line = next(river.line_km for river in rivers if river.name == gauge.river)
    inside = [p for p in line if village.shape.covers(Point(to_degrees(p)))] or line
    return min(inside, key=lambda p: hypot(p[0] - village.x_km, p[1] - village.y_km))


def link_villages(
    villages: list[Division],
    stations: list[RainStation],
    gauges: list[RiverGauge],
    rivers: list[River],
    seed: int,
) -> list[Link]:
    """Each village to its nearest rain station, some to a second, riverside ones to the gauge upstream of them."""
    rng = stream(seed, "own-thresholds")
    surveyed = {village.code for village in rng.sample(villages, SURVEYED_VILLAGES)}
    links: list[Link] = []
    for village in villages:
        near = sorted(stations, key=lambda s: (hypot(s.x_km - village.x_km, s.y_km - village.y_km), s.code))
        own = _own_thresholds(seed, village.code) if village.code in surveyed else {}
        links.append(Link(near[0].code, village.code, own))
        if hypot(near[1].x_km - village.x_km, near[1].y_km - village.y_km) <= SECOND_STATION_KM:
            links.append(Link(near[1].code, village.code, {}))
    for gauge in gauges:
        links += [Link(gauge.code, village.code, {}) for village in _warned_by(gauge, villages, rivers)]
    return links


def _own_thresholds(seed: int, village: str) -> dict[int, tuple[float | None, float | None]]:
    """A surveyed village: 1 h and 3 h always, 6 h often, 24 h seldom; steps of 5 mm."""
    rng = stream(seed, "survey", village)
    prepare_1h = float(rng.choice([30, 35, 40, 45, 50]))
    own: dict[int, tuple[float | None, float | None]] = {60: (prepare_1h, prepare_1h + 15.0)}
    own[180] = (prepare_1h + 25.0, prepare_1h + 45.0)
    if rng.random() < 0.7:
        own[360] = (prepare_1h + 40.0, None if rng.random() < 0.3 else prepare_1h + 65.0)
    if rng.random() < 0.3:
        own[1440] = (prepare_1h + 80.0, prepare_1h + 110.0)
    return own


def _warned_by(gauge: RiverGauge, villages: list[Division], rivers: list[River]) -> list[Division]:
    """Villages on the banks below the gauge; always the gauge's own village."""
    start = gauge_point(gauge, rivers, villages)
    line = next(river.line_km for river in rivers if river.name == gauge.river)
    below = line[line.index(start) :]
    reach: list[XY] = []
    travelled_km = 0.0
    for here, there in itertools.pairwise(below):
        reach.append(here)
        travelled_km += hypot(there[0] - here[0], there[1] - here[1])
        if travelled_km > GAUGE_REACH_KM:
            break
    return [
        village
        for village in villages
        if village.code == gauge.division
        or any(hypot(x - village.x_km, y - village.y_km) <= GAUGE_BANK_KM for x, y in reach)
    ]
