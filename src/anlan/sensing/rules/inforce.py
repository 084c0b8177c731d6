"""The rules in force at a moment: shipped packs, and the county's versions that two people put into force by then.

Of the versions of one rule the one with the narrowest scope wins on a station, then the newest. The answer is made from times
alone, never from the present state, so that a replay of any past moment sees what was in force then.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.db.models import Q

from anlan.ruleset import Pack, StageMarks, load_packs
from anlan.ruleset.bindings import Binding
from anlan.ruleset.calendars import next_change
from anlan.ruleset.compiling import Moment, StationFacts, compile_rule
from anlan.ruleset.packs import Parameter, parse_table
from anlan.ruleset.tables import DESK, CalendarTable, SettingsTable, SoilState
from anlan.sensing.checks import threshold_table
from anlan.sensing.models import RuleDefinition, Station, StationLink
from anlan.vocab.kinds import KINDS, kind_of

LOCAL = ZoneInfo("Asia/Shanghai")


def _named(rule_id: str) -> frozenset[str]:
    """Kinds whose catalogue entry names the rule."""
    return frozenset(kind.code for kind in KINDS.values() if rule_id in kind.sources)


#: Kinds that a rule is about when its scope names none; evaluators left out ask for stations by name or kind.
_USUAL_KINDS: dict[str, frozenset[str]] = {
    "rolling_rain": _named("R12"),
    "id_curve": _named("R12"),
    "forecast_sum": _named("R12"),
    "level": _named("R13"),
    "calendar": frozenset({"reservoir"}),
    "fire_weather": frozenset({"fire_danger"}),
    "pond": frozenset({"tailings_pond"}),
    "pond_minimum": frozenset({"tailings_pond"}),
    "seal": frozenset({"mine_e_seal"}),
}


class Scope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Empty lists and "" do not narrow."""

    stations: list[str] = []
    kinds: list[str] = []
    catchment: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule in force. `definition` is None for a shipped pack; `path` "" = the whole node."""

    pack: Pack
    scope: Scope = field(default_factory=Scope)
    path: str = ""
    definition: uuid.UUID | None = None
    effective_from: datetime | None = None
    base: str = ""

    def covers(self, station: Station) -> bool:
        """Whether the rule is about this station."""
        scope, where = self.scope, station.division.path
        if self.pack.evaluator in DESK:
            return False
        if self.path and where != self.path and not where.startswith(f"{self.path}/"):
            return False
        if scope.catchment and station.attributes.get("catchment") != scope.catchment:
            return False
        if scope.stations:
            return station.code in scope.stations
        if scope.kinds:
            return station.kind in scope.kinds
        usual = _USUAL_KINDS.get(self.pack.evaluator)
        if usual is not None:
            return station.kind in usual
        quantity = getattr(self.pack.table, "quantity", "")
        return bool(scope.catchment) or kind_of(station.kind).quantity(quantity) is not None

    @property
    def narrowness(self) -> tuple[bool, bool, bool, int, float]:
        """The greater, the more particular; among equals the newest."""
        since = self.effective_from.timestamp() if self.effective_from else 0.0
        scope = self.scope
        return bool(scope.stations), bool(scope.catchment), bool(scope.kinds), self.path.count("/"), since


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Everything that was in force at one moment."""

    at: datetime
    rules: tuple[Rule, ...]
    soil: Mapping[str, SoilState] = field(default_factory=dict)

    def on(self, station: Station) -> list[Rule]:
        """The rules that watch a station, one version of each, in order of their id."""
        chosen: dict[str, Rule] = {}
        for rule in self.rules:
            known = chosen.get(rule.pack.rule_id)
            if (known is None or rule.narrowness > known.narrowness) and rule.covers(station):
                chosen[rule.pack.rule_id] = rule
        return [chosen[rule_id] for rule_id in sorted(chosen)]

    def bindings(self, station: Station, links: Iterable[StationLink]) -> list[Binding]:
        """What the gateway runs on the station."""
        facts = facts_of(station, links)
        moment = Moment(local_day(self.at), self.soil.get(station.code, "normal"))
        return [one for rule in self.on(station) for one in compile_rule(rule.pack, facts, moment)]

    def settings(self, station: Station) -> SettingsTable:
        """How the station is watched where an approved rule differs from the register; the narrowest rule wins per field."""
        found = sorted(
            (r for r in self.rules if r.pack.evaluator == "settings" and r.covers(station)),
            key=lambda rule: rule.narrowness,
        )
        merged: dict[str, Any] = {}
        for rule in found:
            table = rule.pack.table_as(SettingsTable)
            merged |= {
                name: getattr(table, name)
                for name in table.__struct_fields__
                if getattr(table, name) not in (None, {}, [])
            }
        return SettingsTable(**merged)

    def pack(self, rule_id: str, version: str = "") -> Pack | None:
        """The rule of a crossing or a binding; the version in force where that one is unknown."""
        mine = [rule.pack for rule in self.rules if rule.pack.rule_id == rule_id]
        exact = [pack for pack in mine if pack.version == version]
        return next(iter(exact or mine), None) or load_packs().get(rule_id)

    def next_change(self) -> datetime:
        """When a calendar moves on: the start of that local day, at the latest tomorrow's."""
        today = local_day(self.at)
        days = [
            day
            for rule in self.rules
            if isinstance(rule.pack.table, CalendarTable)
            and (day := next_change(rule.pack.table.stages, today)) is not None
        ]
        day = min([*days, today + timedelta(days=1)])
        return datetime(day.year, day.month, day.day, tzinfo=LOCAL)


def rules_at(moment: datetime, *, exercise_id: uuid.UUID | None = None) -> Rulebook:
    """Every rule in force at a moment, aware time, in reality or in the data folder of a drill."""
    shipped = [Rule(pack) for pack in load_packs().values() if not pack.is_template]
    rows = RuleDefinition.objects.filter(
        Q(ended_at=None) | Q(ended_at__gt=moment),
        approved_at__lte=moment,
        effective_from__lte=moment,
        exercise_id=exercise_id,
    ).select_related("division")
    own = [rule_of(row) for row in rows.order_by("effective_from", "approved_at")]
    return Rulebook(moment, (*shipped, *own))


def rule_of(row: RuleDefinition) -> Rule:
    return Rule(
        pack=pack_of(row),
        scope=msgspec.convert(row.scope, Scope),
        path=row.division.path,
        definition=row.pk,
        effective_from=row.effective_from,
        base=row.base,
    )


def pack_of(row: RuleDefinition) -> Pack:
    """The county's version in the form of a shipped rule."""
    parameters = [msgspec.convert(one, Parameter) for one in row.parameters]
    note = "" if row.verified else row.reason
    return Pack(
        rule_id=row.rule_id,
        version=row.rule_version,
        title_zh=row.name_zh,
        title_en=row.name_en,
        source=row.source,
        verified=row.verified,
        verified_note=note,
        effective_from=row.effective_from.isoformat() if row.effective_from else "",
        scope=row.division_id,
        evaluator=row.evaluator,  # type: ignore[arg-type]  # checked when it was proposed
        table=parse_table(row.evaluator, row.table),
        parameters={one.name: one for one in parameters},
        hazard=row.hazard,
        purpose=row.purpose,  # type: ignore[arg-type]  # checked when it was proposed
    )


def facts_of(station: Station, links: Iterable[StationLink]) -> StationFacts:
    return StationFacts(
        code=station.code,
        kind=station.kind,
        marks=StageMarks(station.warning_stage, station.guaranteed_stage, station.historic_max_stage),
        attributes=station.attributes,
        thresholds={link.division_id: threshold_table(link.thresholds) for link in links if link.thresholds},
    )


def local_day(moment: datetime) -> date:
    return moment.astimezone(LOCAL).date()
