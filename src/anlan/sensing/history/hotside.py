"""The hot store as history reads it, in process: day files or partitions, a day in one part or, once settled, in several."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from anlan.sensing.history.types import StoredRow
from anlan.sensing.hot.days import day_number
from anlan.sensing.hot.place import place_of_readings
from anlan.sensing.hot.streams import StreamKey
from anlan.vocab.quality import UNUSABLE

#: Up to here a stream's rows are found by jumping from time to time; beyond, one pass over the file is cheaper.
_FEW = 4
_JUMPS = """
    WITH RECURSIVE want(s) AS (VALUES {marks}), times(t) AS (
        SELECT min(t) FROM obs WHERE t >= ?
        UNION ALL SELECT (SELECT min(o.t) FROM obs o WHERE o.t > times.t) FROM times WHERE times.t < ?)
    SELECT o.t, o.s, o.v, o.flag, o.received FROM times CROSS JOIN want CROSS JOIN obs o
    WHERE o.t = times.t AND o.s = want.s AND o.t < ?"""

#: Count, sum, least, greatest of the usable readings of one stream in one bucket.
Cells = tuple[int, int, int, int]


class HotSide(Protocol):
    """Parts go by names that never come again: settling notes which of them went into an edition. Gone parts are empty."""

    def parts(self) -> dict[int, list[str]]:
        """The parts of each day, oldest first; those of odd dates under ODD_DAY."""

    def rows(self, part: str, streams: Sequence[int], low: int, high: int) -> list[StoredRow]:
        """The readings of these streams with low <= t < high, in no order."""

    def superseded(
        self, part: str, streams: Sequence[int], low: int, high: int
    ) -> dict[tuple[int, int], list[StoredRow]]:
        """What corrections replaced, by (t, s), the oldest first."""

    def streams_in(self, part: str, low: int, high: int) -> set[int]:
        """The streams that have a reading there; asked of small parts only."""

    def buckets(
        self, part: str, low: int, high: int, *, amount: bool, width_h: int, shift_h: int
    ) -> Iterator[tuple[int, int, Cells]]:
        """Stream, bucket and cells of every stream with usable readings, low <= t < high."""

    def totals(self, part: str, low: int, high: int) -> Iterator[tuple[int, int, int]]:
        """Stream, count and sum of the usable readings with low < t <= high."""

    def number_of(self, key: StreamKey, exercise: str) -> int | None: ...

    def numbers_of(self, quantity: str, exercise: str) -> dict[int, str]:
        """Station codes by the number of their stream of this quantity."""

    def numbers_for(self, keys: Sequence[StreamKey], exercise: str) -> dict[int, StreamKey]:
        """These streams by their number; those that never told anything are left out."""


def hot_side(data: Path) -> HotSide:
    """Where this county keeps its readings; `data` is the data folder."""
    place = place_of_readings()
    if not place.is_database:
        return FileSide(data / "hot")
    from anlan.sensing.history.pgside import PgSide

    return PgSide(data)


class FileSide:
    """Plain SQL over day files, one short read-only connection a question."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def parts(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        # By length first: a later file of a day has a longer name, and its turn has a fixed width.
        for path in sorted(self._root.glob("obs-*.db"), key=lambda one: (len(one.name), one.name)):
            day = day_number(path.stem)
            if day is not None:
                found.setdefault(day, []).append(path.name)
        return found

    def rows(self, part: str, streams: Sequence[int], low: int, high: int) -> list[StoredRow]:
        """The readings of these streams with low <= t < high, in no order."""
        with opened(self._root / part) as link:
            if link is None or not streams:
                return []
            if len(streams) <= _FEW:
                sql = _JUMPS.format(marks=",".join(["(?)"] * len(streams)))
                return [StoredRow(*row) for row in link.execute(sql, (*streams, low, high, high))]
            wanted = set(streams)
            sql = "SELECT t, s, v, flag, received FROM obs WHERE t>=? AND t<?"
            return [StoredRow(*row) for row in link.execute(sql, (low, high)) if row[1] in wanted]

    def superseded(
        self, part: str, streams: Sequence[int], low: int, high: int
    ) -> dict[tuple[int, int], list[StoredRow]]:
        """What corrections replaced, by (t, s), the oldest first."""
        wanted = set(streams)
        found: dict[tuple[int, int], list[StoredRow]] = {}
        with opened(self._root / part) as link:
            if link is None:
                return {}
            sql = "SELECT t, s, v, flag, received FROM superseded WHERE t>=? AND t<? ORDER BY n"
            for row in link.execute(sql, (low, high)):
                if row[1] in wanted:
                    found.setdefault((row[0], row[1]), []).append(StoredRow(*row))
        return found

    def streams_in(self, part: str, low: int, high: int) -> set[int]:
        """The streams that have a reading there; asked of small files only."""
        with opened(self._root / part) as link:
            if link is None:
                return set()
            return {s for (s,) in link.execute("SELECT DISTINCT s FROM obs WHERE t>=? AND t<?", (low, high))}

    def buckets(
        self, part: str, low: int, high: int, *, amount: bool, width_h: int, shift_h: int
    ) -> Iterator[tuple[int, int, Cells]]:
        """Stream, bucket and cells of every stream with usable readings, low <= t < high."""
        hour = "(t - 1) / 3600" if amount else "t / 3600"
        sql = f"""SELECT s, ({hour} - ?) / ? AS bucket, count(v), sum(v), min(v), max(v) FROM obs
            WHERE t>=? AND t<? AND v IS NOT NULL AND flag & ? = 0 GROUP BY 1, 2"""
        with opened(self._root / part) as link:
            if link is not None:
                for s, bucket, *cells in link.execute(sql, (shift_h, width_h, low, high, int(UNUSABLE))):
                    yield s, bucket, (cells[0], cells[1], cells[2], cells[3])

    def totals(self, part: str, low: int, high: int) -> Iterator[tuple[int, int, int]]:
        """Stream, count and sum of the usable readings with low < t <= high."""
        sql = (
            "SELECT s, count(v), coalesce(sum(v), 0) FROM obs WHERE t>? AND t<=? AND flag & ? = 0 GROUP BY s"
        )
        with opened(self._root / part) as link:
            if link is not None:
                yield from link.execute(sql, (low, high, int(UNUSABLE)))

    def number_of(self, key: StreamKey, exercise: str) -> int | None:
        with opened(self._root / "streams.db") as link:
            if link is None:
                return None
            sql = "SELECT id FROM stream WHERE station=? AND quantity=? AND exercise=?"
            found = link.execute(sql, (*key, exercise)).fetchone()
            return None if found is None else int(found[0])

    def numbers_of(self, quantity: str, exercise: str) -> dict[int, str]:
        """Station codes by the number of their stream of this quantity."""
        with opened(self._root / "streams.db") as link:
            if link is None:
                return {}
            sql = "SELECT id, station FROM stream WHERE quantity=? AND exercise=?"
            return dict(link.execute(sql, (quantity, exercise)).fetchall())

    def numbers_for(self, keys: Sequence[StreamKey], exercise: str) -> dict[int, StreamKey]:
        """These streams by their number; those that never told anything are left out."""
        if len(keys) <= _FEW:
            found = ((self.number_of(key, exercise), key) for key in keys)
            return {number: key for number, key in found if number is not None}
        wanted = set(keys)
        with opened(self._root / "streams.db") as link:
            if link is None:
                return {}
            rows = link.execute("SELECT id, station, quantity FROM stream WHERE exercise=?", (exercise,))
            return {n: StreamKey(s, q) for n, s, q in rows if (s, q) in wanted}


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection | None]:
    """None where the file is not there (any more) or its tables are not."""
    try:
        link = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)
    except sqlite3.OperationalError:
        yield None
        return
    try:
        has_tables = link.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] > 0
        yield link if has_tables else None
    finally:
        link.close()
