"""Tables of the readings' own schema on PostgreSQL. Without NumPy: pages use it too."""

from __future__ import annotations

import psycopg
from psycopg import sql

from anlan.sensing.hot.days import day_name, day_number
from anlan.sensing.hot.types import DAY_S, ODD_DAY

#: Eight-byte columns first, so that a row needs no padding. "No reading" is stored as NO_VALUE: rows of one width copy fastest.
_TABLES = """
CREATE SCHEMA IF NOT EXISTS {schema};
CREATE TABLE IF NOT EXISTS {schema}.obs (
    t bigint NOT NULL, received bigint NOT NULL, v bigint NOT NULL, s integer NOT NULL, flag integer NOT NULL,
    PRIMARY KEY (t, s)) PARTITION BY RANGE (t);
CREATE TABLE IF NOT EXISTS {schema}.obs_odd (
    t bigint NOT NULL, received bigint NOT NULL, v bigint NOT NULL, s integer NOT NULL, flag integer NOT NULL,
    PRIMARY KEY (t, s));
CREATE INDEX IF NOT EXISTS obs_received ON {schema}.obs USING brin (received) WITH (autosummarize = on, pages_per_range = 32);
CREATE INDEX IF NOT EXISTS obs_odd_received ON {schema}.obs_odd USING brin (received);
CREATE TABLE IF NOT EXISTS {schema}.superseded (
    n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, day integer NOT NULL, t bigint NOT NULL, s integer NOT NULL,
    v bigint NOT NULL, flag integer NOT NULL, received bigint NOT NULL);
CREATE INDEX IF NOT EXISTS superseded_key ON {schema}.superseded (day, t, s);
CREATE TABLE IF NOT EXISTS {schema}.raw (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, shard integer NOT NULL, day integer NOT NULL,
    received bigint NOT NULL, source text NOT NULL, station text NOT NULL, bytes bytea NOT NULL);
CREATE INDEX IF NOT EXISTS raw_shard ON {schema}.raw (shard, id);
CREATE INDEX IF NOT EXISTS raw_day ON {schema}.raw USING brin (day) WITH (autosummarize = on);
CREATE INDEX IF NOT EXISTS raw_station ON {schema}.raw (station, id);
CREATE TABLE IF NOT EXISTS {schema}.attachment (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, day integer NOT NULL, received bigint NOT NULL, t bigint,
    station text NOT NULL, media_type text NOT NULL, bytes bytea NOT NULL);
CREATE INDEX IF NOT EXISTS attachment_station ON {schema}.attachment (station, id);
CREATE TABLE IF NOT EXISTS {schema}.qc (
    t bigint NOT NULL, s integer NOT NULL, reason text NOT NULL, PRIMARY KEY (t, s));
CREATE TABLE IF NOT EXISTS {schema}.signal (
    shard integer NOT NULL, n bigint NOT NULL, id text NOT NULL UNIQUE, kind text NOT NULL, at bigint NOT NULL,
    body jsonb NOT NULL, PRIMARY KEY (shard, n));
CREATE TABLE IF NOT EXISTS {schema}.stream (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, station text NOT NULL, quantity text NOT NULL,
    exercise text NOT NULL DEFAULT '', UNIQUE (station, quantity, exercise));
CREATE TABLE IF NOT EXISTS {schema}.latest (
    s integer PRIMARY KEY, t bigint NOT NULL, v bigint NOT NULL, flag integer NOT NULL, received bigint NOT NULL);
CREATE TABLE IF NOT EXISTS {schema}.heard (station text PRIMARY KEY, at bigint NOT NULL);
CREATE TABLE IF NOT EXISTS {schema}.changed (shard integer PRIMARY KEY, at double precision NOT NULL);
CREATE TABLE IF NOT EXISTS {schema}.refused (
    n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, received bigint NOT NULL, peer text NOT NULL, code text NOT NULL,
    reason text NOT NULL, head bytea NOT NULL);
CREATE TABLE IF NOT EXISTS {schema}.part (
    n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, day integer NOT NULL, name text NOT NULL,
    raw_from bigint NOT NULL DEFAULT 0, raw_to bigint, superseded_from bigint NOT NULL DEFAULT 0, superseded_to bigint);
"""
#: How long sealing waits for a lock; below the server's own time for deadlocks (1 s), so that sealing gives way, never intake.
LOCK_WAIT = "800ms"
#: Two gateways that start together must not make the same table at once.
SCHEMA_LOCK = 0x616E6C61


def make_tables(link: psycopg.Connection, schema: str) -> None:
    """Create what is not there yet; `link` is in autocommit."""
    with link.transaction():
        link.execute("SELECT pg_advisory_xact_lock(%s)", (SCHEMA_LOCK,))
        if link.execute("SELECT to_regclass(%s)", (f"{schema}.part",)).fetchone() == (None,):
            link.execute(sql.SQL(_TABLES).format(schema=sql.Identifier(schema)))


def make_day(link: psycopg.Connection, schema: str, day: int) -> None:
    """Create the partition of a day; `link` is in autocommit.

    The table is made by itself and then attached: that waits for nobody who writes into another day, which creating it as a
    partition would.
    """
    if day == ODD_DAY:
        return
    table, parent = table_of(schema, day), sql.Identifier(schema, "obs")
    with link.transaction():
        link.execute("SELECT pg_advisory_xact_lock(%s)", (SCHEMA_LOCK,))
        if day in days_of(link, schema):
            return
        link.execute(
            sql.SQL(
                "CREATE TABLE {} (LIKE {} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)"
            ).format(table, parent)
        )
        link.execute(
            sql.SQL("ALTER TABLE {} ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})").format(
                parent, table, day * DAY_S, (day + 1) * DAY_S
            )
        )
        # What was sealed before keeps its raw frames and its superseded values; this part begins behind them.
        link.execute(
            sql.SQL(
                "INSERT INTO {part} (day, name, raw_from, superseded_from) SELECT %(day)s, %(name)s,"
                " coalesce(max(raw_to), 0), coalesce(max(superseded_to), 0) FROM {part} WHERE day = %(day)s"
            ).format(part=sql.Identifier(schema, "part")),
            {"day": day, "name": name_of(day)},
        )


def name_of(day: int) -> str:
    return day_name(day).replace("-", "_")


def table_of(schema: str, day: int) -> sql.Identifier:
    return sql.Identifier(schema, name_of(day))


def days_of(link: psycopg.Connection, schema: str) -> list[int]:
    """The days that have a partition, oldest first; the table of odd readings is not among them."""
    found = link.execute(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
        " WHERE i.inhparent = to_regclass(%s)",
        (f"{schema}.obs",),
    ).fetchall()
    numbers = (day_number(name.replace("_", "-")) for (name,) in found)
    return sorted(n for n in numbers if n is not None)
