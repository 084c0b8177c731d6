"""SIGKILL of gateway, worker, MQTT broker and PostgreSQL in turn, under load over TCP, HTTP and MQTT at once: what was
acknowledged is stored, once; what was stored became a crossing, once; and the journal holds."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from senders import Bureau, Pond, River, Sender
from servers import Broker, Postgres, is_listening
from small_county import POND, RAIN, RIVER
from stagehand import wait_for

from anlan.project.drill.cast import free_port, stop
from anlan.project.runtime import read_state
from anlan.sensing.hot.reading import AnyReader, open_reader

pytestmark = pytest.mark.drill

HERE = Path(__file__).parent
SEED = 5
VICTIMS = ("gateway", "worker", "broker", "postgres")
#: Readings that each sender must get acknowledged between one kill and the next: at least and at most.
BETWEEN = (8, 25)
#: Enough for river and rain to pass all their levels.
ENOUGH = 330


class House:
    """The platform with its own servers, and three senders."""

    def __init__(self, data: Path, postgres: Postgres, broker: Broker) -> None:
        self.data, self.postgres, self.broker = data, postgres, broker
        self.tcp, self.http = free_port(), free_port()
        self.environment = {
            **os.environ,
            "ANLAN_DATA": str(data),
            "ANLAN_NODE": "999901",
            "ANLAN_DATABASE_URL": postgres.url,
            "ANLAN_READINGS": "database",
            "ANLAN_WEB_PORT": str(free_port()),
            "ANLAN_GATEWAY_TCP_PORT": str(self.tcp),
            "ANLAN_GATEWAY_HTTP_PORT": str(self.http),
            "ANLAN_LOG": "ERROR",
        }
        built = subprocess.run(
            [sys.executable, str(HERE / "small_county.py"), str(broker.port)],
            env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert built.returncode == 0, built.stdout + built.stderr
        self.token = json.loads(built.stdout)["token"]
        self.serve = subprocess.Popen(
            [sys.executable, "-m", "anlan.project.cli", "serve", "--prepared"],
            env=self.environment, stdout=subprocess.DEVNULL, stderr=(data / "log").open("wb"),
        )  # fmt: skip
        wait_for(lambda: is_listening(self.tcp) and is_listening(self.http), "the gateway")
        start = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(days=3)
        start -= timedelta(minutes=start.minute % 5)
        self.river, self.bureau = River(self.tcp, start), Bureau(self.http, self.token, start)
        self.pond = Pond(broker.port, start)
        self.senders: tuple[Sender, ...] = (self.river, self.bureau, self.pond)

    def kill(self, name: str) -> None:
        if name == "broker":
            self.broker.kill()
            self.broker.start()
            self.pond.sent_again()
        elif name == "postgres":
            self.postgres.kill()
            self.postgres.start()
        else:
            os.kill(self._child(name), signal.SIGKILL)

    def _child(self, name: str) -> int:
        """The pid of a child that lives; the parent starts it again by itself."""

        def look() -> int | None:
            children = read_state(self.data, "parent").get("children")
            pid = children.get(name) if isinstance(children, dict) else None
            with contextlib.suppress(OSError, TypeError):
                os.kill(int(pid or 0) or -1, 0)
                return pid
            return None

        found = wait_for(look, name)
        assert isinstance(found, int)
        return found

    def progress(self, more: int) -> None:
        """Return when each sender got so many more acknowledged."""
        goals = [len(one.acknowledged) + more for one in self.senders]
        wait_for(
            lambda: all(len(one.acknowledged) >= goal for one, goal in zip(self.senders, goals, strict=True)),
            f"{more} more acknowledged of each: {goals}",
        )


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    postgres = Postgres()
    made: House | None = None
    broker: Broker | None = None
    try:
        broker = Broker(tmp_path)
        data = tmp_path / "data"
        data.mkdir()
        made = House(data, postgres, broker)
        for name in ("ANLAN_DATABASE_URL", "ANLAN_READINGS"):
            monkeypatch.setenv(name, made.environment[name])
        yield made
    finally:
        if made is not None:
            stop(made.serve)
        if broker is not None:
            broker.kill()
        postgres.remove()


def stored(reader: AnyReader, station: str, quantity: str, since: datetime) -> dict[datetime, str]:
    points = reader.series(station, quantity, since - timedelta(hours=1), datetime.now(UTC))
    return {point.phenomenon_time: str(point.value) for point in points}


def test_what_was_acknowledged_is_stored_once_whoever_is_killed(house: House) -> None:
    dice = random.Random(SEED)
    victims = [*VICTIMS, *VICTIMS]
    dice.shuffle(victims)
    for sender in house.senders:
        sender.start()
    house.progress(10)
    for victim in victims:
        house.progress(dice.randint(*BETWEEN))
        house.kill(victim)
    while not all(len(one.acknowledged) >= ENOUGH for one in house.senders):
        house.progress(10)
    house.pond.sent_again()
    house.progress(3)
    for sender in house.senders:
        sender.finish()
    assert sum(sender.repeats for sender in house.senders) > 0, "no kill hit anybody"

    reader = open_reader(house.data)
    first = house.river.first
    wait_for(
        lambda: len(stored(reader, POND, "pond_level", first)) >= len(house.pond.acknowledged), "the pond"
    )
    assert stored(reader, POND, "pond_level", first) == house.pond.acknowledged
    assert stored(reader, RIVER, "stage", first) == house.river.acknowledged
    assert stored(reader, RAIN, "battery_v", first) == house.bureau.acknowledged
    assert stored(reader, RAIN, "rain_5min", first) == house.bureau.rain
    assert reader.counts()["superseded"] == 0
    check_crossings(house, reader)


def check_crossings(house: House, reader: AnyReader) -> None:
    """Every level was said once by the gateway, and each saying is one fact; then the journal's chain."""
    said = [signal for signal in reader.signals_after({}) if signal.kind == "crossing"]
    levels = sorted((signal.body["binding"], signal.body["level"]) for signal in said)
    assert levels == [(f"R12:{RAIN}", n) for n in (1, 2, 3, 4)] + [(f"R13:{RIVER}", n) for n in (1, 2, 3, 4)]

    def facts() -> list[str]:
        with psycopg.connect(house.postgres.url) as link:
            return [str(row[0]) for row in link.execute("SELECT id FROM sensing_crossing")]

    wait_for(lambda: len(facts()) >= len(said), "the worker's facts")
    assert sorted(facts()) == sorted(signal.id for signal in said)
    verified = subprocess.run(
        [sys.executable, "-m", "anlan.project.cli", "verify"],
        env=house.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert verified.returncode == 0, verified.stdout + verified.stderr
