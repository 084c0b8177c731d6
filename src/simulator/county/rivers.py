"""Rivers traced down the terrain, from each spring to the confluence or out of the county."""

import itertools
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import Polygon

from simulator.county import names
from simulator.county.terrain import CELLS, Terrain, centre_of
from simulator.seeds import stream

#: Catchment from which a brook is called a river, and the shortest river that is drawn.
RIVER_KM2 = 12.0
SHORTEST_CELLS = 12


@dataclass(frozen=True, slots=True)
class River:
    """One river from source to mouth: cells, smoothed line (km) and the elevation of each line vertex (m)."""

    name: str
    joins: str | None
    cells: list[int]
    line_km: list[tuple[float, float]]
    elevation_m: list[float]


def _downstream_path(terrain: Terrain, head: int, claimed: dict[int, int], inside: set[int]) -> list[int]:
    """Cells from the head to the first one another river holds (included) or the last inside the county."""
    path = [head]
    while (following := int(terrain.downstream[path[-1]])) >= 0 and following in inside:
        path.append(following)
        if following in claimed:
            break
    return path


def _smooth(values: list[float]) -> list[float]:
    """One round of Chaikin's corner cutting; the ends stay, a falling sequence stays falling."""
    cut = [values[0]]
    for here, there in itertools.pairwise(values):
        cut += [0.75 * here + 0.25 * there, 0.25 * here + 0.75 * there]
    return [*cut, values[-1]]


def _river(terrain: Terrain, name: str, joins: str | None, cells: list[int]) -> River:
    xs, ys = ([centre_of(cell)[axis] for cell in cells] for axis in (0, 1))
    heights = [float(terrain.elevation_m.flat[cell]) for cell in cells]
    for _ in range(2):
        xs, ys, heights = _smooth(xs), _smooth(ys), _smooth(heights)
    return River(name, joins, cells, list(zip(xs, ys, strict=True)), heights)


def trace_rivers(terrain: Terrain, county: Polygon, seed: int) -> list[River]:
    """All rivers of the county, the longest first; every vertex lies lower than the one before."""
    centres = [centre_of(cell) for cell in range(CELLS * CELLS)]
    inside = set(np.flatnonzero(shapely.contains_xy(county, centres)).tolist())
    channel = {cell for cell in inside if terrain.drained_km2(cell) >= RIVER_KM2}
    fed = {int(terrain.downstream[cell]) for cell in channel}
    heads = sorted(channel - fed, key=lambda head: (-len(_downstream_path(terrain, head, {}, inside)), head))
    claimed: dict[int, int] = {}
    rivers: list[River] = []
    labels = names.river_names(stream(seed, "river-names"))
    for head in heads:
        path = _downstream_path(terrain, head, claimed, inside)
        if len(path) < SHORTEST_CELLS:
            continue
        joined = claimed.get(path[-1])
        rivers.append(
            _river(terrain, next(labels), rivers[joined].name if joined is not None else None, path)
        )
        claimed |= {cell: len(rivers) - 1 for cell in path if cell not in claimed}
    return rivers


def upstream_cells(terrain: Terrain, mouth: int) -> set[int]:
    """Every cell whose water passes the mouth."""
    feeders: dict[int, list[int]] = {}
    for cell, following in enumerate(terrain.downstream.tolist()):
        feeders.setdefault(following, []).append(cell)
    found, todo = {mouth}, [mouth]
    while todo:
        for cell in feeders.get(todo.pop(), []):
            found.add(cell)
            todo.append(cell)
    return found
