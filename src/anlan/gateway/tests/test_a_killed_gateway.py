"""SIGKILL during load: what was acknowledged is stored, exactly once, and the rules go on as if nothing had happened."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import anlan
from anlan.drivers.framing import RawFrame
from anlan.drivers.sl651.framing import Sl651Framer
from anlan.drivers.sl651.tests import make
from anlan.gateway.tests.conftest import TOKEN, catalogue
from anlan.kernel.clock import parse_instant
from anlan.sensing.hot.reader import HotReader

STATIONS = [f"99990100{number:02d}" for number in range(20)]


@contextlib.contextmanager
def gateway(data: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A real process and its HTTP port; killed at the end."""
    counters = data / "run" / "gateway.json"
    counters.unlink(missing_ok=True)
    source = str(Path(anlan.__file__).parents[1])
    process = subprocess.Popen(
        [sys.executable, "-m", "anlan.gateway", "--data", str(data)],
        env={**os.environ, "PYTHONPATH": source},
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 30
        while not counters.exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.02)
        port = json.loads(counters.read_text())["ports"]["http"]
        yield process, port
    finally:
        process.kill()
        process.wait()


def rows(slot: int) -> list[dict[str, object]]:
    at = f"2026-07-01T{slot // 12:02d}:{slot % 12 * 5:02d}:00Z"
    return [{"station": code, "quantity": "rain_5min", "time": at, "value": 8.5} for code in STATIONS]


def send(port: int, slot: int) -> bool:
    """Whether the batch was acknowledged."""
    try:
        answer = httpx.post(
            f"http://127.0.0.1:{port}/v1/readings",
            json={"readings": rows(slot)},
            headers={"Authorization": f"Bearer {TOKEN}"},
            timeout=20,
        )
    except httpx.HTTPError:
        return False
    return answer.status_code == 200


def stored_slots(data: Path) -> set[tuple[str, str]]:
    reader = HotReader(data / "hot")
    start, end = parse_instant("2026-07-01T00:00:00Z"), parse_instant("2026-07-03T00:00:00Z")
    return {
        (code, point.phenomenon_time.isoformat())
        for code in STATIONS
        for point in reader.series(code, "rain_5min", start, end, exercise="drill")
    }


@pytest.mark.parametrize("seed", range(2))
def test_nothing_acknowledged_is_lost_and_levels_are_announced_once(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    (tmp_path / "catalogue.json").write_text(json.dumps(catalogue(*STATIONS)))
    acknowledged: set[int] = set()
    slot, last = 0, 40
    while slot < last:
        with gateway(tmp_path) as (process, port):
            fatal = slot + dice.randrange(4, 15)
            while slot < last:
                if slot == fatal:
                    process.send_signal(signal.SIGKILL) if dice.random() < 0.5 else _kill_during(
                        process, port, slot
                    )
                if not send(port, slot):
                    break  # the station sends the same batch again to the next process
                acknowledged.add(slot)
                slot += 1
    expected = {(code, row["time"]) for done in acknowledged for row in rows(done) for code in STATIONS}
    assert {(code, str(at).replace("Z", "+00:00")) for code, at in expected} == stored_slots(tmp_path)
    crossings = [s.body for s in HotReader(tmp_path / "hot").signals_after({}) if s.kind == "crossing"]
    for code in STATIONS:
        levels = [body["level"] for body in crossings if body["binding"] == f"R12:{code}"]
        assert levels == [4, 3, 2, 1]


def _kill_during(process: subprocess.Popen[bytes], port: int, slot: int) -> None:
    """Kill while a batch is on its way, without waiting for the answer."""
    body = json.dumps({"readings": rows(slot)}).encode()
    head = (
        f"POST /v1/readings HTTP/1.1\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port)) as link:
        link.sendall(head.encode() + body)
        process.send_signal(signal.SIGKILL)


def test_sigterm_stores_what_waits_and_ends_with_zero(tmp_path: Path) -> None:
    (tmp_path / "catalogue.json").write_text(json.dumps(catalogue(*STATIONS)))
    with gateway(tmp_path) as (process, port):
        assert send(port, 0)
        process.terminate()
        assert process.wait(20) == 0
    assert len(stored_slots(tmp_path)) == len(STATIONS)
    latest = HotReader(tmp_path / "hot").latest(STATIONS, exercise="drill")
    assert len(latest) == len(STATIONS)


def _hear(port: int, minute: int, frames: int) -> list[str]:
    """A station reports, and hears so many frames: their functions in order. Fewer when nothing more comes for a moment."""
    at = f"26070120{minute:02d}"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as link:
        link.sendall(make.report("2219000025", observed=at, sent=f"{at}00"))
        framer, found = Sl651Framer(), list[bytes]()
        while len(found) < frames:
            try:
                data = link.recv(4096)
            except TimeoutError:
                break
            found += [each.raw for each in framer.feed(data) if isinstance(each, RawFrame)]
            link.settimeout(1.0)
        return [f"{raw[10]:02X}" for raw in found]


@pytest.mark.parametrize(("command", "function", "again"), [("query_realtime", "37", True), ("factory_reset", "48", False)])  # fmt: skip
def test_a_command_sent_by_a_killed_gateway_is_repeated_only_if_it_is_harmless(
    tmp_path: Path, command: str, function: str, again: bool
) -> None:
    entry = {"id": "c1", "station": make.STATION, "command": command, "asked_by": "a", "released_by": "b"}
    (tmp_path / "catalogue.json").write_text(json.dumps(catalogue(make.STATION, commands=[entry])))
    for number, expected in enumerate([["32", function], ["32", function] if again else ["32"]]):
        with gateway(tmp_path) as (process, _port):
            port = json.loads((tmp_path / "run" / "gateway.json").read_text())["ports"]["tcp"]
            assert _hear(port, 5 * number, 2) == expected
            process.send_signal(signal.SIGKILL)
            process.wait(20)
    sent = [s for s in HotReader(tmp_path / "hot").signals_after({}) if s.kind == "command_sent"]
    assert len(sent) == (2 if again else 1)
