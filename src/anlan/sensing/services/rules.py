"""Proposing, approving and ending rules. Nobody approves what he proposed; what is approved counts from its effective date on."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict, Unpack

import msgspec
from django.db import transaction

from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.places.types import Division
from anlan.ruleset import Pack, load_packs
from anlan.ruleset.packs import Parameter
from anlan.sensing import catalogue
from anlan.sensing.models import RuleDefinition, Station
from anlan.sensing.refusals import (
    BadRuleTable,
    NoReason,
    OwnRule,
    RetirementNotAsked,
    RuleForNobody,
    UnknownRule,
)
from anlan.sensing.rules.inforce import Scope
from anlan.sensing.rules.trial import check_rule
from anlan.sensing.rules.work import plan_work


class RuleDetails(TypedDict, total=False):
    """What a proposal says; what it leaves out is the shipped rule's. `parameters` are values by name."""

    rule_id: str
    name_zh: str
    name_en: str
    scope: dict[str, Any]
    table: Any  # JSON of the evaluator's type
    parameters: dict[str, float]
    hazard: str
    purpose: str
    source: str
    verified: bool


def draft_rule(
    base: str,
    *,
    division: Division,
    reason: str,
    by: Actor,
    at: datetime,
    replaces: RuleDefinition | None = None,
    **details: Unpack[RuleDetails],
) -> RuleDefinition:
    """A new version of a rule, not yet submitted. `base` names the shipped pack it starts from.

    Raises `UnknownRule`, `BadRuleTable` (a table, a parameter or a binding made from them is unusable) or `RuleForNobody`.
    """
    row = prepare_rule(base, division=division, reason=reason, replaces=replaces, by=by, **details)
    with transaction.atomic(savepoint=False):
        return row.record(by=by, at=at, kind="drafted")


def submit_rule(row: RuleDefinition, *, by: Actor, at: datetime) -> RuleDefinition:
    """Hand a draft to whoever may approve it; the person who hands it in is its proposer."""
    return row.advance("proposed", by=by, at=at, proposed_by=by.ref, proposed_at=at)


def propose_rule(
    base: str,
    *,
    division: Division,
    reason: str,
    by: Actor,
    at: datetime,
    replaces: RuleDefinition | None = None,
    **details: Unpack[RuleDetails],
) -> RuleDefinition:
    """Draft and submit in one step."""
    row = prepare_rule(base, division=division, reason=reason, replaces=replaces, by=by, **details)
    with transaction.atomic(savepoint=False):
        row.record(by=by, at=at, kind="drafted")
        return submit_rule(row, by=by, at=at)


def approve_rule(
    row: RuleDefinition, *, effective_from: datetime, decision: str = "", by: Actor, at: datetime
) -> RuleDefinition:
    """Put a proposal into force from a moment on, now at the earliest. Raises `OwnRule` for whoever proposed it."""
    if by.ref == row.proposed_by:
        raise OwnRule
    start = max(effective_from, at)
    with transaction.atomic(savepoint=False):
        row.advance(
            "approved",
            by=by,
            at=at,
            approved_by=by.ref,
            approved_at=at,
            decision=decision[:500],
            effective_from=start,
        )
        if row.replaces is not None and row.replaces.ended_at is None:
            row.replaces.change(by=by, at=at, kind="ends", cause=f"rule:{row.pk}", ended_at=start)
        if start <= at:
            enter_force(row, by=by, at=at)
    return row


def enter_force(row: RuleDefinition, *, by: Actor, at: datetime) -> RuleDefinition:
    """The effective date has come: the gateway and the worker are told, and the version before it is put away."""
    row.advance("in_force", by=by, at=at)
    former = row.replaces
    if former is not None and former.state == "in_force":
        former.advance("retired", by=by, at=at, cause=f"rule:{row.pk}")
    plan_work(at)
    catalogue.refresh_after_commit()
    return row


def return_rule(row: RuleDefinition, *, reason: str, by: Actor, at: datetime) -> RuleDefinition:
    """Send a proposal back to be changed."""
    if not reason.strip():
        raise NoReason
    if by.ref == row.proposed_by:
        raise OwnRule
    return row.advance("draft", by=by, at=at, decision=reason.strip()[:500])


def ask_retirement(row: RuleDefinition, *, reason: str, by: Actor, at: datetime) -> RuleDefinition:
    """Propose that a rule ends; until another person agrees it stays in force."""
    if not reason.strip():
        raise NoReason
    return row.change(
        by=by, at=at, kind="retire_asked", retire_asked_by=by.ref, retire_reason=reason.strip()[:500]
    )


def retire_rule(row: RuleDefinition, *, by: Actor, at: datetime) -> RuleDefinition:
    """End a rule whose end somebody else asked for. The shipped rule, or the one of the wider scope, counts again."""
    if not row.retire_asked_by:
        raise RetirementNotAsked
    if by.ref == row.retire_asked_by:
        raise OwnRule
    with transaction.atomic(savepoint=False):
        _give_back(row, by=by, at=at)
        row.advance("retired", by=by, at=at, ended_at=at)
        plan_work(at)
        catalogue.refresh_after_commit()
    return row


def _give_back(row: RuleDefinition, *, by: Actor, at: datetime) -> None:
    """A version that never came into force lets the one before it stand."""
    former = row.replaces
    if row.state == "approved" and former is not None and former.ended_at == row.effective_from:
        former.change(by=by, at=at, kind="stays", cause=f"rule:{row.pk}", ended_at=None)


def prepare_rule(
    base: str,
    *,
    division: Division,
    reason: str,
    by: Actor,
    replaces: RuleDefinition | None = None,
    **details: Unpack[RuleDetails],
) -> RuleDefinition:
    """The row as it would be stored, checked and unsaved: to be tried, or to be recorded."""
    if not reason.strip():
        raise NoReason
    pack = load_packs().get(base)
    if pack is None:
        raise UnknownRule(rule_id=base)
    row = _row(pack, division, replaces, details)
    row.reason, row.proposed_by = reason.strip()[:500], by.ref
    _check_scope(row)
    check_rule(row)
    return row


def _row(
    pack: Pack, division: Division, replaces: RuleDefinition | None, details: RuleDetails
) -> RuleDefinition:
    rule_id = replaces.rule_id if replaces else details.get("rule_id") or _rule_id(pack)
    given = details.get("parameters", {})
    unknown = set(given) - set(pack.parameters)
    if unknown:
        raise BadRuleTable(why=", ".join(sorted(unknown)))
    return RuleDefinition(
        state="draft",
        rule_id=rule_id,
        rule_version=_version(pack, rule_id),
        base=pack.rule_id,
        name_zh=(details.get("name_zh") or pack.title_zh)[:120],
        name_en=(details.get("name_en") or pack.title_en)[:120],
        division=division,
        scope=details.get("scope") or {},
        evaluator=pack.evaluator,
        table=details["table"] if "table" in details else msgspec.to_builtins(pack.table),
        parameters=[_parameter(one, given.get(name)) for name, one in pack.parameters.items()],
        hazard=details.get("hazard", pack.hazard),
        purpose=details.get("purpose") or pack.purpose,
        source=details.get("source") or pack.source,
        verified=details.get("verified", False),
        replaces=replaces,
        exercise_id=clocks.default_exercise_id(),
    )


def _parameter(shipped: Parameter, value: float | None) -> dict[str, Any]:
    """A changed number is the county's, with the proposal's reason; an untouched one keeps its source and its mark."""
    kept: dict[str, Any] = msgspec.to_builtins(shipped)
    if value is not None and value != shipped.value:
        kept |= {
            "value": value,
            "source": "本县确定",
            "reason": f"随版本发布的数值为{shipped.value:g}（{shipped.source}）",
        }
        kept["verified"] = False
    return kept


def _rule_id(pack: Pack) -> str:
    """A shipped rule is overridden under its own id; each rule made from a template has an id of its own."""
    if not pack.is_template:
        return pack.rule_id
    taken = RuleDefinition.objects.filter(base=pack.rule_id).values_list("rule_id", flat=True)
    return f"{pack.rule_id}.{len(set(taken)) + 1}"


def _version(pack: Pack, rule_id: str) -> str:
    return f"{pack.version}.{RuleDefinition.objects.filter(rule_id=rule_id).count() + 1}"


def _check_scope(row: RuleDefinition) -> None:
    try:
        scope = msgspec.convert(row.scope, Scope)
    except msgspec.ValidationError as error:
        raise BadRuleTable(why=str(error)) from None
    known = Station.objects.filter(
        code__in=scope.stations, division__path__startswith=row.division.path, is_active=True
    )
    missing = set(scope.stations) - set(known.values_list("code", flat=True))
    if missing:
        raise RuleForNobody(codes="、".join(sorted(missing)))
