"""Many new rows of one model in one statement: the meaning of Django's `bulk_create`, without building SQL for every value.

A call-out of a province stores hundreds of thousands of rows whose columns mostly hold one and the same object (null, "", a
moment, the call-out). Here each column is looked at as a whole and each object is prepared for the database once. Whatever is
unusual about a model or a value goes the ordinary way.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from itertools import repeat
from operator import is_
from typing import Any, TypeVar

from django.db import connection, models, transaction
from django.db.models import Field, Manager

#: Shorter lists gain nothing.
FEW = 24
#: Rows of one statement on the ordinary way.
BATCH = 400

#: Values that are never SQL expressions, whatever the field.
_PLAIN = frozenset({
    str, int, bool, float, type(None), uuid.UUID, datetime, date, Decimal, list, dict, tuple,
})  # fmt: skip
_EMPTY: dict[type, Any] = {list: [], dict: {}}

M = TypeVar("M", bound=models.Model)
Columns = Mapping[str, Sequence[Any]]


class Unusual(Exception):
    """Not for this way; nothing was written."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a model and how it prepares a value that is no expression."""

    name: str
    attname: str
    column: str
    is_json: bool
    is_text: bool
    is_uuid: bool
    #: Field of the related row that the value must agree with; "" where the column is no relation.
    target: str
    field: Field[Any, Any]

    def prepare(self, value: Any) -> Any:
        """What `bulk_create` would hand to the database."""
        kind = type(value)
        if kind not in _PLAIN and (hasattr(value, "resolve_expression") or hasattr(value, "as_sql")):
            raise Unusual
        return self.field.get_db_prep_save(value, connection)


def insert(rows: Sequence[models.Model]) -> None:
    """Store new rows of one model. The rows count as stored afterwards, as with `bulk_create`."""
    model = type(rows[0])
    try:
        columns = columns_of(rows)
        insert_columns(model, columns)
    except Unusual:
        model._default_manager.bulk_create(rows, batch_size=BATCH)
        return
    show_stored(rows)


def show_stored(rows: Sequence[models.Model]) -> None:
    """The rows are in the database now."""
    alias = connection.alias
    for row in rows:
        row._state.adding, row._state.db = False, alias


def insert_columns(model: type[models.Model], values: Columns) -> None:
    """Store rows that are given as columns, by the names of attributes; every column must be there. Raises `Unusual`."""
    shape = _shape(model)
    if shape is None:
        raise Unusual
    prepared = [_prepared(column, values[column.attname]) for column in shape]
    quote = connection.ops.quote_name
    table, names = quote(model._meta.db_table), ", ".join(quote(column.column) for column in shape)
    rows = list(zip(*prepared, strict=True))
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(shape))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608 - names of the model


def unsaved(model: type[M], **values: Any) -> M:
    """`model(**values)` for thousands of rows. Values come by the names of attributes ("seat_id"); unknown ones raise `KeyError`."""
    places, filled, made = _defaults(model)
    row = list(filled)
    for attname, make in made:
        if attname not in values:
            row[places[attname]] = make()
    for attname, value in values.items():
        row[places[attname]] = value
    return model(*row)


@cache
def _defaults(
    model: type[models.Model],
) -> tuple[dict[str, int], list[Any], list[tuple[str, Callable[[], Any]]]]:
    """Where each attribute stands in a row, a row of what is left out, and what is made anew for each row."""
    fields = model._meta.concrete_fields
    fresh = {field.attname for field in fields if field.has_default() and callable(field.default)}
    made = [(field.attname, field.get_default) for field in fields if field.attname in fresh]
    filled = [None if field.attname in fresh else field.get_default() for field in fields]
    return {field.attname: index for index, field in enumerate(fields)}, filled, made


def columns_of(rows: Sequence[models.Model]) -> Columns:
    """The values of rows by column. Raises `Unusual` for few rows, rows of several models, and rows that `bulk_create` mends."""
    if len(rows) < FEW:
        raise Unusual
    model = type(rows[0])
    shape = _shape(model)
    if shape is None or not all(type(row) is model for row in rows):
        raise Unusual
    fields = [row.__dict__ for row in rows]
    try:
        found = {column.attname: [each[column.attname] for each in fields] for column in shape}
    except KeyError:
        raise Unusual from None
    if any(key is None for key in found[model._meta.pk.attname]):
        raise Unusual
    for column in shape:
        if column.target:
            _check_related(column, rows, found[column.attname])
    return found


def same(values: Sequence[Any]) -> bool:
    """Whether a column holds one and the same object in every row."""
    return all(map(is_, values, repeat(values[0])))


def each_once(values: Sequence[Any], make: Callable[[Any], Any]) -> list[Any]:
    """`make` of every value, called once for each object where many are the same. The caller keeps the objects alive meanwhile."""
    if len(set(map(id, values))) * 2 > len(values):
        return [make(value) for value in values]
    known: dict[int, Any] = {}
    found: list[Any] = []
    for value in values:
        key = id(value)
        if key not in known:
            known[key] = make(value)
        found.append(known[key])
    return found


def _check_related(column: Column, rows: Sequence[models.Model], keys: Sequence[Any]) -> None:
    """A related row that was given before it had its key, or whose key changed since, is Django's to sort out."""
    name, target = column.name, column.target
    for row, key in zip(rows, keys, strict=True):
        related = row._state.fields_cache.get(name)
        if related is not None and (key is None or key == "" or related.__dict__.get(target) != key):
            raise Unusual


def _prepared(column: Column, values: Sequence[Any]) -> Iterable[Any]:
    if column.is_json:
        values = [value if value or type(value) not in _EMPTY else _EMPTY[type(value)] for value in values]
    if same(values):
        return [column.prepare(values[0])] * len(values)
    kinds = set(map(type, values))
    if column.is_text and kinds == {str}:
        return values
    if column.is_uuid and kinds == {uuid.UUID}:
        return values if connection.features.has_native_uuid_field else [value.hex for value in values]
    return each_once(values, column.prepare)


@cache
def _shape(model: type[models.Model]) -> tuple[Column, ...] | None:
    """The columns of a model, or None where `bulk_create` does more for it than store them."""
    meta = model._meta
    fields = meta.concrete_fields
    is_plain = (
        not meta.proxy
        and not meta.parents
        and not meta.private_fields
        and not meta.db_returning_fields
        and type(model._default_manager) is Manager
        and all(_is_plain(field) for field in fields)
    )
    return tuple(_column(field) for field in fields) if is_plain else None


def _is_plain(field: Field[Any, Any]) -> bool:
    dates = (models.DateField, models.TimeField)
    is_kept = isinstance(field, dates) and not (field.auto_now or field.auto_now_add)
    has_own = is_kept or type(field).pre_save is Field.pre_save
    has_default = getattr(field, "db_default", models.NOT_PROVIDED) is not models.NOT_PROVIDED
    return has_own and not has_default and not field.generated and not hasattr(field, "get_placeholder")


def _column(field: Field[Any, Any]) -> Column:
    goal, target = field, ""
    while isinstance(goal, models.ForeignKey):
        goal = goal.target_field
        target = target or goal.attname
    return Column(
        name=field.name,
        attname=field.attname,
        column=str(field.column),
        is_json=type(field) is models.JSONField,
        is_text=type(goal) in (models.CharField, models.TextField),
        is_uuid=type(goal) is models.UUIDField,
        target=target,
        field=field,
    )
