"""Passing on where readings are kept on PostgreSQL: each gateway passes on what it stored itself.

Frames are followed by their number among those of this gateway, readings by the moment they came in, part by part (`hot.pg.parts`).
Places lie in this gateway's own forward.db: `raw` for frames, `part-N` for readings.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import errors, sql

from anlan.gateway.connect.forward import Batch, FrameReader, ObservationReader, RowReader, _DayReader
from anlan.gateway.connect.pulling import PullFailed
from anlan.sensing.connect.settings import Wanted
from anlan.sensing.hot.pg.parts import Part, parts_of
from anlan.sensing.hot.pg.streams import PgLink
from anlan.sensing.hot.place import Place, place_of_readings
from anlan.sensing.hot.types import NO_VALUE

_FRAMES = 200
#: Readings are looked for in stretches of time, each four times as long as the one before: an outage of days costs a few questions.
_STRETCH_MS, _GROWTH = 2_000, 4
_RAW = "raw"


class _PgReader(_DayReader):
    """What both have in common: a connection of their own, used by one thread at a time."""

    def __init__(self, root: Path, wanted: Wanted, exercise: str) -> None:
        super().__init__(root, wanted, exercise)
        self.place: Place = place_of_readings()
        self._link = PgLink(self.place.dsn, self.place.schema)

    def next(self, places: Mapping[str, str], horizon_ms: int) -> Batch | None:
        began = time.monotonic()
        try:
            with self._told():
                return self._next(places, horizon_ms)
        finally:
            self.asked_s = time.monotonic() - began

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Trouble of the database is told in the receiver's state; the next look begins on a new connection."""
        try:
            yield
        except psycopg.Error as error:
            self._link.close()
            raise PullFailed("Stored readings cannot be read now.") from error

    def ends(self, horizon_ms: int) -> list[tuple[str, str]]:
        with self._told():
            return self._ends(horizon_ms)

    def _ends(self, horizon_ms: int) -> list[tuple[str, str]]:
        raise NotImplementedError

    def backlog(self, places: Mapping[str, str]) -> tuple[int, int]:
        try:
            return self._backlog(places)
        except psycopg.Error:
            self._link.close()
            return 0, 0

    def _backlog(self, places: Mapping[str, str]) -> tuple[int, int]:
        raise NotImplementedError

    def _next(self, places: Mapping[str, str], horizon_ms: int) -> Batch | None:
        raise NotImplementedError

    def close(self) -> None:
        self._link.close()

    def _rows(self, query: str, bound: Any, table: str = _RAW) -> list[tuple[Any, ...]]:
        """(Any: columns differ by query.)"""
        text = sql.SQL(query).format(table=self._link.table(table))
        return self._link.open().execute(text, bound).fetchall()


class PgFrameReader(_PgReader, FrameReader):
    """Raw frames of this gateway in the order in which it stored them."""

    def _next(self, places: Mapping[str, str], horizon_ms: int) -> Batch | None:
        after = int(places.get(_RAW, "0"))
        rows = self._rows(
            "SELECT id, received, source, station, bytes FROM {table} WHERE shard=%s AND id>%s ORDER BY id LIMIT %s",
            (self.place.shard, after, _FRAMES),
        )
        if not rows:
            return None
        chosen = [bytes(row[4]) for row in rows if self._is_wanted(row[2], row[3])]
        return Batch(chosen, _RAW, str(rows[-1][0]), rows[0][1])

    def _ends(self, _horizon_ms: int) -> list[tuple[str, str]]:
        query = "SELECT coalesce(max(id), 0) FROM {table} WHERE shard=%s"
        return [(_RAW, str(self._rows(query, (self.place.shard,))[0][0]))]

    def _backlog(self, places: Mapping[str, str]) -> tuple[int, int]:
        query = "SELECT count(*), coalesce(min(received), 0) FROM {table} WHERE shard=%s AND id>%s"
        count, oldest = self._rows(query, (self.place.shard, int(places.get(_RAW, "0"))))[0]
        return count, oldest


class PgRowReader(_PgReader, RowReader):
    """Readings of this gateway's stations in the order in which they came in."""

    def __init__(self, root: Path, wanted: Wanted, exercise: str) -> None:
        super().__init__(root, wanted, exercise)
        #: Everything that came into a part before this moment was seen, epoch milliseconds.
        self._seen: dict[str, int] = {}
        self._named: dict[int, tuple[str, str]] = {}
        self._known_streams: tuple[int, int] = (0, 0)

    def _next(self, places: Mapping[str, str], horizon_ms: int) -> Batch | None:
        streams = self._streams()
        for part in parts_of(self._link.open(), self._link.schema):
            try:
                batch = self._of_part(part, streams, places, horizon_ms)
            except errors.UndefinedTable:
                continue  # it was sealed or removed this moment; what is left comes with the next look
            if batch is not None:
                return batch
        return None

    def _of_part(
        self, part: Part, streams: dict[int, tuple[str, str]], places: Mapping[str, str], horizon_ms: int
    ) -> Batch | None:
        file = f"part-{part.n}"
        place = [int(one) for one in places.get(file, "0,0,0").split(",")]
        start = max(place[0], self._seen.get(file, 0)) or self._oldest(part) or horizon_ms
        stretch = _STRETCH_MS
        while start < horizon_ms:
            end = min(start + stretch, horizon_ms)
            rows = self._rows(
                "SELECT received, t, s, v, flag FROM {table} WHERE received >= %s AND received < %s"
                " AND (received, t, s) > (%s, %s, %s) AND s = ANY(%s) ORDER BY received, t, s LIMIT %s",
                (start, end, *place, list(streams), self.rows),
                part.table,
            )
            if rows:
                self._seen[file] = start
                return self._batch(file, rows, streams)
            start, stretch = end, stretch * _GROWTH
        self._seen[file] = horizon_ms
        return None

    def _batch(
        self, file: str, rows: list[tuple[Any, ...]], streams: dict[int, tuple[str, str]]
    ) -> Batch:  # Any: columns of integers
        chosen = [
            (streams[s], t, None if v == NO_VALUE else v, flag)
            for _, t, s, v, flag in rows
            if self._fits(streams[s][0])
        ]
        place = ",".join(str(one) for one in rows[-1][:3])
        return Batch(self._items(chosen) if chosen else [], file, place, rows[0][0])

    def _oldest(self, part: Part) -> int:
        """When the first reading of a part came in; 0 for an empty one. Asked once, of a part that began since the last start."""
        return int(self._rows("SELECT coalesce(min(received), 0) FROM {table}", (), part.table)[0][0])

    def _ends(self, horizon_ms: int) -> list[tuple[str, str]]:
        parts = parts_of(self._link.open(), self._link.schema)
        return [(f"part-{part.n}", f"{horizon_ms},0,0") for part in parts]

    def _backlog(self, places: Mapping[str, str]) -> tuple[int, int]:
        count, oldest, streams = 0, 0, list(self._streams())
        query = "SELECT count(*), min(received) FROM {table} WHERE received > %s AND s = ANY(%s)"
        for part in parts_of(self._link.open(), self._link.schema):
            received = int(places.get(f"part-{part.n}", "0").split(",")[0])
            number, since = self._rows(query, (received, streams), part.table)[0]
            count += number
            oldest = min(filter(None, (oldest, since)), default=0)
        return count, oldest

    def _streams(self) -> dict[int, tuple[str, str]]:
        """The streams of this run whose stations this gateway stores; read again when any gateway registered one."""
        (known,) = self._rows("SELECT count(*), coalesce(max(id), 0) FROM {table}", (), "stream")
        if known != self._known_streams:
            query = "SELECT id, station, quantity FROM {table} WHERE exercise = %s"
            self._named = {
                number: (station, quantity)
                for number, station, quantity in self._rows(query, (self._exercise,), "stream")
                if self.place.owner_of(station) == self.place.shard
            }
            self._known_streams = known
        return self._named


class PgObservationReader(PgRowReader, ObservationReader):
    """The same as Observations of OGC SensorThings."""
