"""What of plans a shift hands over: filings that are late, come near their limit, or wait for an answer."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q

from anlan.kernel.openitems import OpenItem, open_items
from anlan.plans.filingrules import REMIND_BEFORE
from anlan.plans.models import PlanFiling

_STATES = {
    "due": ("待报送", "to be handed in"),
    "submitted": ("待审查", "waits for the answer"),
    "returned": ("退回待补正", "returned, to be put right"),
}


@open_items("plan_filings", zh="预案备案", en="Filings of plans")
def filings(path: str, at: datetime, exercise_id: uuid.UUID | None) -> Iterator[OpenItem]:
    """A filing whose limit is weeks away is nobody's business of tonight."""
    here = Q(plan__division__path=path) | Q(plan__division__path__startswith=f"{path}/")
    near = ~Q(state="due") | Q(due_at__lte=at + REMIND_BEFORE)
    rows = PlanFiling.objects.filter(here, near, state__in=list(_STATES), exercise_id=exercise_id)
    for row in rows.select_related("plan__division", "version_filed").order_by("due_at", "pk"):
        zh, en = _STATES[row.state]
        since = row.submitted_at or row.version_filed.decided_at or row.version_filed.made_at
        title = f"{row.plan.number} {row.plan.title}"[:160]
        yield OpenItem(
            f"plan_filing:{row.pk}", "plan_filings", title, since, row.plan.division.path, zh, en, row.due_at
        )
