"""The one leased-work mechanism: claim by conditional UPDATE, work, let go. A dead owner's leases are freed at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.apps import apps
from django.db import models
from django.db.models import Q, QuerySet

from anlan.journal.models import LONG_AGO, Leased

#: How long a worker may be away before its work is taken over (no crash notice came). Parameter, engineering choice.
LEASE = timedelta(seconds=60)

L = TypeVar("L", bound=Leased)


def claim(candidates: QuerySet[L], *, owner: str, wall_now: datetime, limit: int) -> Sequence[L]:
    """Take up to `limit` of the free rows in the given order; returns only those that this owner now holds."""
    free = candidates.filter(lease_until__lt=wall_now)
    keys = list(free.values_list("pk", flat=True)[:limit])
    if not keys:
        return []
    manager = candidates.model._default_manager
    manager.filter(pk__in=keys, lease_until__lt=wall_now).update(
        lease_owner=owner, lease_until=wall_now + LEASE
    )
    return list(manager.filter(pk__in=keys, lease_owner=owner, lease_until=wall_now + LEASE))


def release(rows: Sequence[Leased]) -> None:
    """Give rows back before the lease ends."""
    for model in {type(row) for row in rows}:
        keys = [row.pk for row in rows if type(row) is model]
        model._default_manager.filter(pk__in=keys).update(lease_owner="", lease_until=LONG_AGO)


def leased_models() -> list[type[Leased]]:
    return [model for model in apps.get_models() if issubclass(model, Leased)]


def free_dead_owner(owner: str) -> int:
    """Free everything that a dead worker instance held. Returns how many rows."""
    return sum(
        model._default_manager.filter(lease_owner=owner).update(lease_owner="", lease_until=LONG_AGO)
        for model in leased_models()
    )


def free_all_but(owners: Sequence[str]) -> int:
    """Free the leases of every owner that is not alive (on one box the parent knows all of them)."""
    dead = ~Q(lease_owner="") & ~Q(lease_owner__in=list(owners))
    return sum(
        model._default_manager.filter(dead).update(lease_owner="", lease_until=LONG_AGO)
        for model in leased_models()
    )


def due(model: type[L], column: str, *, at: datetime, exercise_id: Any, **conditions: Any) -> QuerySet[L]:
    """Rows of one run whose deadline has come, the most overdue first."""
    query: dict[str, Any] = {f"{column}__lte": at, "exercise_id": exercise_id, **conditions}
    rows: models.QuerySet[L] = model._default_manager.filter(**query)
    return rows.order_by(column)
