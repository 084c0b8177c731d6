"""The plan check: what would fail if the plan were opened now. Pure; `plans.world` makes the world, a service keeps the findings.

Severity: `stop` — somebody or something that the plan counts on is not there; `warn` — it would run, but badly or late;
`note` — it should be put in order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import date

from anlan.plans.checkparts import contacts, groups, levels, needs, repeated, tasks
from anlan.plans.checkpeople import empty_posts, overlaps, unknown_places
from anlan.plans.checktypes import Fault, Have, Held, Place, Superior, World
from anlan.plans.content import Content

__all__ = ["Fault", "Have", "Held", "Place", "Superior", "World", "check"]

#: Longest key that a finding keeps; a longer one is shortened to a digest.
_KEY = 160


def check(content: Content, world: World) -> list[Fault]:
    """Every fault, each once, those that stop the plan first, then in the order of the plan."""
    found: dict[str, Fault] = {}
    for part in _PARTS:
        for fault in part(content, world):
            key = _short(fault.key)
            found.setdefault(key, Fault(fault.code, key, fault.severity, fault.where[:120], fault.params))
    return sorted(found.values(), key=lambda one: _ORDER[one.severity])


_ORDER = {"stop": 0, "warn": 1, "note": 2}


def _short(key: str) -> str:
    if len(key) <= _KEY:
        return key
    return f"{key[:100]}:{hashlib.sha256(key.encode()).hexdigest()[:40]}"


def dates(content: Content, world: World) -> Iterator[Fault]:
    """Review every three years, filing, practice (R23), and a template that nobody confirmed."""
    if world.is_template:
        yield Fault("template", "template", "warn")
    if world.review_due_on is not None and world.review_due_on < world.today:
        yield Fault(
            "review_overdue", "review_overdue", "warn", params={"due": world.review_due_on.isoformat()}
        )
    if world.filing_due_on is not None and world.filing_due_on < world.today:
        yield Fault(
            "filing_overdue", "filing_overdue", "warn", params={"due": world.filing_due_on.isoformat()}
        )
    due = _drill_due(world)
    if due is not None and due < world.today:
        params = {"due": due.isoformat(), "last": _day(world.last_drill_on)}
        yield Fault("drill_overdue", "drill_overdue", "warn", params=params)


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def _drill_due(world: World) -> date | None:
    """The last day for the next practice: counted from the last one, before the first from printing."""
    begun = world.last_drill_on or world.printed_on
    if not world.knows_drills or world.drill_every is None or begun is None:
        return None
    return add_months(begun, round(world.drill_every * 12))


def add_months(day: date, months: int) -> date:
    """The same day so many months later, the 28th where the month has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    try:
        return day.replace(year=year, month=month + 1)
    except ValueError:
        return day.replace(year=year, month=month + 1, day=28)


def links(content: Content, world: World) -> Iterator[Fault]:
    """A plan above it was withdrawn, or has a newer version that this one was not yet compared with."""
    for one in world.superiors:
        params = {"number": one.number, "title": one.title}
        if one.is_withdrawn:
            yield Fault("superior_withdrawn", f"superior_withdrawn:{one.key}", "warn", "links", params)
        elif one.changed_on and world.in_force_on and one.changed_on > world.in_force_on:
            params["changed"] = one.changed_on.isoformat()
            key = f"superior_changed:{one.key}:{one.changed_on.isoformat()}"
            yield Fault("superior_changed", key, "warn", "links", params)


_PARTS: tuple[Callable[[Content, World], Iterator[Fault]], ...] = (
    levels,
    repeated,
    unknown_places,
    empty_posts,
    overlaps,
    groups,
    tasks,
    needs,
    contacts,
    dates,
    links,
)
