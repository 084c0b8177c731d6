"""The parts of days on PostgreSQL: a partition that gateways write into, or a table that settling has closed. Without NumPy.

A day has one open part at most. Sealing takes it out of `obs` under another name, so that what comes later makes the gateway
begin a new part; the numbers of its last raw frame and superseded value are kept with it, because those tables are not by day.
"""

from __future__ import annotations

import time
from typing import NamedTuple

import psycopg
from psycopg import errors, sql

from anlan.sensing.hot.days import day_name
from anlan.sensing.hot.pg.tables import LOCK_WAIT, SCHEMA_LOCK, name_of
from anlan.sensing.hot.types import ODD_DAY

_TRIES, _PAUSE_S = 20, 0.25


class Part(NamedTuple):
    """`raw_to` and `superseded_to` are None while gateways write into it. The odd part has the number 0 and is never closed."""

    n: int
    day: int
    table: str
    raw_from: int
    raw_to: int | None
    superseded_from: int
    superseded_to: int | None

    @property
    def name(self) -> str:
        """Stays when the table is renamed and never comes again."""
        return f"{day_name(self.day)}~pg{self.n}"


ODD = Part(0, ODD_DAY, name_of(ODD_DAY), 0, None, 0, None)


def parts_of(link: psycopg.Connection, schema: str) -> list[Part]:
    """Every part, oldest first, the odd one last."""
    query = sql.SQL(
        "SELECT n, day, name, raw_from, raw_to, superseded_from, superseded_to FROM {} ORDER BY day, n"
    ).format(sql.Identifier(schema, "part"))
    return [*(Part(*row) for row in link.execute(query)), ODD]


def seal(link: psycopg.Connection, schema: str, n: int) -> None:
    """Close a part: no gateway writes into it any more. Does nothing where that is done.

    Raises psycopg.errors.LockNotAvailable when readers or writers leave no moment for it.
    """
    for left in reversed(range(_TRIES)):
        try:
            with link.transaction():
                _seal(link, schema, n)
            return
        except (errors.LockNotAvailable, errors.DeadlockDetected):
            if not left:
                raise
            time.sleep(_PAUSE_S)


def _seal(link: psycopg.Connection, schema: str, n: int) -> None:
    link.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(sql.Literal(LOCK_WAIT)))
    link.execute("SELECT pg_advisory_xact_lock(%s)", (SCHEMA_LOCK,))
    part = sql.Identifier(schema, "part")
    row = link.execute(
        sql.SQL("SELECT day, name FROM {} WHERE n = %s AND raw_to IS NULL").format(part), (n,)
    ).fetchone()
    if row is None:
        return
    table, sealed = sql.Identifier(schema, row[1]), f"{row[1]}_{n}"
    obs, raw, superseded = (sql.Identifier(schema, name) for name in ("obs", "raw", "superseded"))
    # Whoever is in the middle of a batch for this day finishes first; the numbers below are then final.
    link.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(obs))
    link.execute(sql.SQL("LOCK TABLE {}, {} IN SHARE MODE").format(raw, superseded))
    link.execute(sql.SQL("ALTER TABLE {} DETACH PARTITION {}").format(obs, table))
    link.execute(sql.SQL("ALTER TABLE {} RENAME TO {}").format(table, sql.Identifier(sealed)))
    link.execute(
        sql.SQL(
            "UPDATE {} SET name = %s, raw_to = (SELECT coalesce(max(id), 0) FROM {}),"
            " superseded_to = (SELECT coalesce(max(n), 0) FROM {}) WHERE n = %s"
        ).format(part, raw, superseded),
        (sealed, n),
    )


def drop(link: psycopg.Connection, schema: str, part: Part) -> None:
    """Remove a sealed part with its raw frames, superseded values and reasons, all at once."""
    if part.raw_to is None:
        raise ValueError(f"{part.name} is not sealed")
    table = sql.Identifier(schema, part.table)
    with link.transaction():
        link.execute(
            sql.SQL("DELETE FROM {} q USING {} o WHERE q.t = o.t AND q.s = o.s").format(
                sql.Identifier(schema, "qc"), table
            )
        )
        for name, number, low, high in (
            ("raw", "id", part.raw_from, part.raw_to),
            ("superseded", "n", part.superseded_from, part.superseded_to),
        ):
            link.execute(
                sql.SQL("DELETE FROM {} WHERE day = %s AND {number} > %s AND {number} <= %s").format(
                    sql.Identifier(schema, name), number=sql.Identifier(number)
                ),
                (part.day, low, high),
            )
        link.execute(sql.SQL("DROP TABLE {}").format(table))
        link.execute(sql.SQL("DELETE FROM {} WHERE n = %s").format(sql.Identifier(schema, "part")), (part.n,))
