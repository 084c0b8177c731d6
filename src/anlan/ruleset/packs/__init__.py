"""The packs that ship with Anlan, and their typed loader. A pack is a table that names an evaluator, never an expression."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Literal

import msgspec

LevelKey = Literal["1", "2", "3", "4"]


class Parameter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One number a county may change; `verified` false is shown on every page that uses it, with the reason."""

    name: str
    value: float
    unit: str
    source: str
    verified: bool
    reason: str = ""


class RainTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Thresholds in mm: one row a level, one column a window (minutes)."""

    quantity: str
    unit: Literal["mm"]
    windows_min: list[int]
    rise: dict[LevelKey, list[float | None]]


class StageEdge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A level starts at a mark of the station plus an offset in metres."""

    mark: Literal["warning_stage", "guaranteed_stage", "historic_max"]
    offset_m: float


class StageTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    quantity: str
    unit: Literal["m"]
    edges: dict[LevelKey, StageEdge]


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
    evaluator: Literal["rolling_rain", "level"]
    table: msgspec.Raw
    parameters: list[Parameter]


class Pack(msgspec.Struct, frozen=True):
    """A rule pack whose table has the type its evaluator asks for."""

    rule_id: str
    version: str
    title_zh: str
    title_en: str
    source: str
    verified: bool
    verified_note: str
    effective_from: str
    scope: str
    evaluator: Literal["rolling_rain", "level"]
    table: RainTable | StageTable
    parameters: dict[str, Parameter]

    def number(self, name: str) -> float:
        """The value of a parameter; a missing one is a mistake in the pack and raises KeyError."""
        return self.parameters[name].value

    @property
    def rain(self) -> RainTable:
        if not isinstance(self.table, RainTable):
            raise TypeError(f"{self.rule_id} is not a rain rule")
        return self.table

    @property
    def stage(self) -> StageTable:
        if not isinstance(self.table, StageTable):
            raise TypeError(f"{self.rule_id} is not a stage rule")
        return self.table


def parse_pack(text: bytes) -> Pack:
    """A pack from JSON; an unknown field, a missing field or a repeated parameter raises msgspec.ValidationError."""
    raw = msgspec.json.decode(text, type=_PackFile)
    table: RainTable | StageTable
    if raw.evaluator == "rolling_rain":
        table = msgspec.json.decode(raw.table, type=RainTable)
    else:
        table = msgspec.json.decode(raw.table, type=StageTable)
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
