"""The gateway as a whole: start, watch the catalogue, count, stop."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from anlan.drivers.registry import DRIVERS
from anlan.drivers.types import Manifest
from anlan.gateway.catalogue import Catalogue, CatalogueFile
from anlan.gateway.connect.push import PREFIX as PUSH
from anlan.gateway.connect.service import ConnectDesk
from anlan.gateway.counters import Counters
from anlan.gateway.downlink import Downlink
from anlan.gateway.http import HttpLink, HttpListener, Request, Response
from anlan.gateway.lines import Hall
from anlan.gateway.listeners import FIRST, Listeners, family
from anlan.gateway.peers import Peers
from anlan.gateway.presence import Presence
from anlan.gateway.readings_api import ReadingsApi
from anlan.gateway.stations import StationDesk
from anlan.gateway.tcp import StationLink, StationRoom
from anlan.gateway.writer import Writer
from anlan.kernel.clock import SystemClock, parse_instant
from anlan.kernel.files import raise_file_limit
from anlan.kernel.registry import Registry
from anlan.sensing.hot.place import place_of_readings

_log = logging.getLogger(__name__)
_BACKLOG = 4096
_CATALOGUE_S = 0.5
_COUNT_S = 1.0
#: After which a taken port is tried again.
_PORTS_S = 10.0


class Gateway:
    """`data` is the data folder. Use `run` for a process, or `start` and `stop` inside a test's event loop."""

    def __init__(self, data: Path, drivers: Registry[Manifest] = DRIVERS) -> None:
        self._data = data
        self.drivers = drivers
        self._place = place_of_readings()
        name = f"gateway-{self._place.shard}" if self._place.gateways > 1 else "gateway"
        self._run_file = data / "run" / f"{name}.json"
        self._run_file.parent.mkdir(parents=True, exist_ok=True)
        self._file = CatalogueFile(data / "catalogue.json")
        self.counters = Counters()
        self._started_at = SystemClock().now()
        self._tasks: list[asyncio.Task[None]] = []
        self._servers: list[asyncio.Server] = []
        self.ports: dict[str, int] = {}

    async def start(self) -> None:
        """Listen. Raises OSError when a port is taken."""
        raise_file_limit()
        self.catalogue = self._file.read_if_changed() or Catalogue()
        loop = asyncio.get_running_loop()
        self.writer = Writer(self._data, self.catalogue, self.counters, last_alive=self._last_alive())
        self.writer.start(loop)
        self._peers: Peers | None = None
        if self._place.gateways > 1:
            self._peers = Peers(self._place, self._run_file.parent, self.writer.take)
            self.writer.route = self._peers.submit
            await self._peers.start()
        self.desk = StationDesk()
        self._api = ReadingsApi(self.desk, self.writer, self.counters)
        presence = Presence()
        self.downlink = Downlink(self.drivers, self.desk, self.writer, presence, self.counters)
        self.downlink.recall(self.writer.errands)
        hall = Hall(self.desk, self.writer, self.counters, presence, self.downlink)
        self._stations = StationRoom(hall)
        self._listeners = Listeners(self.drivers, self._stations, self.ports, shares=self._place.gateways > 1)
        self._connect = ConnectDesk(
            self._data,
            self.desk,
            self.writer,
            self.counters,
            is_first=self._place.shard == 0,
            name=f"connect-{self._place.shard}" if self._place.gateways > 1 else "connect",
        )
        self._http = HttpListener(self._handle, self._check_door, self.counters)
        self._use(self.catalogue)
        ports, bind = self.catalogue.ports, self.catalogue.bind
        first = self.drivers.get(FIRST)
        self.ports["tcp"] = await self._listen(lambda: StationLink(self._stations, first), bind, ports.tcp)
        self.ports["http"] = await self._listen(lambda: HttpLink(self._http), bind, ports.http)
        await self.follow()
        self._write_counters()
        self._tasks = [loop.create_task(self._watch_catalogue()), loop.create_task(self._keep_time())]

    async def stop(self) -> None:
        """Take nothing more, store what waits, answer it, close."""
        for task in self._tasks:
            task.cancel()
        for server in self._servers:
            server.close()
        self._listeners.close()
        await self._connect.stop()
        await asyncio.to_thread(self.writer.stop)
        if self._peers is not None:
            await self._peers.stop()
        await asyncio.sleep(0)  # the last acknowledgements were handed to this loop
        self._stations.close()
        self._http.close()
        self._write_counters()

    async def run(self) -> None:
        """Until SIGTERM or SIGINT."""
        stopping = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
        await self.start()
        _log.info("gateway.listening", extra={"ports": self.ports})
        await stopping.wait()
        await self.stop()

    async def _listen(
        self, factory: Any, bind: str, port: int
    ) -> int:  # Any: a protocol factory, typed at the callers
        loop = asyncio.get_running_loop()
        # Several gateways listen on one port; the system gives each its share of the connections.
        shares = self._place.gateways > 1
        server = await loop.create_server(
            factory, bind, port, backlog=_BACKLOG, family=family(bind), reuse_port=shares
        )
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    def _use(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.desk.use(catalogue)
        self._api.use(catalogue)
        self._connect.use(catalogue)
        self._stations.hall.limits = self._http.limits = catalogue.limits
        self.downlink.use(catalogue)

    def _check_door(self, request: Request) -> Response | None:
        is_push = request.target.startswith(PUSH)
        return self._connect.push.check_door(request) if is_push else self._api.check_door(request)

    async def _handle(self, request: Request) -> Response:
        is_push = request.target.startswith(PUSH)
        return await (self._connect.push.handle(request) if is_push else self._api.handle(request))

    async def _watch_catalogue(self) -> None:
        while True:
            await asyncio.sleep(_CATALOGUE_S)
            self.reload()
            is_time = time.monotonic() - self._followed_at > _PORTS_S
            if self._ports_of is not self.catalogue or (self._listeners.problems and is_time):
                await self.follow()

    async def follow(self) -> None:
        """Have the ports open that the present catalogue asks for."""
        self._ports_of, self._followed_at = self.catalogue, time.monotonic()
        await self._listeners.follow(self.catalogue)

    def reload(self) -> None:
        """Use the catalogue file when it changed; a wrong one is reported and the old one stays."""
        found = self._file.read_if_changed()
        if found is not None:
            self._use(found)
            self.writer.reconfigure(found)

    async def _keep_time(self) -> None:
        while True:
            await asyncio.sleep(_COUNT_S)
            self._stations.sweep()
            self._listeners.sweep()
            self.downlink.sweep()
            self._http.sweep()
            self._connect.write_state()
            self._write_counters()

    def _last_alive(self) -> datetime | None:
        """The clock of this run when the process before last wrote its counters."""
        try:
            before = json.loads(self._run_file.read_bytes())
            run = self.catalogue.exercise.id if self.catalogue.exercise else ""
            return parse_instant(before["clock_now"]) if before["exercise"] == run else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _write_counters(self) -> None:
        run = self.catalogue.exercise
        state = {
            "pid": os.getpid(),
            "started_at": self._started_at.isoformat(),
            "at": SystemClock().now().isoformat(),
            "clock_now": self.writer.clock.now().isoformat(),
            "exercise": run.id if run else "",
            "catalogue_version": self.catalogue.version,
            "catalogue_problem": self._file.problem,
            "ports": self.ports,
            "port_problems": self._listeners.problems,
            "connections": len(self._stations.links),
            "http_connections": len(self._http.links),
            "rows_waiting": self.writer.rows_waiting,
            **self.counters.as_data(),
        }
        beside = self._run_file.with_suffix(".tmp")
        try:
            beside.write_text(json.dumps(state, ensure_ascii=False))
            beside.replace(self._run_file)
        except OSError as error:
            _log.error("gateway.counters_not_written", extra={"why": str(error)})
