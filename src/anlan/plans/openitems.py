"""What of plans a shift hands over: filings that are late, come near their limit, or wait for an answer; reviews that are due."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, time, timedelta

from django.db.models import Q

from anlan.kernel.clock import SHANGHAI
from anlan.kernel.openitems import OpenItem, open_items
from anlan.plans.filingrules import REMIND_BEFORE
from anlan.plans.models import Plan, PlanFiling

#: A review is handed over from so long before its day. Engineering choice.
REVIEW_NEAR = timedelta(days=30)

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


@open_items("plan_reviews", zh="预案修订评估", en="Reviews of plans")
def reviews(path: str, at: datetime, exercise_id: uuid.UUID | None) -> Iterator[OpenItem]:
    """Plans in force whose three years end within a month, or have ended."""
    here = Q(division__path=path) | Q(division__path__startswith=f"{path}/")
    today = at.astimezone(SHANGHAI).date()
    rows = Plan.objects.filter(
        here, state="in_force", review_due_on__lte=today + REVIEW_NEAR, exercise_id=exercise_id
    )
    for row in rows.select_related("division").defer("division__geometry").order_by("review_due_on", "pk"):
        if row.review_due_on is None:
            continue
        is_late = row.review_due_on < today
        due = datetime.combine(row.review_due_on + timedelta(days=1), time(), tzinfo=SHANGHAI)
        zh, en = ("逾期未修订评估", "review overdue") if is_late else ("临近修订评估期限", "review due soon")
        title = f"{row.number} {row.title}"[:160]
        yield OpenItem(
            f"plan:{row.pk}",
            "plan_reviews",
            title,
            row.opened_at,
            row.division.path,
            zh,
            en,
            due.astimezone(at.tzinfo),
        )
