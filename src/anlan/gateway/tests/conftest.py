"""A gateway inside the test's own event loop, spoken to over real loopback sockets."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from anlan.drivers.registry import DRIVERS
from anlan.drivers.types import Manifest
from anlan.gateway.intake import Submission
from anlan.gateway.service import Gateway
from anlan.kernel.clock import parse_instant
from anlan.kernel.registry import Registry
from anlan.ruleset.bindings import StageMarks, bindings_for_rain, bindings_for_stage
from anlan.sensing.hot.files import DayFile
from anlan.sensing.hot.reader import HotReader

TOKEN = "a token of the water bureau"


def catalogue(*stations: str, **changes: Any) -> dict[str, Any]:
    """A catalogue of rain and stage stations on free ports, on an exercise clock that starts at noon of 2026-07-01."""
    bindings = [
        binding.to_json()
        for code in stations
        for binding in [*bindings_for_rain(code), *bindings_for_stage(code, StageMarks(10, 11, 12))]
    ]
    digest = hashlib.sha256(TOKEN.encode()).hexdigest()
    run = {
        "id": "drill",
        "clock_start": "2026-07-01T12:00:00Z",
        "wall_start": "2026-07-01T12:00:00Z",
        "speed": 1e-6,
    }
    base: dict[str, Any] = {
        "version": 1,
        "node": "530521",
        "exercise": run,
        "stations": [{"code": code, "name": code, "kind": "rain"} for code in stations],
        "bindings": bindings,
        "sources": [{"name": "water-bureau", "token_sha256": digest, "stations": ["*"]}],
        "ports": {"tcp": 0, "http": 0},
    }
    return {**base, **changes}


def fill_disk(file: object) -> None:
    """Let an open day file grow no further, as on a full disk, until it is opened again."""
    assert isinstance(file, DayFile)
    file.link.execute("PRAGMA max_page_count = 1")


class Running:
    """A gateway and what a test says to it."""

    def __init__(self, gateway: Gateway, data: Path) -> None:
        self.gateway = gateway
        self.data = data
        self.reader = HotReader(data / "hot")

    @property
    def counters(self) -> Any:  # the counters object, by attribute
        return self.gateway.counters

    async def connect(self, port: str = "tcp") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.gateway.ports[port])

    async def change(self, described: dict[str, Any]) -> None:
        """Put another catalogue in place and have it used."""
        (self.data / "catalogue.json").write_text(json.dumps(described))
        self.gateway.reload()
        await self.gateway.follow()

    async def connect_http(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.gateway.ports["http"])

    async def post(
        self, readings: list[Any], *, token: str = TOKEN, body: bytes | None = None
    ) -> tuple[int, Any]:
        content = body if body is not None else json.dumps({"batch_id": "1", "readings": readings}).encode()
        head = f"POST /v1/readings HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
        head += f"Content-Length: {len(content)}\r\nConnection: close\r\n\r\n"
        reader, writer = await self.connect_http()
        writer.write(head.encode() + content)
        return await read_response(reader)

    def values(self, station: str, quantity: str) -> list[tuple[str, str, int]]:
        start, end = parse_instant("2000-01-01T00:00:00Z"), parse_instant("2099-01-01T00:00:00Z")
        points = self.reader.series(station, quantity, start, end, exercise="drill")
        return [(p.phenomenon_time.isoformat(), str(p.value), int(p.flag)) for p in points]

    def signals(self, *kinds: str) -> list[dict[str, Any]]:
        return [signal.body for signal in self.reader.signals_after({}) if signal.kind in kinds]

    async def settled(self) -> None:
        """Everything handed to the writer so far is stored or refused."""
        done = asyncio.Event()
        now = self.gateway.writer.clock.now()
        self.gateway.writer.submit(Submission(now, 0.0, lambda _: done.set()))
        await done.wait()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Let the loop run until something holds; the test's own limit ends a wait in vain."""
        async with asyncio.timeout(20):
            while not holds():
                await asyncio.sleep(0.002)


async def read_response(reader: asyncio.StreamReader) -> tuple[int, Any]:
    async with asyncio.timeout(20):
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        )
        return int(head.split()[1]), json.loads(await reader.readexactly(length))


@asynccontextmanager
async def running(
    data: Path, described: dict[str, Any], drivers: Registry[Manifest] = DRIVERS
) -> AsyncIterator[Running]:
    (data / "catalogue.json").write_text(json.dumps(described))
    gateway = Gateway(data, drivers)
    await gateway.start()
    try:
        yield Running(gateway, data)
    finally:
        await gateway.stop()


@pytest.fixture
def play(tmp_path: Path) -> Callable[[dict[str, Any], Callable[[Running], Awaitable[None]]], None]:
    """Run a story against a gateway with this catalogue."""

    def play_story(described: dict[str, Any], story: Callable[[Running], Awaitable[None]]) -> None:
        async def main() -> None:
            async with asyncio.timeout(60), running(tmp_path, described) as house:
                await story(house)

        asyncio.run(main())

    return play_story
