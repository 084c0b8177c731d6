"""The book of one route: which parts left, under which number the gateway has them, and what became of them.

A small SQLite file beside the county's data (`routes/<name>.sqlite`), because receipts come hours later and after restarts, and
because it answers "did this leave?" after a crash: an attempt is written down before its first byte leaves. No phone numbers and
no texts are in it.
"""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import dataclass
from pathlib import Path

from anlan.dissemination.channels import Trace

#: Receipts are waited for at most this long; networks try for two or three days. Engineering choice.
KEEP_S = 7 * 24 * 3600.0
_TABLES = (
    "CREATE TABLE IF NOT EXISTS attempt (id TEXT PRIMARY KEY, send_key TEXT NOT NULL, total INTEGER NOT NULL, at REAL NOT NULL)",
    "CREATE INDEX IF NOT EXISTS attempt_key ON attempt (send_key)",
    "CREATE TABLE IF NOT EXISTS part (message_id TEXT PRIMARY KEY, attempt TEXT NOT NULL, number INTEGER NOT NULL,"
    " status TEXT NOT NULL DEFAULT '', at REAL NOT NULL)",
    "CREATE INDEX IF NOT EXISTS part_attempt ON part (attempt)",
)


@dataclass(frozen=True, slots=True)
class Fate:
    """What is known of a whole message: `status` is "delivered" once every part is, "failed" once one is, else ""."""

    attempt: str
    send_key: str
    status: str


class Book:
    """Safe in several threads. Without a path it lives in memory and knows nothing of earlier runs."""

    def __init__(self, path: Path | None) -> None:
        #: Whether a missing attempt proves that it never left: not in a book that was begun only now.
        self.is_complete = path is not None and path.exists()
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(str(path or ":memory:"), check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        for table in _TABLES:
            self._db.execute(table)

    def begin(self, attempt: str, send_key: str, total: int, *, at: float) -> None:
        """Before the first byte leaves."""
        with self._lock:
            self._db.execute("INSERT INTO attempt VALUES (?, ?, ?, ?)", (attempt, send_key, total, at))

    def never_left(self, attempt: str) -> None:
        """The gateway surely has no part of it."""
        with self._lock:
            self._db.execute("DELETE FROM attempt WHERE id = ?", (attempt,))

    def taken(self, message_id: str, attempt: str, number: int, *, at: float) -> None:
        with self._lock:
            self._db.execute(
                "INSERT OR REPLACE INTO part (message_id, attempt, number, at) VALUES (?, ?, ?, ?)",
                (message_id, attempt, number, at),
            )

    def report(self, message_id: str, status: str) -> Fate | None:
        """Note a receipt about one part; None when no part has this number. A delivered part stays delivered."""
        with self._lock:
            found = self._db.execute(
                "SELECT attempt.id, send_key, total FROM part JOIN attempt ON attempt.id = part.attempt"
                " WHERE message_id = ?",
                (message_id,),
            ).fetchone()
            if found is None:
                return None
            attempt, send_key, total = found
            self._db.execute(
                "UPDATE part SET status = ? WHERE message_id = ? AND status != 'delivered'",
                (status, message_id),
            )
            rows = self._db.execute(
                "SELECT number, status FROM part WHERE attempt = ?", (attempt,)
            ).fetchall()
        return Fate(attempt, send_key, _whole(rows, total))

    def trace(self, send_key: str) -> tuple[Trace, str]:
        """Whether a message left, and the number of its first part."""
        with self._lock:
            attempts = self._db.execute(
                "SELECT id, total FROM attempt WHERE send_key = ? ORDER BY at DESC", (send_key,)
            ).fetchall()
            for attempt, total in attempts:
                parts = self._db.execute(
                    "SELECT message_id FROM part WHERE attempt = ? ORDER BY number", (attempt,)
                ).fetchall()
                if len(parts) == total:
                    return Trace.KNOWN, reference([one for (one,) in parts])
        if attempts or not self.is_complete:
            return Trace.CANNOT_TELL, ""
        return Trace.NEVER_SEEN, ""

    def forget_old(self, *, now: float) -> None:
        with self._lock:
            self._db.execute("DELETE FROM part WHERE at < ?", (now - KEEP_S,))
            self._db.execute("DELETE FROM attempt WHERE at < ?", (now - KEEP_S,))

    def close(self) -> None:
        with self._lock:
            self._db.close()


def reference(message_ids: list[str]) -> str:
    """What stands on the delivery: the first part's number, and how many more there are.

    With "+2" behind it a receipt about the first part alone is never taken for one about the whole message.
    """
    more = len(message_ids) - 1
    return (f"{message_ids[0]}+{more}" if more else message_ids[0])[:80]


def _whole(rows: list[tuple[int, str]], total: int) -> str:
    delivered = {number for number, status in rows if status == "delivered"}
    if len(delivered) == total:
        return "delivered"
    return "failed" if any(status == "failed" for _, status in rows) else ""
