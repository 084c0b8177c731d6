"""A UDP listener: one driver session a peer address, as many as there is room for. The same rules as on a connection.

Whoever sends under a false address gets no more than a short answer sent there: an answer is never longer than what was received
by more than a few bytes.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from typing import Any, cast

from anlan.drivers.types import Manifest
from anlan.gateway.lines import Hall, Line


class DatagramPeer(Line):
    """Whoever sends from one address and port."""

    __slots__ = ("_has_left", "_link", "_where")

    carrier = "udp"

    def __init__(self, link: DatagramLink, where: tuple[Any, ...]) -> None:  # Any: as the socket gives it
        super().__init__(link.hall, link.manifest)
        self._link = link
        self._where = where
        self._has_left = False
        self.peer = f"{where[0]}:{where[1]}"

    @property
    def is_open(self) -> bool:
        return not self._has_left and self._link.is_open

    def send(self, data: bytes) -> bool:
        return self.is_open and self._link.send(data, self._where)

    def slow_down(self) -> None:
        """Nothing to hold back: what comes too fast is lost, as datagrams may be."""

    def go_on(self) -> None:
        """Nothing was held back."""

    def leave(self) -> None:
        if not self._has_left:
            self._has_left = True
            self.end()


class DatagramLink(asyncio.DatagramProtocol):
    """The socket of one protocol and its peers."""

    def __init__(self, hall: Hall, manifest: Manifest) -> None:
        self.hall = hall
        self.manifest = manifest
        self._transport: asyncio.DatagramTransport | None = None
        self._peers: OrderedDict[tuple[Any, ...], DatagramPeer] = OrderedDict()

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        for peer in list(self._peers.values()):
            peer.leave()
        self._peers.clear()

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        self.hall.counters.datagrams += 1
        peer = self._peers.get(addr)
        if peer is None:
            peer = self._peers[addr] = DatagramPeer(self, addr)
            self._make_room()
        self._peers.move_to_end(addr)
        if (
            peer.waiting < self.hall.limits.frames_waiting
        ):  # else it is lost, as datagrams may be, and unacknowledged
            peer.receive(data)

    def send(self, data: bytes, where: tuple[Any, ...]) -> bool:
        if self._transport is None or self._transport.is_closing():
            return False
        self._transport.sendto(data, where)
        return True

    def sweep(self) -> None:
        """Once a second: forget who has said nothing for too long or only noise."""
        now, at = time.monotonic(), self.hall.writer.clock.now()
        limits = self.hall.limits
        for where, peer in list(self._peers.items()):
            is_noise = peer.bytes_without_frame > limits.bytes_without_frame
            if is_noise or now - peer.last_data > limits.idle_s:
                del self._peers[where]
                peer.leave()
            else:
                peer.take(peer.session.expire(at))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def _make_room(self) -> None:
        while len(self._peers) > self.hall.limits.connections:
            _, oldest = self._peers.popitem(last=False)
            oldest.leave()
