"""Who is inside an area: people and households as arrays of points, tested together. 300,000 points take some milliseconds.

A person stands where he lives if that is known, else at the point of his division; a household at its own point, else in the
middle of its danger zone. Who has no point at all is found by division only.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from anlan.directory.models import Person
from anlan.places.models import Division
from anlan.risk import queries as risk
from anlan.warning.following import Followed

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

PERSON, HOUSEHOLD = 0, 1


#: Cells along each side of the box around all points.
CELLS = 128
#: An outline that would be cut into more pieces is asked about every point: a world-wide area over one village.
MOST_PIECES = 50_000


@dataclass(frozen=True, slots=True)
class Cells:
    """Points sorted by cells of a grid: cell c holds `order[starts[c]:starts[c + 1]]`. Only cells near an outline are looked into."""

    west: float
    south: float
    wide: float
    high: float
    order: NDArray[np.intp]
    starts: NDArray[np.intp]

    @classmethod
    def of(cls, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Cells:
        known = np.flatnonzero(~(np.isnan(lon) | np.isnan(lat)))
        if not len(known):
            return cls(0.0, 0.0, 1.0, 1.0, known, np.zeros(CELLS * CELLS + 1, dtype=np.intp))
        west, south = float(lon[known].min()), float(lat[known].min())
        wide = max((float(lon[known].max()) - west) / CELLS, 1e-9)
        high = max((float(lat[known].max()) - south) / CELLS, 1e-9)
        column = np.clip(((lon[known] - west) / wide).astype(np.intp), 0, CELLS - 1)
        row = np.clip(((lat[known] - south) / high).astype(np.intp), 0, CELLS - 1)
        cell = row * CELLS + column
        sorting = np.argsort(cell, kind="stable")
        starts = np.searchsorted(cell[sorting], np.arange(CELLS * CELLS + 1))
        return cls(west, south, wide, high, known[sorting], starts)

    def split(self, area: BaseGeometry) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """(points that are certainly inside, points that must be asked one by one).

        The outline is cut into pieces no longer than a cell, so each piece stays in the cells around its first point; every
        other cell lies wholly inside or wholly outside, as its middle does.
        """
        from shapely import get_coordinates, intersects_xy, segmentize

        step = min(self.wide, self.high)
        if area.length / step > MOST_PIECES:
            return self.order[:0], self.order
        corners = get_coordinates(segmentize(area, step))
        columns = np.floor((corners[:, 0] - self.west) / self.wide).astype(np.intp)
        rows = np.floor((corners[:, 1] - self.south) / self.high).astype(np.intp)
        near = np.zeros((CELLS, CELLS), dtype=bool)
        for up in (-1, 0, 1):
            for right in (-1, 0, 1):
                row, column = rows + up, columns + right
                fits = (row >= 0) & (row < CELLS) & (column >= 0) & (column < CELLS)
                near[row[fits], column[fits]] = True
        middles = np.arange(CELLS) + 0.5
        lon, lat = np.meshgrid(self.west + middles * self.wide, self.south + middles * self.high)
        west, south, east, north = area.bounds
        asked = ~near & (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
        inside = np.zeros_like(near)
        inside[asked] = intersects_xy(area, lon[asked], lat[asked])
        return self._points(inside), self._points(near)

    def _points(self, cells: NDArray[np.bool_]) -> NDArray[np.intp]:
        counts = np.diff(self.starts)
        return self.order[np.repeat(cells.ravel(), counts)]


@dataclass(frozen=True, slots=True)
class ContactIndex:
    """One row a person or household. `ids` are the 16 bytes of each id; `place` numbers `codes`. NaN: no point is known."""

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    kind: NDArray[np.uint8]
    ids: NDArray[np.uint8]
    place: NDArray[np.int32]
    codes: tuple[str, ...]
    cells: Cells

    def inside(self, area: BaseGeometry) -> NDArray[np.intp]:
        """Rows inside or on the edge of an area (WGS84 degrees), in order. Whole cells first, then points near the outline."""
        from shapely import intersects_xy, prepare

        if area.is_empty or not len(self.lon):
            return np.empty(0, dtype=np.intp)
        prepare(area)
        certain, near = self.cells.split(area)
        hit = near[intersects_xy(area, self.lon[near], self.lat[near])]
        return np.sort(np.concatenate((certain, hit)))

    def of_places(self, codes: Collection[str]) -> NDArray[np.intp]:
        """Rows whose division is one of these."""
        wanted = [number for number, code in enumerate(self.codes) if code in codes]
        return np.flatnonzero(np.isin(self.place, wanted))

    def in_area(self, area: BaseGeometry | None, codes: Collection[str]) -> NDArray[np.intp]:
        """Rows inside the area, and those of the named divisions that no area can decide about.

        With an area, a named division brings only people whose own point is not known better than the division's.
        """
        if area is None:
            return self.of_places(codes)
        found = self.inside(area)
        if not codes:
            return found
        named = self.of_places(codes)
        pointless = named[np.isnan(self.lon[named])]
        return np.union1d(found, pointless)

    def id_of(self, row: int) -> uuid.UUID:
        return uuid.UUID(bytes=self.ids[row].tobytes())

    def people(self, rows: NDArray[np.intp]) -> list[uuid.UUID]:
        """Ids of the people among these rows."""
        return [self.id_of(row) for row in rows[self.kind[rows] == PERSON]]

    def households(self, rows: NDArray[np.intp]) -> list[uuid.UUID]:
        return [self.id_of(row) for row in rows[self.kind[rows] == HOUSEHOLD]]


def contact_index() -> ContactIndex:
    """The index as of now; made anew once a person, a household, a danger zone or a division was written."""
    return _index.get()


def forget() -> None:
    """Read everything again at the next call (rows written past the journal)."""
    _index.forget()


def _read() -> ContactIndex:
    points = {
        code: _point(*rest)
        for code, *rest in Division.objects.values_list(
            "code", "lon", "lat", "min_lon", "max_lon", "min_lat", "max_lat"
        )
    }
    rows: list[tuple[bytes, int, str, float | None, float | None]] = [
        (pk.bytes, PERSON, code, lon, lat)
        for pk, code, lon, lat in Person.objects.values_list("id", "division_id", "lon", "lat").iterator(
            20_000
        )
    ]
    rows += [
        (one.id.bytes, HOUSEHOLD, one.division_code, one.lon, one.lat) for one in risk.household_points()
    ]
    codes = tuple(sorted({row[2] for row in rows}))
    number = {code: n for n, code in enumerate(codes)}
    nan = float("nan")
    nowhere = (nan, nan)
    at = [
        (lon, lat) if lon is not None and lat is not None else points.get(code, nowhere)
        for _pk, _kind, code, lon, lat in rows
    ]
    lons = np.array([lon for lon, _lat in at], dtype=np.float64)
    lats = np.array([lat for _lon, lat in at], dtype=np.float64)
    return ContactIndex(
        lon=lons,
        lat=lats,
        cells=Cells.of(lons, lats),
        kind=np.array([row[1] for row in rows], dtype=np.uint8),
        ids=np.frombuffer(b"".join(row[0] for row in rows), dtype=np.uint8).reshape(len(rows), 16),
        place=np.array([number[row[2]] for row in rows], dtype=np.int32),
        codes=codes,
    )


def _point(
    lon: float | None,
    lat: float | None,
    west: float | None,
    east: float | None,
    south: float | None,
    north: float | None,
) -> tuple[float, float]:
    if lon is not None and lat is not None:
        return lon, lat
    if west is None or east is None or south is None or north is None:
        return float("nan"), float("nan")
    return (west + east) / 2, (south + north) / 2


_index: Followed[ContactIndex] = Followed(("person", "household", "danger_zone", "division"), _read)


def bench_targeting(contacts: int = 300_000, vertices: int = 400, rounds: int = 15) -> dict[str, float]:
    """Times `inside` for a made-up county and a jagged area that holds about a third of it. No database.

    `first_ms` includes preparing the outline; `warm_ms` is the median, `worst_ms` the slowest of the others, each with a
    fresh outline object, as a person who drags a corner makes it.
    """
    index = made_up_index(contacts)
    shapes = [made_up_area(vertices, seed) for seed in range(rounds + 1)]
    times, found = [], 0
    for shape in shapes:
        start = time.perf_counter()
        found = len(index.inside(shape))
        times.append(1000 * (time.perf_counter() - start))
    return {
        "contacts": contacts,
        "vertices": vertices,
        "found": found,
        "first_ms": round(times[0], 2),
        "warm_ms": round(float(np.median(times[1:])), 2),
        "worst_ms": round(max(times[1:]), 2),
    }


def made_up_index(contacts: int, seed: int = 1) -> ContactIndex:
    """Points spread over half a degree; for benches and tests."""
    rng = np.random.default_rng(seed)
    lon, lat = rng.uniform(102.6, 103.2, contacts), rng.uniform(27.1, 27.7, contacts)
    return ContactIndex(
        lon=lon,
        lat=lat,
        cells=Cells.of(lon, lat),
        kind=np.zeros(contacts, dtype=np.uint8),
        ids=rng.integers(0, 256, (contacts, 16), dtype=np.uint8),
        place=np.zeros(contacts, dtype=np.int32),
        codes=("999901000000",),
    )


def made_up_area(vertices: int, seed: int) -> BaseGeometry:
    """An outline with many corners, as somebody draws it along valleys."""
    from shapely.geometry import Polygon

    rng = np.random.default_rng(seed)
    turns = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    waves = sum(rng.uniform(0, 0.03) * np.cos(n * turns + rng.uniform(0, 6)) for n in range(2, 7))
    reach = 0.21 + waves + rng.uniform(-0.002, 0.002, vertices)
    return Polygon(np.column_stack((102.9 + reach * np.cos(turns), 27.4 + reach * np.sin(turns))))


def slow_inside(index: ContactIndex, area: BaseGeometry) -> Sequence[int]:
    """The plain reference: every point asked by itself."""
    from shapely.geometry import Point

    return [row for row in range(len(index.lon)) if area.covers(Point(index.lon[row], index.lat[row]))]
