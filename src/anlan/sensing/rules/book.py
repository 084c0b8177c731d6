"""Reading the rules: what is in force now or was in force then, and what a crossing's rule is called."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from anlan.journal import clocks
from anlan.ruleset import Pack, load_packs
from anlan.ruleset.tables import SoilState
from anlan.sensing.models import Crossing, RuleDefinition, RuleWork, Station
from anlan.sensing.rules import inforce
from anlan.sensing.rules.inforce import Rulebook


def rules_at(moment: datetime) -> Rulebook:
    """The rules in force at a moment of this node's run."""
    return inforce.rules_at(moment, exercise_id=clocks.default_exercise_id())


def rules_now() -> Rulebook:
    """The rules in force now, with the soil states that were worked out last."""
    run = clocks.default_exercise_id()
    return replace(inforce.rules_at(clocks.now(run), exercise_id=run), soil=_soil())


def rule_pack(rule_id: str, version: str = "") -> Pack | None:
    """The rule by id and version, also one that is no longer in force; None for a rule that nobody knows here."""
    rows = RuleDefinition.objects.filter(rule_id=rule_id).select_related("division")
    row = rows.filter(rule_version=version).first() if version else rows.order_by("-approved_at").first()
    shipped = load_packs().get(rule_id)
    if row is None or (shipped is not None and shipped.version == version):
        return shipped
    return inforce.pack_of(row)


def hazard_of(crossing: Crossing) -> str:
    """What a warning of this crossing would be about; "" for a rule that warns of nothing by itself."""
    pack = rule_pack(crossing.rule_id, crossing.rule_version)
    return "" if pack is None else pack.hazard


def mandatory_fields(station: Station) -> list[str]:
    """Fields that an approved rule wants of the station."""
    return list(rules_now().settings(station).mandatory)


def _soil() -> dict[str, SoilState]:
    rows = RuleWork.objects.filter(evaluator="soil", exercise_id=clocks.default_exercise_id())
    return {
        code: memory["soil"]
        for code, memory in rows.values_list("station__code", "memory")
        if memory.get("soil")
    }
