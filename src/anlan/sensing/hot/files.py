"""One day file: its schema and the few statements that touch it. Raw SQL, integers only."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import numpy as np

from anlan.sensing.hot.days import connect, is_sealed
from anlan.sensing.hot.rows import Ints, Rows
from anlan.sensing.hot.types import NO_VALUE, RawAttachment, RawFrame, Signal
from anlan.vocab.quality import IMPLAUSIBLE, UNUSABLE, QualityFlag

_SCHEMA = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS obs (
    t INTEGER NOT NULL, s INTEGER NOT NULL, v INTEGER, flag INTEGER NOT NULL, received INTEGER NOT NULL,
    PRIMARY KEY (t, s)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS superseded (
    n INTEGER PRIMARY KEY, t INTEGER NOT NULL, s INTEGER NOT NULL, v INTEGER, flag INTEGER NOT NULL,
    received INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS superseded_key ON superseded (t, s);
CREATE TABLE IF NOT EXISTS raw (
    id INTEGER PRIMARY KEY, received INTEGER NOT NULL, source TEXT NOT NULL, station TEXT NOT NULL, bytes BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS raw_station ON raw (station, id);
CREATE TABLE IF NOT EXISTS attachment (
    id INTEGER PRIMARY KEY, received INTEGER NOT NULL, t INTEGER, station TEXT NOT NULL, media_type TEXT NOT NULL, bytes BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS attachment_station ON attachment (station, id);
CREATE TABLE IF NOT EXISTS signal (
    n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS qc (
    t INTEGER NOT NULL, s INTEGER NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (t, s)) WITHOUT ROWID;
COMMIT;
"""

#: Rows a statement; one step per statement lets the other threads run while SQLite works.
_CHUNK = 1000
_INSERT = "INSERT OR IGNORE INTO obs VALUES "
_INSERT_CHUNK = _INSERT + ",".join(["(?,?,?,?,?)"] * _CHUNK)


class DayFile:
    """The writing end of one day file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.link = connect(path)
        self.is_open = False
        try:
            if not self.link.execute("SELECT 1 FROM sqlite_master WHERE name='qc'").fetchone():
                self.link.executescript(_SCHEMA)  # one transaction: a reader sees all tables or none
        except sqlite3.Error:
            self.link.close()
            raise

    def begin(self) -> bool:
        """False when the file was settled meanwhile: what comes now belongs into the next file of the day."""
        self.link.execute("BEGIN IMMEDIATE")
        self.is_open = not is_sealed(self.link)
        if not self.is_open:
            self.link.execute("ROLLBACK")
        return self.is_open

    def commit(self) -> None:
        self.link.execute("COMMIT")
        self.is_open = False

    def rollback(self) -> None:
        if self.link.in_transaction:
            self.link.execute("ROLLBACK")
        self.is_open = False

    def insert(self, rows: Rows) -> int:
        """Store rows whose keys should be new, ordered by (t, s); returns how many really were."""
        before = self.link.total_changes
        flat = _flat(rows)
        for start in range(0, len(flat), 5 * _CHUNK):
            part = flat[start : start + 5 * _CHUNK]
            whole = len(part) == 5 * _CHUNK
            self.link.execute(
                _INSERT_CHUNK if whole else _INSERT + ",".join(["(?,?,?,?,?)"] * (len(part) // 5)), part
            )
        return self.link.total_changes - before

    def prefetch(self, t: Sequence[int], s: Sequence[int]) -> None:
        """Nothing to gain here: a look-up costs no round trip."""

    def find(self, t: int, s: int) -> tuple[int | None, int, int] | None:
        """Value, flag and received time of one key."""
        found: tuple[int | None, int, int] | None = self.link.execute(
            "SELECT v, flag, received FROM obs WHERE t=? AND s=?", (t, s)
        ).fetchone()
        return found

    def was_superseded(self, t: int, s: int, v: int | None) -> bool:
        """Whether this value stood here before a correction: a late repeat must not undo the correction."""
        sql = "SELECT 1 FROM superseded WHERE t=? AND s=? AND v IS ?"
        return self.link.execute(sql, (t, s, v)).fetchone() is not None

    def correct(self, t: int, s: int, v: int | None, flag: int, received: int) -> None:
        """A newer value wins; the older one is kept."""
        self.link.execute(
            "INSERT INTO superseded (t, s, v, flag, received) SELECT t, s, v, flag, received FROM obs WHERE t=? AND s=?",
            (t, s),
        )
        self.link.execute(
            "UPDATE obs SET v=?, flag=?, received=? WHERE t=? AND s=?", (v, flag, received, t, s)
        )

    def reflag(self, t: int, s: int, flag: int) -> None:
        """Other flags for the same value; the row as it stood is kept."""
        self.link.execute(
            "INSERT INTO superseded (t, s, v, flag, received) SELECT t, s, v, flag, received FROM obs WHERE t=? AND s=?",
            (t, s),
        )
        self.link.execute("UPDATE obs SET flag=? WHERE t=? AND s=?", (flag, t, s))

    def reflag_overruled(self, t: int, s: int, v: int | None, flag: int, received: int) -> None:
        """Other flags for a value that a correction hides because it came too late to count (see `overruled`)."""
        self.link.execute(
            "INSERT INTO superseded (t, s, v, flag, received) VALUES (?,?,?,?,?)", (t, s, v, flag, received)
        )

    def add_reasons(self, reasons: Sequence[tuple[int, int, str]]) -> None:
        """Why readings (t, s) are flagged, as JSON; the newest word stands. Readings without a flag cost nothing here."""
        self.link.executemany("INSERT OR REPLACE INTO qc VALUES (?,?,?)", reasons)

    def add_raw(self, frames: Sequence[RawFrame]) -> None:
        self.link.executemany("INSERT INTO raw (received, source, station, bytes) VALUES (?,?,?,?)", frames)

    def add_attachments(self, attachments: Sequence[RawAttachment]) -> None:
        """The same file of the same station and time is kept once."""
        self.link.executemany(
            "INSERT INTO attachment (received, t, station, media_type, bytes) SELECT ?1, ?2, ?3, ?4, ?5"
            " WHERE NOT EXISTS (SELECT 1 FROM attachment WHERE station=?3 AND t IS ?2 AND bytes=?5)",
            [(a.received, a.t, a.station, a.media_type, a.data) for a in attachments],
        )

    def add_signals(self, signals: Sequence[Signal]) -> None:
        self.link.executemany(
            "INSERT INTO signal (id, kind, at, body) VALUES (?,?,?,?)",
            [
                (s.id, s.kind, int(s.at.timestamp() * 1000), json.dumps(s.body, ensure_ascii=False))
                for s in signals
            ],
        )

    def scan(self, start: int, end: int, rows_at_once: int = 100_000) -> Iterator[Rows]:
        """All rows with start <= t < end, by time, then stream."""
        cursor = self.link.execute(
            "SELECT t, s, v, flag, received FROM obs WHERE t>=? AND t<? ORDER BY t, s", (start, end)
        )
        while found := cursor.fetchmany(rows_at_once):
            yield rows_from(found)

    def scan_counted(self, start: int, end: int, rows_at_once: int = 100_000) -> Iterator[Rows]:
        """The same without readings that do not count; only right where nothing was overruled. Two integers a row, for speed."""
        cursor = self.link.execute(
            "SELECT ((t - ?) << 24) | s, v FROM obs WHERE t>=? AND t<? AND flag & ? = 0 ORDER BY t, s",
            (start, start, end, int(UNUSABLE | QualityFlag.STALE)),
        )
        while found := cursor.fetchmany(rows_at_once):
            packed, v = np.fromiter(chain.from_iterable(found), np.int64, 2 * len(found)).reshape(-1, 2).T
            zeros = np.zeros(len(found), np.int64)
            yield Rows((packed >> 24) + start, packed & 0xFFFFFF, v.copy(), zeros, zeros)

    def newest_first(self, rows_at_once: int = 50_000) -> Iterator[tuple[Ints, Ints, Ints]]:
        """Columns of t, s and flag, from the newest time back."""
        cursor = self.link.execute("SELECT t, (s << 16) | flag FROM obs ORDER BY t DESC, s DESC")
        while found := cursor.fetchmany(rows_at_once):
            t, packed = np.fromiter(chain.from_iterable(found), np.int64, 2 * len(found)).reshape(-1, 2).T
            yield t, packed >> 16, packed & 0xFFFF

    def superseded_peaks(self) -> Iterator[tuple[int, int]]:
        """Stream and newest time of values that were plausible once and were corrected or amended since."""
        bad = int(IMPLAUSIBLE | QualityFlag.STALE)
        yield from self.link.execute(
            "SELECT s, max(t) FROM superseded WHERE flag & ? = 0 GROUP BY s", (bad,)
        ).fetchall()

    def scan_streams(self, streams: Sequence[int], start: int, end: int) -> Rows:
        """The rows of a few streams. Jumps from one stored time to the next instead of reading all streams between."""
        marks = ",".join(["(?)"] * len(streams)) if streams else "(NULL)"
        sql = f"""
            WITH RECURSIVE want(s) AS (VALUES {marks}), times(t) AS (
                SELECT min(t) FROM obs WHERE t >= ?
                UNION ALL SELECT (SELECT min(o.t) FROM obs o WHERE o.t > times.t) FROM times WHERE times.t < ?)
            SELECT o.t, o.s, o.v, o.flag, o.received FROM times CROSS JOIN want CROSS JOIN obs o
            WHERE o.t = times.t AND o.s = want.s AND o.t < ? ORDER BY o.t, o.s"""
        return rows_from(self.link.execute(sql, (*streams, start, end, end)).fetchall())

    def overruled(self, start: int, end: int) -> dict[tuple[int, int], tuple[int | None, int]]:
        """The newest superseded value of each key that arrived in time; see `counted` in the store."""
        sql = "SELECT t, s, v, flag FROM superseded WHERE t>=? AND t<? AND NOT flag & ? ORDER BY n"
        found = self.link.execute(sql, (start, end, int(QualityFlag.STALE))).fetchall()
        return {(t, s): (v, flag) for t, s, v, flag in found}

    def close(self) -> None:
        self.link.close()


def rows_from(found: list[tuple[int, int, int | None, int, int]]) -> Rows:
    """Tuples of (t, s, v, flag, received) as columns."""
    if not found:
        return Rows.empty()
    t, s, v, flag, received = zip(*found, strict=True)
    values = np.array([NO_VALUE if value is None else value for value in v], np.int64)
    return Rows(_column(t), _column(s), values, _column(flag), _column(received))


def _column(values: Sequence[int]) -> Ints:
    return np.array(values, np.int64)


def _flat(rows: Rows) -> list[int | None]:
    """Row after row in one list, with None for "no reading"."""
    values: list[int | None] = rows.v.tolist()
    if (rows.v == NO_VALUE).any():
        values = [None if value == NO_VALUE else value for value in values]
    return list(
        chain.from_iterable(
            zip(
                rows.t.tolist(),
                rows.s.tolist(),
                values,
                rows.flag.tolist(),
                rows.received.tolist(),
                strict=True,
            )
        )
    )
