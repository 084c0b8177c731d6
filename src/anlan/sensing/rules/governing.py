"""Rules that no station is watched by: which version holds at a place and a moment. For the duty room and what stands above it.

Of the versions of one rule the one of the narrowest area wins, then the newest; without any the shipped one holds, unless it is
a template. Made from times alone, so that a past moment is judged by what was in force then.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db.models import Q

from anlan.places import queries as places
from anlan.ruleset import Pack, load_packs
from anlan.ruleset.reportclocks import ReportPacks
from anlan.ruleset.tables import DESK, IncidentGradeTable, WorkdaysTable
from anlan.sensing.models import RuleDefinition
from anlan.sensing.rules.inforce import rule_of


def desk_rules(*, at: datetime, path: str = "", exercise_id: uuid.UUID | None = None) -> dict[str, Pack]:
    """Every rule of the duty room in force at a moment for a place (journal path of a division; "" = the county's own)."""
    chosen = {
        pack.rule_id: pack
        for pack in load_packs().values()
        if pack.evaluator in DESK and not pack.is_template
    }
    rows = RuleDefinition.objects.filter(
        Q(ended_at=None) | Q(ended_at__gt=at),
        evaluator__in=DESK,
        approved_at__lte=at,
        effective_from__lte=at,
        exercise_id=exercise_id,
    ).select_related("division")
    own = [rule_of(row) for row in rows.defer("division__geometry").order_by("effective_from", "approved_at")]
    where = path or _county_path() if own else path
    for rule in sorted(own, key=lambda one: one.path.count("/")):
        if where == rule.path or where.startswith(f"{rule.path}/"):
            chosen[rule.pack.rule_id] = rule.pack
    return chosen


def _county_path() -> str:
    county = places.county()
    return "" if county is None else county.path


def rule_in_force(
    rule_id: str, *, at: datetime, path: str = "", exercise_id: uuid.UUID | None = None
) -> Pack | None:
    """One rule by its id; None for a template that nobody approved, or an id that nobody knows."""
    return desk_rules(at=at, path=path, exercise_id=exercise_id).get(rule_id)


def grade_tables(
    grading: str, *, at: datetime, path: str = "", exercise_id: uuid.UUID | None = None
) -> list[Pack]:
    """The tables that grade a kind of incident (`vocab.incidents.TYPES[…].grading`), in order of their id."""
    found = desk_rules(at=at, path=path, exercise_id=exercise_id)
    return [
        found[rule_id]
        for rule_id in sorted(found)
        if isinstance(found[rule_id].table, IncidentGradeTable)
        and found[rule_id].table_as(IncidentGradeTable).grading == grading
    ]


def report_packs(*, at: datetime, path: str = "", exercise_id: uuid.UUID | None = None) -> ReportPacks:
    """What `ruleset.reportclocks` reads: R02, R03N, R04, R05, R06, R08, R25 and the elements."""
    return ReportPacks(desk_rules(at=at, path=path, exercise_id=exercise_id))


def workdays_table(*, at: datetime, path: str = "", exercise_id: uuid.UUID | None = None) -> WorkdaysTable:
    """The county's calendar of working days (rule R06W)."""
    return desk_rules(at=at, path=path, exercise_id=exercise_id)["R06W"].table_as(WorkdaysTable)
