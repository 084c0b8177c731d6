"""Reads of the register."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from decimal import Decimal

from django.db.models import Q, QuerySet

from anlan.kernel.actor import Actor
from anlan.resources.access import visible_assets, visible_experts, visible_stock, visible_teams
from anlan.resources.models import Asset, Expert, StockReport, Team

#: Reports that are read to find the newest of each depot and item. Engineering choice.
MOST_REPORTS = 5_000


def of_run(exercise_id: uuid.UUID | None) -> Q:
    """The register serves every run; what was registered in a drill belongs to that drill alone."""
    return (
        Q(exercise_id=None) | Q(exercise_id=exercise_id) if exercise_id is not None else Q(exercise_id=None)
    )


def teams(actor: Actor, *, exercise_id: uuid.UUID | None = None) -> QuerySet[Team]:
    """Teams in the register that the actor sees, of one run, by name."""
    return visible_teams(actor).filter(of_run(exercise_id), retired_at=None).order_by("name", "pk")


def assets(actor: Actor, *, exercise_id: uuid.UUID | None = None) -> QuerySet[Asset]:
    """Vehicles and equipment in the register, of one run."""
    return visible_assets(actor).filter(of_run(exercise_id), retired_at=None).order_by("kind", "name", "pk")


def experts(actor: Actor, *, event_type: str = "", exercise_id: uuid.UUID | None = None) -> list[Expert]:
    """Experts, those for the kind of incident first."""
    rows = visible_experts(actor).filter(of_run(exercise_id), retired_at=None)
    listed = list(rows.order_by("person__name", "pk"))
    return sorted(listed, key=lambda one: bool(event_type) and event_type not in one.event_types)


def stock_now(actor: Actor, *, exercise_id: uuid.UUID | None = None) -> list[StockReport]:
    """The newest report of each depot and item, by item."""
    rows = visible_stock(actor).filter(of_run(exercise_id)).order_by("-as_of", "-recorded_at", "-id")
    newest: dict[tuple[str, str], StockReport] = {}
    for row in rows[:MOST_REPORTS]:
        newest.setdefault((row.item, row.depot), row)
    return sorted(newest.values(), key=lambda row: (row.item, row.depot))


def stock_of(items: Iterable[str], *, path: str, exercise_id: uuid.UUID | None = None) -> dict[str, Decimal]:
    """How much of each item the depots at and below a division last said they have; for the plan check."""
    rows = StockReport.objects.filter(of_run(exercise_id), item__in=list(items))
    rows = (
        rows.select_related("division").defer("division__geometry").order_by("-as_of", "-recorded_at", "-id")
    )
    seen: set[tuple[str, str]] = set()
    totals: dict[str, Decimal] = {}
    for row in rows:
        key = (row.item, row.depot)
        is_here = row.division.path == path or row.division.path.startswith(f"{path}/")
        if is_here and key not in seen:
            seen.add(key)
            totals[row.item] = totals.get(row.item, Decimal(0)) + row.quantity
    return totals
