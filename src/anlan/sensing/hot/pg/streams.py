"""Numbers for streams and the newest values, on PostgreSQL; the calls of `hot.streams` and `hot.latest`."""

from __future__ import annotations

import time
from collections.abc import Iterable

import numpy as np
import psycopg
from psycopg import sql

from anlan.sensing.hot.latest import LatestArrays
from anlan.sensing.hot.pg import tables
from anlan.sensing.hot.refused import RefusedFrame, RefusedQueue
from anlan.sensing.hot.streams import StreamKey
from anlan.sensing.hot.types import StoreUnavailable


class PgLink:
    """A connection of its own in autocommit, made anew after it was lost."""

    def __init__(self, dsn: str, schema_name: str) -> None:
        self._dsn = dsn
        self.schema = schema_name
        self._link: psycopg.Connection | None = None

    def open(self) -> psycopg.Connection:
        if self._link is None or self._link.closed or self._link.broken:
            self._link = psycopg.connect(self._dsn, autocommit=True, connect_timeout=5)
        return self._link

    def table(self, name: str) -> sql.Identifier:
        return sql.Identifier(self.schema, name)

    def close(self) -> None:
        if self._link is not None:
            self._link.close()
        self._link = None


class PgStreamRegistry:
    """The streams of one run: reality (`exercise` empty) or one exercise. All gateways share the numbers."""

    def __init__(self, link: PgLink, exercise: str = "") -> None:
        self._link = link
        self._exercise = exercise
        query = sql.SQL("SELECT station, quantity, id FROM {} WHERE exercise=%s").format(link.table("stream"))
        found = link.open().execute(query, (exercise,)).fetchall()
        self.number_by_key: dict[StreamKey, int] = {StreamKey(st, q): i for st, q, i in found}
        self.key_by_number = {number: key for key, number in self.number_by_key.items()}

    def register(self, keys: Iterable[StreamKey]) -> None:
        """Give numbers to new streams, durably, before any of their readings is stored."""
        new = [key for key in dict.fromkeys(keys) if key not in self.number_by_key]
        if not new:
            return
        stations, quantities = [key.station for key in new], [key.quantity for key in new]
        table = self._link.table("stream")
        insert = sql.SQL(
            "INSERT INTO {} (station, quantity, exercise)"
            " SELECT k.station, k.quantity, %s FROM unnest(%s::text[], %s::text[]) AS k(station, quantity)"
            " ON CONFLICT DO NOTHING"
        ).format(table)
        look = sql.SQL(
            "SELECT o.station, o.quantity, o.id FROM {} o JOIN unnest(%s::text[], %s::text[]) AS k(station, quantity)"
            " USING (station, quantity) WHERE o.exercise=%s"
        ).format(table)
        try:
            link = self._link.open()
            link.execute(insert, (self._exercise, stations, quantities))
            found = link.execute(look, (stations, quantities, self._exercise)).fetchall()
        except psycopg.Error as error:
            raise StoreUnavailable(why=str(error).splitlines()[0]) from error
        for station, quantity, number in found:
            self.number_by_key[StreamKey(station, quantity)] = number
            self.key_by_number[number] = StreamKey(station, quantity)

    def close(self) -> None:
        self._link.close()


class PgLatestTable(LatestArrays):
    """The newest values of one gateway's streams."""

    def __init__(self, link: PgLink, shard: int) -> None:
        super().__init__()
        self._link = link
        self._shard = shard

    def heard(self) -> dict[str, int]:
        query = sql.SQL("SELECT station, at FROM {}").format(self._link.table("heard"))
        return dict(self._link.open().execute(query).fetchall())

    def flush(self) -> None:
        """Write what changed since the last flush; derived data, so a failure only makes pages older."""
        new = np.flatnonzero(self._is_new)
        if not len(new) and not self._heard:
            return
        columns = [column[new].tolist() for column in (self._t, self._v, self._flag, self._received)]
        latest = sql.SQL(
            "INSERT INTO {} AS l (s, t, v, flag, received)"
            " SELECT * FROM unnest(%s::integer[], %s::bigint[], %s::bigint[], %s::integer[], %s::bigint[])"
            " ON CONFLICT (s) DO UPDATE SET t=excluded.t, v=excluded.v, flag=excluded.flag, received=excluded.received"
            " WHERE excluded.t >= l.t"
        ).format(self._link.table("latest"))
        heard = sql.SQL(
            "INSERT INTO {} AS h (station, at) SELECT * FROM unnest(%s::text[], %s::bigint[])"
            " ON CONFLICT (station) DO UPDATE SET at=greatest(h.at, excluded.at)"
        ).format(self._link.table("heard"))
        changed = sql.SQL(
            "INSERT INTO {} (shard, at) VALUES (%s, %s) ON CONFLICT (shard) DO UPDATE SET at=excluded.at"
        ).format(self._link.table("changed"))
        try:
            link = self._link.open()
            with link.transaction():
                # Losing the newest values costs nothing: they come again with the next reading.
                link.execute("SET LOCAL synchronous_commit = off")
                link.execute(latest, (new.tolist(), *columns))
                link.execute(heard, (list(self._heard), list(self._heard.values())))
                link.execute(changed, (self._shard, time.time()))
        except psycopg.Error:
            return
        self._is_new[new] = False
        self._heard = {}

    def close(self) -> None:
        self._link.close()


class PgRefusedTable(RefusedQueue):
    """What was refused, bounded like its twin on files."""

    def __init__(self, link: PgLink) -> None:
        super().__init__()
        self._link = link

    def write(self, rows: list[RefusedFrame], kept: int) -> None:
        insert = sql.SQL(
            "INSERT INTO {} (received, peer, code, reason, head) VALUES (%s,%s,%s,%s,%s)"
        ).format(self._link.table("refused"))
        trim = sql.SQL("DELETE FROM {table} WHERE n <= (SELECT max(n) FROM {table}) - %s").format(
            table=self._link.table("refused")
        )
        try:
            link = self._link.open()
            with link.transaction():
                link.cursor().executemany(insert, [tuple(row) for row in rows])
                link.execute(trim, (kept,))
        except psycopg.Error:
            return

    def close(self) -> None:
        self.flush()
        self._link.close()


def prepare(link: PgLink) -> None:
    """Make the tables where they are not there yet."""
    tables.make_tables(link.open(), link.schema)
