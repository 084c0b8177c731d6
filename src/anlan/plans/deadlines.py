"""What plans do when time has passed."""

from __future__ import annotations

from datetime import datetime

from anlan.journal.deadlines import deadline
from anlan.kernel.actor import system
from anlan.plans.models import Plan, PlanFiling
from anlan.plans.services.checking import check_plan
from anlan.plans.services.filing import OWED, remind_filing


@deadline("plans.nightly_check", Plan, "check_at", limit=10, state__in=["draft", "in_force"])
def on_check_due(plan: Plan, at: datetime) -> None:
    """Every night, and once a version came into force. Few at a time: a thousand plans must not hold up what is urgent."""
    check_plan(plan, by=system("plans"), at=at)


@deadline("plans.filing_due", PlanFiling, "remind_at", state__in=list(OWED))
def on_filing_due(filing: PlanFiling, at: datetime) -> None:
    remind_filing(filing, by=system("plans"), at=at)
