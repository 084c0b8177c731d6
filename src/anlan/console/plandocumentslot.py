"""What a plan's page shows of files: the newest versions as Word and Excel, and the way in for a file."""

from __future__ import annotations

import uuid

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from anlan.accounts.access import narrow
from anlan.console.planslots import PlanSlot, plan_slot
from anlan.console.views.base import DeskRequest
from anlan.kernel.actor import Actor
from anlan.plans.access import may_write
from anlan.plans.models import Plan
from anlan.plans.queries import of_run
from anlan.vocab.posts import Right


@plan_slot
def documents(request: DeskRequest, plan: Plan) -> PlanSlot | None:
    """Files of the five newest versions."""
    rows = list(plan.versions.defer("content").order_by("-number")[:5])
    page = {"plan": plan, "rows": rows, "may_write": may_write(request.actor, plan)}
    html = mark_safe(render_to_string("console/plans/_doc_slot.html", page))  # noqa: S308 - escaped by its template
    return PlanSlot(_("Files of this plan"), html, len(rows))


def importable(actor: Actor, run: uuid.UUID | None) -> list[tuple[str, str]]:
    """Plans that a file may become a new version of, at most 300."""
    rows = narrow(Plan.objects.filter(of_run(run)), actor, need=Right.EDIT_PLANS).order_by("kind", "number")
    return [
        (str(pk), f"{number} {title}")
        for pk, number, title in rows.values_list("pk", "number", "title")[:300]
    ]
