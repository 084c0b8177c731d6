"""A gateway with connectors inside the test's own event loop; the outside is real sockets on loopback."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import socket
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from anlan.drivers.jsonmap.examples import example
from anlan.gateway.tests.conftest import Running, catalogue, read_response, running
from anlan.sensing.hot.pg.tests.conftest import database as database  # a fixture

TOKEN = "the token of this connector"
POND = "WKK01"
#: A moment of today on a whole minute, so that real clocks can be used.
NOW = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=5)


def local(moment: datetime) -> str:
    """As a sender in China writes it, without zone."""
    return (moment + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S")


def connector(
    kind: str, settings: dict[str, Any], mapping: str = "tailings_pond", **more: Any
) -> dict[str, Any]:
    return {
        "name": "pond",
        "kind": kind,
        "version": 1,
        "settings": settings,
        "mapping": json.loads(example(mapping)),
        "token_sha256": hashlib.sha256(TOKEN.encode()).hexdigest(),
        "stations": ["*"],
        **more,
    }


def county(
    *connectors: dict[str, Any], stations: tuple[str, ...] = (POND,), **changes: Any
) -> dict[str, Any]:
    """A catalogue of reality, on the wall clock."""
    return catalogue(*stations, exercise=None, connectors=list(connectors), **changes)


def pond(level: float, moment: datetime = NOW, unit: str = "m", station: str = POND) -> dict[str, Any]:
    row = {"item": "库水位", "value": level, "unit": unit, "time": local(moment)}
    return {"pond": station, "data": [row]}


class House(Running):
    """What a test of connectors asks a gateway."""

    async def push(
        self, document: Any, *, token: str = TOKEN, name: str = "pond", headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        content = document if isinstance(document, bytes) else json.dumps(document).encode()
        given = headers if headers is not None else {"Authorization": f"Bearer {token}"}
        lines = [
            f"POST /v1/push/{name} HTTP/1.1",
            "Host: x",
            f"Content-Length: {len(content)}",
            "Connection: close",
        ]
        lines += [f"{key}: {value}" for key, value in given.items()]
        reader, writer = await self.connect_http()
        writer.write("\r\n".join([*lines, "", ""]).encode() + content)
        return await read_response(reader)

    def stored(self, quantity: str = "pond_level", station: str = POND) -> list[str]:
        start, end = NOW - timedelta(days=300), NOW + timedelta(days=1)
        return [str(point.value) for point in self.reader.series(station, quantity, start, end)]

    def state(self, name: str = "pond", group: str = "connectors") -> Any:
        return getattr(self.gateway._connect.states, group)[name]

    def fill_the_disk(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
        """From now on nothing can be stored; the result mends it."""
        import sqlite3

        engine = self.gateway.writer._engine
        former = engine.commit

        def full(*_args: Any, **_more: Any) -> Any:
            from anlan.sensing.hot.types import StoreUnavailable

            raise StoreUnavailable(why=str(sqlite3.OperationalError("database or disk is full")))

        monkeypatch.setattr(engine, "commit", full)
        return lambda: monkeypatch.setattr(engine, "commit", former)


Story = Callable[[House], Awaitable[None]]
Tell = Callable[[dict[str, Any], Story], None]


@pytest.fixture
def tell(tmp_path: Path) -> Tell:
    """Run a story against a gateway with this catalogue; the data folder lasts through the test."""

    def tell_story(described: dict[str, Any], story: Story) -> None:
        async def main() -> None:
            async with asyncio.timeout(60), running(tmp_path, described) as house:
                await story(House(house.gateway, house.data))

        asyncio.run(main())

    return tell_story


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Broker:
    """A mosquitto of our own with persistence, which a test may kill and start again."""

    def __init__(self, folder: Path, more: str = "") -> None:
        self.port = free_port()
        self._config = folder / "mosquitto.conf"
        store = folder / "mosquitto"
        store.mkdir()
        self._config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence true\n"
            f"persistence_location {store}/\nautosave_interval 1\nautosave_on_changes true\nuser root\n{more}"
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            ["mosquitto", "-c", str(self._config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert self._process.poll() is None, "mosquitto did not start"

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def broker_in(folder: Path, more: str = "") -> Iterator[Broker]:
    if shutil.which("mosquitto") is None:
        pytest.skip("mosquitto is not installed")
    broker = Broker(folder, more)
    broker.start()
    try:
        yield broker
    finally:
        broker.kill()


@pytest.fixture
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with broker_in(tmp_path_factory.mktemp("broker")) as found:
        yield found


def publish(port: int, topic: str, *documents: Any) -> None:
    """Hand documents to the broker with QoS 1; returns when it has confirmed each."""
    from paho.mqtt.client import Client
    from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
    client.connect("127.0.0.1", port)
    client.loop_start()
    for document in documents:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        client.publish(topic, body, qos=1).wait_for_publish(10)
    client.disconnect()
    client.loop_stop()
