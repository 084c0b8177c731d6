"""From a rule and the facts of a station to the bindings that the gateway runs. Pure: the day and the soil state come in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from anlan.ruleset.bindings import Binding, StageMarks, bindings_for_rain, bindings_for_stage
from anlan.ruleset.calendars import stage_on
from anlan.ruleset.packs import Pack
from anlan.ruleset.tables import (
    CalendarTable,
    ChangeTable,
    IdCurveTable,
    LimitsTable,
    MinimumTable,
    RainTable,
    Rows,
    SealTable,
    SoilState,
)

#: Words of the attribute `pond_grade`, as the catalogue of kinds has them, to the keys of the table.
_POND_GRADES = {"一等": "1", "二等": "2", "三等": "3", "四等": "4", "五等": "5"}
_UPSTREAM = "上游式"
_MILLIMETRE = Decimal("0.001")


class StationFacts(NamedTuple):
    """What a rule may know of a station. `thresholds` are own rain tables of villages: division code to (minutes, stage) → mm."""

    code: str
    kind: str
    marks: StageMarks = StageMarks()
    attributes: Mapping[str, Any] = {}
    thresholds: Mapping[str, Mapping[Any, Any]] = {}


class Moment(NamedTuple):
    """The local day, and the soil state of the station where somebody works it out."""

    day: date
    soil: SoilState = "normal"


def compile_rule(pack: Pack, station: StationFacts, moment: Moment) -> list[Binding]:
    """The bindings of one rule on one station; none where the rule has nothing to say there."""
    compiler = _COMPILERS.get(pack.evaluator)
    found = [] if compiler is None else compiler(pack, station, moment)
    return [
        one if one.purpose == pack.purpose else msgspec.structs.replace(one, purpose=pack.purpose)
        for one in found
    ]


def with_soil(pack: Pack, soil: SoilState) -> Pack:
    """The rain rule with the column of a soil state in the place of its table."""
    table = pack.rain
    return msgspec.structs.replace(
        pack, table=msgspec.structs.replace(table, rise=table.rise_for(soil), soil=None)
    )


def id_sums(table: IdCurveTable) -> Rows:
    """The rain sums (mm) that the curves mean at the durations of the table: I · D = a · D^(1-b), to 0.1 mm upwards."""
    return {
        key: [_upwards(curve.a * (minutes / 60) ** (1 - curve.b)) for minutes in table.durations_min]
        for key, curve in table.curves.items()
    }


def _upwards(value_mm: float) -> float:
    return float(-(-Decimal(f"{value_mm:.6f}") // Decimal("0.1")) * Decimal("0.1"))


def _rain(pack: Pack, station: StationFacts, moment: Moment) -> list[Binding]:
    chosen = with_soil(pack, moment.soil)
    found = bindings_for_rain(station.code, pack=chosen)
    for division, own in station.thresholds.items():
        found += bindings_for_rain(station.code, division=division, thresholds=own, pack=chosen)
    return found


def _stage(pack: Pack, station: StationFacts, moment: Moment) -> list[Binding]:
    return bindings_for_stage(station.code, station.marks, pack=pack)


def _id_curve(pack: Pack, station: StationFacts, moment: Moment) -> list[Binding]:
    table = pack.table_as(IdCurveTable)
    rain = RainTable(table.quantity, table.unit, list(table.durations_min), id_sums(table))
    return bindings_for_rain(station.code, pack=msgspec.structs.replace(pack, table=rain))


def _calendar(pack: Pack, station: StationFacts, moment: Moment) -> list[Binding]:
    """Above the limit of the season is attention; the edge is one millimetre over it, since the limit itself is allowed."""
    table = pack.table_as(CalendarTable)
    stage = stage_on(table.stages, moment.day)
    attention = str(int(pack.number("level_of_attention")))
    rise: dict[str, list[float | None]] = {}
    if stage is not None:
        rise[attention] = [float(Decimal(str(stage.limit_m)) + _MILLIMETRE)]
    if table.design_m is not None:
        rise["2"] = [table.design_m]
    if table.check_m is not None:
        rise["1"] = [table.check_m]
    return _one(pack, station, table.quantity, "level", rise)


def _limits(pack: Pack, station: StationFacts, moment: Moment) -> list[Binding]:
    table = pack.table_as(LimitsTable)
    found: list[Binding] = []
    for quantity in _streams(table.quantity, table.points):
        for evaluator, edges in (("level", table.above), ("below", table.below)):
            rise = {str(key): [value] for key, value in edges.items() if value is not None}
            found += _one(pack, station, quantity, evaluator, rise)
    return found


def _change(pack: Pack, station: StationFacts, moment: Moment) -> list[Binding]:
    table = pack.table_as(ChangeTable)
    found: list[Binding] = []
    for quantity in _streams(table.quantity, table.points):
        found += _one(
            pack,
            station,
            quantity,
            "rise",
            {str(key): list(row) for key, row in table.rise.items()},
            windows_min=list(table.windows_min),
            is_absolute=table.is_absolute,
        )
    return found


def _minimum(pack: Pack, station: StationFacts, moment: Moment) -> list[Binding]:
    """Less freeboard or beach than the grade asks for is red; a pond whose grade nobody entered has no binding."""
    table = pack.table_as(MinimumTable)
    grade = _POND_GRADES.get(str(station.attributes.get("pond_grade", "")))
    if grade is None:
        return []
    is_upstream = station.attributes.get("dam_method", _UPSTREAM) == _UPSTREAM
    beach = (table.beach_upstream_m if is_upstream else table.beach_other_m).get(grade)
    wanted = ((table.freeboard_quantity, table.freeboard_m.get(grade)), (table.beach_quantity, beach))
    found: list[Binding] = []
    for quantity, minimum in wanted:
        if minimum is not None:
            # The minimum itself is enough: red is anything below it.
            edge = float(Decimal(str(minimum)) - _MILLIMETRE)
            found += _one(pack, station, quantity, "below", {"1": [edge]})
    return found


def _seal(pack: Pack, station: StationFacts, moment: Moment) -> list[Binding]:
    """Somebody going in, while the mine is sealed."""
    table = pack.table_as(SealTable)
    if not is_sealed(table, station.attributes):
        return []
    return _one(pack, station, table.entry_quantity, "level", {"1": [1.0]})


def is_sealed(table: SealTable, attributes: Mapping[str, Any]) -> bool:
    return str(attributes.get(table.sealed_attribute, "")) in table.sealed_values


def _streams(quantity: str, points: list[str]) -> list[str]:
    return [f"{quantity}@{point}" for point in points] or [quantity]


def _one(
    pack: Pack,
    station: StationFacts,
    quantity: str,
    evaluator: str,
    rise: Mapping[str, Sequence[float | None]],
    **more: Any,
) -> list[Binding]:
    if not any(value is not None for row in rise.values() for value in row):
        return []
    side = "" if evaluator != "below" else ":low"
    fall: dict[str, float] = {
        name: pack.number(name) for name in ("fall_ratio", "fall_drop") if name in pack.parameters
    }
    seconds: dict[str, int] = {
        name: int(pack.number(name))
        for name in ("hold_s", "rise_hold_s", "memory_s")
        if name in pack.parameters
    }
    data: dict[str, Any] = {
        "id": f"{pack.rule_id}:{station.code}:{quantity}{side}",
        "station": station.code,
        "quantity": quantity,
        "evaluator": evaluator,
        "rule_id": pack.rule_id,
        "rule_version": pack.version,
        "rise": {key: list(row) for key, row in rise.items()},
        "purpose": pack.purpose,
        "rule_name_zh": pack.title_zh,
        "rule_name_en": pack.title_en,
        **fall,
        **seconds,
        **more,
    }
    return [msgspec.convert(data, type=Binding)]


_COMPILERS: dict[str, Callable[[Pack, StationFacts, Moment], list[Binding]]] = {
    "rolling_rain": _rain,
    "level": _stage,
    "id_curve": _id_curve,
    "calendar": _calendar,
    "limits": _limits,
    "change": _change,
    "pond_minimum": _minimum,
    "seal": _seal,
}
