"""Reads entries of many rows as they are stored, without models: of 20,000 entries that takes a third of the time."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

#: Ids of one statement; SQLite takes 32,766 parameters, PostgreSQL 65,535.
CHUNK = 5_000
#: A time as text is read here: the connection would do it in Python, too, and three times as slow.
_COLUMNS = "id, subject_type, subject_id, CAST(at AS TEXT), payload, division_path"


class Read(NamedTuple):
    """One entry. `id` as the database gives it (text on SQLite, a UUID on PostgreSQL), `payload` JSON text, "" where it was erased."""

    id: Any
    type: str
    subject: str
    at: datetime
    payload: str
    path: str


class Mark(NamedTuple):
    """How far the journal went: the newest sealed entry of each origin, and the ids of what waits for a seal."""

    sealed: tuple[tuple[str, int], ...]
    waiting: frozenset[Any]


def read(subjects: Mapping[str, Iterable[str]]) -> Iterator[Read]:
    """Every entry of these rows, in no order."""
    for kind, keys in subjects.items():
        listed = sorted(keys)
        for start in range(0, len(listed), CHUNK):
            some = listed[start : start + CHUNK]
            places = ", ".join(["%s"] * len(some))
            yield from _entries(
                f"SELECT {_COLUMNS} FROM journal_entry WHERE subject_type = %s AND subject_id IN ({places})",  # noqa: S608 - only placeholders are put in
                [kind, *some],
            )


def mark() -> Mark:
    """Where the journal stands. Read it before what it stands for, so that nothing falls between. Two small queries."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT origin, seq FROM journal_chainhead ORDER BY origin")
        sealed = tuple((str(origin), int(seq)) for origin, seq in cursor.fetchall())
        cursor.execute("SELECT id FROM journal_entry WHERE seq IS NULL")
        return Mark(sealed, frozenset(key for (key,) in cursor.fetchall()))


def since(former: Mark, now: Mark, most: int) -> list[Read] | None:
    """Entries that were sealed after a former mark, and those that wait for it; None when there are more than `most` of them."""
    known = dict(former.sealed)
    if len(now.waiting) + sum(seq - known.get(origin, 0) for origin, seq in now.sealed) > most:
        return None
    found = []
    for origin, _seq in now.sealed:
        sql = f"SELECT {_COLUMNS} FROM journal_entry WHERE origin = %s AND seq > %s"  # noqa: S608 - as above
        found += list(_entries(sql, [origin, known.get(origin, 0)]))
    found += list(_entries(f"SELECT {_COLUMNS} FROM journal_entry WHERE seq IS NULL", []))  # noqa: S608 - as above
    return found


def _entries(sql: str, parameters: Sequence[Any]) -> Iterator[Read]:
    # SQLite keeps times in UTC and says so nowhere; PostgreSQL writes the zone behind them.
    zone = "+00:00" if connection.vendor == "sqlite" else ""
    moment = datetime.fromisoformat
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        while rows := cursor.fetchmany(2_000):
            for key, kind, subject, at, payload, path in rows:
                yield Read(key, kind, subject, moment(at + zone), payload, path)


#: How many threads are at it: the first one stops the search, the last one lets it go on.
_undisturbed = 0
_switch = threading.Lock()


@contextmanager
def undisturbed() -> Iterator[None]:
    """No search for rings of objects while tens of thousands are made that hold none; it would take as long as all the rest.

    Afterwards they are left out of it for good: they stay for long, and what is let go of is still freed at once. What young
    rings there are is freed before, so that they are not left out with them.
    """
    global _undisturbed
    with _switch:
        _undisturbed += 1
        if _undisturbed == 1:
            gc.disable()
            gc.collect(1)
    try:
        yield
    finally:
        with _switch:
            _undisturbed -= 1
            if _undisturbed == 0:
                gc.freeze()
                gc.enable()
