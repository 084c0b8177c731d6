"""The newest value of every stream, for pages. Derived from the day files: losing this file loses nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np

from anlan.sensing.hot.rows import Bools, Ints, Rows
from anlan.sensing.hot.types import NO_VALUE

_UPSERT = (
    "INSERT INTO latest (s, t, v, flag, received) VALUES (?,?,?,?,?)"
    " ON CONFLICT (s) DO UPDATE SET t=excluded.t, v=excluded.v, flag=excluded.flag, received=excluded.received"
    " WHERE excluded.t >= latest.t"
)


class LatestArrays:
    """The newest values in arrays by stream number, and which of them are not written yet."""

    def __init__(self) -> None:
        self._t: Ints = np.empty(0, np.int64)
        self._v: Ints = np.empty(0, np.int64)
        self._flag: Ints = np.empty(0, np.int64)
        self._received: Ints = np.empty(0, np.int64)
        self._is_new: Bools = np.empty(0, np.bool_)
        self._heard: dict[str, int] = {}

    def resize(self, size: int) -> None:
        extra = size - len(self._t)
        if extra > 0:
            self._t = np.concatenate([self._t, np.full(extra, -(1 << 62), np.int64)])
            zeros = np.zeros(extra, np.int64)
            self._v, self._flag, self._received = (
                np.concatenate([column, zeros]) for column in (self._v, self._flag, self._received)
            )
            self._is_new = np.concatenate([self._is_new, np.zeros(extra, np.bool_)])

    def note(self, rows: Rows) -> None:
        """Take stored rows, none dated ahead; the newest time of a stream wins, and at equal times the later arrival."""
        newer = rows.t >= self._t[rows.s]
        rows = rows if newer.all() else rows.pick(newer)
        if (rows.t[1:] != rows.t[:-1]).any():
            rows = rows.pick(np.argsort(rows.t, kind="stable"))
        self._t[rows.s] = rows.t
        self._v[rows.s] = rows.v
        self._flag[rows.s] = rows.flag
        self._received[rows.s] = rows.received
        self._is_new[rows.s] = True

    def note_heard(self, station: str, at_ms: int) -> None:
        self._heard[station] = at_ms


class LatestTable(LatestArrays):
    """Written at most as often as `flush` is called."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._link = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._link.execute("PRAGMA journal_mode=WAL")
        self._link.execute("PRAGMA synchronous=NORMAL")
        self._link.execute(
            "CREATE TABLE IF NOT EXISTS latest (s INTEGER PRIMARY KEY, t INTEGER NOT NULL, v INTEGER,"
            " flag INTEGER NOT NULL, received INTEGER NOT NULL)"
        )
        self._link.execute("CREATE TABLE IF NOT EXISTS heard (station TEXT PRIMARY KEY, at INTEGER NOT NULL)")

    def heard(self) -> dict[str, int]:
        """When each station was last heard, epoch milliseconds."""
        return dict(self._link.execute("SELECT station, at FROM heard").fetchall())

    def flush(self) -> None:
        """Write what changed since the last flush."""
        new = np.flatnonzero(self._is_new)
        if not len(new) and not self._heard:
            return
        values = [None if v == NO_VALUE else v for v in self._v[new].tolist()]
        columns = (
            new.tolist(),
            self._t[new].tolist(),
            values,
            self._flag[new].tolist(),
            self._received[new].tolist(),
        )
        try:
            self._link.execute("BEGIN")
            self._link.executemany(_UPSERT, zip(*columns, strict=True))
            self._link.executemany("INSERT OR REPLACE INTO heard VALUES (?,?)", self._heard.items())
            self._link.execute("COMMIT")
        except sqlite3.Error:
            if self._link.in_transaction:
                self._link.execute("ROLLBACK")
            return
        self._is_new[new] = False
        self._heard = {}

    def close(self) -> None:
        self._link.close()
