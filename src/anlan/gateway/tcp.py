"""The TCP listeners: one driver session a connection, bounded on every side. An acknowledgement leaves only after the commit."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import cast

from anlan.drivers.types import Manifest
from anlan.gateway.lines import Hall, Line

#: Bytes of answers a peer may leave unread before it is cut.
_UNREAD_ANSWERS = 64 << 10


class StationRoom:
    """All open connections, whatever their protocol, and their bounds."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.links: set[StationLink] = set()
        self._per_address: Counter[str] = Counter()

    def admit(self, link: StationLink) -> bool:
        """Whether there is room for one more connection, in all and from this address."""
        limits, counters = self.hall.limits, self.hall.counters
        has_room = len(self.links) < limits.connections
        if not has_room or self._per_address[link.address] >= limits.per_address:
            counters.connections_refused += 1
            return False
        counters.connections_opened += 1
        self.links.add(link)
        self._per_address[link.address] += 1
        return True

    def leave(self, link: StationLink) -> None:
        if link in self.links:
            self.links.discard(link)
            self._per_address[link.address] -= 1
            if not self._per_address[link.address]:
                del self._per_address[link.address]

    def sweep(self) -> None:
        """Once a second: cut who has said nothing for too long, and let sessions give up on missing parts."""
        now = time.monotonic()
        at = self.hall.writer.clock.now()
        for link in list(self.links):
            if now - link.last_data > self.hall.limits.idle_s:
                self.hall.counters.connections_cut_idle += 1
                link.cut()
            else:
                link.take(link.session.expire(at))

    def close(self, protocol: str | None = None) -> None:
        """Hang up on everybody, or on those of one protocol."""
        for link in list(self.links):
            if protocol is None or link.protocol == protocol:
                link.close()


class StationLink(Line, asyncio.Protocol):
    """One connection."""

    __slots__ = ("_has_ended", "_is_paused", "_room", "_transport", "address")

    carrier = "tcp"

    def __init__(self, room: StationRoom, manifest: Manifest) -> None:
        super().__init__(room.hall, manifest)
        self._room = room
        self._transport: asyncio.Transport | None = None
        self.address = ""
        self._is_paused = False
        self._has_ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # a stream server hands out stream transports
        name = transport.get_extra_info("peername") or ("unknown", 0)
        self.address, self.peer = str(name[0]), f"{name[0]}:{name[1]}"
        if not self._room.admit(self):
            self.cut()

    def connection_lost(self, exc: Exception | None) -> None:
        self._room.leave(self)
        self._transport = None
        self.end()

    def data_received(self, data: bytes) -> None:
        self.receive(data)
        if self.bytes_without_frame > self._hall.limits.bytes_without_frame:
            self._hall.counters.connections_cut_no_frame += 1
            self.cut()

    def eof_received(self) -> bool:
        """The station has said everything; what it sent is still stored and acknowledged before the line is closed."""
        self._has_ended = True
        return self.waiting > 0

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing() and not self._has_ended

    def send(self, data: bytes) -> bool:
        transport = self._transport
        if transport is None or transport.is_closing():
            return False
        transport.write(data)
        if transport.get_write_buffer_size() > _UNREAD_ANSWERS:
            self._hall.counters.connections_cut_not_reading += 1
            self.cut()
            return False
        return True

    def slow_down(self) -> None:
        if not self._is_paused and self._transport:
            self._is_paused = True
            self._transport.pause_reading()

    def go_on(self) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if self._is_paused and self.waiting <= self._hall.limits.frames_waiting // 2:
            self._is_paused = False
            transport.resume_reading()
        if self._has_ended and self.waiting == 0:
            self.close()

    def cut(self) -> None:
        """Close at once, without waiting for the peer."""
        if self._transport is not None:
            self._transport.abort()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
