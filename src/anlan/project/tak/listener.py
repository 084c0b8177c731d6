"""The socket side of the TAK line: bounded lines that show a picture and hand events on. No Django here; `Desk` has the rows.

Every bound is on purpose: a client that does not read is closed after `drain_s`, not remembered; one that says nothing of who
it is within `auth_s` is closed; while its events are being taken, nothing more is read from it.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import socket
import ssl
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol, TypeVar

from anlan.documents.cot import CotEvent, encode
from anlan.project.tak.showing import Showing
from anlan.project.tak.wire import AuthReader, Cut, EventReader, ping, pong

log = logging.getLogger("anlan.tak")
T = TypeVar("T")
#: Events of one transaction: the desk is not held up for longer by one client. Engineering choice.
AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Bounds:
    """Engineering choices; a county has a few dozen such clients."""

    lines: int = 64
    per_address: int = 8
    auth_s: float = 10.0
    #: How long a client may leave what was sent unread.
    drain_s: float = 20.0
    #: Bytes on their way to one client.
    unread: int = 256 * 1024
    read: int = 64 * 1024
    look_s: float = 2.0
    ping_s: float = 60.0
    #: Events of one client in a minute; more wait.
    events_per_minute: int = 1_200


class Known(NamedTuple):
    """A client as the listener needs it. `scope` names the picture that it is shown."""

    key: Any
    name: str
    scope: Any
    may_send: bool


class Desk(Protocol):
    """What stands behind the lines. Called in one thread, one call after the other."""

    def by_certificate(self, sha256: str) -> Known | None: ...

    def by_key(self, name: str, key: str) -> Known | None: ...

    def look(
        self, scopes: Mapping[Any, bool], keys: set[Any]
    ) -> tuple[dict[Any, dict[str, CotEvent]], set[Any]]:
        """The pictures that changed since the last look, those of scopes that have none yet, and who may keep his line."""

    def take(self, key: Any, events: list[CotEvent]) -> None: ...

    def close(self) -> None:
        """Called once, in the same thread, as the last."""


@dataclass(slots=True)
class Counters:
    opened: int = 0
    refused: int = 0
    strangers: int = 0
    cut: int = 0
    slow: int = 0
    events_in: int = 0
    events_out: int = 0


@dataclass(eq=False, slots=True)
class Line:
    """One open connection."""

    address: str
    writer: asyncio.StreamWriter
    client: Known | None = None
    showing: Showing = field(default_factory=Showing)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    said_at: float = 0.0
    since: str = ""


class Listener:
    """All lines of this process."""

    def __init__(self, desk: Desk, bounds: Bounds | None = None) -> None:
        self.desk = desk
        self.bounds = bounds or Bounds()
        self.counters = Counters()
        self.lines: set[Line] = set()
        self.pictures: dict[Any, Mapping[str, CotEvent]] = {}
        self._per_address: Counter[str] = Counter()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="tak-desk")
        self._server: asyncio.Server | None = None
        self._looker: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._new_scope = asyncio.Event()

    async def open(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> int:
        """Listen; returns the port. Port 0 asks the machine for a free one."""
        self._server = await asyncio.start_server(
            self._met, host, port, ssl=tls, limit=self.bounds.read, backlog=self.bounds.lines,
            **({} if tls is None else {"ssl_handshake_timeout": self.bounds.auth_s}),
        )  # fmt: skip
        self._looker = asyncio.create_task(self._look())
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for line in list(self.lines):
            line.writer.transport.abort()
        running = [task for task in (self._looker, *self._tasks) if task is not None]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self._ask(self.desk.close)
        self._thread.shutdown(wait=True)

    async def _ask(self, ask: Callable[..., T], *given: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, ask, *given)

    # One line ---------------------------------------------------------------------------------------------------

    async def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        name = writer.get_extra_info("peername") or ("unknown", 0)
        line = Line(str(name[0]), writer)
        if len(self.lines) >= self.bounds.lines or self._per_address[line.address] >= self.bounds.per_address:
            self.counters.refused += 1
            log.warning("tak_line_refused", extra={"lines": len(self.lines)})
            writer.transport.abort()
            return
        self.lines.add(line)
        self._per_address[line.address] += 1
        self.counters.opened += 1
        try:
            await self._serve(line, reader)
        except Cut as cut:
            self.counters.cut += 1
            log.warning("tak_line_cut client=%s why=%s", line.client.name if line.client else "", cut)
        except (ConnectionError, TimeoutError, ssl.SSLError, asyncio.IncompleteReadError):
            pass  # it went away
        except Exception:  # one line that fails must not take the others with it
            log.exception("tak_line_failed")
        finally:
            self._leave(line)

    def _leave(self, line: Line) -> None:
        self.lines.discard(line)
        self._per_address[line.address] -= 1
        if self._per_address[line.address] <= 0:
            del self._per_address[line.address]
        line.writer.transport.abort()

    async def _serve(self, line: Line, reader: asyncio.StreamReader) -> None:
        line.writer.transport.set_write_buffer_limits(high=self.bounds.unread)
        _keep_alive(line.writer)
        line.client, rest = await self._known(line, reader)
        line.since = datetime.now(UTC).isoformat(timespec="seconds")
        log.info("tak_line_open client=%s", line.client.name)
        line.wake.set()
        self._new_scope.set()
        halves = [
            asyncio.create_task(self._show(line)),
            asyncio.create_task(self._listen(line, reader, rest)),
        ]
        try:
            await asyncio.wait(halves, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for half in halves:
                half.cancel()
            ended = await asyncio.gather(*halves, return_exceptions=True)
        for one in ended:
            if isinstance(one, Exception):
                raise one

    async def _known(self, line: Line, reader: asyncio.StreamReader) -> tuple[Known, bytes]:
        """Who it is: by its certificate, else by its first message. Raises `Cut` for a stranger."""
        seal = _certificate(line.writer)
        client = await self._ask(self.desk.by_certificate, seal) if seal else None
        if client is not None:
            return client, b""
        first = AuthReader()
        try:
            async with asyncio.timeout(self.bounds.auth_s):
                while (auth := first.feed(await _some(reader, self.bounds.read))) is None:
                    pass
        except TimeoutError:
            raise Cut("no auth message") from None
        client = await self._ask(self.desk.by_key, auth.name, auth.key)
        if client is None:
            self.counters.strangers += 1
            raise Cut("unknown client")
        return client, first.rest

    async def _listen(self, line: Line, reader: asyncio.StreamReader, rest: bytes) -> None:
        """Take what it says. A TAK client sends the auth message also where its certificate was enough: it is dropped like any
        other thing between events."""
        client, said = line.client, EventReader()
        assert client is not None
        pace = _Pace(self.bounds.events_per_minute)
        data = rest
        while True:
            heard = said.feed(data) if data else None
            if heard is not None and heard.pings:
                self._send_now(line, pong(datetime.now(UTC)))
            if heard is not None and heard.events:
                self.counters.events_in += len(heard.events)
                await asyncio.sleep(pace.wait(len(heard.events), time.monotonic()))
                for n in range(0, len(heard.events), AT_ONCE):
                    await self._ask(self.desk.take, client.key, heard.events[n : n + AT_ONCE])
                self._new_scope.set()  # what it drew is soon on the maps of the others
            data = await _some(reader, self.bounds.read)

    async def _show(self, line: Line) -> None:
        """Send what is news, as fast as the client reads. A picture that changed meanwhile is simply the next one."""
        client = line.client
        assert client is not None
        line.said_at = time.monotonic()
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(line.wake.wait(), self.bounds.ping_s)
            line.wake.clear()
            at = datetime.now(UTC)
            for event in line.showing.news(self.pictures.get(client.scope, {}), at):
                await self._send(line, encode(event) + b"\n")
                self.counters.events_out += 1
            if time.monotonic() - line.said_at >= self.bounds.ping_s:
                await self._send(line, ping(at) + b"\n")

    async def _send(self, line: Line, data: bytes) -> None:
        line.writer.write(data)
        try:
            async with asyncio.timeout(self.bounds.drain_s):
                await line.writer.drain()
        except TimeoutError:
            self.counters.slow += 1
            raise Cut("does not read") from None
        line.said_at = time.monotonic()

    def _send_now(self, line: Line, data: bytes) -> None:
        """An answer to a ping, only where there is room for it: somebody who pings and never reads gets none."""
        if line.writer.transport.get_write_buffer_size() < self.bounds.unread:
            line.writer.write(data + b"\n")

    # The picture ------------------------------------------------------------------------------------------------

    async def _look(self) -> None:
        """Fetch what changed, wake the lines that show it, close those that may no longer stay."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._new_scope.wait(), self.bounds.look_s)
            self._new_scope.clear()
            try:
                await self._look_once()
            except Exception:  # one failing look must not end the line; the next one tries again
                log.exception("tak_look_failed")
                await asyncio.sleep(self.bounds.look_s)

    async def _look_once(self) -> None:
        known = [(line, line.client) for line in self.lines if line.client is not None]
        scopes = {client.scope for _line, client in known}
        for scope in set(self.pictures) - scopes:
            del self.pictures[scope]
        if not known:
            return
        wanted = {scope: scope in self.pictures for scope in scopes}
        changed, keys = await self._ask(self.desk.look, wanted, {client.key for _line, client in known})
        self.pictures.update(changed)
        for line, client in known:
            if client.key not in keys:
                log.warning("tak_line_cut client=%s why=revoked", client.name)
                line.writer.transport.abort()
            elif client.scope in changed:
                line.wake.set()

    def standing(self) -> dict[str, object]:
        """For the page and for `doctor`: who is connected since when, and what was counted."""
        lines = [
            {"name": line.client.name, "since": line.since} for line in self.lines if line.client is not None
        ]
        counted = {name: getattr(self.counters, name) for name in Counters.__slots__}
        return {"lines": sorted(lines, key=lambda one: one["name"]), **counted}


class _Pace:
    """So many events a minute; whoever sends more is read more slowly."""

    def __init__(self, per_minute: int) -> None:
        self._each_s = 60.0 / per_minute
        self._free_at = 0.0
        #: A first burst of a minute's worth goes through at once.
        self._burst_s = 60.0

    def wait(self, count: int, now: float) -> float:
        self._free_at = max(self._free_at, now - self._burst_s) + count * self._each_s
        return max(0.0, self._free_at - now)


async def _some(reader: asyncio.StreamReader, most: int) -> bytes:
    data = await reader.read(most)
    if not data:
        raise ConnectionResetError
    return data


def _certificate(writer: asyncio.StreamWriter) -> str:
    """SHA-256 of the certificate that the client showed; "" without one."""
    secured = writer.get_extra_info("ssl_object")
    shown = secured.getpeercert(binary_form=True) if secured is not None else None
    return hashlib.sha256(shown).hexdigest() if shown else ""


def _keep_alive(writer: asyncio.StreamWriter) -> None:
    found = writer.get_extra_info("socket")
    if found is not None:
        with contextlib.suppress(OSError):
            found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
