"""Flood-limit levels by the season (R13): which stage of the calendar holds on a day, and when it changes next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from anlan.ruleset.tables import CalendarStage, CalendarTable


def day_of(text: str) -> tuple[int, int]:
    """(month, day) of "MM-DD"; 29 February is refused, since it is missing in most years. Raises ValueError."""
    found = date.fromisoformat(f"2001-{text}")
    return found.month, found.day


def stage_on(stages: Sequence[CalendarStage], day: date) -> CalendarStage | None:
    """The stage that holds on a local day; None outside every stage. The first one listed wins."""
    here = (day.month, day.day)
    for stage in stages:
        first, last = day_of(stage.first), day_of(stage.last)
        inside = first <= here <= last if first <= last else here >= first or here <= last
        if inside:
            return stage
    return None


def next_change(stages: Sequence[CalendarStage], day: date) -> date | None:
    """The next local day on which another limit holds; None for a calendar without change."""
    now = stage_on(stages, day)
    for ahead in range(1, 367):
        then = day + timedelta(days=ahead)
        if stage_on(stages, then) != now:
            return then
    return None


def excess_m(table: CalendarTable, level_m: Decimal, day: date) -> Decimal | None:
    """How far a level stands over the limit of the day; None at or under it and outside the flood season."""
    stage = stage_on(table.stages, day)
    if stage is None:
        return None
    excess = level_m - Decimal(str(stage.limit_m))
    return excess if excess > 0 else None
