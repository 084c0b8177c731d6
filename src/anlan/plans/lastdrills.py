"""When a plan was last practised. Drills live upstairs; they say it through this door, or nobody knows."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from datetime import date

#: (ids of plans) -> local date of the last drill of each that had one.
Provide = Callable[[Iterable[uuid.UUID]], dict[uuid.UUID, date]]

_providers: dict[str, Provide] = {}


def last_drills(name: str) -> Callable[[Provide], Provide]:
    """Register who knows of drills; in `apps.ready` of the app that keeps them."""

    def keep(function: Provide) -> Provide:
        _providers[name] = function
        return function

    return keep


def knows_drills() -> bool:
    """Whether anybody can say it; else a drill is never called overdue."""
    return bool(_providers)


def last_drill_of(plan_id: uuid.UUID) -> date | None:
    """The latest that anybody knows of; None for a plan that was never practised."""
    days = [
        found[plan_id]
        for found in (provide([plan_id]) for provide in _providers.values())
        if plan_id in found
    ]
    return max(days, default=None)
