"""A platform on the air for tests: the fictional county, the real processes, and a phone gateway that the test holds."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

import httpx

from anlan.project.drill import cast
from simulator.sl651 import frames

T = TypeVar("T")

#: How long a test waits for something that should be there within a second, on a busy machine.
PATIENCE_S = 45.0


def wait_for(look: Callable[[], T | None], what: str) -> T:
    """The first truthy answer of `look`; polls, since other processes do the work."""
    limit = time.monotonic() + PATIENCE_S
    while time.monotonic() < limit:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {PATIENCE_S} s for {what}")


@dataclass(slots=True)
class Phones:
    """An SMS and voice provider in memory. It never answers by itself; `answer` plays a person's reply."""

    port: int
    callback: str
    callback_token: str
    messages: list[dict[str, Any]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, message: dict[str, Any]) -> str:
        with self._lock:
            self.messages.append(message)
            return f"ref-{len(self.messages)}"

    def to(self, number: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["to"] == number]

    def answer(self, number: str, text: str) -> None:
        """A reply from this number reaches the platform's callback."""
        event = {
            "event_id": f"reply-{number}-{time.time_ns()}",
            "type": "reply",
            "from": number,
            "text": text,
            "at": datetime.now(UTC).isoformat(),
        }
        headers = {"Authorization": f"Bearer {self.callback_token}"}
        httpx.post(self.callback, json={"events": [event]}, headers=headers, timeout=10).raise_for_status()


@contextmanager
def phones_of(stage: cast.Set) -> Iterator[Phones]:
    phones = Phones(stage.phones, f"http://127.0.0.1:{stage.web}/api/phone/v1/events", stage.callback_token)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._answer(202, {"provider_ref": phones.take(body)})

        def do_GET(self) -> None:
            self._answer(501, {"error": "not_offered"})

        def _answer(self, status: int, body: dict[str, str]) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", stage.phones), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield phones
    finally:
        server.shutdown()
        server.server_close()


@dataclass(slots=True)
class OnAir:
    """A running platform with its county and phones."""

    stage: cast.Set
    phones: Phones
    ingest_token: str
    #: Tokens of the rooms that pass calls on, and of the desk's own line.
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.stage.web}"

    def world(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.stage.data / "world" / "world.json").read_text())
        return found

    def post_rain(self, station: str, *, millimetres: list[float], end: datetime) -> dict[str, Any]:
        """Five-minute rain ending at `end`, the newest last, over the HTTP ingest."""
        first = end - timedelta(minutes=5 * (len(millimetres) - 1))
        rows = [
            {
                "station": station,
                "quantity": "rain_5min",
                "time": (first + timedelta(minutes=5 * n)).isoformat(),
                "value": mm,
            }
            for n, mm in enumerate(millimetres)
        ]
        return self.post(rows)

    def post(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
        """One batch over the HTTP ingest; anything but 200 raises."""
        answer = httpx.post(
            f"http://127.0.0.1:{self.stage.http}/v1/readings",
            json={"batch_id": f"batch-{time.time_ns()}", "readings": rows},
            headers={"Authorization": f"Bearer {self.ingest_token}"},
            timeout=20,
        )
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def send_frames(self, *raw: bytes) -> bytes:
        """Send frames over one TCP connection; returns what the gateway acknowledged within a moment."""
        with socket.create_connection(("127.0.0.1", self.stage.tcp), timeout=10) as link:
            link.sendall(b"".join(raw))
            link.shutdown(socket.SHUT_WR)
            link.settimeout(10)
            answer = b""
            while chunk := link.recv(4096):
                answer += chunk
        return answer


@contextmanager
def on_air(data: Path, *, seed: int = 7, scenario: str = "test") -> Iterator[OnAir]:
    """Build the county (with a line and rooms that pass calls on for the scenario "night"), start the platform at the real speed with the clock at this minute, and stop it again."""
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    start = now - timedelta(minutes=now.minute % 5)
    stage = cast.Set(data=data, seed=seed, speed=1.0, clock_start=start, wall_start=time.time())
    made = cast.build_stage(stage, scenario=scenario, pre_authorise=False)
    with phones_of(stage) as phones:
        platform = cast.start_platform(stage)
        try:
            yield OnAir(stage, phones, made["ingest_token"], made.get("tokens", {}))
        finally:
            cast.stop(platform)


__all__ = ["OnAir", "Phones", "frames", "on_air", "wait_for"]
