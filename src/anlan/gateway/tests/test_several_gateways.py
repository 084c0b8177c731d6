"""Two gateways share the stations over PostgreSQL; either may take a report, either may be killed."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

import anlan
from anlan.gateway.intake import Submission
from anlan.gateway.peers import Handed, _handed_of, _submission_of, split
from anlan.gateway.tests.conftest import TOKEN, catalogue
from anlan.gateway.tests.test_a_killed_gateway import STATIONS, rows
from anlan.kernel.clock import parse_instant
from anlan.sensing.hot.pg.tests.conftest import Database, database  # noqa: F401 - a fixture
from anlan.sensing.hot.place import owner_of
from anlan.sensing.hot.reading import open_reader
from anlan.sensing.hot.streams import StreamKey
from anlan.sensing.hot.types import RawAttachment, RawFrame, Signal


def start_gateway(data: Path, shard: int) -> subprocess.Popen[bytes]:
    """One of two; returns when it listens."""
    state = data / "run" / f"gateway-{shard}.json"
    state.unlink(missing_ok=True)
    source = str(Path(anlan.__file__).parents[1])
    process = subprocess.Popen(
        [sys.executable, "-m", "anlan.gateway", "--data", str(data)],
        env={
            **os.environ,
            "PYTHONPATH": source,
            "ANLAN_GATEWAYS": "2",
            "ANLAN_GATEWAY_SHARD": str(shard),
        },
        stderr=subprocess.DEVNULL,
    )
    limit = time.monotonic() + 40
    while not state.exists():
        assert process.poll() is None, "the gateway did not start"
        assert time.monotonic() < limit
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.02)
    return process


@pytest.fixture
def pair(database: Database, tmp_path: Path) -> Iterator[tuple[Path, int, list[subprocess.Popen[bytes]]]]:  # noqa: F811
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    described = catalogue(*STATIONS, ports={"tcp": 0, "http": port})
    (tmp_path / "catalogue.json").write_text(json.dumps(described))
    processes = [start_gateway(tmp_path, shard) for shard in range(2)]
    yield tmp_path, port, processes
    for process in processes:
        process.kill()
        process.wait()


def send(port: int, slot: int) -> bool:
    """Whether the batch, which holds stations of both, was acknowledged."""
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


def send_until_taken(port: int, slot: int) -> None:
    limit = time.monotonic() + 60
    pause = threading.Event()
    while not send(port, slot):
        assert time.monotonic() < limit, "no gateway took the batch"
        pause.wait(0.05)


def times_by_station(data: Path) -> dict[str, list[str]]:
    reader = open_reader(data)
    start, end = parse_instant("2026-07-01T00:00:00Z"), parse_instant("2026-07-03T00:00:00Z")
    return {
        code: [
            point.phenomenon_time.isoformat()
            for point in reader.series(code, "rain_5min", start, end, exercise="drill")
        ]
        for code in STATIONS
    }


@pytest.mark.database
def test_what_two_gateways_acknowledged_is_stored_once_whichever_is_killed(
    pair: tuple[Path, int, list[subprocess.Popen[bytes]]],
) -> None:
    data, port, processes = pair
    dice = random.Random(5)
    for slot in range(12):
        if slot in (3, 6, 9):
            victim = dice.randrange(2)
            processes[victim].send_signal(signal.SIGKILL)
            processes[victim].wait()
            send(port, slot)  # may be half stored; nobody acknowledged it
            processes[victim] = start_gateway(data, victim)
        send_until_taken(port, slot)
    found = times_by_station(data)
    expected = [datetime(2026, 7, 1, 0, 5 * slot, tzinfo=UTC).isoformat() for slot in range(12)]
    assert all(times == expected for times in found.values())
    signals = [s for s in open_reader(data).signals_after({}) if s.kind == "crossing"]
    told = [(s.body["binding"], s.body["level"], s.body["previous_level"]) for s in signals]
    assert len(told) == len(set(told))
    assert {s.body["station"] for s in signals} == set(STATIONS)


def test_no_field_of_a_submission_is_lost_on_the_way_to_another_gateway() -> None:
    now = datetime(2026, 7, 1, tzinfo=UTC)
    sent = Submission(now, 1.5, lambda _: None)
    sent.keys, sent.times, sent.values = [StreamKey("A", "stage")], [1], [2]
    sent.frame, sent.heard = RawFrame(1, "tcp:x", "A", b"\x7e"), frozenset({"A"})
    sent.signals = [Signal("0" * 32, "clock_offset", now, {"station": "A"})]
    sent.frames, sent.frame_rows = [RawFrame(1, "tcp:x", "A", b"\x7e\x7e")], [1]
    sent.frame_clocks = [(700, True)]
    sent.clock_offset_s, sent.is_clock_wrong = 700, True
    sent.doubtful = [0]
    sent.attachments = [RawAttachment(1, 2, "A", "image/jpeg", b"\xff")]
    for field in dataclasses.fields(Submission):
        if field.name not in ("received", "wall", "done"):
            value = getattr(sent, field.name)
            assert value, f"give {field.name} a value in this test"
    got = _submission_of(_handed_of(7, sent), sent.done)
    assert got == sent
    assert isinstance(_handed_of(7, sent), Handed)


def test_the_verdicts_of_a_shared_batch_come_back_in_order_and_one_missing_part_acknowledges_nothing() -> (
    None
):
    codes = [f"{number:010d}" for number in range(40)]
    for lost in (None, 0, 1):
        answers: list[object] = []
        sent = Submission(datetime(2026, 7, 1, tzinfo=UTC), 0.0, answers.append)
        for number, code in enumerate(codes):
            sent.add(StreamKey(code, "stage"), datetime(2026, 7, 1, tzinfo=UTC), number)
        parts = split(sent, 2)
        assert sorted(shard for shard, _ in parts) == [0, 1]
        for shard, part in parts:
            assert {owner_of(key.station, 2) for key in part.keys} == {shard}
            part.done(None if shard == lost else list(part.values))
        assert answers == ([None] if lost is not None else [list(range(40))])
