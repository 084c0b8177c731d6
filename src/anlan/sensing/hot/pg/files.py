"""One day of readings on PostgreSQL, with the calls of `hot.files.DayFile`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar, cast

import numpy as np
import psycopg
from psycopg import errors, sql

from anlan.sensing.hot.pg import copying, tables
from anlan.sensing.hot.rows import Ints, Rows
from anlan.sensing.hot.types import NO_VALUE, RawAttachment, RawFrame, Signal
from anlan.vocab.quality import IMPLAUSIBLE, UNUSABLE, QualityFlag

if TYPE_CHECKING:
    from anlan.sensing.hot.pg.store import PgHotStore

_Found = tuple[int | None, int, int]
_P = ParamSpec("_P")
_R = TypeVar("_R")


def _guarded(call: Callable[Concatenate[PgDay, _P], _R]) -> Callable[Concatenate[PgDay, _P], _R]:
    """What the database refuses is a StoreUnavailable: the batch is not stored and comes again."""

    @wraps(call)
    def guarded(self: PgDay, *given: _P.args, **named: _P.kwargs) -> _R:
        try:
            return call(self, *given, **named)
        except psycopg.Error as error:
            raise self._store.failed(error) from error

    return cast("Callable[Concatenate[PgDay, _P], _R]", guarded)


class PgDay:
    """The writing end of one day. Rows stored one by one wait in memory and join the transaction at its end."""

    def __init__(self, store: PgHotStore, day: int) -> None:
        self._store = store
        self._day = day
        self._table = tables.table_of(store.schema, day)
        self.is_open = False
        #: What is known of keys in this transaction, None for a key that is not there.
        self._known: dict[tuple[int, int], _Found | None] = {}
        self._pending: dict[tuple[int, int], tuple[int | None, int, int]] = {}

    @property
    def _link(self) -> psycopg.Connection:
        return self._store.link

    def begin(self) -> None:
        self._store.begin()
        self.is_open = True

    def finish(self) -> None:
        """Write what waits, so that reading sees it; the store commits."""
        if self._pending:
            rows = [(t, s, *found) for (t, s), found in self._pending.items()]
            self._pending = {}
            if not self._copy(_rows_of(rows)):
                raise errors.UniqueViolation("another gateway stored the same key")

    def forget(self) -> None:
        self._known, self._pending, self.is_open = {}, {}, False

    @_guarded
    def insert(self, rows: Rows) -> int:
        """Store rows whose keys should be new; returns how many were. Fewer than given: the transaction is to be rolled back."""
        if len(rows.t) == 1:
            t, s, v, flag, received = (int(column[0]) for column in rows)
            self._pending[t, s] = self._known[t, s] = (None if v == NO_VALUE else v, flag, received)
            return 1
        return len(rows.t) if self._copy(rows) else 0

    def _copy(self, rows: Rows) -> bool:
        statement = sql.SQL("COPY {} {} FROM STDIN (FORMAT BINARY)").format(
            self._table, sql.SQL(copying.COPY_COLUMNS)
        )
        try:
            with self._link.cursor() as cursor, cursor.copy(statement) as copy:
                copy.write(copying.copy_bytes(rows))
        except errors.UniqueViolation:
            return False
        return True

    @_guarded
    def prefetch(self, t: Sequence[int], s: Sequence[int]) -> None:
        """Look many keys up at once, so that `find` need not ask for each."""
        wanted = [key for key in dict.fromkeys(zip(t, s, strict=True)) if key not in self._known]
        if len(wanted) < 2:
            return
        columns = ([key[0] for key in wanted], [key[1] for key in wanted])
        query = sql.SQL(
            "SELECT o.t, o.s, o.v, o.flag, o.received FROM unnest(%s::bigint[], %s::integer[]) AS k(t, s)"
            " JOIN {} o ON o.t = k.t AND o.s = k.s"
        ).format(self._table)
        self._known.update(dict.fromkeys(wanted))
        for t_, s_, v, flag, received in self._link.execute(query, columns):
            self._known[t_, s_] = (None if v == NO_VALUE else v, flag, received)

    @_guarded
    def find(self, t: int, s: int) -> _Found | None:
        """Value, flag and received time of one key."""
        if (t, s) in self._known:
            return self._known[t, s]
        query = sql.SQL("SELECT v, flag, received FROM {} WHERE t=%s AND s=%s").format(self._table)
        row = self._link.execute(query, (t, s)).fetchone()
        found = None if row is None else (None if row[0] == NO_VALUE else row[0], row[1], row[2])
        self._known[t, s] = found
        return found

    @_guarded
    def was_superseded(self, t: int, s: int, v: int | None) -> bool:
        """Whether this value stood here before a correction: a late repeat must not undo the correction."""
        query = sql.SQL("SELECT 1 FROM {} WHERE day=%s AND t=%s AND s=%s AND v=%s LIMIT 1").format(
            self._store.table("superseded")
        )
        value = NO_VALUE if v is None else v
        return self._link.execute(query, (self._day, t, s, value)).fetchone() is not None

    @_guarded
    def correct(self, t: int, s: int, v: int | None, flag: int, received: int) -> None:
        """A newer value wins; the older one is kept."""
        self._replace(t, s, (v, flag, received))

    @_guarded
    def reflag(self, t: int, s: int, flag: int) -> None:
        """Other flags for the same value; the row as it stood is kept."""
        old = self.find(t, s)
        if old is not None:
            self._replace(t, s, (old[0], flag, old[2]))

    @_guarded
    def reflag_overruled(self, t: int, s: int, v: int | None, flag: int, received: int) -> None:
        """Other flags for a value that a correction hides because it came too late to count (see `overruled`)."""
        self._keep(t, s, (v, flag, received))

    def _replace(self, t: int, s: int, found: _Found) -> None:
        old = self.find(t, s)
        assert old is not None  # the caller found it
        self._keep(t, s, old)
        self._known[t, s] = found
        if (t, s) in self._pending:
            self._pending[t, s] = found
            return
        change = sql.SQL("UPDATE {} SET v=%s, flag=%s, received=%s WHERE t=%s AND s=%s").format(self._table)
        self._link.execute(change, (NO_VALUE if found[0] is None else found[0], found[1], found[2], t, s))

    def _keep(self, t: int, s: int, old: _Found) -> None:
        keep = sql.SQL("INSERT INTO {} (day, t, s, v, flag, received) VALUES (%s,%s,%s,%s,%s,%s)").format(
            self._store.table("superseded")
        )
        value = NO_VALUE if old[0] is None else old[0]
        self._link.execute(keep, (self._day, t, s, value, old[1], old[2]))

    @_guarded
    def add_reasons(self, reasons: Sequence[tuple[int, int, str]]) -> None:
        """Why readings (t, s) are flagged, as JSON; the newest word stands. Readings without a flag cost nothing here."""
        insert = sql.SQL(
            "INSERT INTO {} (t, s, reason) VALUES (%s,%s,%s) ON CONFLICT (t, s) DO UPDATE SET reason=excluded.reason"
        ).format(self._store.table("qc"))
        self._link.cursor().executemany(insert, reasons)

    @_guarded
    def add_attachments(self, attachments: Sequence[RawAttachment]) -> None:
        """The same file of the same station and time is kept once."""
        insert = sql.SQL(
            "INSERT INTO {table} (day, received, t, station, media_type, bytes)"
            " SELECT %(day)s, %(received)s, %(t)s::bigint, %(station)s, %(media_type)s, %(data)s::bytea"
            " WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE station = %(station)s"
            " AND t IS NOT DISTINCT FROM %(t)s::bigint AND bytes = %(data)s::bytea)"
        ).format(table=self._store.table("attachment"))
        for one in attachments:
            fields = {"received": one.received, "t": one.t, "station": one.station}
            rest = {"day": self._day, "media_type": one.media_type, "data": one.data}
            self._link.execute(insert, fields | rest)

    @_guarded
    def add_raw(self, frames: Sequence[RawFrame]) -> None:
        insert = sql.SQL(
            "INSERT INTO {} (shard, day, received, source, station, bytes)"
            " SELECT %s, %s, received, source, station, bytes"
            " FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bytea[])"
            " WITH ORDINALITY AS frame(received, source, station, bytes, n) ORDER BY n"
        ).format(self._store.table("raw"))
        columns = [list(column) for column in zip(*frames, strict=True)]
        if columns:
            self._link.execute(insert, (self._store.shard, self._day, *columns))

    @_guarded
    def add_signals(self, signals: Sequence[Signal]) -> None:
        self._store.add_signals(signals)

    # -- reading back

    def superseded_peaks(self) -> Iterator[tuple[int, int]]:
        """Stream and newest time of values that were plausible once and were corrected or amended since."""
        bad = int(IMPLAUSIBLE | QualityFlag.STALE)
        query = sql.SQL("SELECT s, max(t) FROM {} WHERE day=%s AND flag & %s = 0 GROUP BY s").format(
            self._store.table("superseded")
        )
        yield from self._store.rows(query, (self._day, bad))

    def scan(self, start: int, end: int, rows_at_once: int = 100_000) -> Iterator[Rows]:
        """All rows with start <= t < end, by time, then stream."""
        self.finish()
        query = sql.SQL("SELECT t, s, v, flag, received FROM {} WHERE t>=%s AND t<%s ORDER BY t, s").format(
            self._table
        )
        for found in self._store.chunks(query, (start, end), rows_at_once):
            yield _rows_of(found)

    def scan_counted(self, start: int, end: int, rows_at_once: int = 100_000) -> Iterator[Rows]:
        """The same without readings that do not count; only right where nothing was overruled."""
        self.finish()
        query = sql.SQL("SELECT t, s, v FROM {} WHERE t>=%s AND t<%s AND flag & %s = 0 ORDER BY t, s").format(
            self._table
        )
        bad = int(UNUSABLE | QualityFlag.STALE)
        for found in self._store.chunks(query, (start, end, bad), rows_at_once):
            t, s, v = copying.columns_of(found, 3)
            zeros = np.zeros(len(t), np.int64)
            yield Rows(t, s, v, zeros, zeros)

    def newest_first(self, rows_at_once: int = 50_000) -> Iterator[tuple[Ints, Ints, Ints]]:
        """Columns of t, s and flag, from the newest time back."""
        query = sql.SQL("SELECT t, s, flag FROM {} ORDER BY t DESC, s DESC").format(self._table)
        for found in self._store.chunks(query, (), rows_at_once):
            t, s, flag = copying.columns_of(found, 3)
            yield t, s, flag

    def scan_streams(self, streams: Sequence[int], start: int, end: int) -> Rows:
        """The rows of a few streams. Jumps from one stored time to the next instead of reading all streams between."""
        self.finish()
        query = sql.SQL(
            "WITH RECURSIVE times(t) AS ("
            " (SELECT t FROM {table} WHERE t >= %(start)s ORDER BY t LIMIT 1)"
            " UNION ALL SELECT (SELECT o.t FROM {table} o WHERE o.t > times.t ORDER BY o.t LIMIT 1)"
            " FROM times WHERE times.t < %(end)s)"
            " SELECT o.t, o.s, o.v, o.flag, o.received FROM times"
            " JOIN {table} o ON o.t = times.t AND o.s = ANY(%(streams)s) WHERE o.t < %(end)s ORDER BY o.t, o.s"
        ).format(table=self._table)
        bound = {"start": start, "end": end, "streams": list(streams)}
        return _rows_of(self._store.rows(query, bound))

    def overruled(self, start: int, end: int) -> dict[tuple[int, int], tuple[int | None, int]]:
        """The newest superseded value of each key that arrived in time; see `counted` in the store."""
        query = sql.SQL(
            "SELECT t, s, v, flag FROM {} WHERE day=%s AND t>=%s AND t<%s AND flag & %s = 0 ORDER BY n"
        ).format(self._store.table("superseded"))
        found = self._store.rows(query, (self._day, start, end, int(QualityFlag.STALE)))
        return {(t, s): (None if v == NO_VALUE else v, flag) for t, s, v, flag in found}


def body_of(signal: Signal) -> str:
    return json.dumps(signal.body, ensure_ascii=False)


def _rows_of(found: Sequence[tuple[int | None, ...]]) -> Rows:
    plain = [tuple(NO_VALUE if cell is None else cell for cell in row) for row in found]
    t, s, v, flag, received = copying.columns_of(plain, 5)
    return Rows(t, s, v, flag, received)
