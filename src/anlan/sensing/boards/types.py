"""Values of the boards, also the source of later scorecards. Times are aware UTC, lengths and areas in the unit of their name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """Stations of one owner and kind. `last_heard` is the newest of them; None where none was ever heard."""

    connected: int
    silent: int
    never: int
    last_heard: datetime | None

    @property
    def total(self) -> int:
        return self.connected + self.silent + self.never


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """`is_assumed`: no station names its owner, so the department that usually owns such stations stands here."""

    owner: str
    is_assumed: bool
    cells: dict[str, MatrixCell]
    total: MatrixCell


@dataclass(frozen=True, slots=True)
class Matrix:
    """Owners by kinds (A-29); kinds in the order of the catalogue."""

    kinds: tuple[str, ...]
    rows: tuple[MatrixRow, ...]


@dataclass(frozen=True, slots=True)
class ArrivalLine:
    """What one owner's stations delivered on one day in Shanghai.

    `rate` is received / expected by the sampling interval; None where nothing was expected. A delay is received minus observed
    and given as an upper bound: half (95 %) of the readings came at most that late. None where none came.
    """

    day: date
    owner: str
    stations: int
    expected: int
    received: int
    rate: float | None
    delay_p50: timedelta | None
    delay_p95: timedelta | None
    counted_at: datetime
    is_final: bool


@dataclass(frozen=True, slots=True)
class StationArrival:
    """The same for one station."""

    code: str
    name: str
    kind: str
    line: ArrivalLine


@dataclass(frozen=True, slots=True)
class DensityLine:
    """Stations of a township; `area_km2` is None where it has no boundary."""

    code: str
    name: str
    stations: int
    area_km2: float | None

    @property
    def per_100_km2(self) -> float | None:
        return None if not self.area_km2 else 100 * self.stations / self.area_km2


@dataclass(frozen=True, slots=True)
class BlindSpot:
    """A village or township too far from the next station; `nearest_km` is None where there is none at all."""

    code: str
    name: str
    level: str
    nearest_code: str
    nearest_name: str
    nearest_km: float | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """Blind spots for rain and for river stages, and places without a point that nobody can judge."""

    within_km: float
    rain: tuple[BlindSpot, ...]
    river: tuple[BlindSpot, ...]
    unplaced: tuple[str, ...]
    judged: int


@dataclass(frozen=True, slots=True)
class MandatoryLine:
    """`standing`: connected, silent, never, unknown_fact (the deciding fact was not entered) or not_registered."""

    rule: str
    is_mandatory: bool
    station_code: str
    name: str
    division_code: str
    division_name: str
    owner: str
    fact: str
    standing: str
    last_heard: datetime | None
