"""How much of what was expected arrived, and how late, by owner and day (A-32, A-02). Counted by the worker, read by pages."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta

from django.db.models import QuerySet

from anlan.accounts.access import within
from anlan.journal.turns import write_turn
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.sensing.boards.connection import owner_of
from anlan.sensing.boards.types import ArrivalLine, StationArrival
from anlan.sensing.hot.delays import added, at_most
from anlan.sensing.models import ArrivalDay, Station
from anlan.sensing.queries.overview import hot_reader, run_key
from anlan.vocab.kinds import kind_of

#: A day is counted for the last time so long after its end: stragglers are in, its readings are still hot. A choice of ours.
FINAL_AFTER = timedelta(hours=6)
#: Days that are made up for after the worker was down.
LOOK_BACK_DAYS = 3
#: A reading may take so long before it is missed today.
GRACE = timedelta(minutes=5)
KEPT_DAYS = 400

#: Readings of one stream on a day: how many, and the histogram of their delays.
StreamCount = tuple[int, Mapping[int, int]]


def count_arrivals(*, at: datetime) -> int:
    """Count today and every late day that is not final. Returns the number of rows written; safe to run at any time."""
    today = at.astimezone(SHANGHAI).date()
    return sum(_count_day(today - timedelta(days=back), at) for back in range(LOOK_BACK_DAYS + 1))


def bounds_of(day: date) -> tuple[datetime, datetime]:
    """Start and end of a day in Shanghai."""
    start = datetime.combine(day, time(), SHANGHAI)
    return start, start + timedelta(days=1)


def _count_day(day: date, at: datetime) -> int:
    start, end = bounds_of(day)
    if ArrivalDay.objects.filter(day=day, is_final=True).exists():
        return 0
    is_final = at >= end + FINAL_AFTER
    streams: dict[str, dict[str, StreamCount]] = defaultdict(dict)
    for (code, quantity), counted in hot_reader().arrivals(start, end, exercise=run_key()).items():
        streams[code][quantity] = counted
    if not streams and day != at.astimezone(SHANGHAI).date():
        return 0  # a day of which nothing is kept says nothing about anybody
    elapsed = min(end, at - GRACE) - start
    stations = list(Station.objects.filter(is_active=True).only("id", "code", "kind", "attributes"))
    rows = [_row(day, one, streams.get(one.code, {}), elapsed) for one in stations]
    for row in rows:
        row.counted_at, row.is_final = at, is_final
    with write_turn():
        ArrivalDay.objects.bulk_create(
            rows,
            batch_size=200,
            update_conflicts=True,
            unique_fields=["day", "station"],
            update_fields=["expected", "received", "delays", "counted_at", "is_final"],
        )
        ArrivalDay.objects.filter(day__lt=day - timedelta(days=KEPT_DAYS)).delete()
    return len(rows)


def _row(day: date, station: Station, streams: Mapping[str, StreamCount], elapsed: timedelta) -> ArrivalDay:
    expected, received = expectation(
        station, {code: count for code, (count, _delays) in streams.items()}, elapsed
    )
    total: Counter[int] = Counter()
    for _count, delays in streams.values():
        total.update(delays)
    stored = {str(bucket): count for bucket, count in sorted(total.items())}
    return ArrivalDay(day=day, station=station, expected=expected, received=received, delays=stored)


def expectation(station: Station, counts: Mapping[str, int], elapsed: timedelta) -> tuple[int | None, int]:
    """(expected, received) of what the kind must report in `elapsed`; a stream that says more than expected makes up for no other.

    A station may report at an interval of its own (`report_interval_min`). Of a device with several points each known one is
    expected; of a stream never heard, one is.
    """
    expected = received = 0
    own = station.attributes.get("report_interval_min")
    required = kind_of(station.kind).required
    for one in required:
        interval_s = 60 * own if isinstance(own, int | float) and own > 0 else one.interval_s
        slots = max(0, int(elapsed.total_seconds() // interval_s))
        heard = [count for code, count in counts.items() if code.partition("@")[0] == one.code]
        expected += slots * max(1, len(heard))
        received += sum(min(count, slots) for count in heard)
    return (expected if required else None), received


def arrival_lines(actor: Actor, *, first: date, last: date) -> list[ArrivalLine]:
    """By day (newest first) and owner, over the stations that stand in the actor's jurisdiction."""
    groups: dict[tuple[date, str], list[ArrivalDay]] = defaultdict(list)
    for row in _visible(actor).filter(day__gte=first, day__lte=last):
        groups[row.day, owner_of(row.station)].append(row)
    lines = [_sum(day, owner, rows) for (day, owner), rows in groups.items()]
    return sorted(lines, key=lambda one: (-one.day.toordinal(), one.owner))


def station_arrivals(actor: Actor, *, day: date, owner: str) -> list[StationArrival]:
    """The stations behind one line, the worst first."""
    rows = [row for row in _visible(actor).filter(day=day) if owner_of(row.station) == owner]
    found = [
        StationArrival(row.station.code, row.station.name, row.station.kind, _sum(day, owner, [row]))
        for row in rows
    ]
    return sorted(found, key=lambda one: (1.0 if one.line.rate is None else one.line.rate, one.name))


def _visible(actor: Actor) -> QuerySet[ArrivalDay]:
    rows = ArrivalDay.objects.filter(within(actor, "station__division__path"), station__is_active=True)
    return rows.select_related("station").order_by("day", "station__code")


def _sum(day: date, owner: str, rows: Iterable[ArrivalDay]) -> ArrivalLine:
    listed = list(rows)
    expected = sum(row.expected or 0 for row in listed)
    received = sum(row.received for row in listed)
    delays = added(row.delays for row in listed)
    return ArrivalLine(
        day=day,
        owner=owner,
        stations=len(listed),
        expected=expected,
        received=received,
        rate=received / expected if expected else None,
        delay_p50=at_most(delays, 0.5),
        delay_p95=at_most(delays, 0.95),
        counted_at=min(row.counted_at for row in listed),
        is_final=all(row.is_final for row in listed),
    )
