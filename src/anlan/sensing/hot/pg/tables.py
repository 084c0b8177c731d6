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
CREATE TABLE IF NOT EXISTS {schema}.superseded (
    n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, day integer NOT NULL, t bigint NOT NULL, s integer NOT NULL,
    v bigint NOT NULL, flag integer NOT NULL, received bigint NOT NULL);
CREATE INDEX IF NOT EXISTS superseded_key ON {schema}.superseded (day, t, s);
CREATE TABLE IF NOT EXISTS {schema}.raw (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, shard integer NOT NULL, day integer NOT NULL,
    received bigint NOT NULL, source text NOT NULL, station text NOT NULL, bytes bytea NOT NULL);
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
"""
#: Two gateways that start together must not make the same table at once.
_SCHEMA_LOCK = 0x616E6C61


def make_tables(link: psycopg.Connection, schema: str) -> None:
    """Create what is not there yet; `link` is in autocommit."""
    with link.transaction():
        link.execute("SELECT pg_advisory_xact_lock(%s)", (_SCHEMA_LOCK,))
        if link.execute("SELECT to_regclass(%s)", (f"{schema}.refused",)).fetchone() == (None,):
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
        link.execute("SELECT pg_advisory_xact_lock(%s)", (_SCHEMA_LOCK,))
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


def table_of(schema: str, day: int) -> sql.Identifier:
    return sql.Identifier(schema, day_name(day).replace("-", "_"))


def days_of(link: psycopg.Connection, schema: str) -> list[int]:
    """The days that have a partition, oldest first; the table of odd readings is not among them."""
    found = link.execute(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
        " WHERE i.inhparent = to_regclass(%s)",
        (f"{schema}.obs",),
    ).fetchall()
    numbers = (day_number(name.replace("_", "-")) for (name,) in found)
    return sorted(n for n in numbers if n is not None)
