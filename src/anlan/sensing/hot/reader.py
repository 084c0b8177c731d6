"""The reading end, for pages and the county worker. Opens files read-only for one question at a time; safe beside the gateway."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from anlan.kernel.clock import require_aware
from anlan.sensing.hot.days import day_number, files_of, signals_of
from anlan.sensing.hot.delays import bucket_sql
from anlan.sensing.hot.streams import StreamKey
from anlan.sensing.hot.types import (
    DAY_S,
    ODD_DAY,
    AttachmentLine,
    FlaggedPoint,
    Latest,
    Point,
    RawFrame,
    Signal,
)
from anlan.vocab.quality import UNUSABLE, QualityFlag
from anlan.vocab.quantities import quantity_of

_SERIES_TIMES = """
    WITH RECURSIVE times(t) AS (
        SELECT min(t) FROM obs WHERE t >= ?
        UNION ALL SELECT (SELECT min(o.t) FROM obs o WHERE o.t > times.t) FROM times WHERE times.t < ?)
    SELECT o.t, o.v, o.flag FROM times CROSS JOIN obs o WHERE o.t = times.t AND o.s = ? AND o.t < ? ORDER BY o.t"""


class HotReader:
    """`root` is the folder `hot` inside the data folder; it may not exist yet, then everything is empty."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def latest(self, stations: Iterable[str], *, exercise: str = "") -> dict[tuple[str, str], Latest]:
        """The newest value of every quantity of these stations."""
        wanted = set(stations)
        keys = {number: key for key, number in self._streams(exercise).items() if key.station in wanted}
        with self._open("latest.db") as link:
            rows = (
                [] if link is None else link.execute("SELECT s, t, v, flag, received FROM latest").fetchall()
            )
        return {
            keys[s]: _latest(keys[s], t, v, flag, received) for s, t, v, flag, received in rows if s in keys
        }

    def changed_at(self) -> float:
        """When newest values were last written, Unix time; 0 before the first. Costs no query."""
        files = (self._root / name for name in ("latest.db", "latest.db-wal"))
        return max((path.stat().st_mtime for path in files if path.exists()), default=0.0)

    def heard(self) -> dict[str, datetime]:
        """When each station was last heard, at most a second old."""
        with self._open("latest.db") as link:
            rows = [] if link is None else link.execute("SELECT station, at FROM heard").fetchall()
        return {station: _moment(at / 1000) for station, at in rows}

    def series(
        self, station: str, quantity: str, start: datetime, end: datetime, exercise: str | None = None
    ) -> list[Point]:
        """Everything stored with start <= phenomenon time < end, by time, flagged readings among it."""
        number = self._streams(exercise or "").get(StreamKey(station, quantity))
        if number is None:
            return []
        low, high = int(require_aware(start).timestamp()), int(require_aware(end).timestamp())
        found: dict[int, Point] = {}
        days = (day for day in self._days() if low // DAY_S <= day <= high // DAY_S)
        for name in self._names([ODD_DAY, *days]):
            with self._open(name) as link:
                if link is not None:
                    rows = link.execute(_SERIES_TIMES, (low, high, number, high))
                    found.update(
                        (t, Point(_moment(t), _value(quantity, v), QualityFlag(flag))) for t, v, flag in rows
                    )
        return [found[t] for t in sorted(found)]

    def sums(
        self, quantity: str, spans_s: Sequence[int], until: datetime, *, exercise: str = ""
    ) -> dict[str, list[tuple[Decimal, int]]]:
        """By station, for each span ending at `until` (inclusive): the sum of usable readings and how many there were."""
        stations = {n: key.station for key, n in self._streams(exercise).items() if key.quantity == quantity}
        end = int(require_aware(until).timestamp())
        starts = [end - span for span in spans_s]
        columns = ", ".join(
            ["sum(CASE WHEN t > ? THEN v END), count(CASE WHEN t > ? THEN v END)"] * len(starts)
        )
        sql = f"SELECT s, {columns} FROM obs WHERE t > ? AND t <= ? AND NOT flag & ? GROUP BY s"
        values = [edge for start in starts for edge in (start, start)]
        found: dict[str, list[tuple[Decimal, int]]] = {}
        for name in self._names(day for day in self._days() if min(starts) // DAY_S <= day <= end // DAY_S):
            with self._open(name) as link:
                rows = [] if link is None else link.execute(sql, (*values, min(starts), end, int(UNUSABLE)))
                for number, *cells in rows:
                    if number in stations:
                        before = found.get(stations[number], [(Decimal(0), 0)] * len(starts))
                        found[stations[number]] = _added(before, cells, quantity)
        return found

    def signals_after(self, cursor: Mapping[str, int]) -> Iterator[Signal]:
        """Signals newer than the cursor (day → last n), in the order in which they were made."""
        found: list[Signal] = []
        for file in self._names(self._days()):
            name = file.removeprefix("obs-").removesuffix(".db")
            with self._open(file) as link:
                if link is not None:
                    found += signals_of(link, name, cursor.get(name, 0))
        yield from sorted(found, key=lambda signal: signal.id)

    def raw(self, station: str, limit: int = 50) -> list[RawFrame]:
        """The newest frames of a station, newest first; `station` may be one that nobody registered."""
        found: list[RawFrame] = []
        sql = "SELECT received, source, station, bytes FROM raw WHERE station=? ORDER BY id DESC LIMIT ?"
        for name in self._names([ODD_DAY, *reversed(self._days())]):
            with self._open(name) as link:
                if link is not None:
                    found += [RawFrame(*row) for row in link.execute(sql, (station, limit))]
            if len(found) >= 2 * limit:
                break
        return sorted(found, key=lambda frame: frame.received, reverse=True)[:limit]

    def attachments(self, station: str, limit: int = 50) -> list[AttachmentLine]:
        """What came with the messages of a station, the newest first, without the bytes."""
        found: list[AttachmentLine] = []
        sql = (
            "SELECT id, received, t, media_type, length(bytes) FROM attachment"
            " WHERE station=? ORDER BY id DESC LIMIT ?"
        )
        for name in self._names(reversed(self._days())):
            with self._open(name) as link:
                if link is None or not _has_attachments(link):
                    continue
                found += [
                    AttachmentLine(
                        f"{name.removeprefix('obs-').removesuffix('.db')}.{number}",
                        _moment(received / 1000),
                        None if t is None else _moment(t),
                        station,
                        media_type,
                        size,
                    )
                    for number, received, t, media_type, size in link.execute(sql, (station, limit))
                ]
            if len(found) >= limit:
                break
        return sorted(found, key=lambda line: line.received_at, reverse=True)[:limit]

    def attachment(self, id_: str) -> tuple[AttachmentLine, bytes] | None:
        """One of them with its bytes; None where there is none of that id."""
        day, _, number = id_.rpartition(".")
        name = f"obs-{day}.db"
        if not number.isascii() or not number.isdigit() or name not in set(self._names(self._days())):
            return None
        with self._open(name) as link:
            if link is None or not _has_attachments(link):
                return None
            sql = "SELECT received, t, station, media_type, bytes FROM attachment WHERE id=?"
            row = link.execute(sql, (min(int(number), 1 << 62),)).fetchone()
        if row is None:
            return None
        received, t, station, media_type, data = row
        moment = None if t is None else _moment(t)
        return AttachmentLine(id_, _moment(received / 1000), moment, station, media_type, len(data)), data

    def refused(self, limit: int = 100) -> list[dict[str, Any]]:
        """The newest refused frames: time (epoch ms), peer, code, reason, first bytes in hex."""
        with self._open("refused.db") as link:
            if link is None:
                return []
            sql = "SELECT received, peer, code, reason, head FROM refused ORDER BY n DESC LIMIT ?"
            names = ("received", "peer", "code", "reason", "head")
            return [
                dict(zip(names, (*row[:4], row[4].hex()), strict=True)) for row in link.execute(sql, (limit,))
            ]

    def arrivals(
        self, start: datetime, end: datetime, *, exercise: str = ""
    ) -> dict[tuple[str, str], tuple[int, dict[int, int]]]:
        """By station and quantity: how many readings with start <= t < end there are, and how late they came (see `delays`)."""
        keys = {number: key for key, number in self._streams(exercise).items()}
        low, high = int(require_aware(start).timestamp()), int(require_aware(end).timestamp())
        bucket = bucket_sql("received / 1000 - t")
        sql = f"SELECT s, {bucket} AS b, count(*) FROM obs WHERE t >= ? AND t < ? AND v IS NOT NULL GROUP BY s, b"
        found: dict[tuple[str, str], tuple[int, dict[int, int]]] = {}
        days = [day for day in self._days() if low // DAY_S <= day <= (high - 1) // DAY_S]
        for file in self._names([ODD_DAY, *days]):
            with self._open(file) as link:
                for number, number_of_bucket, count in [] if link is None else link.execute(sql, (low, high)):
                    if number in keys:
                        total, delays = found.get(keys[number], (0, {}))
                        delays[number_of_bucket] = delays.get(number_of_bucket, 0) + count
                        found[keys[number]] = (total + count, delays)
        return found

    def counts(self, exercise: str | None = None) -> dict[str, int]:
        """Stored readings, corrections, signals, raw frames and streams; `exercise` None counts all runs together."""
        totals = {"readings": 0, "superseded": 0, "signals": 0, "raw": 0, "streams": 0}
        numbers = None if exercise is None else set(self._streams(exercise).values())
        with self._open("streams.db") as link:
            if link is not None:
                totals["streams"] = (
                    _one(link, "SELECT count(*) FROM stream") if numbers is None else len(numbers)
                )
        for file in self._names([ODD_DAY, *self._days()]):
            with self._open(file) as link:
                if link is not None:
                    for name, table in (("superseded", "superseded"), ("signals", "signal"), ("raw", "raw")):
                        totals[name] += _one(link, f"SELECT count(*) FROM {table}")
                    per_stream = link.execute("SELECT s, count(*) FROM obs GROUP BY s")
                    totals["readings"] += sum(n for s, n in per_stream if numbers is None or s in numbers)
        return totals

    def flagged(
        self, start: datetime, end: datetime, *, exercise: str = "", limit: int = 500
    ) -> list[FlaggedPoint]:
        """Readings with start <= t < end that carry a flag with a reason, the newest first; good rows cost nothing here."""
        keys = {number: key for key, number in self._streams(exercise).items()}
        low, high = int(start.timestamp()), int(end.timestamp())
        days = [day for day in reversed(self._days()) if low < (day + 1) * DAY_S and high > day * DAY_S]
        found: list[FlaggedPoint] = []
        for name in self._names(days):
            with self._open(name) as link:
                if link is None or not link.execute("SELECT 1 FROM sqlite_master WHERE name='qc'").fetchone():
                    continue
                rows = link.execute(
                    "SELECT o.s, o.t, o.v, o.flag, q.reason FROM qc q JOIN obs o ON o.t=q.t AND o.s=q.s"
                    " WHERE q.t>=? AND q.t<? AND o.flag & ? ORDER BY q.t DESC LIMIT ?",
                    (low, high, int(UNUSABLE | QualityFlag.ACCEPTED), limit),
                ).fetchall()
            found += [
                FlaggedPoint(*keys[n], _moment(t), v, QualityFlag(flag), json.loads(why))
                for n, t, v, flag, why in rows
                if n in keys
            ]
        return sorted(found, key=lambda one: one.phenomenon_time, reverse=True)[:limit]

    def gateway_counters(self) -> dict[str, Any]:
        """What the gateway wrote last, at most a second old while it runs; `{}` before its first start."""
        try:
            found: dict[str, Any] = json.loads((self._root.parent / "run" / "gateway.json").read_bytes())
        except (OSError, ValueError):
            return {}
        return found

    def _days(self) -> list[int]:
        numbers = (day_number(path.stem) for path in self._root.glob("obs-*.db"))
        return sorted({n for n in numbers if n is not None and n != ODD_DAY})

    def _names(self, days: Iterable[int]) -> Iterator[str]:
        """Names of the files of these days; a settled day may have a second one for what came later."""
        return (path.name for day in days for path in files_of(self._root, day))

    def _streams(self, exercise: str) -> dict[StreamKey, int]:
        with self._open("streams.db") as link:
            if link is None:
                return {}
            rows = link.execute("SELECT station, quantity, id FROM stream WHERE exercise=?", (exercise,))
            return {StreamKey(station, quantity): number for station, quantity, number in rows}

    @contextlib.contextmanager
    def _open(self, name: str) -> Iterator[sqlite3.Connection | None]:
        """A read-only connection, or None where the file does not exist or its schema is not there yet."""
        path = self._root / name
        if not path.exists():
            yield None
            return
        link = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)
        try:
            has_tables = link.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] > 0
            yield link if has_tables else None
        finally:
            link.close()


def _added(
    before: list[tuple[Decimal, int]], cells: list[int | None], quantity: str
) -> list[tuple[Decimal, int]]:
    """Sums and counts of one more day, added up."""
    pairs = zip(before, cells[::2], cells[1::2], strict=True)
    return [(total + (_value(quantity, v) or 0), n + (more or 0)) for (total, n), v, more in pairs]


def _has_attachments(link: sqlite3.Connection) -> bool:
    """Day files of an older release have no such table until the gateway opens them again."""
    return link.execute("SELECT 1 FROM sqlite_master WHERE name='attachment'").fetchone() is not None


def _one(link: sqlite3.Connection, sql: str) -> int:
    return int(link.execute(sql).fetchone()[0])


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _value(quantity: str, stored: int | None) -> Decimal | None:
    return None if stored is None else quantity_of(quantity).from_stored(stored)


def _latest(key: StreamKey, t: int, v: int | None, flag: int, received: int) -> Latest:
    return Latest(_value(key.quantity, v), _moment(t), _moment(received / 1000), QualityFlag(flag))
