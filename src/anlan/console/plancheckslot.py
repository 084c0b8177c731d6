"""What a plan's page shows of its check, its filings and its studies; all for the owner and those above."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from anlan.console import plancheckwords as words
from anlan.console.planslots import PlanSlot, plan_slot
from anlan.console.views.base import DeskRequest
from anlan.console.views.planchecks import ordered
from anlan.console.views.planfilings import line
from anlan.journal import clocks
from anlan.plans.access import owns
from anlan.plans.access_filing import visible_filings
from anlan.plans.models import Plan
from anlan.vocab.posts import Right

MOST = 5


def _html(template: str, page: dict[str, Any]) -> SafeString:
    return mark_safe(render_to_string(template, page))  # noqa: S308 - escaped by its template


@plan_slot
def findings(request: DeskRequest, plan: Plan) -> PlanSlot | None:
    """The gravest open findings."""
    if not owns(request.actor, plan):
        return None
    rows = plan.findings.filter(state="open")
    url = reverse("console:plan_check", args=[plan.pk])
    page = {
        "rows": [words.finding_view(row) for row in ordered(rows)[:MOST]],
        "was_checked": plan.check_at is not None or plan.findings.exists(),
        "url": url,
    }
    return PlanSlot(
        _("Findings of the check"), _html("console/plans/check_slot.html", page), rows.count(), url
    )


@plan_slot
def filings(request: DeskRequest, plan: Plan) -> PlanSlot | None:
    """Filings of the plan, the newest first."""
    rows = list(
        visible_filings(request.actor).filter(plan=plan).exclude(state="lapsed").order_by("-due_at")[:MOST]
    )
    if not rows:
        return None
    at = clocks.now(plan.exercise_id)
    page = {"rows": [line(row, at) for row in rows]}
    return PlanSlot(_("Filing"), _html("console/plans/filing_slot.html", page), len(rows), reverse("console:plan_filings"))  # fmt: skip


@plan_slot
def studies(request: DeskRequest, plan: Plan) -> PlanSlot | None:
    """Studies that count; whoever writes the plan is also shown where to add the first."""
    if not owns(request.actor, plan):
        return None
    kinds = words.study_words()
    rows = list(plan.studies.filter(ended_at=None).order_by("-made_at"))
    if not rows and not request.actor.can(Right.EDIT_PLANS, plan.division.path):
        return None
    url = reverse("console:plan_studies", args=[plan.pk])
    page = {
        "rows": [{"study": row, "kind": kinds.get(row.kind, row.kind)} for row in rows[:MOST]],
        "url": url,
    }
    return PlanSlot(_("Studies"), _html("console/plans/study_slot.html", page), len(rows), url)
