"""What a proposed rule would have done over stored history: the same evaluation as the gateway's, in bounded time.

Rules that the gateway runs are replayed over the readings; a combined rule over the crossings that its members really had.
Others need inputs of the past that nobody keeps (forecasts as they were, offline times), and say so.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.db.models import Q

from anlan.journal import clocks
from anlan.ruleset import Pack, combined
from anlan.ruleset.bindings import Binding
from anlan.ruleset.calendars import next_change
from anlan.ruleset.combined import MemberState
from anlan.ruleset.compiling import Moment, compile_rule
from anlan.ruleset.replay import Episode, episodes
from anlan.ruleset.tables import FAST, CalendarTable, CombinedTable
from anlan.sensing.models import Crossing, Station, StationLink
from anlan.sensing.rules.inforce import LOCAL, Rule, facts_of, local_day
from anlan.sensing.rules.looks import stations_of
from anlan.sensing.rules.series import SeriesReader, series_reader
from anlan.vocab.levels import Level
from anlan.vocab.quality import UNUSABLE
from anlan.vocab.quantities import quantity_of

#: Bounds of one preview; a page waits for it.
MAX_STATIONS = 40
MAX_DAYS = 366
BUDGET_S = 6.0
MAX_FIRINGS = 200


@dataclass(frozen=True, slots=True)
class Firing:
    """One time that the rule would have fired. Values in the unit of the quantity; `ended` None = still over at the end."""

    station: str
    station_name: str
    quantity: str
    began: datetime
    ended: datetime | None
    level: Level
    peak: Decimal
    peak_at: datetime
    window_min: int | None
    unit: str


@dataclass(frozen=True, slots=True)
class Preview:
    """`covered` of `stations` were looked at before the time ran out; `first_reading` None where nothing is stored."""

    start: datetime
    end: datetime
    firings: tuple[Firing, ...] = ()
    stations: int = 0
    covered: int = 0
    readings: int = 0
    first_reading: datetime | None = None
    #: Codes of the stations that were looked at.
    codes: tuple[str, ...] = ()
    #: False for an evaluator whose past cannot be replayed.
    is_possible: bool = True
    is_cut: bool = False


@dataclass(slots=True)
class _Tally:
    """What a run over the stations has gathered so far."""

    firings: list[Firing] = field(default_factory=list)
    covered: list[str] = field(default_factory=list)
    readings: int = 0
    first: datetime | None = None

    def note(self, points: Sequence[tuple[int, int]]) -> None:
        self.readings += len(points)
        if points:
            first = datetime.fromtimestamp(points[0][0], UTC)
            self.first = first if self.first is None else min(self.first, first)


def preview(
    rule: Rule,
    *,
    start: datetime,
    end: datetime,
    reader: SeriesReader | None = None,
    budget_s: float = BUDGET_S,
    only: frozenset[str] | None = None,
) -> Preview:
    """Every firing with start <= t < end, at most a year before `end`, newest first; `only` bounds it to some stations."""
    start = max(start, end - timedelta(days=MAX_DAYS))
    if rule.pack.evaluator == "combined":
        return _combined(rule, start, end)
    if rule.pack.evaluator not in FAST:
        return Preview(start, end, is_possible=False)
    until = time.monotonic() + budget_s
    everybody = Station.objects.filter(is_active=True).select_related("division").order_by("code")
    mine = [one for one in everybody if rule.covers(one) and (only is None or one.code in only)]
    tally, source = _Tally(), reader or series_reader()
    for station in mine[:MAX_STATIONS]:
        if time.monotonic() > until:
            break
        _replay(rule.pack, station, source, (start, end), tally)
        tally.covered.append(station.code)
    found = sorted(tally.firings, key=lambda one: one.began, reverse=True)
    return Preview(
        start,
        end,
        firings=tuple(found[:MAX_FIRINGS]),
        stations=len(mine),
        covered=len(tally.covered),
        readings=tally.readings,
        first_reading=tally.first,
        codes=tuple(tally.covered),
        is_cut=len(tally.covered) < len(mine) or len(found) > MAX_FIRINGS,
    )


def _replay(
    pack: Pack,
    station: Station,
    reader: SeriesReader,
    span: tuple[datetime, datetime],
    tally: _Tally,
) -> None:
    links = list(StationLink.objects.filter(station=station, is_active=True))
    facts = facts_of(station, links)
    read: dict[str, list[tuple[int, int]]] = {}
    for first, last, day in _seasons(pack, *span):
        for binding in compile_rule(pack, facts, Moment(day)):
            if binding.quantity not in read:
                read[binding.quantity] = _stored(station.code, binding.quantity, *span, reader)
                tally.note(read[binding.quantity])
            low, high = int(first.timestamp()), int(last.timestamp())
            points = [one for one in read[binding.quantity] if low <= one[0] < high]
            tally.firings += [_firing(station, binding, one) for one in episodes(binding, points)]


def _seasons(pack: Pack, start: datetime, end: datetime) -> list[tuple[datetime, datetime, date]]:
    """The span cut where a calendar moves on; whole for any other rule."""
    if not isinstance(pack.table, CalendarTable):
        return [(start, end, local_day(start))]
    cut, here = [], start
    while here < end:
        day = local_day(here)
        change = next_change(pack.table.stages, day)
        until = end if change is None else datetime(change.year, change.month, change.day, tzinfo=LOCAL)
        cut.append((here, min(until, end), day))
        here = until
    return cut


def _stored(
    code: str, quantity: str, start: datetime, end: datetime, reader: SeriesReader
) -> list[tuple[int, int]]:
    known = quantity_of(quantity)
    return [
        (int(point.phenomenon_time.timestamp()), known.to_stored(point.value))
        for point in reader.series(code, quantity, start, end)
        if point.value is not None and not point.flag & UNUSABLE
    ]


def _firing(station: Station, binding: Binding, one: Episode) -> Firing:
    known = quantity_of(binding.quantity)
    return Firing(
        station=station.code,
        station_name=station.name,
        quantity=binding.quantity,
        began=datetime.fromtimestamp(one.began, UTC),
        ended=None if one.ended is None else datetime.fromtimestamp(one.ended, UTC),
        level=one.level,
        peak=known.from_stored(one.peak),
        peak_at=datetime.fromtimestamp(one.peak_at, UTC),
        window_min=one.window_s // 60 or None,
        unit=known.unit,
    )


def _combined(rule: Rule, start: datetime, end: datetime) -> Preview:
    """The members' recorded crossings, one after the other. Hold times are left out: what is stored are changes, not looks."""
    table = rule.pack.table_as(CombinedTable)
    members = [(member, station) for member in table.members for station in stations_of(member, rule.path)]
    codes = tuple(dict.fromkeys(station.code for _, station in members))
    rows = Crossing.objects.filter(
        Q(station__code__in=codes),
        exercise_id=clocks.default_exercise_id(),
        phenomenon_time__gte=start,
        phenomenon_time__lt=end,
    ).order_by("phenomenon_time", "id")
    levels: dict[str, dict[str, int | None]] = {}
    found: list[Firing] = []
    current: Firing | None = None
    count = 0
    for row in rows.select_related("station"):
        count += 1
        levels.setdefault(row.station.code, {})[row.binding] = row.level
        states = [
            _state(station, member.rule_id, int(member.at_least), levels) for member, station in members
        ]
        verdict = combined.judge(states, table)
        current = _moved(current, verdict.level, verdict.value, row, found)
    found += [current] if current is not None else []
    firings = tuple(sorted(found, key=lambda one: one.began, reverse=True)[:MAX_FIRINGS])
    first = rows.values_list("phenomenon_time", flat=True).first()
    return Preview(start, end, firings, len(codes), len(codes), count, first, codes)


def _moved(
    current: Firing | None, level: Level | None, value: Decimal, row: Crossing, found: list[Firing]
) -> Firing | None:
    at, station = row.phenomenon_time, row.station
    if level is None:
        if current is not None:
            found.append(replace(current, ended=at))
        return None
    if current is None:
        return Firing(station.code, station.name, "combined", at, None, level, value, at, None, "")
    return replace(current, level=level, peak=value, peak_at=at) if level < current.level else current


def _state(
    station: Station, rule_id: str, at_least: int, levels: dict[str, dict[str, int | None]]
) -> MemberState:
    mine = levels.get(station.code, {})
    known = [level for binding, level in mine.items() if level and binding.startswith(rule_id)]
    level = Level(min(known)) if known else None
    return MemberState(station.code, station.name, level, Level(at_least))
