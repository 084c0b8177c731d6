"""How far the plans of a county are written, in force, in revision, filed and looked through (E-05)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from anlan.plans.checking import add_months
from anlan.plans.models import Plan, PlanFiling, PlanFinding, PlanKind, PlanVersion
from anlan.plans.queries import IN_WORK

#: A review that comes within this many months is shown as near. Engineering choice.
NEAR_MONTHS = 6
LISTED = 30

COLUMNS = ("total", "in_force", "draft", "in_revision", "near", "overdue", "unfiled", "template", "stopped")


def board(rows: QuerySet[Plan], today: date, at: datetime) -> dict[str, Any]:
    """Counts by kind with a sum, and the plans whose review is due next. Five statements whatever their number."""
    found = {kind: dict.fromkeys(COLUMNS, 0) for kind in PlanKind.values}
    for row in _of_plans(rows, today):
        found[row["kind"]].update({name: row[name] for name in COLUMNS if name in row})
    for name, numbers in _of_others(rows, at).items():
        for kind, number in numbers:
            found[kind][name] = number
    kinds = [{"kind": kind, **numbers, "share": _share(numbers)} for kind, numbers in found.items()]
    total = {name: sum(numbers[name] for numbers in found.values()) for name in COLUMNS}
    reviews = rows.filter(state="in_force", review_due_on__lte=add_months(today, NEAR_MONTHS))
    return {
        "kinds": [one for one in kinds if one["total"]],
        "total": {**total, "share": _share(total)},
        "reviews": list(
            reviews.select_related("division")
            .defer("division__geometry")
            .order_by("review_due_on", "number")[:LISTED]
        ),
    }


def _of_plans(rows: QuerySet[Plan], today: date) -> Any:  # Any: rows as mappings, whose type no stub can say
    in_force = Q(state="in_force")
    near = Q(review_due_on__gte=today, review_due_on__lte=add_months(today, NEAR_MONTHS))
    return (
        rows.exclude(state="withdrawn")
        .order_by()
        .values("kind")
        .annotate(
            total=Count("pk"),
            in_force=Count("pk", filter=in_force),
            draft=Count("pk", filter=Q(state="draft")),
            near=Count("pk", filter=in_force & near),
            overdue=Count("pk", filter=in_force & Q(review_due_on__lt=today)),
            template=Count("pk", filter=~Q(template="") & Q(confirmed_at=None)),
        )
    )


def _of_others(rows: QuerySet[Plan], at: datetime) -> dict[str, Any]:
    """Plans with a version under work beside the one in force, with a filing that is late, with something that stops them."""
    ids = rows.exclude(state="withdrawn").order_by().values("pk")
    sources: dict[str, QuerySet[Any]] = {
        "in_revision": PlanVersion.objects.filter(plan__in=ids, plan__state="in_force", state__in=IN_WORK),
        "unfiled": PlanFiling.objects.filter(plan__in=ids, state__in=("due", "returned"), due_at__lt=at),
        "stopped": PlanFinding.objects.filter(plan__in=ids, state="open", severity="stop"),
    }
    return {
        name: list(some.order_by().values_list("plan__kind").annotate(number=Count("plan", distinct=True)))
        for name, some in sources.items()
    }


def _share(numbers: dict[str, int]) -> int:
    """Percent of the plans that are in force and not overdue."""
    good = numbers["in_force"] - numbers["overdue"]
    return round(100 * good / numbers["total"]) if numbers["total"] else 0
