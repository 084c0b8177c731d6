"""Readings in a schema of their own on a real server; skipped where none is named."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import pytest


@dataclass(frozen=True)
class Database:
    dsn: str
    schema: str


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """The environment of a gateway that keeps its readings on PostgreSQL."""
    dsn = os.environ.get("ANLAN_TEST_POSTGRES")
    if not dsn:
        pytest.skip("no PostgreSQL server is named (ANLAN_TEST_POSTGRES)")
    import psycopg

    schema = f"readings_{secrets.token_hex(6)}"
    monkeypatch.setenv("ANLAN_DATABASE_URL", dsn)
    monkeypatch.setenv("ANLAN_READINGS", "database")
    monkeypatch.setenv("ANLAN_READINGS_SCHEMA", schema)
    yield Database(dsn, schema)
    with psycopg.connect(dsn, autocommit=True) as link:
        # A test that failed may have left a transaction open.
        link.execute(
            "SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation"
            " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND l.pid <> pg_backend_pid()",
            (schema,),
        )
        link.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')
