"""What was refused, for the person who looks for a broken station: bounded, and never in the way of good readings."""

from __future__ import annotations

import sqlite3
from collections import deque
from pathlib import Path
from typing import NamedTuple

#: Rows kept, rows waiting to be written, and bytes kept of each frame.
KEPT = 5000
WAITING = 500
HEAD_BYTES = 64


class RefusedFrame(NamedTuple):
    """`received` in epoch milliseconds; `peer` is an address, no person."""

    received: int
    peer: str
    code: str
    reason: str
    head: bytes


class RefusedQueue:
    """`add` may be called from any thread, `flush` from one. When more waits than fits, the oldest is dropped."""

    def __init__(self) -> None:
        self._waiting: deque[RefusedFrame] = deque(maxlen=WAITING)

    def add(self, frame: RefusedFrame) -> None:
        self._waiting.append(frame._replace(head=frame.head[:HEAD_BYTES]))

    def flush(self) -> None:
        """Write what waits. A full disk loses these rows, which the counters still count."""
        rows = [self._waiting.popleft() for _ in range(len(self._waiting))]
        if rows:
            self.write(rows, KEPT)

    def write(self, rows: list[RefusedFrame], kept: int) -> None:
        """Store rows and keep only the newest `kept`."""
        raise NotImplementedError


class RefusedTable(RefusedQueue):
    """The table in its own file."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._link = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._link.execute("PRAGMA journal_mode=WAL")
        self._link.execute("PRAGMA synchronous=NORMAL")
        self._link.execute(
            "CREATE TABLE IF NOT EXISTS refused (n INTEGER PRIMARY KEY AUTOINCREMENT, received INTEGER NOT NULL,"
            " peer TEXT NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL, head BLOB NOT NULL)"
        )

    def write(self, rows: list[RefusedFrame], kept: int) -> None:
        try:
            self._link.execute("BEGIN")
            sql = "INSERT INTO refused (received, peer, code, reason, head) VALUES (?,?,?,?,?)"
            self._link.executemany(sql, rows)
            self._link.execute("DELETE FROM refused WHERE n <= (SELECT max(n) FROM refused) - ?", (kept,))
            self._link.execute("COMMIT")
        except sqlite3.Error:
            if self._link.in_transaction:
                self._link.execute("ROLLBACK")

    def close(self) -> None:
        self.flush()
        self._link.close()
