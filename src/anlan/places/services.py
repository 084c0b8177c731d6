"""Writing places: the division tree, local places below villages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from anlan.journal.services import record_all
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.places.refusals import BadDivisions
from anlan.places.types import DivisionRow, LoadReport
from anlan.vocab.divisions import DivisionLevel

_RANK = {level: rank for rank, level in enumerate(DivisionLevel)}
#: What a row says only where it fills it in: an empty cell never erases what is known.
_OPTIONAL = ("lon", "lat", "households", "population")


def load_divisions(rows: Iterable[DivisionRow], *, by: Actor, at: datetime) -> LoadReport:
    """Create or change divisions so that they agree with the rows; a row of the list wins, other divisions stay.

    All or nothing: a repeated code, an unknown parent or a parent that is not above its child raises `BadDivisions`.
    """
    ordered = _parents_first(list(rows))
    known = Division.objects.in_bulk()
    report = LoadReport()
    fresh: list[Division] = []
    with transaction.atomic(savepoint=False):
        for row in ordered:
            parent = _parent_of(row, known)
            existing = known.get(row.code)
            if existing is None:
                known[row.code] = _new(row, parent)
                fresh.append(known[row.code])
            else:
                _bring_up_to_date(existing, row, known, report, by=by, at=at)
        record_all(fresh, by=by, at=at)
    report.created = len(fresh)
    return report


def load_local_places(rows: Iterable[DivisionRow], *, by: Actor, at: datetime) -> LoadReport:
    """Create or change hamlets, groups and grids below villages."""
    return load_divisions(rows, by=by, at=at)


def rename(place: Division, *, name: str, by: Actor, at: datetime) -> Division:
    """Give a division another name."""
    return place.change(by=by, at=at, kind="renamed", name=name)


def _parents_first(rows: Sequence[DivisionRow]) -> list[DivisionRow]:
    by_code: dict[str, DivisionRow] = {}
    for row in rows:
        if row.code in by_code:
            raise BadDivisions(line=row.line, why=f"{row.code} appears twice")
        by_code[row.code] = row
    # Levels only go down from parent to child (`_parent_of` insists), so this puts parents first whatever the codes are.
    return sorted(rows, key=lambda row: (_RANK[row.level], row.code))


def _parent_of(row: DivisionRow, known: dict[str, Division]) -> Division | None:
    if not row.name:
        raise BadDivisions(line=row.line, why=f"{row.code} has no name")
    if not row.parent:
        return None
    parent = known.get(row.parent)
    if parent is None:
        raise BadDivisions(line=row.line, why=f"the parent {row.parent} of {row.code} is unknown")
    if _RANK[DivisionLevel(parent.level)] >= _RANK[row.level]:
        raise BadDivisions(line=row.line, why=f"{row.parent} cannot be above {row.code}")
    return parent


def _path(code: str, parent: Division | None) -> str:
    return f"{parent.path}/{code}" if parent else code


def _new(row: DivisionRow, parent: Division | None) -> Division:
    return Division(
        code=row.code,
        name=row.name,
        level=row.level.value,
        parent=parent,
        path=_path(row.code, parent),
        trade=row.trade,
        **{name: getattr(row, name) for name in _OPTIONAL},
    )


def differences(existing: Division, row: DivisionRow) -> dict[str, Any]:
    """The fields that a row would change. An empty parent or number in the row leaves what is known."""
    wanted: dict[str, Any] = {"name": row.name, "level": row.level.value}  # columns differ in type
    wanted |= {name: getattr(row, name) for name in _OPTIONAL if getattr(row, name) is not None}
    if row.trade:
        wanted["trade"] = row.trade
    if row.parent:
        wanted["parent_id"] = row.parent
    return {name: value for name, value in wanted.items() if getattr(existing, name) != value}


def _bring_up_to_date(
    existing: Division,
    row: DivisionRow,
    known: dict[str, Division],
    report: LoadReport,
    *,
    by: Actor,
    at: datetime,
) -> None:
    different = differences(existing, row)
    if not different:
        report.unchanged += 1
        return
    former = existing.path
    if "parent_id" in different:
        different["path"] = _path(row.code, known[row.parent])
    existing.change(by=by, at=at, kind="changed", fields=different)
    report.changed += 1
    if existing.path != former:
        report.moved += _carry_along(former, existing.path, known, by=by, at=at)


def _carry_along(former: str, path: str, known: dict[str, Division], *, by: Actor, at: datetime) -> int:
    """Give everything below a moved division its new path."""
    moved = 0
    for place in known.values():
        if place.path.startswith(f"{former}/"):
            renewed = path + place.path[len(former) :]
            if place._state.adding:
                place.path = renewed
            else:
                place.change(by=by, at=at, kind="moved", path=renewed)
            moved += 1
    return moved
