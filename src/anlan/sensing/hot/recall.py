"""What was last said about each binding and station, kept when a settled day file goes: a restart must not say it again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from anlan.sensing.hot.days import connect
from anlan.sensing.hot.types import Signal

#: Kinds that answer one another share a place.
_PAIRS = {"certain": "uncertain", "heard": "silent"}


def recalled(root: Path) -> Iterator[Signal]:
    """The newest signal of each kind and subject among the removed files."""
    path = root / "recall.db"
    if not path.exists():
        return
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as link:
        rows = link.execute("SELECT id, kind, at, body FROM said ORDER BY id").fetchall()
    for id_, kind, at, body in rows:
        yield Signal(id_, kind, datetime.fromtimestamp(at / 1000, UTC), json.loads(body))


def remember(root: Path, signals: Iterable[Signal]) -> None:
    """Keep those that are newer than what is kept; durable on return, and harmless twice."""
    with closing(connect(root / "recall.db")) as link:
        link.execute(
            "CREATE TABLE IF NOT EXISTS said (subject TEXT PRIMARY KEY, id TEXT NOT NULL, kind TEXT NOT NULL,"
            " at INTEGER NOT NULL, body TEXT NOT NULL)"
        )
        link.execute("BEGIN IMMEDIATE")
        link.executemany(
            "INSERT INTO said VALUES (?,?,?,?,?) ON CONFLICT (subject) DO UPDATE SET id=excluded.id,"
            " kind=excluded.kind, at=excluded.at, body=excluded.body WHERE excluded.id > said.id",
            [
                (_subject(one), one.id, one.kind, int(one.at.timestamp() * 1000), json.dumps(one.body))
                for one in signals
            ],
        )
        link.execute("COMMIT")


def _subject(signal: Signal) -> str:
    names = ("exercise", "binding") if signal.body.get("binding") else ("exercise", "station", "quantity")
    return json.dumps([_PAIRS.get(signal.kind, signal.kind), *(str(signal.body.get(n, "")) for n in names)])
