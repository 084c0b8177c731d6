"""The reading end on PostgreSQL, with the answers of `hot.reader.HotReader`."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from anlan.kernel.clock import require_aware
from anlan.sensing.hot.delays import bucket_sql
from anlan.sensing.hot.place import place_of_readings
from anlan.sensing.hot.streams import StreamKey
from anlan.sensing.hot.types import NO_VALUE, AttachmentLine, FlaggedPoint, Latest, Point, RawFrame, Signal
from anlan.vocab.quality import UNUSABLE, QualityFlag
from anlan.vocab.quantities import quantity_of

#: Signals read at once; the caller comes again for more.
_SIGNALS = 2000

_SERIES = """
    WITH RECURSIVE times(t) AS (
        (SELECT t FROM {obs} WHERE t >= %(low)s AND t < %(high)s ORDER BY t LIMIT 1)
        UNION ALL SELECT (SELECT o.t FROM {obs} o WHERE o.t > times.t AND o.t < %(high)s ORDER BY o.t LIMIT 1)
        FROM times WHERE times.t IS NOT NULL)
    SELECT o.t, o.v, o.flag FROM times JOIN {obs} o ON o.t = times.t AND o.s = %(s)s
    UNION ALL SELECT t, v, flag FROM {odd} WHERE t >= %(low)s AND t < %(high)s AND s = %(s)s"""


class PgHotReader:
    """`data` is the data folder, for what the gateways write about themselves. Safe for many threads."""

    def __init__(self, data: Path, dsn: str, schema: str) -> None:
        self._data = data
        self._dsn = dsn
        self.schema = schema
        self._local = threading.local()

    def latest(self, stations: Iterable[str], *, exercise: str = "") -> dict[tuple[str, str], Latest]:
        """The newest value of every quantity of these stations."""
        rows = self._rows(
            "SELECT k.station, k.quantity, l.t, l.v, l.flag, l.received FROM {stream} k JOIN {latest} l ON l.s = k.id"
            " WHERE k.exercise = %s AND k.station = ANY(%s)",
            (exercise, list(stations)),
        )
        return {
            StreamKey(station, quantity): Latest(
                _value(quantity, v), _moment(t), _moment(received / 1000), QualityFlag(flag)
            )
            for station, quantity, t, v, flag, received in rows
        }

    def changed_at(self) -> float:
        """When newest values were last written, Unix time; 0 before the first."""
        return float(self._rows("SELECT coalesce(max(at), 0) FROM {changed}", ())[0][0])

    def heard(self) -> dict[str, datetime]:
        """When each station was last heard, at most a second old."""
        rows = self._rows("SELECT station, at FROM {heard}", ())
        return {station: _moment(at / 1000) for station, at in rows}

    def series(
        self, station: str, quantity: str, start: datetime, end: datetime, exercise: str | None = None
    ) -> list[Point]:
        """Everything stored with start <= phenomenon time < end, by time, flagged readings among it."""
        number = self._streams(exercise or "", quantity).get(station)
        if number is None:
            return []
        low, high = int(require_aware(start).timestamp()), int(require_aware(end).timestamp())
        rows = self._rows(_SERIES, {"low": low, "high": high, "s": number})
        found = {t: Point(_moment(t), _value(quantity, v), QualityFlag(flag)) for t, v, flag in rows}
        return [found[t] for t in sorted(found)]

    def sums(
        self, quantity: str, spans_s: Sequence[int], until: datetime, *, exercise: str = ""
    ) -> dict[str, list[tuple[Decimal, int]]]:
        """By station, for each span ending at `until` (inclusive): the sum of usable readings and how many there were."""
        stations = {number: station for station, number in self._streams(exercise, quantity).items()}
        end = int(require_aware(until).timestamp())
        starts = [end - span for span in spans_s]
        cells = sql.SQL(", ").join(
            sql.SQL("coalesce(sum(v) FILTER (WHERE t > {0}), 0), count(*) FILTER (WHERE t > {0})").format(
                sql.Literal(start)
            )
            for start in starts
        )
        rows = self._rows(
            sql.SQL(
                "SELECT s, {cells} FROM {obs} WHERE t > %s AND t <= %s AND flag & %s = 0 AND v <> %s GROUP BY s"
            ),
            (min(starts), end, int(UNUSABLE), NO_VALUE),
            cells=cells,
        )
        return {
            stations[row[0]]: [
                (_value(quantity, int(row[1 + 2 * i])) or Decimal(0), int(row[2 + 2 * i]))
                for i in range(len(starts))
            ]
            for row in rows
            if row[0] in stations
        }

    def arrivals(
        self, start: datetime, end: datetime, *, exercise: str = ""
    ) -> dict[tuple[str, str], tuple[int, dict[int, int]]]:
        """By station and quantity: how many readings with start <= t < end there are, and how late they came (see `delays`)."""
        low, high = int(require_aware(start).timestamp()), int(require_aware(end).timestamp())
        rows = self._rows(
            sql.SQL(
                "SELECT k.station, k.quantity, {bucket}, count(*) FROM {obs} o JOIN {stream} k ON k.id = o.s"
                " WHERE k.exercise = %s AND o.t >= %s AND o.t < %s AND o.v <> %s GROUP BY 1, 2, 3"
            ),
            (exercise, low, high, NO_VALUE),
            bucket=sql.SQL(bucket_sql("o.received / 1000 - o.t")),
        )
        found: dict[tuple[str, str], tuple[int, dict[int, int]]] = {}
        for station, quantity, bucket, count in rows:
            total, delays = found.get((station, quantity), (0, {}))
            delays[int(bucket)] = int(count)
            found[station, quantity] = (total + int(count), delays)
        return found

    def signals_after(self, cursor: Mapping[str, int]) -> Iterator[Signal]:
        """Signals newer than the cursor (shard → last n), in the order in which they were made."""
        found: list[Signal] = []
        for (shard,) in self._rows("SELECT DISTINCT shard FROM {signal}", ()):
            name = f"g{shard}"
            rows = self._rows(
                "SELECT id, kind, at, body, n FROM {signal} WHERE shard=%s AND n>%s ORDER BY n LIMIT %s",
                (shard, cursor.get(name, 0), _SIGNALS),
            )
            found += [
                Signal(id_, kind, datetime.fromtimestamp(at / 1000, UTC), body, name, n)
                for id_, kind, at, body, n in rows
            ]
        yield from sorted(found, key=lambda signal: signal.id)

    def raw(self, station: str, limit: int = 50) -> list[RawFrame]:
        """The newest frames of a station, newest first; `station` may be one that nobody registered."""
        rows = self._rows(
            "SELECT received, source, station, bytes FROM {raw} WHERE station=%s ORDER BY id DESC LIMIT %s",
            (station, limit),
        )
        return [RawFrame(*row) for row in rows]

    def attachments(self, station: str, limit: int = 50) -> list[AttachmentLine]:
        """What came with the messages of a station, the newest first, without the bytes."""
        rows = self._rows(
            "SELECT id, received, t, media_type, length(bytes) FROM {attachment}"
            " WHERE station=%s ORDER BY id DESC LIMIT %s",
            (station, limit),
        )
        return [
            AttachmentLine(
                f"pg.{number}",
                _moment(received / 1000),
                None if t is None else _moment(t),
                station,
                media_type,
                size,
            )
            for number, received, t, media_type, size in rows
        ]

    def attachment(self, id_: str) -> tuple[AttachmentLine, bytes] | None:
        """One of them with its bytes; None where there is none of that id."""
        kind, _, number = id_.rpartition(".")
        if kind != "pg" or not number.isascii() or not number.isdigit():
            return None
        rows = self._rows(
            "SELECT received, t, station, media_type, bytes FROM {attachment} WHERE id=%s",
            (min(int(number), 1 << 62),),
        )
        if not rows:
            return None
        received, t, station, media_type, data = rows[0]
        moment = None if t is None else _moment(t)
        line = AttachmentLine(id_, _moment(received / 1000), moment, station, media_type, len(data))
        return line, bytes(data)

    def refused(self, limit: int = 100) -> list[dict[str, Any]]:
        """The newest refused frames: time (epoch ms), peer, code, reason, first bytes in hex."""
        rows = self._rows(
            "SELECT received, peer, code, reason, head FROM {refused} ORDER BY n DESC LIMIT %s", (limit,)
        )
        names = ("received", "peer", "code", "reason", "head")
        return [dict(zip(names, (*row[:4], row[4].hex()), strict=True)) for row in rows]

    def counts(self, exercise: str | None = None) -> dict[str, int]:
        """Stored readings, corrections, signals, raw frames and streams; `exercise` None counts all runs together."""
        run = "" if exercise is None else " WHERE exercise = %(run)s"
        of_run = "" if exercise is None else " WHERE s IN (SELECT id FROM {stream} WHERE exercise = %(run)s)"
        totals = {
            "readings": "SELECT (SELECT count(*) FROM {obs}"
            + of_run
            + ") + (SELECT count(*) FROM {odd}"
            + of_run
            + ")",
            "superseded": "SELECT count(*) FROM {superseded}",
            "signals": "SELECT count(*) FROM {signal}",
            "raw": "SELECT count(*) FROM {raw}",
            "streams": "SELECT count(*) FROM {stream}" + run,
        }
        bound = {"run": exercise or ""}
        return {name: int(self._rows(query, bound)[0][0]) for name, query in totals.items()}

    def flagged(
        self, start: datetime, end: datetime, *, exercise: str = "", limit: int = 500
    ) -> list[FlaggedPoint]:
        """Readings with start <= t < end that carry a flag with a reason, the newest first; good rows cost nothing here."""
        rows = self._rows(
            "SELECT k.station, k.quantity, q.t, o.v, o.flag, q.reason FROM {qc} q"
            " JOIN {obs} o ON o.t = q.t AND o.s = q.s JOIN {stream} k ON k.id = q.s"
            " WHERE q.t >= %s AND q.t < %s AND o.flag & %s <> 0 AND k.exercise = %s ORDER BY q.t DESC LIMIT %s",
            (
                int(start.timestamp()),
                int(end.timestamp()),
                int(UNUSABLE | QualityFlag.ACCEPTED),
                exercise,
                limit,
            ),
        )
        return [
            FlaggedPoint(
                station,
                quantity,
                _moment(t),
                None if v == NO_VALUE else v,
                QualityFlag(flag),
                json.loads(why),
            )
            for station, quantity, t, v, flag, why in rows
        ]

    def gateway_counters(self) -> dict[str, Any]:
        """What the gateways wrote last, added up; `{}` before the first start."""
        merged: dict[str, Any] = {}
        for path in place_of_readings().run_files(self._data, "gateway"):
            with suppress(OSError, ValueError):
                merged = _merged(merged, json.loads(path.read_bytes()))
        return merged

    def _streams(self, exercise: str, quantity: str) -> dict[str, int]:
        rows = self._rows(
            "SELECT station, id FROM {stream} WHERE exercise=%s AND quantity=%s", (exercise, quantity)
        )
        return dict(rows)

    def _rows(
        self, query: str | sql.SQL, bound: Any, **parts: sql.Composable
    ) -> list[tuple[Any, ...]]:  # Any: columns differ by query
        text = query if isinstance(query, sql.SQL) else sql.SQL(query)
        names = (
            "stream",
            "latest",
            "heard",
            "changed",
            "signal",
            "raw",
            "attachment",
            "refused",
            "superseded",
            "obs",
        )
        tables = {name: sql.Identifier(self.schema, name) for name in names}
        whole = text.format(odd=sql.Identifier(self.schema, "obs_odd"), **tables, **parts)
        return self.ask(whole, bound)

    def ask(
        self, query: sql.Composed, bound: Any = ()
    ) -> list[tuple[Any, ...]]:  # Any: columns differ by query
        """Every row of the answer; for who composes questions of his own over `schema`."""
        try:
            return self.link().execute(query, bound).fetchall()
        except psycopg.OperationalError:
            self._local.link = None  # the server was restarted; ask once more on a new connection
            return self.link().execute(query, bound).fetchall()

    def link(self) -> psycopg.Connection:
        """This thread's connection, in autocommit."""
        link: psycopg.Connection | None = getattr(self._local, "link", None)
        if link is None or link.closed:
            from anlan.sensing.hot.pg.tables import make_tables

            link = psycopg.connect(self._dsn, autocommit=True, connect_timeout=5)
            make_tables(link, self.schema)
            self._local.link = link
        return link


def _merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Numbers are added, mappings merged, of other things the first one stays; `at` is that of the gateway that is behind."""
    merged = dict(one)
    for key, value in other.items():
        held = merged.get(key)
        if key in ("at", "clock_now") and held:
            merged[key] = min(held, value)
        elif key == "ports":
            merged[key] = {**value, **(held or {})}
        elif isinstance(held, dict) and isinstance(value, dict):
            merged[key] = _merged(held, value)
        elif key in ("pid", "catalogue_version") or isinstance(held, bool):
            continue
        elif isinstance(held, (int, float)) and isinstance(value, (int, float)):
            merged[key] = held + value
        elif not held:
            merged[key] = value
    return merged


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _value(quantity: str, stored: int) -> Decimal | None:
    return None if stored == NO_VALUE else quantity_of(quantity).from_stored(stored)
