"""One look of each evaluator that the worker runs: gather what the rule asks for, judge it by the pure function."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q, QuerySet

from anlan.ruleset import Pack, combined, fireweather, forecasts, inversevelocity, pond
from anlan.ruleset.compiling import is_sealed
from anlan.ruleset.fireweather import FireWeather, force_of
from anlan.ruleset.inversevelocity import Wanted
from anlan.ruleset.pond import PondPoint
from anlan.ruleset.tables import (
    CombinedTable,
    FireTable,
    ForecastTable,
    InverseTable,
    Member,
    PondTable,
    SealTable,
)
from anlan.ruleset.verdicts import Verdict
from anlan.sensing.models import BindingState, Crossing, RuleWork, Station, StationLink, StationState
from anlan.sensing.rules.book import rules_now
from anlan.sensing.rules.forecast_source import forecast_reader
from anlan.sensing.rules.maintenance import in_maintenance
from anlan.sensing.rules.series import usable
from anlan.vocab.levels import Level

DAY = timedelta(days=1)


class Look(NamedTuple):
    """What an evaluator is given. `work.station` is where its result stands."""

    work: RuleWork
    pack: Pack
    station: Station
    at: datetime


def look(asked: Look) -> Verdict:
    """Judge now; raises KeyError for an evaluator that the worker does not run."""
    return _LOOKS[asked.pack.evaluator](asked)


def _fire(asked: Look) -> Verdict:
    """The last 24 hours of the station against the table of R10."""
    code, pack = asked.station.code, asked.pack
    table, least = pack.table_as(FireTable), int(pack.number("least_hours"))

    def day(quantity: str) -> list[Decimal] | None:
        found = usable(code, quantity, asked.at - DAY, asked.at)
        hours = {int(moment.timestamp()) // 3600 for moment, _ in found}
        return [value for _, value in found] if len(hours) >= least else None

    temperature, humidity, wind = day("air_temperature"), day("relative_humidity"), day("wind_speed")
    weather = FireWeather(
        temperature=None if temperature is None else float(max(temperature)),
        humidity=None if humidity is None else float(min(humidity)),
        dry_days=_dry_days(asked, least),
        wind_force=None if wind is None else force_of(float(max(wind))),
        cover=table.cover_now or None,
    )
    return fireweather.judge(weather, table)


def _dry_days(asked: Look, least: int) -> int | None:
    """Whole days of 24 h without rain, back from now; None where a day in between is not known."""
    dry = Decimal(str(asked.pack.number("dry_day_mm")))
    for back in range(int(asked.pack.number("longest_dry_days")) + 1):
        end = asked.at - back * DAY
        found = _rain(asked.station.code, end - DAY, end)
        if len({int(moment.timestamp()) // 3600 for moment, _ in found}) < least:
            return None
        if sum(value for _, value in found) > dry:
            return back
    return int(asked.pack.number("longest_dry_days"))


def _rain(code: str, start: datetime, end: datetime) -> list[tuple[datetime, Decimal]]:
    """Five-minute rain, or hourly rain where the station sends only that."""
    return usable(code, "rain_5min", start, end) or usable(code, "rain_1h", start, end)


def _pond(asked: Look) -> Verdict:
    """Every stream of the pond that has thresholds is a point; without a reading for long enough it is offline."""
    from anlan.sensing.queries.overview import hot_reader, run_key

    table = asked.pack.table_as(PondTable)
    item_of = {quantity: item.code for item in table.items for quantity in item.quantities}
    levels = dict(_states(asked.station.pk, asked).values_list("binding", "level"))
    newest = hot_reader().latest([asked.station.code], exercise=run_key())
    oldest = asked.at - timedelta(seconds=asked.pack.number("offline_after_s"))
    worst: dict[str, Level | None] = {}
    for binding in rules_now().bindings(asked.station, []):
        item = item_of.get(binding.quantity.partition("@")[0])
        if item is not None:
            level = levels.get(binding.id)
            known = worst.get(binding.quantity)
            found = Level(level) if level else None
            worst[binding.quantity] = found if known is None else min(known, found or known)
    points = []
    for quantity, level in sorted(worst.items()):
        latest = newest.get((asked.station.code, quantity))
        is_offline = latest is None or latest.value is None or latest.phenomenon_time < oldest
        item = item_of[quantity.partition("@")[0]]
        points.append(PondPoint(asked.station.code, item, quantity, level, is_offline))
    return pond.judge(points, table)


def _combined(asked: Look) -> Verdict:
    """Every member with its worst level now and its newest sentence; a silent member is uncertain."""
    table = asked.pack.table_as(CombinedTable)
    states = [
        _member(station, member, asked)
        for member in table.members
        for station in stations_of(member, asked.station.division.path)
    ]
    return combined.judge(states, table)


def _member(station: Station, member: Member, asked: Look) -> combined.MemberState:
    rows = _states(station.pk, asked).exclude(binding=asked.work.key)
    if member.rule_id:
        rows = rows.filter(binding__startswith=f"{member.rule_id}:")
    levels = [(Level(row.level), row.binding) for row in rows if row.level]
    level, binding = min(levels, default=(None, ""))
    said = Crossing.objects.filter(binding=binding, exercise_id=asked.work.exercise_id) if binding else None
    newest = said.order_by("-phenomenon_time", "-id").first() if said is not None else None
    return combined.MemberState(
        station=station.code,
        name=station.name,
        level=level,
        at_least=Level(int(member.at_least)),
        is_uncertain=station.state == StationState.SILENT or any(row.is_uncertain for row in rows),
        says_zh=newest.explanation_zh if newest else "",
        says_en=newest.explanation_en if newest else "",
    )


def stations_of(member: Member, path: str = "") -> list[Station]:
    """The stations in use that a member names. A catchment is looked for in the whole county of the rule."""
    rows = Station.objects.filter(is_active=True).select_related("division").order_by("code")
    if member.station:
        return list(rows.filter(code=member.station))
    if member.division:
        inside = Q(division_id=member.division) | Q(division__path__contains=f"{member.division}/")
        links = StationLink.objects.filter(division_id=member.division, is_active=True)
        return list(rows.filter(inside | Q(pk__in=links.values("station_id"))))
    if not member.catchment:
        return []
    top = path.split("/", 1)[0]
    near = rows.filter(division__path__startswith=top) if top else rows
    return [one for one in near if one.attributes.get("catchment") == member.catchment]


def _inverse(asked: Look) -> Verdict:
    """The worst of the measuring points."""
    table, pack = asked.pack.table_as(InverseTable), asked.pack
    wanted = Wanted(
        int(pack.number("minimum_points")),
        pack.number("minimum_r_squared"),
        pack.number("minimum_velocity_mm_d"),
    )
    start = asked.at - timedelta(hours=pack.number("history_h"))
    verdicts = []
    for quantity in [f"{table.quantity}@{point}" for point in table.points] or [table.quantity]:
        found = usable(asked.station.code, quantity, start, asked.at + timedelta(seconds=1))
        series = [(int(moment.timestamp()), float(value)) for moment, value in found]
        name = f"{asked.station.name}{quantity.partition('@')[2]}"
        verdicts.append(inversevelocity.judge(name, series, table, wanted, int(asked.at.timestamp())))
    return min(verdicts, key=lambda verdict: verdict.level or 9)


def _forecast(asked: Look) -> Verdict:
    table = asked.pack.table_as(ForecastTable)
    start, end = asked.at - timedelta(hours=table.observed_h), asked.at + timedelta(hours=table.ahead_h)
    found = usable(
        asked.station.code, table.quantity, start + timedelta(seconds=1), asked.at + timedelta(seconds=1)
    )
    slots = table.observed_h * 12
    source = forecast_reader()
    values = source.for_station(asked.station.code, "rain", asked.at, end, at=asked.at)
    values = values or source.for_division(asked.station.division_id, "rain", asked.at, end, at=asked.at)
    return forecasts.judge(
        asked.station.name,
        sum((value for _, value in found), Decimal(0)),
        len(found) < 0.8 * slots,
        values,
        table,
        (asked.at, end),
    )


def _seal(asked: Look) -> Verdict:
    """A sealed mine whose device is not heard: tampering, unless maintenance was granted, which is put on record."""
    from anlan.sensing.queries.overview import hot_reader

    station, limit = asked.station, int(asked.pack.number("offline_s"))
    minutes = f"{limit / 60:g}"
    heard = hot_reader().heard().get(station.code)
    silent = None if heard is None else (asked.at - heard).total_seconds()
    if not is_sealed(asked.pack.table_as(SealTable), station.attributes) or (
        silent is not None and silent <= limit
    ):
        return Verdict(
            None, Decimal(0), None, f"{station.name}封条在线", f"The seal of {station.name} is on line"
        )
    if silent is None:
        return Verdict(
            None,
            Decimal(0),
            None,
            f"{station.name}封条从未接入，无从判断；列在“应接入”",
            f"The seal of {station.name} was never connected: nothing can be said; see who must be connected",
            is_incomplete=True,
        )
    value = Decimal(int(silent // 60))
    if in_maintenance(station, asked.at):
        return Verdict(
            None,
            value,
            None,
            f"{station.name}封条离线，正在批准的检修期内，不报警",
            f"The seal of {station.name} is off line during granted maintenance; no alarm",
            is_held_back=True,
        )
    return Verdict(
        Level.RED,
        value,
        Decimal(minutes),
        f"{station.name}封条已{value}分钟未上报，超过{minutes}分钟，按疑似破坏处理",
        f"The seal of {station.name} has not been heard for {value} min, longer than {minutes} min: treated as tampering",
    )


def _states(station_id: uuid.UUID, asked: Look) -> QuerySet[BindingState]:
    return BindingState.objects.filter(station_id=station_id, exercise_id=asked.work.exercise_id)


_LOOKS: dict[str, Callable[[Look], Verdict]] = {
    "fire_weather": _fire,
    "pond": _pond,
    "combined": _combined,
    "inverse_velocity": _inverse,
    "forecast_sum": _forecast,
    "seal": _seal,
}
