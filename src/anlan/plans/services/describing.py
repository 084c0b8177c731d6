"""What a plan is about, which plans it must fit with, and that the county stands behind a template."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from anlan.kernel.actor import Actor
from anlan.plans.models import LinkKind, Plan, PlanLink
from anlan.plans.refusals import BadLink, BadParent, NotATemplate, UnknownPlanWord
from anlan.plans.services.editing import check_face, tell_moved

#: What `describe_plan` may change.
FACE = frozenset({"title", "kind", "event_types", "hazards", "parent", "protected_kind", "protected_place", "protected_words"})  # fmt: skip


def describe_plan(plan: Plan, *, by: Actor, at: datetime, **fields: Any) -> Plan:
    """Change its face; a version does not change by it."""
    different = {
        name: value for name, value in fields.items() if name in FACE and getattr(plan, name) != value
    }
    if not different:
        return plan
    now = {name: different.get(name, getattr(plan, name)) for name in ("title", "kind", "event_types", "hazards", "protected_kind")}  # fmt: skip
    check_face(**now)
    if "parent" in different:
        _check_parent(plan, different["parent"])
    return plan.change(by=by, at=at, kind="described", fields=different)


def _check_parent(plan: Plan, parent: Plan | None) -> None:
    """A plan above it, and above that, never it again."""
    seen = {plan.pk}
    while parent is not None:
        if parent.pk in seen:
            raise BadParent
        seen.add(parent.pk)
        parent = parent.parent


def confirm_template(plan: Plan, by: Actor, at: datetime) -> Plan:
    """Somebody of the county read the starter pack's plan and stands behind it; until then every page calls it a template."""
    if not plan.template or plan.confirmed_at is not None:
        raise NotATemplate
    plan.change(by=by, at=at, kind="confirmed", confirmed_at=at, confirmed_by=by.name[:120])
    tell_moved(plan, "confirmed", at=at)
    return plan


def link_plans(plan: Plan, other: Plan, *, kind: str, words: str = "", by: Actor, at: datetime) -> PlanLink:
    """Two plans that must fit together; each pair once."""
    if kind not in LinkKind.values:
        raise UnknownPlanWord(given=kind)
    standing = PlanLink.objects.filter(ended_at=None)
    pairs = ((plan, other), (other, plan))
    if plan.pk == other.pk or any(standing.filter(plan=one, other=two).exists() for one, two in pairs):
        raise BadLink
    return PlanLink(
        plan=plan, other=other, kind=kind, words=words.strip()[:200], made_at=at, exercise_id=plan.exercise_id
    ).record(by=by, at=at, kind="made")


def end_link(link: PlanLink, *, by: Actor, at: datetime) -> PlanLink:
    """They have nothing to do with each other any more."""
    return link if link.ended_at is not None else link.change(by=by, at=at, kind="ended", ended_at=at)
