"""What the verbs and reads of plans take and give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Counts:
    """How many plans: in all, and by kind, state, protected thing, hazard and place of the owner (name, code, number)."""

    total: int
    kinds: dict[str, int]
    states: dict[str, int]
    protected: dict[str, int]
    hazards: dict[str, int]
    owners: list[tuple[str, str, int]]
    #: Plans in force whose review is overdue, and plans with a version under work.
    overdue: int
    in_work: int


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a row; `before` and `after` as plain data."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class RowChange:
    """`kind` is "new", "gone", "changed" or "moved"; `key` names the row, `title` is what people call it."""

    kind: str
    key: str
    title: str
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class PartChange:
    """What differs in one part of the content, by the name of its field ("tasks", "purpose")."""

    part: str
    rows: tuple[RowChange, ...]
