"""Past events of a station, found in its hours: spans over the warning stage, and processes of rain.

What separates two events is an engineering assumption, shown on the page: six hours below the warning stage, or six hours
without rain; a process of rain counts from 10 mm.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from anlan.kernel.clock import SHANGHAI
from anlan.sensing.history.charts import Chart, Series, history, marks
from anlan.sensing.history.queries import History
from anlan.sensing.history.spoken import say
from anlan.sensing.history.types import Bucket
from anlan.sensing.models import Station
from anlan.sensing.queries.overview import run_key
from anlan.vocab.kinds import kind_of
from anlan.vocab.quantities import quantity_of

APART = timedelta(hours=6)
LEAST_RAIN_MM = Decimal(10)
LOOK_BACK = timedelta(days=366)
#: Drawn before and after an event.
MARGIN = timedelta(hours=6)
MOST_COMPARED, MOST_LISTED = 3, 30
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Event:
    """`amount` is the highest stage in metres, or the rain of the process in mm."""

    quantity: str
    start: datetime
    end: datetime
    peak_at: datetime
    amount: Decimal

    @property
    def key(self) -> str:
        """Names the event in an address: quantity and hour of its start."""
        return f"{self.quantity}.{int(self.start.timestamp()) // 3600}"


def find_events(station: Station, until: datetime, *, reader: History | None = None) -> list[Event]:
    """The events of the year before `until`, newest first."""
    reader, start = reader or history(), until - LOOK_BACK
    kind, found = kind_of(station.kind), []
    if station.warning_stage is not None and kind.quantity("stage"):
        mark = station.warning_stage
        hours = reader.hourly(station.code, "stage", start, until, run_key())
        over = [one for one in hours if one.high is not None and one.high >= mark]
        found += [_event("stage", run) for run in _runs(over)]
    if kind.quantity("rain_5min"):
        hours = reader.hourly(station.code, "rain_5min", start, until, run_key())
        wet = [one for one in hours if one.total]
        found += [event for run in _runs(wet) if (event := _event("rain_5min", run)).amount >= LEAST_RAIN_MM]
    return sorted(found, key=lambda event: event.start, reverse=True)[:MOST_LISTED]


def overlay(
    station: Station, events: Sequence[Event], *, align_at_start: bool, reader: History | None = None
) -> Chart:
    """Up to three events over one another, by hours from the peak or the start; thresholds of the station beside them."""
    reader, series = reader or history(), []
    for event in events[:MOST_COMPARED]:
        series.append(_drawn(reader, station, event, event.start if align_at_start else event.peak_at))
    times = [point[0] for one in series for point in one["points"]] or [0]
    lines = [{**line, "series": series[0]["id"]} for line in marks(station, events[0].end)] if events else []
    is_stage = bool(events) and events[0].quantity == "stage"
    return {
        "source": say("按小时，对齐于起点", "by the hour, aligned at the start")
        if align_at_start
        else say("按小时，对齐于峰值", "by the hour, aligned at the peak"),
        "series": series,
        "thresholds": lines if is_stage else [],  # type: ignore[typeddict-item]  # a copy with another series
        "from": min(times),
        "to": max(times),
        "axis": "offset",
    }


def chosen(events: Iterable[Event], keys: Sequence[str]) -> list[Event]:
    """The events that were asked for, of one quantity only: two units on one axis compare nothing."""
    found = [event for event in events if event.key in keys]
    return [event for event in found if event.quantity == found[0].quantity][:MOST_COMPARED]


def event_name(event: Event) -> str:
    """Local start and size, such as "07-01 08:00 61.5 mm"."""
    local = event.start.astimezone(SHANGHAI)
    return f"{local:%Y-%m-%d %H:%M} · {event.amount.normalize():f} {quantity_of(event.quantity).unit}"


def _drawn(reader: History, station: Station, event: Event, zero: datetime) -> Series:
    hours = reader.hourly(station.code, event.quantity, event.start - MARGIN, event.end + MARGIN, run_key())
    is_stage = event.quantity == "stage"
    values = [(one.start, one.high if is_stage else one.total) for one in hours]
    return {
        "id": event.key,
        "label": event_name(event),
        "unit": quantity_of(event.quantity).unit,
        "kind": "line",
        "points": [
            (round((at - zero).total_seconds() * 1000), None if value is None else float(value), 0)
            for at, value in values
        ],
    }


def _runs(hours: Sequence[Bucket]) -> list[list[Bucket]]:
    """Hours that are less than `APART` apart, together."""
    runs: list[list[Bucket]] = []
    for one in hours:
        if runs and one.start - (runs[-1][-1].start + _HOUR) < APART:
            runs[-1].append(one)
        else:
            runs.append([one])
    return runs


def _event(quantity: str, run: Sequence[Bucket]) -> Event:
    is_stage = quantity == "stage"

    def size(one: Bucket) -> Decimal:
        return (one.high if is_stage else one.total) or Decimal(0)

    peak = max(run, key=size)
    amount = size(peak) if is_stage else sum((size(one) for one in run), Decimal(0))
    return Event(quantity, run[0].start, run[-1].start + _HOUR, peak.start, amount)
