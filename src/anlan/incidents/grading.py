"""The grade of an incident by the table of its type, with one reason an indicator."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from anlan.incidents.models import Incident
from anlan.incidents.types import Judgement, Reason, Rolling
from anlan.ruleset.incidentgrades import (
    NOTE,
    GradeFacts,
    Leading,
    Why,
    grade_by,
    grading_of,
    leading,
    near_serious,
)
from anlan.ruleset.tables import IncidentGradeTable, NearSeriousTable
from anlan.sensing.rules.governing import desk_rules
from anlan.vocab.incidents import EventClass, IncidentKind

_SECURITY = Why("社会安全事件可以不定等级", "a social-security event may have no grade", "R01", NOTE)
_BY_HAND = Why("这一类没有等级表，由人定级", "no table grades this type: a person sets the grade", "", NOTE)
_NO_TABLE = Why(
    "本县还没有批准这一类灾害的等级表，由人定级",
    "the county has approved no table for this kind of disaster: a person sets the grade",
    "",
    NOTE,
)
_NOTHING_COUNTED = Why(
    "定级所需的数都还没有，暂不定级（没有伤亡的请填死亡0人）",
    "nothing that grades it was counted yet (enter 0 deaths where there are none)",
    "",
    NOTE,
)


def judge(incident: Incident, counted: Mapping[str, Rolling], *, at: datetime) -> Judgement:
    """What the rules in force say now; without a grade the reasons say why there is none."""
    grading = grading_of(incident.event_type)
    if not grading:
        is_security = incident.event_class == EventClass.SECURITY
        return _judgement(None, [_SECURITY if is_security else _BY_HAND])
    rules = desk_rules(at=at, path=incident.division.path, exercise_id=incident.exercise_id)
    tables = [
        rules[rule_id]
        for rule_id in sorted(rules)
        if isinstance(rules[rule_id].table, IncidentGradeTable)
        and rules[rule_id].table_as(IncidentGradeTable).grading == grading
    ]
    if not tables:
        return _judgement(None, [_NO_TABLE])
    facts = _facts(incident, counted, at)
    found = grade_by(tables, facts)
    reasons = list(found.reasons)
    if found.grade is None:
        reasons.append(_NOTHING_COUNTED)
    if grading == "accident":
        for rule in rules.values():
            if isinstance(rule.table, NearSeriousTable):
                reasons += near_serious(rule, facts.figures, incident.tags)
    return _judgement(found.grade, reasons, found.regrade_at)


def is_near_serious(incident: Incident, counted: Mapping[str, Rolling], *, at: datetime) -> bool:
    """较大涉险 (R04): it is followed up as one even with no one hurt."""
    if grading_of(incident.event_type) != "accident":
        return False
    rules = desk_rules(at=at, path=incident.division.path, exercise_id=incident.exercise_id)
    figures = _facts(incident, counted, at).figures
    return any(
        near_serious(rule, figures, incident.tags)
        for rule in rules.values()
        if isinstance(rule.table, NearSeriousTable)
    )


def leading_of(incident: Incident, *, at: datetime) -> Leading:
    """Who leads and what the county does first; sensitive incidents go upward whatever their grade (R02)."""
    rules = desk_rules(at=at, path=incident.division.path, exercise_id=incident.exercise_id)
    return leading(rules["R02"], incident.grade, is_sensitive=incident.is_sensitive)


def _facts(incident: Incident, counted: Mapping[str, Rolling], at: datetime) -> GradeFacts:
    return GradeFacts(
        figures={code: one.value for code, one in counted.items()},
        event_type=incident.event_type,
        happened_at=incident.occurred_at or incident.known_at,
        at=at,
        is_threat=incident.kind == IncidentKind.THREAT,
    )


def _judgement(grade: int | None, reasons: list[Why], regrade_at: datetime | None = None) -> Judgement:
    said = tuple(Reason(zh=one.zh, en=one.en, rule=one.rule, level=one.level) for one in reasons)
    return Judgement(grade=grade, reasons=said, regrade_at=regrade_at)
