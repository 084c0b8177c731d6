"""Stations with what they say now. The whole county costs four small queries and three reads of the hot store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings

from anlan.journal import clocks
from anlan.kernel import canonical
from anlan.kernel.actor import Actor
from anlan.ruleset import load_pack
from anlan.sensing.access import visible_stations
from anlan.sensing.hot.reading import AnyReader, open_reader
from anlan.sensing.hot.types import Latest
from anlan.sensing.models import BindingState, Station, StationState
from anlan.sensing.types import Condition, LatestValue, RainSum, StationLine
from anlan.vocab.kinds import WITH_RAIN, kind_of
from anlan.vocab.levels import Level

SPANS_MIN = (60, 180)
RAIN = "rain_5min"
STAGE = "stage"


class _Standing(NamedTuple):
    """The worst of a station's bindings."""

    level: Level | None = None
    since: datetime | None = None
    is_uncertain: bool = False


class _Now(NamedTuple):
    """What the hot store and the projections say about some stations at one moment."""

    at: datetime
    latest: dict[str, tuple[LatestValue, ...]]
    heard: dict[str, datetime]
    rain: dict[str, list[tuple[Any, int]]]  # sums in mm and counts, one a span
    standing: dict[Any, _Standing]


def hot_reader() -> AnyReader:
    """The reader of this node's observations."""
    return open_reader(settings.ANLAN_DATA)


def run_key() -> str:
    """How the hot store names the run that pages show: "" in reality, the id in the data folder of a drill."""
    run = clocks.default_exercise_id()
    return "" if run is None else str(run)


def stations_for(actor: Actor, *, at: datetime) -> list[StationLine]:
    """Every station the actor may see: the highest level first, then the silent and uncertain, then by name."""
    stations = list(visible_stations(actor))
    now = _look(stations, at)
    return sorted((_line(station, now) for station in stations), key=_urgency)


def station_line(station: Station, *, at: datetime) -> StationLine:
    """The same for one station that came through the door."""
    return _line(station, _look([station], at))


def latest_for(stations: Iterable[Station]) -> dict[str, tuple[LatestValue, ...]]:
    """The newest value of each quantity by station code, the station's main quantity first."""
    found: dict[str, list[LatestValue]] = {}
    kinds = {station.code: station.kind for station in stations}
    for (code, quantity), value in hot_reader().latest(kinds, exercise=run_key()).items():
        found.setdefault(code, []).append(_value(quantity, value))
    return {
        code: tuple(sorted(values, key=lambda one: _main_first(kinds[code], one)))
        for code, values in found.items()
    }


def digest_of(lines: Iterable[object]) -> str:
    """A short digest of what a list shows, for an ETag: equal content, equal digest."""
    return canonical.digest([repr(line) for line in lines])[:32]


def _look(stations: Sequence[Station], at: datetime) -> _Now:
    reader, run = hot_reader(), run_key()
    has_rain = any(station.kind in WITH_RAIN for station in stations)
    spans = [60 * minutes for minutes in SPANS_MIN]
    return _Now(
        at=at,
        latest=latest_for(stations),
        heard=reader.heard(),
        rain=reader.sums(RAIN, spans, at, exercise=run) if has_rain else {},
        standing=_standings(stations),
    )


def _standings(stations: Sequence[Station]) -> dict[Any, _Standing]:
    states = BindingState.objects.filter(
        station__in=[station.pk for station in stations], exercise_id=clocks.default_exercise_id()
    )
    found: dict[Any, _Standing] = {}
    for state in states:
        worst = found.get(state.station_id, _Standing())
        if state.level is not None and Level(state.level).is_worse_than(worst.level):
            worst = worst._replace(level=Level(state.level), since=state.level_since)
        found[state.station_id] = worst._replace(is_uncertain=worst.is_uncertain or state.is_uncertain)
    return found


def _line(station: Station, now: _Now) -> StationLine:
    values = now.latest.get(station.code, ())
    newest = values[0] if values else None
    standing = now.standing.get(station.pk, _Standing())
    sums = _rain(station, now)
    return StationLine(
        id=station.pk,
        code=station.code,
        name=station.name,
        kind=station.kind,
        division_code=station.division_id,
        division_name=station.division.name,
        division_path=station.division.path,
        lon=station.lon,
        lat=station.lat,
        condition=_condition(station, newest, standing),
        state_since=station.state_since,
        last_heard=now.heard.get(station.code),
        level=standing.level,
        level_since=standing.since,
        newest=newest,
        age=None if newest is None else now.at - newest.phenomenon_time,
        rain_1h=sums[0],
        rain_3h=sums[1],
    )


def _condition(station: Station, newest: LatestValue | None, standing: _Standing) -> Condition:
    """The gateway announces silence and its end; a first reading alone shows that a station reports."""
    if station.state == StationState.SILENT:
        return Condition.SILENT
    if newest is None and station.state == StationState.NEVER:
        return Condition.NEVER
    return Condition.UNCERTAIN if standing.is_uncertain else Condition.OK


def _rain(station: Station, now: _Now) -> list[RainSum | None]:
    """Sums of the last 1 h and 3 h; None where the station measures no rain or said nothing at all in that time."""
    found = now.rain.get(station.code)
    if station.kind not in WITH_RAIN or found is None:
        return [None] * len(SPANS_MIN)
    pack = load_pack("R12")
    slot_min, max_gap = pack.number("slot_s") / 60, pack.number("max_gap")
    sums: list[RainSum | None] = []
    for minutes, (value, count) in zip(SPANS_MIN, found, strict=True):
        missing = max(0, round(minutes / slot_min) - count)
        is_uncertain = missing > max_gap * minutes / slot_min
        sums.append(RainSum(minutes, value, missing, is_uncertain) if count else None)
    return sums


def _value(quantity: str, found: Latest) -> LatestValue:
    return LatestValue(quantity, found.value, found.phenomenon_time, found.received_at, found.flag)


def _main_first(kind: str, value: LatestValue) -> tuple[int, int, str]:
    """Stage and rain before all, then in the order of the kind, what it does not know last."""
    order = {STAGE: 0, RAIN: 1, "discharge": 2}
    bare = value.quantity.partition("@")[0]
    of_kind = [one.code for one in kind_of(kind).quantities]
    return order.get(bare, 3), of_kind.index(bare) if bare in of_kind else len(of_kind), value.quantity


def _urgency(line: StationLine) -> tuple[int, int, str, str]:
    level = 9 if line.level is None else int(line.level)
    return level, list(Condition).index(line.condition), line.name, line.code
