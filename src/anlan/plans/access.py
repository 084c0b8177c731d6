"""The one door to plans.

Whoever sees the owner's division sees all its plans and every version. The others (a township, a village, a department, an
enterprise) also see plans of the county and its departments that are in force and name them — by code, or as "the townships
affected" — and of those the version in force alone: drafts and former versions stay with the owner.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from anlan.accounts.access import require, within
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotFound
from anlan.places.models import Division
from anlan.plans.models import Plan, PlanVersion
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import Right

#: Plans of these are handed to whom they name; those of a neighbouring township are not.
_OPEN_OWNERS = (DivisionLevel.COUNTY, DivisionLevel.DEPARTMENT)
#: Levels that a plan may name as a whole.
_NAMED_LEVELS = frozenset({DivisionLevel.TOWNSHIP, DivisionLevel.VILLAGE, DivisionLevel.ENTERPRISE})


def visible_plans(actor: Actor) -> QuerySet[Plan]:
    """Plans that the actor may read, see the module. Two statements at most whatever the number of plans."""
    rows = Plan.objects.annotate(named_text=Cast("named", TextField()))
    words = _words_for(actor)
    seen = within(actor, "division__path")
    if words:
        seen |= Q(state="in_force", division__level__in=_OPEN_OWNERS) & _names_any(words)
    return (
        rows.filter(seen)
        .select_related("division", "current", "protected_place")
        .defer("division__geometry", "protected_place__geometry")
    )


def naming(rows: QuerySet[Plan], words: Iterable[str]) -> QuerySet[Plan]:
    """Those that name any of these words of `plans.naming`."""
    return rows.annotate(named_text=Cast("named", TextField())).filter(_names_any(words))


def _names_any(words: Iterable[str]) -> Q:
    found = Q(pk__in=[])
    for word in words:
        found |= Q(named_text__contains=f'"{word}"')
    return found


def _words_for(actor: Actor) -> list[str]:
    """How a plan may name the places that the actor sits in; nothing for the county itself, which sees everything below."""
    paths = [path for path in actor.where() if "/" in path]
    if not paths:
        return []
    rows = Division.objects.filter(path__in=paths).values_list("code", "level")
    return sorted({word for code, level in rows for word in words_of(code, level)})


def words_of(code: str, level: str) -> list[str]:
    """By what words of `plans.naming` a plan names this place."""
    return [code, level] if level in _NAMED_LEVELS or level == DivisionLevel.COUNTY else [code]


def access_plan(actor: Actor, plan_id: uuid.UUID, *, need: Right = Right.SEE) -> Plan:
    """One plan; out of sight it does not exist, without the right over its owner it is refused."""
    plan = visible_plans(actor).filter(pk=plan_id).first()
    if plan is None:
        raise NotFound
    if need is not Right.SEE:
        require(actor, need, plan.division.path)
    return plan


def visible_versions(actor: Actor) -> QuerySet[PlanVersion]:
    """Versions of the plans that the actor sees: all of his own places, of others the one in force."""
    rows = PlanVersion.objects.filter(plan__in=visible_plans(actor).values("pk"))
    rows = rows.filter(within(actor, "plan__division__path") | Q(state="in_force"))
    return rows.select_related("plan", "plan__division", "plan__current", "based_on").defer(
        "plan__division__geometry"
    )


def access_version(actor: Actor, version_id: uuid.UUID, *, need: Right = Right.SEE) -> PlanVersion:
    """One version through the same door."""
    version = visible_versions(actor).filter(pk=version_id).first()
    if version is None:
        raise NotFound
    if need is not Right.SEE:
        require(actor, need, version.plan.division.path)
    return version


def owns(actor: Actor, plan: Plan) -> bool:
    """Whether the actor sees the plan as its owner or above, with drafts and findings."""
    return actor.sees(plan.division.path)


def may_write(actor: Actor, plan: Plan) -> bool:
    return actor.can(Right.EDIT_PLANS, plan.division.path)


def may_approve(actor: Actor, version: PlanVersion) -> bool:
    """Who has the right there and wrote no word of it."""
    return actor.can(Right.APPROVE_PLANS, version.plan.division.path) and actor.ref not in version.hands
