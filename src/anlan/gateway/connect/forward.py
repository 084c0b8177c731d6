"""Passing the stream on to others, each with a place of its own in what is stored.

A receiver never holds up another one nor the intake: each reads what is stored by itself, sends, and moves its place only
after the receiver has acknowledged. The place is kept in hot/forward.db (of
each gateway, where there are several), so an outage or a restart costs nothing but time; what
the receiver got twice around a crash is a repeat it can recognise by station, time and value.

`forward_pg` has the readers for PostgreSQL. `tcp_raw` follows the raw frames of each day file by their number. `http_json` and `mqtt_json` follow the stored readings by the
moment they came in; a marker through the writer makes sure that nothing older is still on its way. Frames and readings of an
exercise go only to receivers that are marked for exercises, and those get nothing else.
"""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec

from anlan.gateway.catalogue import Catalogue, ReceiverEntry, StationEntry
from anlan.gateway.connect.pulling import run_round
from anlan.gateway.connect.senders import addressed
from anlan.gateway.connect.state import LinkState
from anlan.gateway.intake import EXERCISE_MARK, Submission
from anlan.gateway.writer import Writer
from anlan.kernel.clock import SHANGHAI
from anlan.sensing.connect.observations import datastream_id, observation
from anlan.sensing.connect.settings import (
    HttpJson,
    MqttJson,
    SensorThingsMqtt,
    TcpRaw,
    Wanted,
    receiver_settings,
)
from anlan.sensing.hot.days import connect, day_number
from anlan.sensing.hot.place import place_of_readings
from anlan.vocab.quantities import quantity_of

_IDLE_S = 0.5
_LONGEST_S = 60.0
_FRAMES = 200
#: Times of files are coarse; what was written this recently is looked at again.
_SETTLES_NS = 100_000_000
#: No file: the row that says that a receiver was started once.
_BEGUN = ""
#: Looking for what is new may take one part in so many of the time.
_SHARE = 20


#: Station and quantity, epoch seconds, stored integer (None: no reading), quality flag.
_Row = tuple[tuple[str, str], int, int | None, int]


class Batch(NamedTuple):
    """What is sent and acknowledged together, and the place that this moves to. `since_ms` is when the oldest of it came in."""

    items: list[bytes]
    file: str
    place: str
    since_ms: int


class Sender(Protocol):
    async def send(self, items: list[bytes]) -> None:
        """Returns when every item is acknowledged. Raises OSError or PullFailed."""

    async def close(self) -> None: ...


class Places:
    """How far each receiver has come in each hot file, by its name: a settled day may get another file for what comes later."""

    def __init__(self, path: Path) -> None:
        self._link = connect(path)
        self._link.execute(
            "CREATE TABLE IF NOT EXISTS place (receiver TEXT NOT NULL, file TEXT NOT NULL, place TEXT NOT NULL,"
            " PRIMARY KEY (receiver, file))"
        )

    def begin(self, receiver: str) -> bool:
        """True the first time that this receiver is ever started: it gets what comes from now on, not the stored history."""
        sql = "INSERT OR IGNORE INTO place VALUES (?,?,'')"
        return self._link.execute(sql, (receiver, _BEGUN)).rowcount == 1

    def of(self, receiver: str) -> dict[str, str]:
        rows = self._link.execute(
            "SELECT file, place FROM place WHERE receiver=? AND file<>?", (receiver, _BEGUN)
        )
        return {str(file): str(place) for file, place in rows}

    def move(self, receiver: str, file: str, place: str) -> None:
        self._link.execute("INSERT OR REPLACE INTO place VALUES (?,?,?)", (receiver, file, place))

    def close(self) -> None:
        self._link.close()


class Forwarder:
    """One receiver."""

    def __init__(
        self,
        entry: ReceiverEntry,
        state: LinkState,
        reader: FrameReader | RowReader,
        sender: Sender,
        writer: Writer,
    ) -> None:
        self._entry, self._state, self._reader, self._sender, self._writer = (
            entry,
            state,
            reader,
            sender,
            writer,
        )
        self._places: Places | None = None
        self._task: asyncio.Task[None] | None = None

    def use(self, catalogue: Catalogue) -> None:
        self._reader.stations = {one.code: one for one in catalogue.stations}

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._sender.close()
        self._reader.close()
        if self._places is not None:
            self._places.close()

    async def _run(self) -> None:
        wait_s = _IDLE_S
        while True:
            problem = await run_round(self._round)
            now = self._writer.clock.now()
            if problem:
                self._state.down(now, problem)
                wait_s = min(max(wait_s, 0.25) * 2, _LONGEST_S)
                await self._sender.close()
                await self._note_backlog()
            else:
                self._state.up(now)
                wait_s = max(_IDLE_S, _SHARE * self._reader.asked_s)
            await asyncio.sleep(wait_s)

    async def _round(self) -> None:
        """Send everything that is stored now."""
        self._reader.quiet_before_ns = time.time_ns() - _SETTLES_NS
        horizon_ms = await self._horizon() if self._reader.needs_horizon else 0
        if self._places is None:
            self._places = Places(self._reader.root / "forward.db")
            if self._places.begin(self._entry.name):
                for file, end in await asyncio.to_thread(self._reader.ends, horizon_ms):
                    self._places.move(self._entry.name, file, end)
        places = self._places.of(self._entry.name)
        while True:
            batch = await asyncio.to_thread(self._reader.next, places, horizon_ms)
            if batch is None:
                self._state.backlog, self._state.backlog_since = 0, ""
                return
            if batch.items:
                self._state.backlog_since = _iso(batch.since_ms)
                await self._sender.send(batch.items)
                self._note_sent(len(batch.items))
            self._places.move(self._entry.name, batch.file, batch.place)
            places[batch.file] = batch.place

    async def _horizon(self) -> int:
        """The moment before which everything that came in is stored or refused, epoch milliseconds."""
        now = self._writer.clock.now()
        passed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        # To this gateway's own writer: what other gateways store is theirs to pass on.
        self._writer.begin_horizon(now)
        self._writer.take(Submission(now, 0.0, lambda _: None if passed.done() else passed.set_result(None)))
        await passed
        return int(now.timestamp() * 1000)

    def _note_sent(self, count: int) -> None:
        now = self._writer.clock.now()
        self._state.new_day(now.astimezone(SHANGHAI).date().isoformat())
        self._state.messages += 1
        self._state.rows += count
        self._state.last_message = now.isoformat()

    async def _note_backlog(self) -> None:
        places = self._places.of(self._entry.name) if self._places else {}
        self._state.backlog, oldest = await asyncio.to_thread(self._reader.backlog, places)
        self._state.backlog_since = _iso(oldest) if oldest else ""


class _DayReader:
    """The stored day files, read only and one question at a time, beside the writer. A day that did not change is not opened."""

    needs_horizon = False

    def __init__(self, root: Path, wanted: Wanted, exercise: str) -> None:
        self.root, self._wanted, self._exercise = root, wanted, exercise
        self.stations: Mapping[str, StationEntry] = {}
        #: How long the last look took, seconds.
        self.asked_s = 0.0
        self._done: dict[str, tuple[int, ...]] = {}
        #: A file last written before this wall time holds nothing that the next look could miss.
        self.quiet_before_ns = 0

    def next(self, places: Mapping[str, str], horizon_ms: int) -> Batch | None:
        """What comes next after these places; None where nothing is left."""
        began = time.monotonic()
        try:
            for file, link in self._files(only_changed=True):
                mark = self._mark(file)
                batch = self._of_file(link, file, places, horizon_ms)
                if batch is not None:
                    return batch
                if max(mark) < self.quiet_before_ns:
                    self._done[file] = mark
            return None
        finally:
            self.asked_s = time.monotonic() - began

    def close(self) -> None:
        """Day files are opened for each look."""

    def _of_file(
        self, link: sqlite3.Connection, file: str, places: Mapping[str, str], horizon_ms: int
    ) -> Batch | None:
        raise NotImplementedError

    def _mark(self, file: str) -> tuple[int, ...]:
        files = (self.root / f"{file}.db{suffix}" for suffix in ("", "-wal"))
        return tuple(one.stat().st_mtime_ns if one.exists() else 0 for one in files)

    def _files(self, *, only_changed: bool = False) -> Iterator[tuple[str, sqlite3.Connection]]:
        """By name, which is by day; the file of unbelievable dates comes last."""
        names = sorted(path.stem for path in self.root.glob("obs-*.db") if day_number(path.stem) is not None)
        for file in names:
            if only_changed and self._done.get(file) == self._mark(file):
                continue
            address = (self.root / f"{file}.db").absolute().as_uri()
            with closing(sqlite3.connect(f"{address}?mode=ro", uri=True, timeout=5)) as link:
                if link.execute("SELECT 1 FROM sqlite_master WHERE name='raw'").fetchone():
                    yield file, link

    def _fits(self, code: str) -> bool:
        station = self.stations.get(code)
        if station is None:
            return not (self._wanted.kinds or self._wanted.owners or self._wanted.stations)
        return self._wanted.fits(code, station.kind, station.owner)


class FrameReader(_DayReader):
    """Raw frames in the order in which they were stored, day by day. Documents of connectors are no frames."""

    def _of_file(
        self, link: sqlite3.Connection, file: str, places: Mapping[str, str], horizon_ms: int
    ) -> Batch | None:
        after = int(places.get(file, "0"))
        rows = link.execute(
            "SELECT id, received, source, station, bytes FROM raw WHERE id>? ORDER BY id LIMIT ?",
            (after, _FRAMES),
        ).fetchall()
        if rows:
            chosen = [row for row in rows if self._is_wanted(row[2], row[3])]
            return Batch([bytes(row[4]) for row in chosen], file, str(rows[-1][0]), rows[0][1])
        return None

    def ends(self, _horizon_ms: int) -> list[tuple[str, str]]:
        """The place behind everything that is stored now, by file."""
        sql = "SELECT coalesce(max(id), 0) FROM raw"
        return [(file, str(link.execute(sql).fetchone()[0])) for file, link in self._files()]

    def backlog(self, places: Mapping[str, str]) -> tuple[int, int]:
        """Frames that wait, before the choice of stations, and when the oldest came in, epoch milliseconds."""
        count, oldest = 0, 0
        for file, link in self._files():
            sql = "SELECT count(*), min(received) FROM raw WHERE id>?"
            number, since = link.execute(sql, (int(places.get(file, "0")),)).fetchone()
            count += number
            oldest = min(filter(None, (oldest, since)), default=0)
        return count, oldest

    def _is_wanted(self, source: str, station: str) -> bool:
        _, mark, run = source.partition(EXERCISE_MARK)
        is_of_run = run == self._exercise if mark else not self._exercise
        is_frame = source.startswith(("tcp:", "udp:"))
        return is_of_run and is_frame and self._fits(station)


class RowReader(_DayReader):
    """Stored readings in the order in which they came in; a corrected reading comes again with its new value."""

    needs_horizon = True
    rows = 500

    def _of_file(
        self, link: sqlite3.Connection, file: str, places: Mapping[str, str], horizon_ms: int
    ) -> Batch | None:
        streams = self._streams()
        received, t, s = (int(part) for part in places.get(file, "0,0,0").split(","))
        rows = link.execute(
            "SELECT received, t, s, v, flag FROM obs WHERE received<? AND (received>? OR (received=? AND (t>? OR (t=? AND s>?))))"
            " ORDER BY received, t, s LIMIT ?",
            (horizon_ms, received, received, t, t, s, self.rows),
        ).fetchall()
        if rows:
            chosen = [
                (streams[s], t, v, flag)
                for _, t, s, v, flag in rows
                if s in streams and self._fits(streams[s][0])
            ]
            place = ",".join(str(part) for part in rows[-1][:3])
            return Batch(self._items(chosen) if chosen else [], file, place, rows[0][0])
        return None

    def _items(self, rows: Sequence[_Row]) -> list[bytes]:
        """What is sent for some readings: here one document with all of them."""
        return [json.dumps({"readings": [_reading(*row) for row in rows]}, ensure_ascii=False).encode()]

    def ends(self, horizon_ms: int) -> list[tuple[str, str]]:
        return [(file, f"{horizon_ms},0,0") for file, _ in self._files()]

    def backlog(self, places: Mapping[str, str]) -> tuple[int, int]:
        count, oldest = 0, 0
        for file, link in self._files():
            received = int(places.get(file, "0,0,0").split(",")[0])
            number, since = link.execute(
                "SELECT count(*), min(received) FROM obs WHERE received>?", (received,)
            ).fetchone()
            count += number
            oldest = min(filter(None, (oldest, since)), default=0)
        return count, oldest

    def _streams(self) -> dict[int, tuple[str, str]]:
        path = self.root / "streams.db"
        if not path.exists():
            return {}
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as link:
            rows = link.execute(
                "SELECT id, station, quantity FROM stream WHERE exercise=?", (self._exercise,)
            )
            return {number: (station, quantity) for number, station, quantity in rows}


class ObservationReader(RowReader):
    """The same as Observations of OGC SensorThings 1.1, each for two topics: all of them, and those of its datastream."""

    prefix = ""
    base = ""

    def _items(self, rows: Sequence[_Row]) -> list[bytes]:
        return [item for row in rows for item in self._messages(*row)]

    def _messages(self, stream: tuple[str, str], t: int, v: int | None, flag: int) -> Iterator[bytes]:
        value = None if v is None else quantity_of(stream[1]).from_stored(v)
        body = json.dumps(
            observation(datastream_id(*stream), t, value, flag, base=self.base), ensure_ascii=False
        )
        # In a topic the id stands as it is, but for what MQTT keeps for itself.
        plain = re.sub(r"[+#/\0]", "_", datastream_id(*stream)).replace("'", "''")
        for topic in ("Observations", f"Datastreams('{plain}')/Observations"):
            yield addressed(f"{self.prefix}v1.1/{topic}", body)


def _reading(stream: tuple[str, str], t: int, v: int | None, flag: int) -> dict[str, object]:
    station, quantity = stream
    known = quantity_of(quantity)
    return {
        "station": station,
        "quantity": quantity,
        "time": datetime.fromtimestamp(t, UTC).isoformat(),
        "value": None if v is None else format(known.from_stored(v), "f"),
        "unit": known.unit,
        "flag": flag,
    }


def _iso(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat()


def make_forwarder(
    entry: ReceiverEntry, state: LinkState, data: Path, writer: Writer, catalogue: Catalogue
) -> Forwarder | None:
    """None where this run is not for the receiver. Raises ValueError for settings that cannot be used."""
    from anlan.gateway.connect.senders import HttpSender, MqttSender, TcpSender, TopicSender

    exercise = catalogue.exercise.id if catalogue.exercise else ""
    if bool(exercise) != entry.for_exercises:
        state.down(
            writer.clock.now(),
            "Waits: this receiver gets exercises only."
            if entry.for_exercises
            else "An exercise is running; this receiver waits.",
        )
        return None
    settings = receiver_settings(entry.kind, entry.settings)
    wanted = msgspec.convert(entry.wanted, Wanted)
    place = place_of_readings()
    root = place.root_of(data)
    if isinstance(settings, TcpRaw):
        return Forwarder(entry, state, _frames(root, wanted, exercise), TcpSender(settings), writer)
    reader = _reader_for(settings, root, wanted, exercise)
    reader.rows = settings.rows
    sender: Sender
    client_id = f"anlan-{catalogue.node}-to-{entry.name}" + (f"-g{place.shard}" if place.gateways > 1 else "")
    if isinstance(settings, HttpJson):
        sender = HttpSender(settings, entry.secret_name)
    elif isinstance(settings, SensorThingsMqtt):
        sender = TopicSender(settings, entry.secret_name, client_id)
    else:
        sender = MqttSender(settings, entry.secret_name, client_id)
    return Forwarder(entry, state, reader, sender, writer)


def _frames(root: Path, wanted: Wanted, exercise: str) -> FrameReader:
    if not place_of_readings().is_database:
        return FrameReader(root, wanted, exercise)
    from anlan.gateway.connect.forward_pg import PgFrameReader

    return PgFrameReader(root, wanted, exercise)


def _reader_for(
    settings: HttpJson | MqttJson | SensorThingsMqtt, root: Path, wanted: Wanted, exercise: str
) -> RowReader:
    rows, observations = RowReader, ObservationReader
    if place_of_readings().is_database:
        from anlan.gateway.connect.forward_pg import PgObservationReader, PgRowReader

        rows, observations = PgRowReader, PgObservationReader
    if not isinstance(settings, SensorThingsMqtt):
        return rows(root, wanted, exercise)
    reader = observations(root, wanted, exercise)
    reader.prefix, reader.base = settings.prefix, settings.base
    return reader
