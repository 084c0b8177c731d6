"""Vehicles now: where each last said it was, how fast, how old that is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from anlan.kernel.actor import Actor
from anlan.sensing.access import visible_stations
from anlan.sensing.models import Station
from anlan.sensing.queries.overview import hot_reader, latest_for
from anlan.sensing.types import LatestValue
from anlan.vocab.kinds import KINDS
from anlan.vocab.quality import UNUSABLE

MOBILE_KINDS = frozenset(code for code, kind in KINDS.items() if kind.is_mobile)
#: An older position says where a vehicle was, not where it is (engineering choice).
STALE_AFTER = timedelta(minutes=30)
#: Latitude and longitude of one report have one time; this far apart they are not one place.
_ONE_REPORT = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class VehicleLine:
    """`lat`/`lon` in WGS84 degrees and `at` the device's time of them; None before the first fix."""

    code: str
    name: str
    kind: str
    owner: str
    plate: str
    division_name: str
    division_code: str
    lat: float | None
    lon: float | None
    at: datetime | None
    speed_kmh: float | None
    direction_deg: float | None
    last_heard: datetime | None
    is_stale: bool
    is_doubtful: bool

    @property
    def is_drawn(self) -> bool:
        return self.lat is not None and self.lon is not None and not self.is_doubtful


def vehicles_now(actor: Actor, *, at: datetime) -> list[VehicleLine]:
    """Every vehicle that the actor may see: fresh positions first, the newest of them on top, then old ones, then none."""
    stations = list(visible_stations(actor).filter(kind__in=MOBILE_KINDS))
    if not stations:
        return []
    latest, heard = latest_for(stations), hot_reader().heard()
    lines = [
        _line(station, latest.get(station.code, ()), heard.get(station.code), at) for station in stations
    ]
    return sorted(lines, key=lambda line: (line.at is None, line.is_stale, _newest_first(line), line.name))


def _newest_first(line: VehicleLine) -> float:
    return 0.0 if line.at is None else -line.at.timestamp()


def _line(
    station: Station, values: Iterable[LatestValue], heard: datetime | None, now: datetime
) -> VehicleLine:
    by_name = {value.quantity: value for value in values if value.value is not None}
    lat, lon = by_name.get("position_lat"), by_name.get("position_lon")
    has_place = lat is not None and lon is not None
    at = min(lat.phenomenon_time, lon.phenomenon_time) if lat is not None and lon is not None else None
    return VehicleLine(
        code=station.code,
        name=station.name,
        kind=station.kind,
        owner=station.owner,
        plate=str(station.attributes.get("plate", "")),
        division_name=station.division.name,
        division_code=station.division_id,
        lat=_number(lat) if has_place else None,
        lon=_number(lon) if has_place else None,
        at=at,
        speed_kmh=_of_moment(by_name.get("vehicle_speed"), at),
        direction_deg=_of_moment(by_name.get("vehicle_direction"), at),
        last_heard=heard,
        is_stale=at is not None and now - at > STALE_AFTER,
        is_doubtful=_is_doubtful(lat, lon),
    )


def _number(value: LatestValue | None) -> float | None:
    return None if value is None or value.value is None else float(value.value)


def _of_moment(value: LatestValue | None, at: datetime | None) -> float | None:
    """A speed counts where it belongs to the position and nothing is wrong with it."""
    if value is None or at is None or value.flag & UNUSABLE or abs(value.phenomenon_time - at) > _ONE_REPORT:
        return None
    return _number(value)


def _is_doubtful(lat: LatestValue | None, lon: LatestValue | None) -> bool:
    if lat is None or lon is None:
        return False
    is_torn = abs(lat.phenomenon_time - lon.phenomenon_time) > _ONE_REPORT
    return is_torn or bool((lat.flag | lon.flag) & UNUSABLE)
