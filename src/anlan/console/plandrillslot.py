"""What a plan's page shows of drills: those that were planned or held with it."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from anlan.console.mine import url_of
from anlan.console.planslots import PlanSlot, plan_slot
from anlan.console.views.base import DeskRequest
from anlan.drills.access import visible_drills
from anlan.plans.models import Plan


@plan_slot
def drills(request: DeskRequest, plan: Plan) -> PlanSlot | None:
    """Drills of the plan that the reader may see, the newest first."""
    rows = list(visible_drills(request.actor).filter(plan=plan).select_related(None).order_by("-number")[:5])
    if not rows:
        return None
    html = mark_safe(render_to_string("console/plans/_drills_slot.html", {"rows": rows}))  # noqa: S308 - escaped by its template
    return PlanSlot(_("Drills of this plan"), html, len(rows), url_of("console:drills"))
