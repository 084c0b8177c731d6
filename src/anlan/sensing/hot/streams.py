"""Numbers for streams. A stream is (station, quantity, exercise); its number is small, dense and never reused."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from anlan.sensing.hot.days import connect


class StreamKey(NamedTuple):
    station: str
    quantity: str


class StreamRegistry:
    """The streams of one run: reality (`exercise` empty) or one exercise. Numbers are shared by all runs of a folder."""

    def __init__(self, path: Path, exercise: str = "") -> None:
        self._link = connect(path)
        self._exercise = exercise
        self._link.execute(
            "CREATE TABLE IF NOT EXISTS stream (id INTEGER PRIMARY KEY, station TEXT NOT NULL, quantity TEXT NOT NULL,"
            " exercise TEXT NOT NULL DEFAULT '', UNIQUE (station, quantity, exercise))"
        )
        found = self._link.execute("SELECT station, quantity, id FROM stream WHERE exercise=?", (exercise,))
        self.number_by_key: dict[StreamKey, int] = {StreamKey(st, q): i for st, q, i in found}
        self.key_by_number = {number: key for key, number in self.number_by_key.items()}

    @property
    def highest(self) -> int:
        """The largest number of any run, so that arrays can be sized."""
        row = self._link.execute("SELECT coalesce(max(id), 0) FROM stream").fetchone()
        return int(row[0])

    def register(self, keys: Iterable[StreamKey]) -> None:
        """Give numbers to new streams, durably, before any of their readings is stored."""
        new = [key for key in dict.fromkeys(keys) if key not in self.number_by_key]
        if not new:
            return
        self._link.execute("BEGIN IMMEDIATE")
        try:
            numbers = [self._insert(key) for key in new]
            self._link.execute("COMMIT")
        except BaseException:
            if self._link.in_transaction:
                self._link.execute("ROLLBACK")
            raise
        self.number_by_key.update(zip(new, numbers, strict=True))
        self.key_by_number.update(zip(numbers, new, strict=True))

    def _insert(self, key: StreamKey) -> int:
        cursor = self._link.execute(
            "INSERT INTO stream (station, quantity, exercise) VALUES (?,?,?)", (*key, self._exercise)
        )
        assert cursor.lastrowid is not None  # an insert into a rowid table
        return cursor.lastrowid

    def close(self) -> None:
        self._link.close()
