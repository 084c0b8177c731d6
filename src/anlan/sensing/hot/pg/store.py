"""The writing end of the hot store on PostgreSQL. One thread uses it; a transaction spans the days that a batch touches.

A gateway owns one shard: an advisory lock keeps a second one out, so that the numbers of a shard's signals are given and
committed in one order, and a reader that goes by them misses none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import numpy as np
import psycopg
from psycopg import errors, sql

from anlan.sensing.hot.pg import tables
from anlan.sensing.hot.pg.files import PgDay, body_of
from anlan.sensing.hot.rows import Ints, Rows
from anlan.sensing.hot.store import counted_rows
from anlan.sensing.hot.types import DAY_S, ODD_DAY, Signal, StoreUnavailable

_OWNER_LOCK = 0x616E6C62
#: Above this many streams a plain scan is cheaper than jumping from time to time.
_FEW_STREAMS = 64
#: How far back the last words about a binding are looked for.
_RECALL_S = 45 * DAY_S


class PgHotStore:
    """Partitions in one schema. Every failure of the database is a StoreUnavailable; then nothing of the batch is stored."""

    def __init__(self, dsn: str, schema_name: str, *, shard: int = 0) -> None:
        self._dsn = dsn
        self.schema = schema_name
        self.shard = shard
        self._days: dict[int, PgDay] = {}
        self._has_begun = False
        self._link: psycopg.Connection | None = None
        self._next_signal: int | None = None
        #: Days that had a partition when it was last looked; one of them may have been settled since.
        self._known_days: set[int] = set()
        self._days_are_known = False
        self._know_days()

    def _know_days(self) -> None:
        if self._days_are_known:
            return
        try:
            self._known_days = set(tables.days_of(self.link, self.schema))
        except psycopg.Error as error:
            raise self.failed(error) from error
        self._days_are_known = True

    @property
    def link(self) -> psycopg.Connection:
        """The connection, made anew after it was lost."""
        if self._link is None or self._link.closed:
            self._link = self._connect()
        return self._link

    def _connect(self) -> psycopg.Connection:
        link = psycopg.connect(self._dsn, autocommit=True, connect_timeout=5)
        link.prepare_threshold = 2
        try:
            tables.make_tables(link, self.schema)
            key = (_OWNER_LOCK, hash_of(self.schema) ^ self.shard)
            if link.execute("SELECT pg_try_advisory_lock(%s, %s)", key).fetchone() != (True,):
                raise psycopg.OperationalError(f"another gateway owns shard {self.shard}")
            # Readings are acknowledged after the commit: it must be on disk by then, whatever the server's default.
            link.execute("SET synchronous_commit = on")
        except BaseException:
            link.close()
            raise
        return link

    def table(self, name: str) -> sql.Identifier:
        return sql.Identifier(self.schema, name)

    # -- days

    def file(self, day: int) -> PgDay:
        found = self._days.get(day)
        if found is None:
            self._make(day)
            found = self._days[day] = PgDay(self, day)
        return found

    def _make(self, day: int) -> None:
        """Make a partition outside the batch's transaction: the parent table is locked for it."""
        self._know_days()
        if day in self._known_days or day == ODD_DAY:
            return
        with psycopg.connect(self._dsn, autocommit=True, connect_timeout=5) as beside:
            tables.make_day(beside, self.schema, day)
        self._known_days.add(day)

    def file_in_transaction(self, day: int) -> PgDay:
        """The day, with a transaction begun."""
        try:
            found = self.file(day)
            if not found.is_open:
                found.begin()
        except psycopg.Error as error:
            raise self.failed(error) from error
        return found

    def days(self) -> list[int]:
        """The days that have a partition, oldest first; the odd one is not among them."""
        self._know_days()
        return sorted(self._known_days)

    def touched(self) -> list[int]:
        return sorted(day for day, file in self._days.items() if file.is_open)

    # -- the transaction

    def begin(self) -> None:
        if not self._has_begun:
            self.link.execute("BEGIN")
            self._has_begun = True

    def commit(self) -> None:
        """Commit everything begun, all days at once. Raises StoreUnavailable; then nothing was stored."""
        try:
            for day in self.touched():
                self._days[day].finish()
            if self._has_begun:
                self.link.execute("COMMIT")
        except psycopg.Error as error:
            self.abandon()
            raise self.failed(error) from error
        self._end()

    def rollback(self) -> None:
        """Undo what is begun, keep the connection."""
        try:
            if self._has_begun:
                self.link.execute("ROLLBACK")
        except psycopg.Error as error:
            self.abandon()
            raise self.failed(error) from error
        self._end()
        self._next_signal = None

    def failed(self, error: psycopg.Error) -> StoreUnavailable:
        """What to raise for it. A day whose table is gone was settled meanwhile: the next batch makes it anew."""
        if isinstance(error, errors.UndefinedTable):
            self._known_days.clear()
            self._days.clear()
            self._days_are_known = False
        return StoreUnavailable(why=_reason(error))

    def abandon(self) -> None:
        """Undo what is begun and drop the connection: after a failure it is not trusted again."""
        if self._link is not None:
            with suppress(psycopg.Error):
                self._link.close()
        self._link = None
        self._next_signal = None
        self._end()

    def close(self) -> None:
        self.abandon()

    def _end(self) -> None:
        self._has_begun = False
        for file in self._days.values():
            file.forget()

    # -- signals

    def add_signals(self, signals: Sequence[Signal]) -> None:
        """Number the signals of this shard in the order of their commit."""
        if self._next_signal is None:
            last = sql.SQL("SELECT coalesce(max(n), 0) FROM {} WHERE shard=%s").format(self.table("signal"))
            row = self.link.execute(last, (self.shard,)).fetchone()
            self._next_signal = int(row[0]) + 1 if row else 1
        insert = sql.SQL("INSERT INTO {} (shard, n, id, kind, at, body) VALUES (%s,%s,%s,%s,%s,%s)").format(
            self.table("signal")
        )
        rows = []
        for signal in signals:
            at = int(signal.at.timestamp() * 1000)
            rows.append((self.shard, self._next_signal, signal.id, signal.kind, at, body_of(signal)))
            self._next_signal += 1
        self.link.cursor().executemany(insert, rows)

    def signals(self) -> Iterable[Signal]:
        """The signals of all shards that may still tell what was last said: a station may have had another owner before."""
        query = sql.SQL("SELECT id, kind, at, body, shard, n FROM {} WHERE at > %s ORDER BY shard, n").format(
            self.table("signal")
        )
        newest = self.rows(sql.SQL("SELECT coalesce(max(at), 0) FROM {}").format(self.table("signal")), ())
        since = newest[0][0] - 1000 * _RECALL_S
        for id_, kind, at, body, shard, n in self.rows(query, (since,)):
            yield Signal(id_, kind, datetime.fromtimestamp(at / 1000, UTC), body, f"g{shard}", n)

    # -- what counts

    def counted(self, start: int, end: int) -> Iterator[Rows]:
        """Every reading with start <= t < end that rules count, by time; see `HotStore.counted`."""
        for day in self.days():
            low, high = max(start, day * DAY_S), min(end, (day + 1) * DAY_S)
            if low < high:
                file = self.file(day)
                overruled = file.overruled(low, high)
                if overruled:
                    yield from (counted_rows(part, overruled) for part in file.scan(low, high))
                else:
                    yield from file.scan_counted(low, high)

    def counted_of(self, streams: Ints, start: int, end: int) -> Iterator[Rows]:
        """The same for some streams only."""
        if len(streams) > _FEW_STREAMS:
            wanted = np.unique(streams)
            for rows in self.counted(start, end):
                yield rows.pick(np.isin(rows.s, wanted))
            return
        for day in self.days():
            low, high = max(start, day * DAY_S), min(end, (day + 1) * DAY_S)
            if low < high:
                file = self.file(day)
                yield counted_rows(file.scan_streams(streams.tolist(), low, high), file.overruled(low, high))

    # -- reading

    def rows(self, query: sql.Composed, bound: Any) -> list[tuple[Any, ...]]:  # Any: columns differ by query
        """Every row of a short answer."""
        try:
            return self.link.execute(query, bound).fetchall()
        except psycopg.Error as error:
            raise self.failed(error) from error

    def chunks(self, query: sql.Composed, bound: Any, rows: int) -> Iterator[list[tuple[Any, ...]]]:
        """A long answer in parts, through a cursor of the server; the reader may stop early."""
        try:
            with self.link.transaction(), self.link.cursor(name="anlan_scan") as cursor:
                cursor.itersize = rows
                cursor.execute(query, bound)
                while found := cursor.fetchmany(rows):
                    yield found
        except psycopg.Error as error:
            raise self.failed(error) from error


def hash_of(name: str) -> int:
    """A number for a schema's lock, stable between processes."""
    import zlib

    return zlib.crc32(name.encode()) >> 2


def _reason(error: psycopg.Error) -> str:
    return (str(error).splitlines() or ["the database does not answer"])[0]
