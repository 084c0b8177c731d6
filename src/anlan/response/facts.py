"""What the triggers of plans are judged by: the incident, its figures, the warnings in force, the relief table (R07)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from anlan.incidents.models import Incident
from anlan.incidents.queries import rolling_of
from anlan.incidents.types import Rolling
from anlan.places.models import Division
from anlan.plans import triggers
from anlan.plans.models import Plan, PlanKind
from anlan.plans.triggers import Facts
from anlan.ruleset.incidentgrades import GradeFacts, grade_by
from anlan.sensing.rules.governing import grade_tables
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.incidents import TYPES, EventClass, IncidentKind
from anlan.warning.models import HazardWarning, WarningVillage

#: Plans of these are about the place that they stand in, not about the county around it.
_OF_A_PLACE = frozenset({PlanKind.TOWNSHIP, PlanKind.VILLAGE})


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning in force with the villages and townships that it names; codes."""

    warning_id: uuid.UUID
    hazard: str
    level: int
    paths: tuple[str, ...]


def warned_now(*, at: datetime, exercise_id: uuid.UUID | None) -> list[Warned]:
    """Warnings in force at a moment in one run, whoever issued them; three queries."""
    rows = list(
        HazardWarning.objects.filter(state="issued", exercise_id=exercise_id, expires_at__gt=at)
        .order_by("level", "issued_at")
        .values_list("pk", "hazard_type", "level", "division__path")
    )
    villages: dict[uuid.UUID, list[str]] = {}
    pairs = WarningVillage.objects.filter(warning_id__in=[row[0] for row in rows])
    for key, path in pairs.values_list("warning_id", "division__path"):
        villages.setdefault(key, []).append(path)
    return [Warned(key, hazard, level, tuple(villages.get(key, [own]))) for key, hazard, level, own in rows]


def scope_of(plan: Plan) -> str:
    """The path that a plan speaks for: its own place, or the county where a department or an overall plan stands."""
    if plan.kind in _OF_A_PLACE or plan.division.level in (DivisionLevel.ENTERPRISE, DivisionLevel.SITE):
        return plan.division.path
    if plan.division.level == DivisionLevel.DEPARTMENT:
        return plan.division.path.rpartition("/")[0] or plan.division.path
    return plan.division.path


def is_within(path: str, top: str) -> bool:
    return path == top or path.startswith(f"{top}/")


@dataclass(frozen=True, slots=True)
class Known:
    """What is counted of an incident, read once for every plan that asks."""

    event_type: str
    grade: int | None
    figures: dict[str, int]
    relief_level: int | None


def known_of(incident: Incident, *, at: datetime) -> Known:
    """Of a threat that nothing was counted of the type is left out: a trigger that asks for an incident of a type means
    that one has happened.
    """
    counted = rolling_of(incident)
    only_threatens = incident.kind == IncidentKind.THREAT and incident.grade is None and not counted
    return Known(
        event_type="" if only_threatens else incident.event_type,
        grade=incident.grade,
        figures={code: int(one.value) for code, one in counted.items()},
        relief_level=_relief_level(incident, counted, at=at),
    )


def facts_for(plan: Plan, known: Known | None, warned: Sequence[Warned]) -> Facts:
    """The facts that this plan's triggers read, narrowed to the place that it speaks for."""
    scope = scope_of(plan)
    inside = [(one, [path for path in one.paths if is_within(path, scope)]) for one in warned]
    warnings = [
        triggers.Warned(one.hazard, one.level, _townships(paths, scope)) for one, paths in inside if paths
    ]
    if known is None:
        return Facts(warnings=warnings)
    return Facts(
        event_type=known.event_type,
        grade=known.grade,
        figures=known.figures,
        warnings=warnings,
        relief_level=known.relief_level,
    )


def _townships(paths: Sequence[str], scope: str) -> set[str]:
    """Codes of the townships that a warning reaches inside a scope; one of the whole county reaches all of them."""
    if all("/" in path for path in paths):
        return {path.split("/")[1] for path in paths}
    rows = Division.objects.filter(level=DivisionLevel.TOWNSHIP, valid_to=None)
    codes = rows.values_list("code", "path")
    return {code for code, path in codes if is_within(path, scope)}


def _relief_level(incident: Incident, counted: Mapping[str, Rolling], *, at: datetime) -> int | None:
    """The level that the county's approved relief table gives (R07); None without one. Templates count for nothing."""
    if TYPES[incident.event_type].event_class != EventClass.NATURAL:
        return None
    tables = grade_tables("disaster", at=at, path=incident.division.path, exercise_id=incident.exercise_id)
    given = GradeFacts(
        figures={code: one.value for code, one in counted.items()},
        event_type=incident.event_type,
        happened_at=incident.occurred_at or incident.known_at,
        at=at,
        is_threat=incident.kind == IncidentKind.THREAT,
    )
    return grade_by(tables, given).grade


def affected_by(
    warned: Sequence[Warned], incident: Incident, hazards: Sequence[str], scope: str
) -> list[str]:
    """Codes of villages that the warnings of these hazards name, and the place of the incident where it lies below the county."""
    found = [
        path.rpartition("/")[2]
        for one in warned
        if one.hazard in hazards
        for path in one.paths
        if "/" in path and is_within(path, scope)
    ]
    if incident.division.level in (DivisionLevel.TOWNSHIP, DivisionLevel.VILLAGE):
        found.append(incident.division_id)
    return sorted(set(found))
