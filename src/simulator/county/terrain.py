"""A synthetic mountain terrain on a square grid, and how water leaves it.

Coordinates are kilometres east (x) and north (y) of the county's centre; elevations are metres.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from math import hypot

import numpy as np
from numpy.typing import NDArray

from simulator.seeds import numeric_seed

Grid = NDArray[np.float64]
CELLS = 150
CELL_KM = 0.4
HALF_KM = CELLS * CELL_KM / 2
#: Slope given to a filled pit so that water still leaves it, metres per cell.
FILL_STEP_M = 0.05
NEIGHBOURS = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)]


@dataclass(frozen=True, slots=True)
class Terrain:
    """Filled elevations, the cell each cell drains to (-1 at the edge) and the cells that drain through it."""

    elevation_m: Grid
    downstream: NDArray[np.int64]
    drained_cells: NDArray[np.int64]

    def drained_km2(self, cell: int) -> float:
        """Catchment of a cell."""
        return float(self.drained_cells[cell]) * CELL_KM**2

    def elevation_at(self, x_km: float, y_km: float) -> float:
        """Elevation of the cell that holds a point, metres."""
        return float(self.elevation_m.flat[cell_of(x_km, y_km)])

    def mean_around(self, x_km: float, y_km: float, radius_km: float = 2.0) -> float:
        """Mean elevation of the square within the radius, metres: lower ground than this is a valley."""
        reach = round(radius_km / CELL_KM)
        row, column = divmod(cell_of(x_km, y_km), CELLS)
        rows = slice(max(0, row - reach), row + reach + 1)
        columns = slice(max(0, column - reach), column + reach + 1)
        return float(self.elevation_m[rows, columns].mean())


def cell_of(x_km: float, y_km: float) -> int:
    """Flat index of the cell that holds a point; points outside fall into the edge cells."""
    column = min(CELLS - 1, max(0, int((x_km + HALF_KM) / CELL_KM)))
    row = min(CELLS - 1, max(0, int((y_km + HALF_KM) / CELL_KM)))
    return row * CELLS + column


def centre_of(cell: int) -> tuple[float, float]:
    """Centre of a cell, kilometres."""
    row, column = divmod(cell, CELLS)
    return (column + 0.5) * CELL_KM - HALF_KM, (row + 0.5) * CELL_KM - HALF_KM


def _noise(rng: np.random.Generator, wavelength_km: float) -> Grid:
    """Smooth noise of unit variance without features much shorter than the wavelength."""
    white = np.fft.rfft2(rng.standard_normal((CELLS, CELLS)))
    rows = np.fft.fftfreq(CELLS, CELL_KM)[:, None]
    columns = np.fft.rfftfreq(CELLS, CELL_KM)[None, :]
    smooth = np.fft.irfft2(white * np.exp(-((rows**2 + columns**2) * wavelength_km**2)), s=(CELLS, CELLS))
    return np.asarray(smooth / smooth.std(), dtype=np.float64)


def _raw_elevation(seed: int) -> Grid:
    """High ground in the north-west, low in the south-east, valleys where the folded noise is near zero."""
    rng = np.random.default_rng(numeric_seed(seed, "terrain"))
    axis = (np.arange(CELLS) + 0.5) * CELL_KM - HALF_KM
    tilt = (axis[None, :] - axis[:, None]) / hypot(HALF_KM, HALF_KM)
    ridges = 420.0 * np.abs(_noise(rng, 9.0)) + 140.0 * np.abs(_noise(rng, 4.0)) + 25.0 * _noise(rng, 1.6)
    return np.asarray(1750.0 - 480.0 * tilt + ridges, dtype=np.float64)


def _around(cell: int) -> Iterator[tuple[int, float]]:
    row, column = divmod(cell, CELLS)
    for down, right in NEIGHBOURS:
        if 0 <= row + down < CELLS and 0 <= column + right < CELLS:
            yield (row + down) * CELLS + column + right, hypot(down, right)


def _is_edge(cell: int) -> bool:
    row, column = divmod(cell, CELLS)
    return row in (0, CELLS - 1) or column in (0, CELLS - 1)


def _fill(elevation_m: Grid) -> Grid:
    """Priority flood: raise every pit just enough for water to reach the edge (Barnes et al. 2014)."""
    level = elevation_m.ravel().copy()
    seen = np.zeros(level.size, dtype=bool)
    front = [(float(level[cell]), cell) for cell in range(level.size) if _is_edge(cell)]
    seen[[cell for _, cell in front]] = True
    heapq.heapify(front)
    while front:
        height, cell = heapq.heappop(front)
        for other, _ in _around(cell):
            if seen[other]:
                continue
            seen[other] = True
            level[other] = max(float(level[other]), height + FILL_STEP_M)
            heapq.heappush(front, (float(level[other]), other))
    return level.reshape(elevation_m.shape)


def _steepest(level: Grid) -> NDArray[np.int64]:
    flat = level.ravel()
    downstream = np.full(flat.size, -1, dtype=np.int64)
    for cell in range(flat.size):
        if _is_edge(cell):
            continue
        slope, lowest = max(
            ((flat[cell] - flat[other]) / distance, other) for other, distance in _around(cell)
        )
        if slope > 0:
            downstream[cell] = lowest
    return downstream


def build_terrain(seed: int) -> Terrain:
    """Terrain, drainage directions and catchments for a seed."""
    level = _fill(_raw_elevation(seed))
    downstream = _steepest(level)
    drained = np.ones(level.size, dtype=np.int64)
    for cell in np.argsort(-level.ravel(), kind="stable"):
        if downstream[cell] >= 0:
            drained[downstream[cell]] += drained[cell]
    return Terrain(level, downstream, drained)
