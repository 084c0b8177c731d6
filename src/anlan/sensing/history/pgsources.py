"""What settling reads and closes on PostgreSQL. Readings come by binary COPY, a day in seconds.

Signals are not by day there: they stay in their table, and so does what was last said.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import numpy as np
import psycopg
from psycopg import sql

from anlan.sensing.history.holds import held_on_database
from anlan.sensing.history.sources import LATE_QUIET, Columns, Frame, SignalRow, Source, Step, StreamRow
from anlan.sensing.hot.pg import parts
from anlan.sensing.hot.pg.copying import copied
from anlan.sensing.hot.pg.parts import Part
from anlan.sensing.hot.place import Place
from anlan.sensing.hot.types import ODD_DAY

_FRAMES_AT_ONCE = 5_000


class PgSources:
    errors: tuple[type[Exception], ...] = (OSError, psycopg.Error)

    def __init__(self, data: Path, place: Place) -> None:
        self.data, self.place, self.schema = data, place, place.schema
        self._link: psycopg.Connection | None = None

    @property
    def link(self) -> psycopg.Connection:
        """One connection for a round; made anew after it was lost."""
        if self._link is None or self._link.closed or self._link.broken:
            self._link = psycopg.connect(self.place.dsn, autocommit=True, connect_timeout=5)
        return self._link

    def parts(self) -> list[Part]:
        from anlan.sensing.hot.pg.tables import make_tables

        make_tables(self.link, self.schema)
        return parts.parts_of(self.link, self.schema)

    def by_day(self) -> dict[int, list[Source]]:
        found: dict[int, list[Source]] = {}
        for part in self.parts():
            if part.day != ODD_DAY:
                found.setdefault(part.day, []).append(PgSource(self, part))
        return found

    def named(self, name: str) -> Source | None:
        return next((PgSource(self, part) for part in self.parts() if part.name == name), None)

    def streams(self) -> list[StreamRow]:
        query = sql.SQL("SELECT id, station, quantity, exercise FROM {}").format(self.table("stream"))
        return self.link.execute(query).fetchall()

    def table(self, name: str) -> sql.Identifier:
        return sql.Identifier(self.schema, name)


class PgSource:
    def __init__(self, sources: PgSources, part: Part) -> None:
        self._sources, self._part = sources, part

    @property
    def name(self) -> str:
        return self._part.name

    def seal(self) -> None:
        """Taken out of `obs` under another name: the next late reading makes its gateway begin a new part."""
        parts.seal(self._sources.link, self._sources.schema, self._part.n)
        self._part = next(one for one in self._sources.parts() if one.n == self._part.n)

    def is_quiet(self, now: datetime) -> bool:
        query = sql.SQL("SELECT coalesce(max(received), 0) FROM {}").format(self._obs)
        return bool(self._one(query) / 1000 <= (now - LATE_QUIET).timestamp())

    def is_empty(self) -> bool:
        query = sql.SQL("SELECT (EXISTS (SELECT 1 FROM {}))::int").format(self._obs)
        frames = sql.SQL("SELECT (EXISTS (SELECT 1 FROM {} WHERE {}))::int").format(
            self._sources.table("raw"), self._of_part("id", self._part.raw_from, self._part.raw_to)
        )
        return not self._one(query) and not self._one(frames)

    def readings(self) -> Iterator[Columns]:
        query = sql.SQL("SELECT t, received, v, s, flag FROM {}").format(self._obs)
        for rows in copied(self._sources.link, query):
            yield np.stack(rows)

    def superseded(self) -> Iterator[Columns]:
        low, high = self._part.superseded_from, self._part.superseded_to
        query = sql.SQL("SELECT t, received, v, s, flag FROM {} WHERE {} ORDER BY n").format(
            self._sources.table("superseded"), self._of_part("n", low, high)
        )
        for rows in copied(self._sources.link, query):
            yield np.stack(rows)

    def frames(self) -> Iterator[list[Frame]]:
        query = sql.SQL("SELECT received, source, station, bytes FROM {} WHERE {} ORDER BY id").format(
            self._sources.table("raw"), self._of_part("id", self._part.raw_from, self._part.raw_to)
        )
        link = self._sources.link
        with link.transaction(), closing(link.cursor(name="anlan_settle")) as cursor:
            cursor.execute(query)
            while found := cursor.fetchmany(_FRAMES_AT_ONCE):
                yield found

    def signals(self) -> list[SignalRow]:
        return []

    def held(self) -> str:
        place = self._sources.place
        return held_on_database(
            self._sources.data, place, self._newest_frames(), self._newest_rows(), self._part, now=time.time()
        )

    def _newest_frames(self) -> dict[int, int]:
        """Number of the last frame by shard."""
        query = sql.SQL("SELECT shard, max(id) FROM {} WHERE {} GROUP BY shard").format(
            self._sources.table("raw"), self._of_part("id", self._part.raw_from, self._part.raw_to)
        )
        return dict(self._sources.link.execute(query).fetchall())

    def _newest_rows(self) -> dict[int, int]:
        """When the last reading of reality came in, epoch milliseconds, by shard."""
        query = sql.SQL(
            "SELECT k.station, max(o.received) FROM {} o JOIN {} k ON k.id = o.s WHERE k.exercise = '' GROUP BY 1"
        ).format(self._obs, self._sources.table("stream"))
        found: dict[int, int] = {}
        for station, received in self._sources.link.execute(query):
            shard = self._sources.place.owner_of(station)
            found[shard] = max(received, found.get(shard, 0))
        return found

    def remove(self, step: Step) -> None:
        step("remembered")
        step("marked")
        self.discard()

    def discard(self) -> None:
        parts.drop(self._sources.link, self._sources.schema, self._part)

    @property
    def _obs(self) -> sql.Identifier:
        return self._sources.table(self._part.table)

    def _of_part(self, number: str, low: int, high: int | None) -> sql.Composed:
        """The rows of a table that is not by day which belong to this part."""
        upto = sql.SQL("") if high is None else sql.SQL(" AND {} <= {}").format(sql.Identifier(number), high)
        return sql.SQL("day = {} AND {} > {}{}").format(self._part.day, sql.Identifier(number), low, upto)

    def _one(self, query: sql.Composed) -> int:
        row = self._sources.link.execute(query).fetchone()
        return int(row[0]) if row else 0
