"""The rain and water situation of a span: sums since any hour, of the hydrological day (08–08) and the weather day (20–20)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.places.access import visible
from anlan.places.types import Division
from anlan.sensing.access import visible_stations
from anlan.sensing.history.areas import ArealMean, Gauge, mean_of, thiessen
from anlan.sensing.history.charts import history
from anlan.sensing.history.queries import History
from anlan.sensing.history.reservoirs import OverLimit, against_limit
from anlan.sensing.models import Station
from anlan.sensing.queries.overview import hot_reader, run_key
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.kinds import WITH_RAIN, WITH_STAGE
from anlan.vocab.quality import UNUSABLE

RAIN, STAGE = "rain_5min", "stage"
#: Rain of a day from which the weather service speaks of 暴雨, 大暴雨 and 特大暴雨 (GB/T 28592), mm.
MARKS_MM = (50, 100, 250)
LONGEST = timedelta(days=62)
SLOT = timedelta(minutes=5)
_HOURS = {"hydro": 8, "weather": 20}
#: The newest stage is the present one for so long.
FRESH = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Span:
    """start < t <= end. `kind` is since, hydro or weather; `is_running` while it has not ended."""

    kind: str
    start: datetime
    end: datetime
    is_running: bool


@dataclass(frozen=True, slots=True)
class StationRain:
    """Rain of one station in mm; `coverage` is the share of five-minute readings that came."""

    code: str
    name: str
    place: str
    total: Decimal
    readings: int
    coverage: float


@dataclass(frozen=True, slots=True)
class RiverOver:
    """A river station whose highest stage of the span reached its warning stage. Metres."""

    code: str
    name: str
    place: str
    highest: Decimal
    newest: Decimal | None
    newest_at: datetime | None
    warning_stage: Decimal
    guaranteed_stage: Decimal | None

    @property
    def excess(self) -> Decimal:
        return self.highest - self.warning_stage

    @property
    def is_over_now(self) -> bool:
        return self.newest is not None and self.newest >= self.warning_stage


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything the page and its export show. `counts` are stations at or above each of `MARKS_MM`."""

    span: Span
    rain: tuple[StationRain, ...]
    silent: int
    counts: tuple[tuple[int, int], ...]
    townships: tuple[ArealMean, ...]
    catchments: tuple[ArealMean, ...]
    rivers: tuple[RiverOver, ...]
    reservoirs: tuple[OverLimit, ...]
    reservoirs_without_limit: int


def span_since(hour: datetime, now: datetime) -> Span:
    """From a full hour until now, at most two months."""
    start = max(hour, now - LONGEST).replace(minute=0, second=0, microsecond=0)
    return Span("since", min(start, now), now, True)


def span_of_day(kind: str, day: date, now: datetime) -> Span:
    """The hydrological or weather day that *ends* on the morning or evening of `day` (local)."""
    end = datetime.combine(day, time(_HOURS[kind]), SHANGHAI)
    start = end - timedelta(days=1)
    return Span(kind, min(start, now), min(end, now), end > now)


def running_day(kind: str, now: datetime) -> date:
    """The local date on which the running hydrological or weather day ends."""
    local = now.astimezone(SHANGHAI)
    return local.date() if local.time() < time(_HOURS[kind]) else local.date() + timedelta(days=1)


def situation(actor: Actor, span: Span, *, now: datetime, reader: History | None = None) -> Situation:
    """The situation in what the actor may see."""
    reader = reader or history()
    stations = list(visible_stations(actor))
    rain = [station for station in stations if station.kind in WITH_RAIN]
    sums = reader.sums(RAIN, span.start, span.end, stations=[one.code for one in rain], exercise=run_key())
    lines = sorted(
        (_rain_line(one, *sums[one.code], span) for one in rain if one.code in sums),
        key=lambda line: (-line.total, line.name),
    )
    gauges = [_gauge(one, sums[one.code][0]) for one in rain if one.code in sums]
    newest = _newest(stations, span, now)
    reservoirs, unknown = _reservoirs(stations, newest)
    return Situation(
        span=span,
        rain=tuple(lines),
        silent=len(rain) - len(lines),
        counts=tuple((mark, sum(line.total >= mark for line in lines)) for mark in MARKS_MM),
        townships=tuple(_townships(actor, gauges)),
        catchments=tuple(_catchments(gauges)),
        rivers=tuple(_rivers(reader, stations, newest, span)),
        reservoirs=tuple(reservoirs),
        reservoirs_without_limit=unknown,
    )


def _rain_line(station: Station, total: Decimal, readings: int, span: Span) -> StationRain:
    expected = max(1, (span.end - span.start) // SLOT)
    return StationRain(
        station.code, station.name, station.division.name, total, readings, min(1.0, readings / expected)
    )


def _gauge(station: Station, total: Decimal) -> Gauge:
    catchment = str(station.attributes.get("catchment") or "")
    return Gauge(station.code, station.lon, station.lat, total, station.division.path, catchment)


def _townships(actor: Actor, gauges: Sequence[Gauge]) -> list[ArealMean]:
    places: list[Division] = list(visible(actor).filter(level=DivisionLevel.TOWNSHIP).order_by("code"))
    found = []
    for place in places:
        inside = [
            g for g in gauges if g.division_path == place.path or g.division_path.startswith(f"{place.path}/")
        ]
        mean = mean_of("township", place.name, inside)
        weighted = thiessen(place.geometry, gauges)
        if weighted is not None:
            mean = ArealMean(mean.kind, mean.name, mean.stations, mean.arithmetic, mean.highest, *weighted)
        found.append(mean)
    return sorted(found, key=lambda one: -(one.thiessen or one.arithmetic or Decimal(-1)))


def _catchments(gauges: Sequence[Gauge]) -> list[ArealMean]:
    """By the name of the catchment that a station's attributes give; their boundaries are not known."""
    names = sorted({gauge.catchment for gauge in gauges} - {""})
    means = [mean_of("catchment", name, [g for g in gauges if g.catchment == name]) for name in names]
    return sorted(means, key=lambda one: -(one.arithmetic or Decimal(-1)))


def _newest(stations: Sequence[Station], span: Span, now: datetime) -> dict[str, tuple[Decimal, datetime]]:
    """The present usable stage by code, for a span that reaches into the present; else nothing is present."""
    if now - span.end > FRESH:
        return {}
    found = hot_reader().latest([one.code for one in stations], exercise=run_key())
    return {
        code: (value.value, value.phenomenon_time)
        for (code, quantity), value in found.items()
        if quantity == STAGE
        and value.value is not None
        and not value.flag & UNUSABLE
        and now - value.phenomenon_time <= FRESH
    }


def _rivers(
    reader: History, stations: Sequence[Station], newest: dict[str, tuple[Decimal, datetime]], span: Span
) -> list[RiverOver]:
    marked = {
        one.code: one
        for one in stations
        if one.kind in WITH_STAGE and one.kind != "reservoir" and one.warning_stage is not None
    }
    table = reader.daily_table(STAGE, span.start, span.end, stations=marked, exercise=run_key())
    highest: dict[str, Decimal] = {}
    for code, _day, value in table.greatest():
        highest[code] = max(value, highest.get(code, value))
    found = []
    for code, value in highest.items():
        station, (now_stage, now_at) = marked[code], newest.get(code, (None, None))
        mark = station.warning_stage
        if mark is not None and value >= mark:
            found.append(
                RiverOver(
                    code,
                    station.name,
                    station.division.name,
                    value,
                    now_stage,
                    now_at,
                    mark,
                    station.guaranteed_stage,
                )
            )
    return sorted(found, key=lambda one: (-one.excess, one.code))


def _reservoirs(
    stations: Sequence[Station], newest: dict[str, tuple[Decimal, datetime]]
) -> tuple[list[OverLimit], int]:
    """Reservoirs with a limit today, the furthest over it first; and how many have a stage but no limit."""
    found, unknown = [], 0
    for station in (one for one in stations if one.kind == "reservoir" and one.code in newest):
        line = against_limit(station, *newest[station.code])
        if line is None:
            unknown += 1
        else:
            found.append(line)
    return sorted(found, key=lambda one: (-one.excess_m, one.code)), unknown
