"""Readings published as SensorThings Observations: to both topics, with the entity as the web gives it, resumed after an outage."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from anlan.gateway.connect import forward
from anlan.gateway.connect.tests.conftest import NOW, POND, Broker, House, Tell, connector, county, pond
from anlan.kernel.ids import uuid7

STREAM = f"{POND}:pond_level"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forward, "_IDLE_S", 0.02)
    monkeypatch.setattr(forward, "_LONGEST_S", 0.2)


def receiver(port: int, prefix: str) -> dict[str, Any]:
    settings = {
        "host": "127.0.0.1", "port": port, "tls": False, "prefix": prefix, "wait_s": 2,
        "base": "https://anlan.example/api/sta/v1.1/",
    }  # fmt: skip
    return {"name": "sta", "kind": "sensorthings_mqtt", "version": 1, "settings": settings}


@contextmanager
def listening(port: int, prefix: str, heard: list[tuple[str, Any]]) -> Iterator[Callable[[], bool]]:
    """Subscribed to everything below the prefix; the result says when the subscription stands."""
    from paho.mqtt.client import Client
    from paho.mqtt.enums import CallbackAPIVersion

    subscribed: list[int] = []
    client = Client(CallbackAPIVersion.VERSION2)

    def on_connect(*_: Any) -> None:
        client.subscribe(f"{prefix}#", 1)

    client.on_connect = on_connect
    client.on_subscribe = lambda *_: subscribed.append(1)
    client.on_message = lambda _c, _d, message: heard.append((message.topic, json.loads(message.payload)))
    client.connect("127.0.0.1", port)
    client.loop_start()
    try:
        yield lambda: bool(subscribed)
    finally:
        client.disconnect()
        client.loop_stop()


def up(house: House) -> Callable[[], bool]:
    return lambda: bool(house.state("sta", "receivers").is_up)


def test_each_reading_comes_to_both_topics_as_the_entity_of_the_web(tell: Tell) -> None:
    try:
        socket.create_connection(("127.0.0.1", 1883), 1).close()
    except OSError:
        pytest.skip("no MQTT broker listens on 127.0.0.1:1883")
    prefix = f"anlan-test/{uuid7()}/"
    heard: list[tuple[str, Any]] = []

    async def story(house: House) -> None:
        await house.until(up(house))
        with listening(1883, prefix, heard) as stands:
            await house.until(stands)
            await house.push(pond(512.5))
            await house.push(pond(513, NOW + timedelta(minutes=5)))
            await house.until(lambda: len(heard) == 4)

    tell(county(connector("http_push", {}), receivers=[receiver(1883, prefix)]), story)
    topics = [topic.removeprefix(prefix) for topic, _ in heard]
    assert sorted(topics) == [f"v1.1/Datastreams('{STREAM}')/Observations"] * 2 + ["v1.1/Observations"] * 2
    first = heard[0][1]
    t = int(NOW.timestamp())
    own = f"https://anlan.example/api/sta/v1.1/Observations('{STREAM}:{t}')"
    assert first == {
        "@iot.id": f"{STREAM}:{t}",
        "@iot.selfLink": own,
        "phenomenonTime": NOW.isoformat().replace("+00:00", "Z"),
        "resultTime": NOW.isoformat().replace("+00:00", "Z"),
        "result": 512.5,
        "resultQuality": {"flag": 0, "names": [], "usable": True},
        "Datastream@iot.navigationLink": f"{own}/Datastream",
        "FeatureOfInterest@iot.navigationLink": f"{own}/FeatureOfInterest",
    }


def test_what_came_in_while_the_broker_was_down_is_published_when_it_is_back(
    tell: Tell, broker: Broker
) -> None:
    heard: list[tuple[str, Any]] = []

    async def story(house: House) -> None:
        await house.until(up(house))
        await house.push(pond(1))
        await house.until(lambda: house.state("sta", "receivers").rows >= 2)
        broker.kill()
        await house.push(pond(2, NOW + timedelta(minutes=1)))
        await house.until(lambda: not house.state("sta", "receivers").is_up)
        broker.start()
        # The line of the publisher comes back by itself; the listener may be later, so a third reading shows that it stands.
        with listening(broker.port, "", heard) as stands:
            await house.until(stands)
            await house.until(up(house))
            await house.push(pond(3, NOW + timedelta(minutes=2)))
            await house.until(lambda: any(body["result"] == 3 for _, body in heard))
            # It is counted once the broker confirmed it, which may be after others heard it.
            await house.until(lambda: house.state("sta", "receivers").rows >= 6)
            await house.until(lambda: house.state("sta", "receivers").backlog == 0)

    tell(county(connector("http_push", {}), receivers=[receiver(broker.port, "")]), story)
