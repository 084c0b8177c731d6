"""Day partitions as history reads them: plain SQL with the sums made by the server. Loads neither NumPy nor DuckDB."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from psycopg import errors, sql

from anlan.sensing.history.hotside import Cells
from anlan.sensing.history.types import StoredRow
from anlan.sensing.hot.pg.parts import ODD, Part, parts_of
from anlan.sensing.hot.pg.reader import PgHotReader
from anlan.sensing.hot.reading import open_reader
from anlan.sensing.hot.streams import StreamKey
from anlan.sensing.hot.types import NO_VALUE
from anlan.vocab.quality import UNUSABLE

#: Up to here a stream's rows are found by jumping from time to time; beyond, one pass over the partition is cheaper.
_FEW = 4
_TRIES = 3
_JUMPS = """WITH RECURSIVE times(t) AS (
        (SELECT t FROM {part} WHERE t >= %(low)s AND t < %(high)s ORDER BY t LIMIT 1)
        UNION ALL SELECT (SELECT o.t FROM {part} o WHERE o.t > times.t AND o.t < %(high)s ORDER BY o.t LIMIT 1)
        FROM times WHERE times.t IS NOT NULL)
    SELECT o.t, o.s, o.v, o.flag, o.received FROM times JOIN {part} o ON o.t = times.t AND o.s = ANY(%(streams)s)"""
_WHOLE = (
    "SELECT t, s, v, flag, received FROM {part} WHERE t >= %(low)s AND t < %(high)s AND s = ANY(%(streams)s)"
)


class PgSide:
    """Safe for many threads, as the reader is that it asks."""

    def __init__(self, data: Path) -> None:
        reader = open_reader(data)
        assert isinstance(reader, PgHotReader)  # the caller asked the environment
        self._reader = reader

    def parts(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        for part in parts_of(self._reader.link(), self._reader.schema):
            found.setdefault(part.day, []).append(part.name)
        return found

    def rows(self, part: str, streams: Sequence[int], low: int, high: int) -> list[StoredRow]:
        if not streams:
            return []
        query = _JUMPS if len(streams) <= _FEW else _WHOLE
        found = self._ask(part, query, {"low": low, "high": high, "streams": list(streams)})
        return [_row(one) for one in found]

    def superseded(
        self, part: str, streams: Sequence[int], low: int, high: int
    ) -> dict[tuple[int, int], list[StoredRow]]:
        known = self._part(part)
        if known is None:
            return {}
        query = (
            "SELECT t, s, v, flag, received FROM {superseded} WHERE day = %(day)s AND t >= %(low)s AND t < %(high)s"
            " AND s = ANY(%(streams)s) AND n > %(after)s AND (%(to)s::bigint IS NULL OR n <= %(to)s) ORDER BY n"
        )
        bound = {"day": known.day, "after": known.superseded_from, "to": known.superseded_to}
        found: dict[tuple[int, int], list[StoredRow]] = {}
        for row in self._ask(part, query, {"low": low, "high": high, "streams": list(streams), **bound}):
            found.setdefault((row[0], row[1]), []).append(_row(row))
        return found

    def streams_in(self, part: str, low: int, high: int) -> set[int]:
        query = "SELECT DISTINCT s FROM {part} WHERE t >= %(low)s AND t < %(high)s"
        return {s for (s,) in self._ask(part, query, {"low": low, "high": high})}

    def buckets(
        self, part: str, low: int, high: int, *, amount: bool, width_h: int, shift_h: int
    ) -> Iterator[tuple[int, int, Cells]]:
        query = (
            "SELECT s, ((t - %(amount)s) / 3600 - %(shift)s) / %(width)s, count(*), sum(v), min(v), max(v) FROM {part}"
            " WHERE t >= %(low)s AND t < %(high)s AND v <> %(none)s AND flag & %(bad)s = 0 GROUP BY 1, 2"
        )
        bound = {"low": low, "high": high, "amount": int(amount), "width": width_h, "shift": shift_h}
        for s, bucket, n, total, least, most in self._ask(part, query, {**bound, **_USABLE}):
            yield s, int(bucket), (n, int(total), least, most)

    def totals(self, part: str, low: int, high: int) -> Iterator[tuple[int, int, int]]:
        query = (
            "SELECT s, count(*), sum(v) FROM {part}"
            " WHERE t > %(low)s AND t <= %(high)s AND v <> %(none)s AND flag & %(bad)s = 0 GROUP BY s"
        )
        for s, n, total in self._ask(part, query, {"low": low, "high": high, **_USABLE}):
            yield s, n, int(total)

    def number_of(self, key: StreamKey, exercise: str) -> int | None:
        return next(iter(self.numbers_for([key], exercise)), None)

    def numbers_of(self, quantity: str, exercise: str) -> dict[int, str]:
        query = self._sql("SELECT id, station FROM {stream} WHERE quantity = %s AND exercise = %s")
        return dict(self._reader.ask(query, (quantity, exercise)))

    def numbers_for(self, keys: Sequence[StreamKey], exercise: str) -> dict[int, StreamKey]:
        query = self._sql(
            "SELECT o.id, o.station, o.quantity FROM {stream} o"
            " JOIN unnest(%s::text[], %s::text[]) AS k(station, quantity) USING (station, quantity) WHERE o.exercise = %s"
        )
        bound = ([key.station for key in keys], [key.quantity for key in keys], exercise)
        return {number: StreamKey(station, code) for number, station, code in self._reader.ask(query, bound)}

    def _part(self, name: str) -> Part | None:
        """As it is now: sealing renames its table."""
        parts = parts_of(self._reader.link(), self._reader.schema)
        return next((part for part in parts if part.name == name), None)

    def _ask(self, part: str, query: str, bound: dict[str, Any]) -> list[tuple[Any, ...]]:
        """Rows of the answer, none where the part is gone. (Any: columns differ by query.)"""
        for _ in range(_TRIES):
            known = self._part(part)
            if known is None:
                return []
            try:
                return self._reader.ask(self._sql(query, known.table), bound)
            except errors.UndefinedTable:
                continue  # it was sealed or removed this moment
        return []

    def _sql(self, query: str, table: str = ODD.table) -> sql.Composed:
        schema = self._reader.schema
        named = {name: sql.Identifier(schema, name) for name in ("stream", "superseded")}
        return sql.SQL(query).format(part=sql.Identifier(schema, table), **named)


_USABLE = {"none": NO_VALUE, "bad": int(UNUSABLE)}


def _row(row: tuple[Any, ...]) -> StoredRow:
    t, s, v, flag, received = row
    return StoredRow(t, s, None if v == NO_VALUE else v, flag, received)
