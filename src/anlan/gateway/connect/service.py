"""All connectors and receivers of the county: started, replaced and stopped as the catalogue says, one by one.

A wrong connector is told in its state and never keeps the others or the gateway from working. While an exercise runs, only what
is marked for exercises is open: real senders wait, and nothing of theirs is marked as read.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Protocol

import msgspec

from anlan.drivers.jsonmap.mapping import Mapping
from anlan.gateway.catalogue import Catalogue, ConnectorEntry, ReceiverEntry
from anlan.gateway.connect.push import PushApi
from anlan.gateway.connect.state import StateBook
from anlan.gateway.connect.store import ConnectStore
from anlan.gateway.connect.taking import Taker
from anlan.gateway.counters import Counters
from anlan.gateway.stations import StationDesk
from anlan.gateway.writer import Writer
from anlan.kernel.clock import SystemClock
from anlan.sensing.connect.settings import (
    FileDrop,
    HttpPull,
    HttpPush,
    Mqtt,
    SqlPull,
    connector_settings,
)

_log = logging.getLogger(__name__)


class Line(Protocol):
    def start(self) -> None: ...
    async def stop(self) -> None: ...


class ConnectDesk:
    """Lives in the event loop. One of several gateways (`name` tells them apart) is the first: the others fetch nothing, they take
    pushes and pass on what they store."""

    def __init__(
        self,
        data: Path,
        desk: StationDesk,
        writer: Writer,
        counters: Counters,
        *,
        is_first: bool = True,
        name: str = "connect",
    ) -> None:
        self._data, self._desk, self._writer, self._counters = data, desk, writer, counters
        self._is_first = is_first
        self._store: ConnectStore | None = None
        self.states = StateBook(data / "run" / f"{name}.json")
        self.push = PushApi()
        self._lines: dict[tuple[str, str], tuple[object, Line]] = {}
        self._takers: dict[str, Taker] = {}
        self._wanted: Catalogue | None = None
        self._changing: asyncio.Task[None] | None = None

    def use(self, catalogue: Catalogue) -> None:
        """Called from the event loop whenever the catalogue changed; stopping old lines goes on behind it."""
        self._wanted = catalogue
        self._open_push(catalogue)
        has_work = bool(catalogue.connectors or catalogue.receivers or self._lines)
        if has_work and (self._changing is None or self._changing.done()):
            self._changing = asyncio.get_running_loop().create_task(self._change())

    async def stop(self) -> None:
        if self._changing is not None:
            await asyncio.gather(self._changing, return_exceptions=True)
        await asyncio.gather(*(line.stop() for _, line in self._lines.values()), return_exceptions=True)
        self._lines.clear()
        self.write_state()
        if self._store is not None:
            self._store.close()

    def write_state(self) -> None:
        """For the pages; once a second."""
        try:
            self.states.write(SystemClock().now())
        except OSError as error:
            _log.error("connect.state_not_written", extra={"why": str(error)})

    def store(self) -> ConnectStore:
        if self._store is None:
            self._store = ConnectStore(self._data / "hot" / "pull.db")
        return self._store

    # -- the lines

    async def _change(self) -> None:
        """Until what runs is what the newest catalogue wants."""
        catalogue = None
        while catalogue is not self._wanted:
            catalogue = self._wanted
            if catalogue is not None:
                await self._settle(catalogue)

    async def _settle(self, catalogue: Catalogue) -> None:
        wanted: dict[tuple[str, str], ConnectorEntry | ReceiverEntry] = {
            ("connector", one.name): one
            for one in catalogue.connectors
            if self._is_first and one.kind != "http_push"
        }
        wanted |= {("receiver", one.name): one for one in catalogue.receivers}
        key_of_run = catalogue.exercise.id if catalogue.exercise else ""
        for key in list(self._lines):
            if key not in wanted or self._lines[key][0] != (wanted[key], key_of_run):
                _, line = self._lines.pop(key)
                await line.stop()
        self._forget(catalogue)
        for key, entry in wanted.items():
            if key not in self._lines:
                line_or_none = self._made(entry, catalogue)
                if line_or_none is not None:
                    self._lines[key] = ((entry, key_of_run), line_or_none)
                    line_or_none.start()
        for line in (line for _, line in self._lines.values()):
            note = getattr(line, "use", None)  # receivers choose by the stations of the catalogue
            if note is not None:
                note(catalogue)

    def _forget(self, catalogue: Catalogue) -> None:
        for book, names in (
            (self.states.connectors, {one.name for one in catalogue.connectors}),
            (self.states.receivers, {one.name for one in catalogue.receivers}),
        ):
            for name in [name for name in book if name not in names]:
                del book[name]

    def _made(self, entry: ConnectorEntry | ReceiverEntry, catalogue: Catalogue) -> Line | None:
        is_connector = isinstance(entry, ConnectorEntry)
        book = self.states.connector if is_connector else self.states.receiver
        state = book(entry.name, entry.kind)
        try:
            if isinstance(entry, ConnectorEntry):
                return self._connector(entry, catalogue)
            from anlan.gateway.connect.forward import make_forwarder

            return make_forwarder(entry, state, self._data, self._writer, catalogue)
        except (ValueError, KeyError, OSError) as error:  # msgspec's errors are ValueErrors
            state.down(self._writer.clock.now(), f"The settings cannot be used: {error}")
            return None

    def _connector(self, entry: ConnectorEntry, catalogue: Catalogue) -> Line | None:
        taker = self._taker(entry)
        settings = connector_settings(entry.kind, entry.settings)
        if catalogue.exercise is not None and not settings.in_exercise:
            taker.state.down(self._writer.clock.now(), "An exercise is running; this line waits.")
            return None
        if isinstance(settings, Mqtt):
            from anlan.gateway.connect.mqtt import MqttLine

            return MqttLine(taker, settings, catalogue.node)
        from anlan.gateway.connect.pulling import PullLine

        if isinstance(settings, HttpPull):
            from anlan.gateway.connect.http_pull import HttpPuller

            return PullLine(taker, HttpPuller(taker, settings, self.store()))
        if isinstance(settings, SqlPull):
            from anlan.gateway.connect.sql_pull import SqlPuller

            return PullLine(taker, SqlPuller(taker, settings, self.store()))
        if isinstance(settings, FileDrop):
            from anlan.gateway.connect.drop import Dropped

            return PullLine(taker, Dropped(taker, settings, self._data))
        return None

    def _open_push(self, catalogue: Catalogue) -> None:
        found: dict[str, tuple[Taker, HttpPush]] = {}
        for entry in catalogue.connectors:
            if entry.kind != "http_push":
                continue
            state = self.states.connector(entry.name, entry.kind)
            try:
                settings = connector_settings(entry.kind, entry.settings)
                taker = self._taker(entry)
            except ValueError as error:
                state.down(self._writer.clock.now(), f"The settings cannot be used: {error}")
                continue
            if isinstance(settings, HttpPush):
                found[entry.name] = (taker, settings)
                state.up(self._writer.clock.now())
        self.push.use(found, is_exercise=catalogue.exercise is not None)

    def _taker(self, entry: ConnectorEntry) -> Taker:
        """The one that is there, unless the connector was saved anew. Raises ValueError."""
        present = self._takers.get(entry.name)
        if present is not None and present.entry == entry:
            return present
        mapping = msgspec.convert(entry.mapping, Mapping)
        state = self.states.connector(entry.name, entry.kind)
        self._takers[entry.name] = Taker(
            entry, mapping, state, self._desk, self._writer, self._counters, self.store
        )
        return self._takers[entry.name]
