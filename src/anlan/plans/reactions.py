"""What plans do when a plan moved."""

from __future__ import annotations

from datetime import datetime

from anlan.events.published import PlanMoved
from anlan.journal.reactions import react
from anlan.kernel.actor import system
from anlan.plans.models import Plan
from anlan.plans.services.filing import lapse_filings


@react("plans.filings_of_a_withdrawn_plan", PlanMoved)
def on_withdrawn(event: PlanMoved, at: datetime) -> None:
    """Nothing is filed for a plan out of force."""
    if event.what != "withdrawn":
        return
    plan = Plan.objects.filter(pk=event.plan_id, state="withdrawn").first()
    if plan is not None:
        lapse_filings(plan, by=system("plans"), at=at)
