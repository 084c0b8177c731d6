"""Many rows of one model moved in one statement each kind of change: what a call-out of a province needs.

The same conditions and the same entries as `Advancing.advance` and `Journaled.change`, without their statements a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Field

from anlan.journal import inserting
from anlan.journal.models import Advancing, Journaled
from anlan.journal.refusals import NoSuchTransition, NotHome, StaleRow
from anlan.journal.services import entry_of_change, require_reach
from anlan.kernel.actor import Actor


@dataclass(slots=True)
class Move:
    """One row's change. `to` is a state, "" for fields only; `unjournaled` are columns that are nobody's history (leases)."""

    row: Journaled
    kind: str
    fields: dict[str, Any]
    to: str = ""
    unjournaled: dict[str, Any] = field(default_factory=dict)


def move_all(moves: Sequence[Move], *, by: Actor, at: datetime, cause: str = "") -> None:
    """Move all or none: raises `StaleRow`, with nothing written, when one of the rows is no longer as it was read.

    The caller's objects show the new values afterwards.
    """
    if not moves:
        return
    by_shape: dict[tuple[object, ...], list[Move]] = {}
    for move in moves:
        _check(move)
        shape = (type(move.row), bool(move.to), *sorted(move.fields), "|", *sorted(move.unjournaled))
        by_shape.setdefault(shape, []).append(move)
    with transaction.atomic():
        for alike in by_shape.values():
            _update(alike)
        for move in moves:
            _show(move)
        entries = [
            entry_of_change(
                move.row, kind=move.to or move.kind, names=_names(move), by=by, at=at, cause=cause
            )
            for move in moves
        ]
        inserting.insert(entries)


def _check(move: Move) -> None:
    row = move.row
    if row.home_node != settings.ANLAN_NODE:
        raise NotHome(home=row.home_node)
    require_reach([row])
    if move.to and isinstance(row, Advancing) and move.to not in row.transitions.get(row.state, frozenset()):
        raise NoSuchTransition(old=row.state, new=move.to)


def _names(move: Move) -> list[str]:
    return [*move.fields, *(["state"] if move.to else []), "version"]


def _update(alike: Sequence[Move]) -> None:
    """One statement, executed for each row's values; the database tells how many it touched in all."""
    first = alike[0]
    meta = first.row._meta
    names = [*sorted(first.fields), *sorted(first.unjournaled)]
    names_of = {name: name if name in _fields(meta) else name.removesuffix("_id") for name in names}
    columns: list[Field[Any, Any]] = [_column(meta, names_of[name]) for name in names]
    quote = connection.ops.quote_name
    sets = [f"{quote(str(column.column))} = %s" for column in columns]
    wheres = [f"{quote(str(meta.pk.column))} = %s", "version = %s"]
    sets.append("version = version + 1")
    if first.to:
        sets.append("state = %s")
        wheres.append("state = %s")
    rows = []
    for move in alike:
        given = {**move.fields, **move.unjournaled}
        values = [
            column.get_db_prep_save(getattr(given[name], "pk", given[name]), connection)
            for name, column in zip(names, columns, strict=True)
        ]
        if move.to:
            values.append(move.to)
        values += [meta.pk.get_db_prep_value(move.row.pk, connection), move.row.version]
        if move.to:
            values.append(getattr(move.row, "state"))  # noqa: B009 - only rows with a state have `to`
        rows.append(values)
    sql = f"UPDATE {quote(meta.db_table)} SET {', '.join(sets)} WHERE {' AND '.join(wheres)}"  # noqa: S608 - names of the model
    with connection.cursor() as cursor:
        cursor.executemany(sql, rows)
        touched = cursor.rowcount
    if touched != len(rows):
        raise StaleRow


def _column(meta: Any, name: str) -> Field[Any, Any]:
    """A column of the model, never the far end of a relation."""
    column: Field[Any, Any] = meta.get_field(name)
    return column


def _fields(meta: Any) -> frozenset[str]:
    """Names of the columns as the model declares them. `meta` is the `_meta` of a model, which has no public type."""
    return frozenset(column.name for column in meta.concrete_fields)


def _show(move: Move) -> None:
    for name, value in {**move.fields, **move.unjournaled}.items():
        setattr(move.row, name, value)
    if move.to:
        setattr(move.row, "state", move.to)  # noqa: B010 - only rows with a state have `to`
    move.row.version += 1
