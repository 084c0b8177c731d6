"""Which ports stand open for stations: SL 651 always, the others when the county has a station that speaks them or names a port."""

from __future__ import annotations

import asyncio
import logging
import socket
from dataclasses import dataclass

from anlan.drivers.types import Manifest
from anlan.gateway.catalogue import Catalogue
from anlan.gateway.tcp import StationLink, StationRoom
from anlan.gateway.udp import DatagramLink
from anlan.kernel.registry import Registry

_log = logging.getLogger(__name__)
_BACKLOG = 4096
#: The protocol whose port has a name of its own ("tcp") and is always open.
FIRST = "sl651"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One listener that should stand. Port 0: the system chooses."""

    protocol: str
    carrier: str
    bind: str
    port: int


def wanted(catalogue: Catalogue, drivers: Registry[Manifest]) -> set[_Wanted]:
    """The listeners of this catalogue, beside the first and HTTP."""
    spoken = {station.protocol for station in catalogue.stations}
    found: set[_Wanted] = set()
    for manifest in drivers.values():
        name = manifest.protocol
        default = manifest.tcp_port if name in spoken and manifest.tcp_port else None
        port = catalogue.ports.protocols.get(name, default)
        if port is not None and name != FIRST:
            found.add(_Wanted(name, "tcp", catalogue.bind, port))
        datagrams = catalogue.ports.udp.get(name)
        if datagrams is not None and manifest.allows_udp:
            found.add(_Wanted(name, "udp", catalogue.bind, datagrams))
    return found


class Listeners:
    """Opens and closes; `ports` is what run/gateway.json shows, `problems` why a port is not open."""

    def __init__(
        self, drivers: Registry[Manifest], room: StationRoom, ports: dict[str, int], *, shares: bool = False
    ) -> None:
        self._drivers = drivers
        self._room = room
        self._ports = ports
        self._shares = shares
        self._open: dict[_Wanted, asyncio.Server | DatagramLink] = {}
        self._turn = asyncio.Lock()
        self.problems: dict[str, str] = {}

    async def follow(self, catalogue: Catalogue) -> None:
        """Open what is missing, close what nobody wants any more. A taken port is told, and tried again at the next call."""
        async with self._turn:
            want = wanted(catalogue, self._drivers)
            for one in set(self._open) - want:
                self._close(one)
            self.problems = {}
            for one in sorted(want - set(self._open), key=lambda each: (each.protocol, each.carrier)):
                try:
                    await self._listen(one)
                except OSError as error:
                    self.problems[_name(one)] = str(error)
                    _log.error("gateway.port_not_open", extra={"listener": _name(one), "why": str(error)})

    def sweep(self) -> None:
        for listener in self._open.values():
            if isinstance(listener, DatagramLink):
                listener.sweep()

    def close(self) -> None:
        for one in list(self._open):
            self._close(one, hang_up=False)

    async def _listen(self, one: _Wanted) -> None:
        loop = asyncio.get_running_loop()
        manifest = self._drivers.get(one.protocol)
        if one.carrier == "tcp":
            server = await loop.create_server(
                lambda: StationLink(self._room, manifest),
                one.bind,
                one.port,
                backlog=_BACKLOG,
                family=family(one.bind),
                reuse_port=self._shares,
            )
            self._open[one] = server
            self._ports[_name(one)] = int(server.sockets[0].getsockname()[1])
            return
        transport, link = await loop.create_datagram_endpoint(
            lambda: DatagramLink(self._room.hall, manifest),
            local_addr=(one.bind, one.port),
            family=family(one.bind),
            reuse_port=self._shares or None,
        )
        self._open[one] = link
        self._ports[_name(one)] = int(transport.get_extra_info("sockname")[1])

    def _close(self, one: _Wanted, *, hang_up: bool = True) -> None:
        listener = self._open.pop(one)
        listener.close()
        self._ports.pop(_name(one), None)
        if hang_up and one.carrier == "tcp":
            self._room.close(one.protocol)


def _name(one: _Wanted) -> str:
    return one.protocol if one.carrier == "tcp" else f"{one.protocol}/udp"


def family(bind: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in bind else socket.AF_INET
