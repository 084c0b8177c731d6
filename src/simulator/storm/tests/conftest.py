"""A county, a clock and a platform stand-in that acknowledges what it understands."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from simulator.county.build import build_county
from simulator.sl651.frames import START, crc16
from simulator.storm.clock import SimClock
from simulator.world import World, save_world

CLOCK_START = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def world() -> World:
    return build_county(1).world()


@pytest.fixture(scope="session")
def world_file(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("world") / "world.json"
    save_world(world, path)
    return path


def hurried_clock() -> SimClock:
    """A clock on which every moment of a storm is already past or comes within milliseconds."""
    return SimClock(CLOCK_START.timestamp(), time.time(), 1_000_000.0)


class Centre:
    """Accepts SL 651 frames; drops its first connections without a word if told to."""

    def __init__(self, silent_connections: int = 0) -> None:
        self.frames: list[bytes] = []
        self.rejected = 0
        self.connections = 0
        self.port = 0
        self._silent = silent_connections

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["Centre"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        held = b""
        answers = self.connections > self._silent
        try:
            while data := await reader.read(4096):
                if not answers:
                    return
                held = self._take(held + data, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    def _take(self, held: bytes, writer: asyncio.StreamWriter) -> bytes:
        while (start := held.find(START)) >= 0:
            held = held[start:]
            if len(held) >= 14 and (held[11] >> 4 or held[13] != 0x02):
                held = held[1:]  # no head of an uplink: the 7E7E began a byte too early
                continue
            whole = 17 + (int.from_bytes(held[11:13], "big") & 0x0FFF)
            if len(held) < 14 or len(held) < whole:
                break
            frame, rest = held[:whole], held[whole:]
            if crc16(frame[:-2]).to_bytes(2, "big") != frame[-2:]:
                self.rejected += 1
                held = held[1:]
                continue
            held = rest
            self.frames.append(frame)
            if frame[10] != 0x2F:
                writer.write(acknowledgement(frame))
        return held


def acknowledgement(frame: bytes) -> bytes:
    """The downlink answer: station before centre, direction 8, the same serial, ESC at the end."""
    answer = START + frame[3:8] + frame[2:3] + frame[8:11] + b"\x80\x08\x02" + frame[14:22] + b"\x1b"
    return answer + crc16(answer).to_bytes(2, "big")
