"""The table of field-command groups by event level (F-12): a template that the county confirms, as data."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path

_FILE = Path(__file__).parent / "data" / "fieldgroups.json"


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """One group of the template. It is opened at `from_level` (4: at every level; 2: at Ⅱ and Ⅰ only)."""

    key: str
    name: str
    duties: str
    lead_words: str
    members: tuple[str, ...]
    from_level: int


@dataclass(frozen=True, slots=True)
class Table:
    """`note` says that the county has to confirm it."""

    note: str
    groups: tuple[FieldGroup, ...]


@functools.lru_cache(maxsize=1)
def table() -> Table:
    """The shipped table. Raises at once where a row is not whole."""
    raw = json.loads(_FILE.read_text())
    groups = tuple(
        FieldGroup(
            key=row["key"],
            name=row["name"],
            duties=row["duties"],
            lead_words=row["lead"],
            members=tuple(row["members"]),
            from_level=int(row["from_level"]),
        )
        for row in raw["groups"]
    )
    return Table(raw["note"], groups)


def groups_at(level: int) -> tuple[FieldGroup, ...]:
    """The groups of an event of this level, 1 the highest."""
    return tuple(one for one in table().groups if level <= one.from_level)
