"""Gateways under load: SL 651 over TCP end to end, and the bare engine sharded over several processes."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from anlan.project.drill import cast
from anlan.ruleset.bindings import StageMarks, bindings_for_rain, bindings_for_stage

CONNECTIONS = 200
_READINGS_A_FRAME = 3
_START_S = 60


def tcp(frames_each: int = 300, *, gateways: int = 1, database: str = "") -> dict[str, Any]:
    """Frames a second that are decoded, stored, evaluated and acknowledged; sender, gateways and database share the machine."""
    folder = Path(tempfile.mkdtemp(prefix="anlan-bench-"))
    schema = f"bench_{os.getpid()}"
    try:
        _write_catalogue(folder)
        with _gateways(folder, gateways, database, schema) as port:
            found = _blast(port, frames_each)
            found["stored"] = _stored(folder, database, schema)
        if found["stored"] != found["frames"] * _READINGS_A_FRAME:
            raise RuntimeError(f"acknowledged frames are not all stored: {found}")
        return {"gateways": gateways, "connections": CONNECTIONS, **found}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if database:
            drop_schema(database, schema)


def _stored(folder: Path, database: str, schema: str) -> int:
    """Rows that another connection sees while the gateways still run."""
    from anlan.sensing.hot.pg.reader import PgHotReader
    from anlan.sensing.hot.reader import HotReader

    reader = PgHotReader(folder, database, schema) if database else HotReader(folder / "hot")
    return reader.counts()["readings"]


def _write_catalogue(folder: Path) -> None:
    codes = [f"99{number:08d}" for number in range(CONNECTIONS)]
    bindings = [
        binding.to_json()
        for code in codes
        for binding in [*bindings_for_rain(code), *bindings_for_stage(code, StageMarks(900, 901, 902))]
    ]
    stations = [{"code": code, "name": code, "kind": "rain_river"} for code in codes]
    run = {
        "id": "bench",
        "clock_start": "2026-07-03T00:00:00Z",
        "wall_start": "2026-07-03T00:00:00Z",
        "speed": 1e-6,
    }
    catalogue = {"version": 1, "exercise": run, "stations": stations, "bindings": bindings}
    text = json.dumps({**catalogue, "ports": {"tcp": 0, "http": 0}})
    (folder / "catalogue.json").write_text(text)


@contextlib.contextmanager
def _gateways(folder: Path, count: int, database: str, schema: str) -> Iterator[int]:
    """Running gateways of one folder; yields the TCP port, which several of them share."""
    port = cast.free_port()
    environment = {**os.environ, "ANLAN_GATEWAYS": str(count)}
    if database:
        environment |= {
            "ANLAN_READINGS": "database",
            "ANLAN_DATABASE_URL": database,
            "ANLAN_READINGS_SCHEMA": schema,
        }
    catalogue = json.loads((folder / "catalogue.json").read_text())
    catalogue["ports"]["tcp"] = port
    catalogue["ports"]["http"] = cast.free_port()
    (folder / "catalogue.json").write_text(json.dumps(catalogue))
    processes = []
    try:
        for shard in range(count):
            command = [sys.executable, "-m", "anlan.gateway", "--data", str(folder)]
            of_shard = {**environment, "ANLAN_GATEWAY_SHARD": str(shard)}
            processes.append(subprocess.Popen(command, env=of_shard, stderr=subprocess.DEVNULL))
        _wait(folder, count, processes)
        yield port
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()


def _wait(folder: Path, count: int, processes: list[subprocess.Popen[bytes]]) -> None:
    limit = time.monotonic() + _START_S
    while len(list((folder / "run").glob("gateway*.json"))) < count:
        if time.monotonic() > limit or any(process.poll() is not None for process in processes):
            raise RuntimeError("a gateway did not start")
        time.sleep(0.05)
    time.sleep(1)  # until the gateways have found each other


def _blast(port: int, frames_each: int) -> dict[str, Any]:
    command = [
        sys.executable,
        "-m",
        "simulator.storm.blast",
        "127.0.0.1",
        str(port),
        str(CONNECTIONS),
        str(frames_each),
    ]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def drop_schema(database: str, schema: str) -> None:
    """Take a schema of a measurement away again."""
    import psycopg

    with psycopg.connect(database, autocommit=True) as link:
        link.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')


def ingest(preload: int, readings: int, database: str) -> dict[str, Any]:
    """`{sqlite, postgresql, tcp}`: the engine on both stores beside the bare store, then frames over TCP.

    `postgresql` says why where no server was named. Each part runs alone in a process of its own.
    """
    found: dict[str, Any] = {"sqlite": _engine(preload, readings, "")}
    if database:
        found["postgresql"] = _engine(preload, readings, database)
        runs = [tcp(gateways=count, database=database) for count in (1, 2)]
    else:
        found["postgresql"] = {"skipped": "name a server in ANLAN_BENCH_POSTGRES"}
        runs = []
    runs = [{**tcp(), "store": "files"}, *({**run, "store": "postgresql"} for run in runs)]
    best = max(runs, key=lambda run: int(run["frames_per_s"]))
    return {**found, "tcp": {**best, "runs": runs}}


def scale(readings: int, database: str, counts: tuple[int, ...] = (1, 2, 4)) -> list[dict[str, Any]]:
    """Readings a second of 1, 2 and 4 engines at once, each with its share of 20,000 streams, in one schema."""
    rows = []
    for count in counts:
        schema = f"bench_{os.getpid()}_{count}"
        try:
            rows.append(_engines_at_once(count, readings, database, schema))
        finally:
            drop_schema(database, schema)
    return rows


def _engines_at_once(count: int, readings: int, database: str, schema: str) -> dict[str, Any]:
    share = {"streams": 20_000 // count, "preload": 1_000_000 // count, "readings": readings // count}
    started = [_start_engine(share, database, schema, shard, count) for shard in range(count)]
    answers = [json.loads(process.communicate()[0]) for process in started]
    return {
        "gateways": count,
        "readings_per_s": sum(answer["readings_per_s"] for answer in answers),
        "each": [answer["readings_per_s"] for answer in answers],
        "commit_p50_ms": max(answer["commit_p50_ms"] for answer in answers),
        "fsync_p50_ms": answers[0]["fsync_p50_ms"],
    }


def _engine(preload: int, readings: int, database: str) -> dict[str, Any]:
    schema = f"bench_{os.getpid()}"
    share = {"preload": preload, "readings": readings}
    try:
        process = _start_engine(share, database, schema, 0, 1)
        found: dict[str, Any] = json.loads(process.communicate()[0])
        return found
    finally:
        if database:
            drop_schema(database, schema)


def _start_engine(
    share: dict[str, int], database: str, schema: str, shard: int, count: int
) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "ANLAN_READINGS": "files", "ANLAN_GATEWAYS": "1"}
    if database:
        environment |= {
            "ANLAN_READINGS": "database",
            "ANLAN_DATABASE_URL": database,
            "ANLAN_READINGS_SCHEMA": schema,
            "ANLAN_GATEWAYS": str(count),
            "ANLAN_GATEWAY_SHARD": str(shard),
        }
    code = "import json, sys; from anlan.sensing.benches import ingest; print(json.dumps(ingest.run(**json.loads(sys.argv[1]))))"
    whole = {**share, "first_station": shard * 20_000}
    return subprocess.Popen(
        [sys.executable, "-c", code, json.dumps(whole)], env=environment, stdout=subprocess.PIPE
    )
