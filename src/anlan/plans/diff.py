"""What differs between two contents, list by list and by key; pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from anlan.plans.content import Content
from anlan.plans.types import FieldChange, PartChange, RowChange

#: Parts that are words or lines, in the order of the plan.
TEXTS = ("purpose", "basis", "scope", "body", "body_words", "source")
#: Parts that are lists of rows.
LISTS = ("levels", "posts", "groups", "tasks", "needs", "contacts", "chapters", "annexes")


def differences(former: Content | None, new: Content) -> list[PartChange]:
    """Parts that differ, in the order of the plan; against None everything is new."""
    before = former if former is not None else Content()
    found = [_text(name, before, new) for name in TEXTS]
    found += [PartChange(name, _rows(getattr(before, name), getattr(new, name))) for name in LISTS]
    return [one for one in found if one.rows]


def _text(name: str, before: Content, new: Content) -> PartChange:
    old, now = getattr(before, name), getattr(new, name)
    if old == now:
        return PartChange(name, ())
    kind = "new" if not old else "gone" if not now else "changed"
    return PartChange(name, (RowChange(kind, name, "", (FieldChange(name, _plain(old), _plain(now)),)),))


def _rows(before: Sequence[Any], new: Sequence[Any]) -> tuple[RowChange, ...]:
    old, now = _by_key(before), _by_key(new)
    moved = _moved([key for key in old if key in now], [key for key in now if key in old])
    found = [_row(key, old.get(key), row, is_moved=key in moved) for key, row in now.items()]
    found += [RowChange("gone", key, title_of(row)) for key, row in old.items() if key not in now]
    return tuple(one for one in found if one is not None)


def _row(key: str, old: Any, new: Any, *, is_moved: bool) -> RowChange | None:
    if old is None:
        return RowChange("new", key, title_of(new))
    fields = tuple(
        FieldChange(name, _plain(getattr(old, name)), _plain(getattr(new, name)))
        for name in type(new).__struct_fields__
        if getattr(old, name) != getattr(new, name)
    )
    if fields:
        return RowChange("changed", key, title_of(new), fields)
    return RowChange("moved", key, title_of(new)) if is_moved else None


def _moved(before: list[str], after: list[str]) -> set[str]:
    """Keys outside the longest run that kept its order: what somebody moved by hand, not what slid along."""
    kept = _longest_rising([before.index(key) for key in after])
    return {key for place, key in enumerate(after) if place not in kept}


def _longest_rising(numbers: list[int]) -> set[int]:
    """Places of a longest strictly rising run of numbers."""
    best: list[list[int]] = []
    for place, number in enumerate(numbers):
        longest: list[int] = []
        for run in best:
            if numbers[run[-1]] < number and len(run) > len(longest):
                longest = run
        best.append([*longest, place])
    found: list[int] = max(best, key=len, default=[])
    return set(found)


def _by_key(rows: Sequence[Any]) -> dict[str, Any]:
    """Rows by key; what has none by its level or title, the second of the same name with its number."""
    found: dict[str, Any] = {}
    for row in rows:
        base = key = key_of(row)
        count = 1
        while key in found:
            count += 1
            key = f"{base} {count}"
        found[key] = row
    return found


def key_of(row: Any) -> str:
    """What tells a row from its neighbours: its key, its level or its title."""
    for name in ("key", "level", "title"):
        if hasattr(row, name):
            return str(getattr(row, name))
    return ""


def title_of(row: Any) -> str:
    """What people call a row; a level is called by its number."""
    for name in ("title", "name", "level"):
        if hasattr(row, name):
            return str(getattr(row, name))
    return ""


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value)
