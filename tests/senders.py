"""Three outside parties that send for as long as they are told to, and keep what was not acknowledged: a station over TCP, a
source over HTTP, and a tailings pond that publishes over MQTT. `acknowledged` maps the time of a reading to its value."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from abc import ABC, abstractmethod
from datetime import UTC, datetime, timedelta

import httpx
from small_county import POND, RAIN, RIVER

from simulator.sl651 import frames

#: Between two readings of a stream: SL 651 dates them to the minute.
STEP = timedelta(minutes=1)
#: A slot of rain in every so many batches.
RAIN_EVERY = 15
#: How long an answer may take before the same is sent again, wall seconds.
PATIENCE_S = 3.0
#: Between an acknowledgement and the next reading, wall seconds.
PACE_S = 0.01


class Sender(ABC, threading.Thread):
    """Sends reading after reading; the same again until it is acknowledged."""

    def __init__(self, start: datetime) -> None:
        super().__init__(daemon=True)
        self.first = start
        self.acknowledged: dict[datetime, str] = {}
        self.repeats = 0
        self._stopping = threading.Event()

    def run(self) -> None:
        number = 0
        while not self._stopping.is_set():
            try:
                self.send(number)
            except (OSError, httpx.HTTPError, ValueError, RuntimeError):
                self.repeats += 1
                self.hang_up()
                self._stopping.wait(0.1)
                continue
            number += 1
            self._stopping.wait(PACE_S)
        self.hang_up()

    def finish(self) -> None:
        """No new reading. What is under way has been acknowledged or was never stored on behalf of anybody."""
        self._stopping.set()
        self.join(30)
        assert not self.is_alive()

    def at(self, number: int) -> datetime:
        return self.first + number * STEP

    @abstractmethod
    def send(self, number: int) -> None:
        """Send one and return when it is acknowledged; any error means that it must be sent again."""

    def hang_up(self) -> None:
        """Close the line."""


class River(Sender):
    """SL 651 over TCP: a river that rises by 0.6 m in an hour and passes all four levels."""

    def __init__(self, port: int, start: datetime) -> None:
        super().__init__(start)
        self.port = port
        self._link: socket.socket | None = None
        self._acks = frames.AckReader()

    def send(self, number: int) -> None:
        if self._link is None:
            self._link = socket.create_connection(("127.0.0.1", self.port), PATIENCE_S)
            self._acks = frames.AckReader()
        millimetres = min(9_000 + 10 * number, 12_500)
        serial = number % 0xFFFF + 1
        elements = frames.observed(self.at(number)) + frames.element(0x39, millimetres, 4, 3)
        address = frames.Address(RIVER, frames.TYPE_RIVER)
        self._link.sendall(
            address.uplink(frames.TIMING, serial=serial, sent=datetime.now(UTC), elements=elements)
        )
        while not any(ack.serial == serial and ack.accepted for ack in self._heard()):
            pass
        self.acknowledged[self.at(number)] = f"{millimetres / 1000:.3f}"

    def _heard(self) -> list[frames.Ack]:
        data = self._link.recv(4096) if self._link else b""
        if not data:
            raise ConnectionError
        return self._acks.feed(data)

    def hang_up(self) -> None:
        if self._link is not None:
            self._link.close()
        self._link = None


class Bureau(Sender):
    """HTTP: the supply voltage of a rain station, and its rain now and then; eight slots of it pass all four levels."""

    def __init__(self, port: int, token: str, start: datetime) -> None:
        super().__init__(start)
        self.rain: dict[datetime, str] = {}
        self._url = f"http://127.0.0.1:{port}/v1/readings"
        self._client = httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE_S)

    def send(self, number: int) -> None:
        volts = f"{12 + number % 10 / 100:.2f}"
        rows = [_row("battery_v", self.at(number), volts)]
        slot = self.first + number // RAIN_EVERY * timedelta(minutes=5)
        rained = f"{11 + number // RAIN_EVERY % 3}.0"
        has_rain = number % RAIN_EVERY == 0 and slot < datetime.now(UTC)
        if has_rain:
            rows.append(_row("rain_5min", slot, rained))
        answer = self._client.post(self._url, json={"readings": rows})
        if answer.status_code != 200:
            raise ValueError(answer.text)
        assert answer.json().get("refused", []) == []
        self.acknowledged[self.at(number)] = volts
        if has_rain:
            self.rain[slot] = rained


def _row(quantity: str, at: datetime, value: str) -> dict[str, str]:
    return {"station": RAIN, "quantity": quantity, "time": at.isoformat(), "value": value}


class Pond(Sender):
    """MQTT 5, QoS 1. A broker that is killed may lose what it confirmed a moment before (`sent_again` mends that, as the
    store of a real device does); what a broker still holds, no kill of ours may lose."""

    def __init__(self, port: int, start: datetime) -> None:
        super().__init__(start)
        self.port = port
        self._link: object | None = None
        self._handed: list[int] = []
        self._must_repeat = threading.Event()

    def send(self, number: int) -> None:
        if self._must_repeat.is_set():
            for former in self._handed[-200:]:
                self._publish(former)
            self._must_repeat.clear()
        self._publish(number)
        self._handed.append(number)
        self.acknowledged[self.at(number)] = self._level(number)

    def sent_again(self) -> None:
        """The broker was killed."""
        self._must_repeat.set()

    @staticmethod
    def _level(number: int) -> str:
        return f"{500 + number % 100 / 100:.3f}"

    def _publish(self, number: int) -> None:
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

        if not isinstance(self._link, Client):
            link = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
            link.connect("127.0.0.1", self.port)
            link.loop_start()
            self._link = link
        local = (self.at(number) + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S")
        row = {"item": "库水位", "value": self._level(number), "unit": "m", "time": local}
        said = self._link.publish("pond/1/up", json.dumps({"pond": POND, "data": [row]}), qos=1)
        limit = time.monotonic() + PATIENCE_S
        said.wait_for_publish(PATIENCE_S)
        if not said.is_published() or time.monotonic() > limit:
            raise ConnectionError

    def hang_up(self) -> None:
        from paho.mqtt.client import Client

        if isinstance(self._link, Client):
            with contextlib.suppress(OSError, ValueError):
                self._link.disconnect()
            self._link.loop_stop()
        self._link = None
