"""The statements behind the trail. Those over every table are compiled once for a number of incidents, and long lists of words go
to the database as they are: the models would spend ten times as long on them as the database.
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection, models
from django.db.models import CharField, Model, Q, QuerySet, Value

#: Words of one statement, over three tables; SQLite takes 32,766 parameters.
WORDS = 5_000
Pair = tuple[str, str]


def named(model: type[Model], condition: Q) -> QuerySet[Any, Any]:
    """(name in the journal, key) of every row of the condition."""
    name: str = model.journal_type  # type: ignore[attr-defined]  # only rows of the journal come here
    rows: QuerySet[Any, Any] = model._default_manager.filter(condition).order_by()
    kept: QuerySet[Any, Any] = rows.annotate(trail_kind=Value(name, output_field=CharField()))
    return kept.values_list("trail_kind", "pk")


def leading_to(
    lookups: Sequence[tuple[type[Model], tuple[str, ...]]], ids: Sequence[uuid.UUID]
) -> list[Pair]:
    """Rows of every model that one of its lookups leads to one of the ids. One statement."""
    if not lookups:
        return []
    sql, given = _compiled(tuple(lookups), len(ids), connection.vendor)
    keys = [_for_database(key) for key in ids]
    return _read(sql, [keys[one] if isinstance(one, int) else one for one in given])


def about(parts: Iterable[tuple[type[Model], str]], words: Sequence[str]) -> list[Pair]:
    """Rows of each model whose column (text) is one of the words. One statement for up to `WORDS` of them."""
    chosen = list(parts)
    found: list[Pair] = []
    for start in range(0, len(words), WORDS):
        some = words[start : start + WORDS]
        places = ", ".join(["%s"] * len(some))
        pieces = [
            f"SELECT '{_name(model)}', {_column(model, 'id')} FROM {_table(model)} WHERE {_column(model, column)} IN ({places})"  # noqa: S608 - names of our own tables
            for model, column in chosen
        ]
        found += _read(" UNION ALL ".join(pieces), list(some) * len(chosen))
    return found


@functools.lru_cache(maxsize=64)
def _compiled(
    lookups: tuple[tuple[type[Model], tuple[str, ...]], ...], count: int, vendor: str
) -> tuple[str, tuple[str | int, ...]]:
    """The statement, and its parameters with the number of the id where an id stands. `vendor` keeps two databases apart."""
    marks = [uuid.UUID(int=number + 1) for number in range(count)]
    parts = []
    for model, ways in lookups:
        condition = Q()
        for way in ways:
            condition |= Q(**{f"{way}__in": marks})
        parts.append(named(model, condition))
    whole = parts[0].union(*parts[1:]) if len(parts) > 1 else parts[0]
    sql, given = whole.query.get_compiler(connection=connection).as_sql()
    places = {_for_database(mark): number for number, mark in enumerate(marks)}
    return sql, tuple(places.get(one, one) for one in given)


def _for_database(key: uuid.UUID) -> Any:
    return models.UUIDField().get_db_prep_value(key, connection)


def _read(sql: str, parameters: Sequence[Any]) -> list[Pair]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [(kind, as_key(key)) for kind, key in _rows(cursor)]


def _rows(cursor: Any) -> Iterator[tuple[str, Any]]:
    while rows := cursor.fetchmany(2_000):
        yield from rows


def as_key(key: Any) -> str:
    """A key as the journal writes it; SQLite keeps it as 32 hexadecimal digits."""
    text = str(key)
    if len(text) != 32:
        return text
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _name(model: type[Model]) -> str:
    return str(model.journal_type)  # type: ignore[attr-defined]  # as above


def _table(model: type[Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _column(model: type[Model], name: str) -> str:
    column: Any = model._meta.get_field(name)
    return connection.ops.quote_name(column.column)
