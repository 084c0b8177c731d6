"""Reading another database, above all the real-time water database of SL 323: read only, in small bites, with a high-water mark.

A round reads each table from the mark, less the window for late rows, in the order of (time, station), `row_limit` rows a query
and a pause between queries. The mark moves after the rows are stored. A round that could not finish goes on where it stopped.
Times are the other side's own (Beijing unless told); rows are handed to the mapping as {table: [{column: value}]}.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from anlan.gateway.connect.pulling import PullFailed, need_stored
from anlan.gateway.connect.secrets import read_secret
from anlan.gateway.connect.store import ConnectStore
from anlan.gateway.connect.taking import Taker
from anlan.sensing.connect.settings import SqlPull, SqlTable

_SHAPE = "%Y-%m-%d %H:%M:%S"
#: The station table is asked once a day.
_STATIONS_S = 86_400
_STATION_COLUMNS = ("STCD", "STNM", "STTP", "LGTD", "LTTD", "STLC", "RVNM", "ADMAUTH")


class Mark(NamedTuple):
    """`newest` is the highest time ever read; `at` the place to go on from where a round stopped, else empty."""

    newest: str = ""
    at: tuple[str, str] | None = None

    @staticmethod
    def parse(text: str) -> Mark:
        if not text:
            return Mark()
        data = json.loads(text)
        return Mark(data["newest"], tuple(data["at"]) if data["at"] else None)

    def written(self) -> str:
        return json.dumps({"newest": self.newest, "at": self.at})


class Dialect(NamedTuple):
    """How one kind of database is opened and asked. `place` is the mark of a bound value."""

    open: Callable[[SqlPull, str], Any]  # Any: a DB-API connection
    place: str
    limit: str
    #: Turns "YYYY-MM-DD HH:MM:SS" into what the driver binds to a time column.
    bind: Callable[[str], object]


class SqlPuller:
    """See `pulling.Puller`. The connection is used by one thread at a time."""

    def __init__(self, taker: Taker, settings: SqlPull, store: ConnectStore) -> None:
        self.every_s = settings.every_s
        self._taker, self._settings, self._store = taker, settings, store
        self._dialect = _DIALECTS[settings.driver]
        self._link: Any = None  # a DB-API connection
        self._stations_at = 0.0

    async def round(self) -> None:
        try:
            for table in self._settings.tables:
                await self._read_table(table)
            await self._read_stations()
        finally:
            await asyncio.to_thread(self.close)  # no session stays open on the other side between rounds

    def close(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.close()

    async def _read_table(self, table: SqlTable) -> None:
        name = self._taker.entry.name
        mark = Mark.parse(self._store.mark(name, table.table))
        start = mark.at or (self._start(mark), "")
        for _query in range(self._settings.max_queries):
            rows = await asyncio.to_thread(self._rows, table, start)
            if rows:
                body = json.dumps({table.table: rows}, ensure_ascii=False, default=_json).encode()
                need_stored(await self._taker.take(body))
                last = rows[-1]
                start = (str(last[table.time_column]), str(last[table.station_column]))
            is_last = len(rows) < self._settings.row_limit
            mark = Mark(max(mark.newest, start[0]), None if is_last else start)
            if rows or is_last:
                self._store.set_mark(name, table.table, mark.written())
            await asyncio.sleep(self._settings.pause_s)
            if is_last:
                return

    def _start(self, mark: Mark) -> str:
        zone = ZoneInfo(self._settings.zone)
        if mark.newest:
            moment = datetime.strptime(mark.newest, _SHAPE).replace(tzinfo=zone)
            return (moment - timedelta(seconds=self._settings.late_s)).strftime(_SHAPE)
        first = self._taker.now().astimezone(zone) - timedelta(seconds=self._settings.first_s)
        return first.strftime(_SHAPE)

    def _rows(self, table: SqlTable, start: tuple[str, str]) -> list[dict[str, object]]:
        at, station = start
        one, two, three = (self._dialect.place.format(n=number) for number in (1, 2, 3))
        when, code = table.time_column, table.station_column
        # Names were checked to be plain when the connector was saved; values are bound.
        sql = (
            f"SELECT {', '.join(table.columns)} FROM {table.table}"  # noqa: S608
            f" WHERE {when} >= {one} AND ({when} > {two} OR {code} > {three}) ORDER BY {when}, {code}"
        )
        moment = self._dialect.bind(at)
        return self._ask(sql, (moment, moment, station), table.columns, self._settings.row_limit)

    def _ask(
        self, sql: str, values: Sequence[object], columns: Sequence[str], limit: int
    ) -> list[dict[str, object]]:
        settings = self._settings
        if self._link is None:
            self._link = self._open()
        began = time.monotonic()
        try:
            cursor = self._link.cursor()
            cursor.execute(self._dialect.limit.format(sql=sql, rows=limit), values)
            rows = cursor.fetchmany(limit)
            cursor.close()
        except Exception as error:  # whatever this driver raises
            self._link = None
            taken_s = time.monotonic() - began
            slow = f" after {taken_s:.0f} s" if taken_s > settings.statement_s * 0.9 else ""
            raise PullFailed(f"The query failed{slow}: {str(error)[:200]}") from None
        return [{name: _plain(cell) for name, cell in zip(columns, row, strict=True)} for row in rows]

    def _open(self) -> Any:  # Any: a DB-API connection
        settings = self._settings
        secret = read_secret(self._taker.entry.secret_name) if self._taker.entry.secret_name else ""
        try:
            return self._dialect.open(settings, secret)
        except ImportError as error:
            raise PullFailed(f"The driver for {settings.driver} is not installed: {error.name}.") from None
        except Exception as error:  # whatever this driver raises; its text may hold the password
            text = str(error).replace(secret, "…") if secret else str(error)
            raise PullFailed(f"The database does not open: {text[:200]}") from None

    async def _read_stations(self) -> None:
        settings = self._settings
        if not settings.station_table or (
            time.monotonic() - self._stations_at < _STATIONS_S and self._stations_at
        ):
            return
        sql = f"SELECT {', '.join(_STATION_COLUMNS)} FROM {settings.station_table} ORDER BY STCD"  # noqa: S608 - a checked name
        rows = await asyncio.to_thread(self._ask, sql, (), _STATION_COLUMNS, settings.row_limit)
        stations = [{name: str(cell) for name, cell in row.items() if cell is not None} for row in rows]
        proposals = [{**one, "code": one["STCD"].strip()} for one in stations if one.get("STCD", "").strip()]
        self._store.propose(self._taker.entry.name, proposals)
        self._stations_at = time.monotonic()


def _plain(cell: object) -> object:
    """A cell as JSON can hold it; times in one shape, floats by their shortest digits."""
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=None).strftime(_SHAPE)
    if isinstance(cell, date):
        return cell.strftime("%Y-%m-%d 00:00:00")
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, float | Decimal):
        return format(Decimal(repr(cell) if isinstance(cell, float) else cell), "f")
    return cell if isinstance(cell, int) or cell is None else str(cell)


def _json(value: object) -> str:
    return str(value)


def _as_moment(text: str) -> object:
    return datetime.strptime(text, _SHAPE)  # noqa: DTZ007 - the other side's columns have no zone


def _as_text(text: str) -> object:
    return text


def _sqlite(settings: SqlPull, _secret: str) -> Any:  # Any: a DB-API connection
    import sqlite3
    from pathlib import Path

    link = sqlite3.connect(
        f"{Path(settings.database).absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False
    )
    link.execute("PRAGMA query_only=ON")
    deadline = [time.monotonic() + settings.statement_s]

    def tick() -> int:
        return int(time.monotonic() > deadline[0])

    link.set_progress_handler(tick, 10_000)
    return _Timed(link, deadline, settings.statement_s)


class _Timed:
    """A SQLite connection whose statements have a limit of time."""

    def __init__(self, link: Any, deadline: list[float], statement_s: float) -> None:  # Any: sqlite3's own
        self._link, self._deadline, self._statement_s = link, deadline, statement_s

    def cursor(self) -> Any:  # Any: a DB-API cursor
        self._deadline[0] = time.monotonic() + self._statement_s
        return self._link.cursor()

    def close(self) -> None:
        self._link.close()


def _postgresql(settings: SqlPull, secret: str) -> Any:  # Any: a DB-API connection
    import psycopg

    options = f"-c default_transaction_read_only=on -c statement_timeout={int(settings.statement_s * 1000)}"
    return psycopg.connect(
        host=settings.host, port=settings.port or 5432, dbname=settings.database, user=settings.user,
        password=secret, connect_timeout=int(max(2, settings.statement_s)), options=options, autocommit=True,
    )  # fmt: skip


def _mysql(settings: SqlPull, secret: str) -> Any:  # Any: a DB-API connection
    import pymysql  # type: ignore[import-untyped,import-not-found,unused-ignore]  # an optional driver

    seconds = int(max(2, settings.statement_s))
    link = pymysql.connect(
        host=settings.host, port=settings.port or 3306, database=settings.database, user=settings.user,
        password=secret, connect_timeout=seconds, read_timeout=seconds, autocommit=True,
    )  # fmt: skip
    with link.cursor() as cursor:
        cursor.execute("SET SESSION TRANSACTION READ ONLY")
    return link


def _oracle(settings: SqlPull, secret: str) -> Any:  # Any: a DB-API connection
    import oracledb  # type: ignore[import-not-found,unused-ignore]  # an optional driver

    link = oracledb.connect(
        user=settings.user,
        password=secret,
        host=settings.host,
        port=settings.port or 1521,
        service_name=settings.database,
    )
    link.call_timeout = int(settings.statement_s * 1000)
    with link.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
    return link


def _odbc(settings: SqlPull, secret: str) -> Any:  # Any: a DB-API connection
    import pyodbc  # type: ignore[import-not-found,unused-ignore]  # an optional driver

    text = f"{settings.database};UID={settings.user};PWD={{{secret.replace('}', '}}')}}};ApplicationIntent=ReadOnly"
    link = pyodbc.connect(text, readonly=True, autocommit=True, timeout=int(max(2, settings.statement_s)))
    link.timeout = int(max(1, settings.statement_s))
    return link


_DIALECTS: dict[str, Dialect] = {
    "sqlite": Dialect(_sqlite, "?", "{sql} LIMIT {rows}", _as_text),
    "postgresql": Dialect(_postgresql, "%s", "{sql} LIMIT {rows}", _as_moment),
    "mysql": Dialect(_mysql, "%s", "{sql} LIMIT {rows}", _as_moment),
    "oracle": Dialect(_oracle, ":{n}", "{sql} FETCH FIRST {rows} ROWS ONLY", _as_moment),
    "odbc": Dialect(_odbc, "?", "{sql} OFFSET 0 ROWS FETCH NEXT {rows} ROWS ONLY", _as_moment),
}
