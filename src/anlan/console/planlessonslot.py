"""What a plan's page and the pages on which it is revised show of reviews: what has to be mended in it, by whom, until when."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from anlan.console.mine import url_of
from anlan.console.planslots import PlanSlot, plan_slot
from anlan.console.views.base import DeskRequest
from anlan.journal import clocks
from anlan.plans.models import Plan
from anlan.review.access import visible_lessons
from anlan.review.services import is_overdue

#: More of one plan are found in the list of all lessons.
MOST = 50


def open_lessons(request: DeskRequest, plan: Plan) -> list[dict[str, Any]]:
    """Of the run at hand and as far as the reader sees them, the earliest day first, those without a day last."""
    run = clocks.default_exercise_id()
    at = clocks.now(run)
    rows = visible_lessons(request.actor).filter(plan=plan, state="open", exercise_id=run)
    chosen = list(rows.order_by(F("due_on").asc(nulls_last=True), "pk")[:MOST])
    return [{"row": row, "is_late": is_overdue(row, at)} for row in chosen]


@plan_slot
def lessons(request: DeskRequest, plan: Plan) -> PlanSlot | None:
    rows = open_lessons(request, plan)
    if not rows:
        return None
    html = mark_safe(render_to_string("console/plans/_lessons_slot.html", {"lessons": rows}))  # noqa: S308 - escaped by its template
    return PlanSlot(_("Open lessons for this plan"), html, len(rows), url_of("console:lessons"))
