"""The same stream to several receivers: each at its own pace, none lost, none of an exercise."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from anlan.drivers.sl651.tests import make
from anlan.gateway.connect import forward
from anlan.gateway.connect.tests.conftest import (
    NOW,
    POND,
    Broker,
    House,
    Tell,
    connector,
    county,
    free_port,
    pond,
)

STATION = make.STATION


@pytest.fixture(autouse=True, params=["files", pytest.param("database", marks=pytest.mark.database)])
def _store(request: pytest.FixtureRequest) -> None:
    """Everything here holds wherever readings are kept."""
    if request.param == "database":
        request.getfixturevalue("database")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forward, "_IDLE_S", 0.02)
    monkeypatch.setattr(forward, "_LONGEST_S", 0.2)


def frame(tenths: int, minute: int = 0) -> bytes:
    at = f"26070120{minute:02d}"
    return make.report(f"2219{tenths:06d}", observed=at, sent=f"{at}00")


def receiver(name: str, kind: str, settings: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "kind": kind, "version": 1, "settings": settings, **more}


def raw_to(port: int, name: str = "city", **more: Any) -> dict[str, Any]:
    settings = {"host": "127.0.0.1", "port": port, "protocol": "sl651", "wait_s": more.pop("wait_s", 1)}
    return receiver(name, "tcp_raw", settings, **more)


@asynccontextmanager
async def city(got: list[bytes], port: int = 0, *, answers: bool = True) -> AsyncIterator[int]:
    """A centre elsewhere that speaks SL 651: it keeps what it got and acknowledges, or stays silent."""
    from datetime import UTC, datetime

    from anlan.drivers.registry import DRIVERS
    from anlan.drivers.types import FrameAccepted, no_settings

    lines: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.append(writer)
        session = DRIVERS.get("sl651").new_session(no_settings)
        while data := await reader.read(4096):
            for outcome in session.feed(data, datetime.now(UTC)):
                if isinstance(outcome, FrameAccepted):
                    got.append(outcome.frame.raw)
                    if answers and outcome.ack:
                        writer.write(outcome.ack)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for line in lines:
            line.close()


async def send(house: House, *frames: bytes) -> None:
    reader, writer = await house.connect()
    for one in frames:
        writer.write(one)
        async with asyncio.timeout(10):
            await reader.read(4096)
    writer.close()


def up(house: House, *names: str) -> Callable[[], bool]:
    return lambda: all(house.state(name, "receivers").is_up for name in names)


def test_two_receivers_get_the_same_frames_and_a_silent_one_holds_nobody(tell: Tell) -> None:
    first: list[bytes] = []
    second: list[bytes] = []
    dead = free_port()

    async def story(house: House) -> None:
        await house.until(up(house, "city", "county", "deaf"))
        frames = [frame(10 + n, n) for n in range(5)]
        await send(house, *frames)
        await house.until(lambda: len(first) == len(second) == 5)
        assert first == second == frames
        await house.until(lambda: house.state("deaf", "receivers").backlog == 5)
        assert house.state("deaf", "receivers").backlog_since
        assert not house.state("deaf", "receivers").is_up
        # The receiver has it before its acknowledgement is counted.
        await house.until(lambda: house.state("city", "receivers").rows == 5)

    ports = (free_port(), free_port())
    described = county(stations=(STATION,))
    described["receivers"] = [raw_to(ports[0]), raw_to(ports[1], "county"), raw_to(dead, "deaf", wait_s=0.2)]

    async def with_both(house: House) -> None:
        async with city(first, ports[0]), city(second, ports[1]):
            await story(house)

    tell(described, with_both)


def test_after_an_outage_and_a_restart_it_goes_on_where_the_last_acknowledgement_was(tell: Tell) -> None:
    got: list[bytes] = []
    port = free_port()
    described = county(stations=(STATION,), receivers=[raw_to(port, wait_s=0.2)])

    async def first(house: House) -> None:
        async with city(got, port):
            await house.until(up(house, "city"))
            await send(house, frame(1, 1))
            await house.until(lambda: len(got) == 1)
        await send(house, frame(2, 2), frame(3, 3))
        await house.until(lambda: house.state("city", "receivers").backlog > 0)

    async def second(house: House) -> None:
        await send(house, frame(4, 4))
        async with city(got, port):
            await house.until(lambda: len(set(got)) == 4)
        assert list(dict.fromkeys(got)) == [frame(n, n) for n in range(1, 5)]

    tell(described, first)
    tell(described, second)


def test_a_receiver_that_takes_frames_and_acknowledges_none_is_not_believed(tell: Tell) -> None:
    got: list[bytes] = []
    port = free_port()

    async def story(house: House) -> None:
        async with city(got, port, answers=False):
            await house.until(up(house, "city"))
            await send(house, frame(1, 1))
            await house.until(lambda: "No answer" in house.state("city", "receivers").problem)
            assert house.state("city", "receivers").rows == 0

    tell(county(stations=(STATION,), receivers=[raw_to(port, wait_s=0.2)]), story)


def test_only_the_stations_that_were_chosen_are_passed_on(tell: Tell) -> None:
    got: list[bytes] = []
    port = free_port()
    chosen = {"stations": ["0000000001"]}

    async def story(house: House) -> None:
        async with city(got, port):
            await house.until(up(house, "city"))
            await send(house, frame(1, 1))
            await house.settled()
            await house.until(lambda: _place(house) != "0")
            assert got == []

    tell(county(stations=(STATION, "0000000001"), receivers=[raw_to(port, wanted=chosen)]), story)


def _place(house: House) -> str:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(house.data / "hot" / "forward.db")) as link:
        row = link.execute("SELECT max(place) FROM place WHERE place<>''").fetchone()
    return str(row[0] or "0")


@pytest.mark.parametrize("for_exercises", [False, True])
def test_frames_of_an_exercise_go_only_to_a_receiver_marked_for_it(tell: Tell, for_exercises: bool) -> None:
    got: list[bytes] = []
    port = free_port()
    run = {
        "id": "drill",
        "clock_start": "2026-07-01T12:00:00Z",
        "wall_start": "2026-07-01T12:00:00Z",
        "speed": 1e-6,
    }
    reality = county(stations=(STATION,), receivers=[raw_to(port, for_exercises=for_exercises)])
    drill = {**reality, "exercise": run}

    async def start(house: House) -> None:
        async with city(got, port):
            if not for_exercises:
                await house.until(up(house, "city"))

    async def play(house: House) -> None:
        async with city(got, port):
            if for_exercises:
                await house.until(up(house, "city"))
            await send(house, frame(1, 1))
            if for_exercises:
                await house.until(lambda: got == [frame(1, 1)])

    async def after(house: House) -> None:
        async with city(got, port):
            await send(house, frame(2, 2))
            if not for_exercises:
                await house.until(lambda: len(got) > 0)

    tell(reality, start)
    tell(drill, play)
    tell(reality, after)
    assert got == ([frame(1, 1)] if for_exercises else [frame(2, 2)])


def test_readings_are_passed_on_as_json_and_a_corrected_one_again(tell: Tell) -> None:
    batches: list[Any] = []
    answers = iter([500])

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(row.split(b":")[1])
            for row in head.split(b"\r\n")
            if row.lower().startswith(b"content-length")
        )
        body = json.loads(await reader.readexactly(length))
        status = next(answers, 200)
        if status == 200:
            batches.append((head, body["readings"]))
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        writer.close()

    port = free_port()
    to = receiver("city", "http_json", {"url": f"http://127.0.0.1:{port}/in"})

    async def story(house: House) -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", port)
        await house.until(up(house, "city"))
        await house.push(pond(512.5))
        await house.until(lambda: len(batches) == 1)
        await house.push(pond(513))
        await house.until(lambda: len(batches) == 2)
        rows = [row for _, batch in batches for row in batch]
        assert [(row["station"], row["quantity"], row["value"], row["unit"]) for row in rows] == [
            (POND, "pond_level", "512.500", "m"),
            (POND, "pond_level", "513.000", "m"),
        ]
        assert {row["time"] for row in rows} == {NOW.isoformat()}
        server.close()

    tell(county(connector("http_push", {}), receivers=[to]), story)


def test_readings_are_passed_on_to_a_broker_and_wait_while_it_is_down(tell: Tell, broker: Broker) -> None:
    from paho.mqtt.client import Client
    from paho.mqtt.enums import CallbackAPIVersion

    heard: list[Any] = []
    to = receiver(
        "city",
        "mqtt_json",
        {"host": "127.0.0.1", "port": broker.port, "tls": False, "topic": "to/city", "wait_s": 2},
    )

    def listen(subscribed: list[int]) -> Client:
        client = Client(CallbackAPIVersion.VERSION2)

        def on_connect(*_: Any) -> None:
            client.subscribe("to/city", 1)

        client.on_connect = on_connect
        client.on_message = lambda _c, _d, message: heard.append(
            json.loads(message.payload)["readings"][0]["value"]
        )
        client.on_subscribe = lambda *_: subscribed.append(1)
        client.connect("127.0.0.1", broker.port)
        client.loop_start()
        return client

    async def story(house: House) -> None:
        await house.until(up(house, "city"))
        subscribed: list[int] = []
        client = listen(subscribed)
        await house.until(lambda: bool(subscribed))
        await house.push(pond(1))
        await house.until(lambda: "1.000" in heard)
        client.disconnect()
        client.loop_stop()
        broker.kill()
        await house.push(pond(2, NOW + timedelta(minutes=1)))
        await house.until(lambda: not house.state("city", "receivers").is_up)
        broker.start()
        await house.until(up(house, "city"))
        assert house.state("city", "receivers").rows >= 2

    tell(county(connector("http_push", {}), receivers=[to]), story)
