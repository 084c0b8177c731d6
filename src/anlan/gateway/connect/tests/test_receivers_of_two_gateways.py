"""Two gateways on one database: each passes on what it stored, both together everything once."""

from __future__ import annotations

import json
import threading
from collections import deque
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from anlan.gateway.connect.forward import RowReader
from anlan.gateway.connect.forward_pg import PgFrameReader, PgRowReader
from anlan.gateway.connect.tests.conftest import NOW
from anlan.gateway.intake import Submission
from anlan.gateway.writer import Writer
from anlan.sensing.connect.settings import Wanted
from anlan.sensing.engine.engine import Engine
from anlan.sensing.engine.types import EngineSettings, Incoming, RawOf
from anlan.sensing.hot.pg.parts import parts_of, seal
from anlan.sensing.hot.pg.tests.conftest import Database
from anlan.sensing.hot.place import owner_of
from anlan.sensing.hot.streams import StreamKey
from anlan.sensing.hot.types import RawFrame

pytestmark = pytest.mark.database

STATIONS = [f"S{number:02d}" for number in range(8)]
_HORIZON = int((NOW + timedelta(hours=1)).timestamp() * 1000)


def store(engine: Engine, station: str, value: int, minute: int = 0) -> None:
    at = NOW + timedelta(minutes=minute)
    received = int(at.timestamp() * 1000)
    s = engine.numbers([StreamKey(station, "stage")])
    t, v, received_at = (np.array([one], np.int64) for one in (int(at.timestamp()), value, received))
    frame = RawOf(RawFrame(received, "tcp:1", station, f"{station} {value}".encode()), 0, 1)
    engine.commit(Incoming(t, s, v, received_at, np.zeros(1)), [frame], now=at)


def rest(reader: RowReader | PgFrameReader, places: dict[str, str]) -> list[bytes]:
    found: list[bytes] = []
    while (batch := reader.next(places, _HORIZON)) is not None:
        found += batch.items
        places[batch.file] = batch.place
    return found


def stations_of(documents: list[bytes]) -> list[str]:
    return [row["station"] for one in documents for row in json.loads(one)["readings"]]


@pytest.fixture
def engines(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Engine]:
    monkeypatch.setenv("ANLAN_GATEWAYS", "2")
    made = []
    for shard in ("0", "1"):
        monkeypatch.setenv("ANLAN_GATEWAY_SHARD", shard)
        made.append(Engine(tmp_path / shard, EngineSettings(), now=NOW))
    return made


def test_each_gateway_passes_on_its_own_and_goes_on_over_a_sealed_day(
    engines: list[Engine], database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, station in enumerate(STATIONS):
        store(engines[owner_of(station, 2)], station, 1000 + number)
    readers, places = [], [{}, {}]  # type: ignore[var-annotated]  # of each gateway
    for shard in (0, 1):
        monkeypatch.setenv("ANLAN_GATEWAY_SHARD", str(shard))
        mine = [one for one in STATIONS if owner_of(one, 2) == shard]
        frames = PgFrameReader(tmp_path, Wanted(), "")
        readers.append(PgRowReader(tmp_path, Wanted(), ""))
        assert [one.split()[0].decode() for one in rest(frames, {})] == mine
        assert frames.backlog({})[0] == readers[shard].backlog({})[0] == len(mine)
        assert stations_of(rest(readers[shard], places[shard])) == mine
        assert rest(readers[shard], places[shard]) == []
        frames.close()
    link = engines[0].store.link  # type: ignore[union-attr]  # both are on the database
    for part in parts_of(link, database.schema):
        if part.n:
            seal(link, database.schema, part.n)
    assert rest(readers[0], places[0]) == []
    # A place that was kept over a restart finds the sealed part under its number.
    assert rest(_fresh(readers[1], tmp_path), places[1]) == []
    assert len(stations_of(rest(_fresh(readers[1], tmp_path), {}))) == sum(
        owner_of(one, 2) for one in STATIONS
    )
    for engine in engines:
        engine.close()


def _fresh(before: PgRowReader, root: Path) -> PgRowReader:
    before.close()
    return PgRowReader(root, Wanted(), "")


def test_what_comes_from_another_gateway_is_never_behind_a_receivers_place() -> None:
    writer = Writer.__new__(Writer)
    writer._waiting, writer.rows_waiting, writer._wake = deque(), 0, threading.Condition()
    writer._horizon = None
    late = Submission(NOW, 0.0, lambda _: None)
    writer.begin_horizon(NOW + timedelta(seconds=1))
    writer.take(late)
    assert late.received == NOW + timedelta(seconds=1)
