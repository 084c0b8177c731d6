"""A statement that is put together once and asked often: Django writes its text anew each time, which for a small question takes
longer than the answer. The text comes from an ordinary query with stand-ins for what changes, so both databases get their own.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import DateTimeField, QuerySet, UUIDField

_KEYS: UUIDField[Any, Any] = UUIDField()
_MOMENTS: DateTimeField[Any, Any] = DateTimeField()

#: Stand-ins: no row has such a key, and nothing happened then.
A_KEY = uuid.UUID(int=1)
A_MOMENT = datetime(1700, 1, 1, 1, 2, 3, 456789, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Prepared:
    """The text for one database, with the values that it was written with."""

    sql: str
    params: tuple[Any, ...]

    def rows(self, given: Mapping[Any, Any]) -> list[tuple[Any, ...]]:
        """What it finds with these values for the stand-ins; columns as the database keeps them."""
        values = {_stored(name): _stored(value) for name, value in given.items()}
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [values.get(one, one) for one in self.params])
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def prepare(rows: QuerySet[Any, Any]) -> Prepared:
    """Whoever keeps it keeps one for each `connection.vendor`."""
    sql, params = rows.query.sql_with_params()
    return Prepared(sql, tuple(params))


def _stored(value: Any) -> Any:
    """A key or a time as this database takes it."""
    if isinstance(value, uuid.UUID):
        return _KEYS.get_db_prep_value(value, connection)
    if isinstance(value, datetime):
        return _MOMENTS.get_db_prep_value(value, connection)
    return value
