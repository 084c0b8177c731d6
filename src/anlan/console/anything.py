"""Is there anything of this kind at all? One statement for every part of the first page, before each is asked what waits for its reader.

On an ordinary day most parts have nothing, and to ask a part costs a statement that is narrowed to the reader and long to put
together. What is asked here is narrowed to nobody, so its text never changes and is put together once.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet

#: Rows without which a part has nothing for anybody.
Rows = Callable[[], Sequence[QuerySet[Any]]]


def present(parts: tuple[tuple[str, Rows], ...]) -> frozenset[str]:
    """The names of those parts of which at least one row is there."""
    if not parts:
        return frozenset()
    sql, params = _statement(connection.vendor, parts)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found = cursor.fetchone()
    return frozenset(name for (name, _rows), is_there in zip(parts, found, strict=True) if is_there)


@functools.lru_cache(maxsize=16)
def _statement(vendor: str, parts: tuple[tuple[str, Rows], ...]) -> tuple[str, tuple[Any, ...]]:
    texts, params = [], []
    for _name, rows in parts:
        one = [each.order_by().values_list("pk").query.sql_with_params() for each in rows()]
        texts.append(" OR ".join(f"EXISTS ({sql})" for sql, _params in one))
        params += [value for _sql, values in one for value in values]
    return f"SELECT {', '.join(texts)}", tuple(params)
