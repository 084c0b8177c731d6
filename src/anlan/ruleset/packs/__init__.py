"""The packs that ship with Anlan, and their typed loader. A pack is a table that names an evaluator, never an expression."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any, Literal, TypeVar

import msgspec

from anlan.ruleset.tables import TABLE_BY_EVALUATOR, LevelKey, RainTable, StageEdge, StageTable, Table

__all__ = [
    "Evaluator",
    "LevelKey",
    "Pack",
    "Parameter",
    "RainTable",
    "StageEdge",
    "StageTable",
    "load_pack",
    "load_packs",
    "parse_pack",
    "parse_table",
]

T = TypeVar("T", bound=Table)

Evaluator = Literal[
    "rolling_rain",
    "level",
    "id_curve",
    "weather_grade",
    "calendar",
    "limits",
    "change",
    "fire_weather",
    "pond",
    "pond_minimum",
    "combined",
    "inverse_velocity",
    "forecast_sum",
    "seal",
    "settings",
    "incident_grade",
    "near_serious",
    "leading",
    "report_chain",
    "timers",
    "report_elements",
    "workdays",
    "parameters",
]
Purpose = Literal["warn", "enterprise", "condition"]


class Parameter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One number a county may change; `verified` false is shown on every page that uses it, with the reason."""

    name: str
    value: float
    unit: str
    source: str
    verified: bool
    reason: str = ""


class _PackFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    rule_id: str
    version: str
    title_zh: str
    title_en: str
    source: str
    verified: bool
    verified_note: str
    effective_from: str
    scope: str
    evaluator: Evaluator
    table: msgspec.Raw
    parameters: list[Parameter]
    hazard: str = ""
    purpose: Purpose = "warn"
    is_template: bool = False


class Pack(msgspec.Struct, frozen=True):
    """A rule whose table has the type its evaluator asks for: shipped, or made by the county.

    `hazard` is what a warning of it is about ("" = the rule warns of nothing by itself). A template is in force nowhere until
    a county proposes and approves numbers of its own.
    """

    rule_id: str
    version: str
    title_zh: str
    title_en: str
    source: str
    verified: bool
    verified_note: str
    effective_from: str
    scope: str
    evaluator: Evaluator
    table: Table
    parameters: dict[str, Parameter]
    hazard: str = ""
    purpose: Purpose = "warn"
    is_template: bool = False

    def number(self, name: str) -> float:
        """The value of a parameter; a missing one is a mistake in the pack and raises KeyError."""
        return self.parameters[name].value

    def table_as(self, kind: type[T]) -> T:
        """The table, which must be of this kind; another one is a programming mistake and raises TypeError."""
        if not isinstance(self.table, kind):
            raise TypeError(f"{self.rule_id} has no {kind.__name__}")
        return self.table

    @property
    def rain(self) -> RainTable:
        return self.table_as(RainTable)

    @property
    def stage(self) -> StageTable:
        return self.table_as(StageTable)


def parse_table(evaluator: str, table: Any) -> Table:
    """Plain data (`Any`: JSON) as the evaluator's type; raises msgspec.ValidationError on anything it does not know."""
    return msgspec.convert(table, TABLE_BY_EVALUATOR[evaluator])


def parse_pack(text: bytes) -> Pack:
    """A pack from JSON; an unknown field, a missing field or a repeated parameter raises msgspec.ValidationError."""
    raw = msgspec.json.decode(text, type=_PackFile)
    table = msgspec.json.decode(raw.table, type=TABLE_BY_EVALUATOR[raw.evaluator])
    parameters = {p.name: p for p in raw.parameters}
    if len(parameters) != len(raw.parameters):
        raise msgspec.ValidationError(f"{raw.rule_id} names a parameter twice")
    fields = {
        name: getattr(raw, name)
        for name in _PackFile.__struct_fields__
        if name not in ("table", "parameters")
    }
    return Pack(table=table, parameters=parameters, **fields)


@cache
def load_packs() -> dict[str, Pack]:
    """Every pack that ships, by rule id."""
    files = resources.files(__package__)
    packs = [parse_pack(item.read_bytes()) for item in files.iterdir() if item.name.endswith(".json")]
    return {pack.rule_id: pack for pack in sorted(packs, key=lambda pack: pack.rule_id)}


def load_pack(rule_id: str) -> Pack:
    return load_packs()[rule_id]
