"""Readings on PostgreSQL: the same lives of streams, the same verdicts and levels as on day files."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from anlan.sensing.engine.engine import Engine
from anlan.sensing.engine.tests.test_engine_equals_reference import (
    BINDINGS,
    NOW,
    START,
    STREAMS,
    Bench,
    Told,
    _life,
)
from anlan.sensing.engine.types import EngineSettings
from anlan.sensing.hot.pg.store import PgHotStore
from anlan.sensing.hot.pg.tests.conftest import Database
from anlan.sensing.hot.reader import HotReader
from anlan.sensing.hot.reading import open_reader
from anlan.sensing.hot.types import StoreUnavailable

pytestmark = pytest.mark.database


def play(bench: Bench, life: list[list[Told] | None]) -> None:
    for batch in life:
        if batch is None:
            bench.restart()
        else:
            bench.tell(batch)
        bench.check()


@pytest.mark.parametrize("seed", range(6))
def test_levels_equal_the_reference_through_repeats_corrections_and_restarts(
    database: Database, tmp_path: Path, seed: int
) -> None:
    bench = Bench(tmp_path)
    play(bench, _life(seed))
    bench.signals_fold_to_the_state()
    assert isinstance(bench.engine.store, PgHotStore)


def test_pages_read_the_same_from_both_stores(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = [batch for seed in range(3) for batch in _life(seed)]
    on_database = Bench(tmp_path / "database")
    play(on_database, life)
    on_database.engine.flush_latest()
    reader = open_reader(tmp_path)
    monkeypatch.setenv("ANLAN_READINGS", "files")
    on_files = Bench(tmp_path / "hot")
    play(on_files, life)
    on_files.engine.flush_latest()
    twin = HotReader(tmp_path / "hot")
    end = NOW + timedelta(days=2)
    for key in STREAMS:
        assert reader.series(*key, START - timedelta(days=9), end) == twin.series(
            *key, START - timedelta(days=9), end
        )
    stations = [key.station for key in STREAMS]
    assert {key: (at.value, at.phenomenon_time, at.flag) for key, at in reader.latest(stations).items()} == {
        key: (at.value, at.phenomenon_time, at.flag) for key, at in twin.latest(stations).items()
    }
    spans = [3600, 6 * 3600, 86_400]
    for hours in range(0, 96, 7):
        at = START + timedelta(hours=hours)
        assert reader.sums("rain_5min", spans, at) == twin.sums("rain_5min", spans, at)
    assert reader.arrivals(START, end) == twin.arrivals(START, end)
    assert reader.counts() == twin.counts()


def test_a_second_gateway_for_the_same_stations_is_kept_out(database: Database) -> None:
    first = PgHotStore(database.dsn, database.schema, shard=0)
    with pytest.raises(StoreUnavailable, match="owns shard 0"):
        PgHotStore(database.dsn, database.schema, shard=0)
    first.close()
    PgHotStore(database.dsn, database.schema, shard=0).close()


def test_a_database_that_goes_away_in_the_middle_means_not_stored_and_later_stored_once(
    database: Database, tmp_path: Path
) -> None:
    bench = Bench(tmp_path)
    bench.tell([Told(0, 300, 20)])
    assert isinstance(bench.engine.store, PgHotStore)
    with psycopg.connect(database.dsn, autocommit=True) as link:
        link.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            " AND pid = ANY(%s)",
            ([bench.engine.store.link.info.backend_pid],),
        )
    with pytest.raises(StoreUnavailable):
        bench.tell([Told(0, 600, 30)])
    bench.tell([Told(0, 600, 30)])
    bench.check()
    assert open_reader(tmp_path).counts()["readings"] == 2


def test_signals_of_two_gateways_are_read_without_a_gap(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANLAN_GATEWAYS", "2")
    engines = []
    for shard in ("0", "1"):
        monkeypatch.setenv("ANLAN_GATEWAY_SHARD", shard)
        engines.append(Engine(tmp_path / shard, EngineSettings(bindings=BINDINGS), now=NOW))
    said = [Told(0, 300 * slot, 60) for slot in range(1, 13)]
    for number, told in enumerate(said):
        bench = Bench.__new__(Bench)
        bench.engine = engines[number % 2]
        bench.slow = [_Deaf() for _ in STREAMS]  # type: ignore[misc]
        bench.tell([told])
    cursor: dict[str, int] = {}
    found = []
    while signals := list(open_reader(tmp_path).signals_after(cursor)):
        for signal in signals:
            assert signal.n == cursor.get(signal.day, 0) + 1
            cursor[signal.day] = signal.n
            found.append(signal.id)
    assert set(cursor) == {"g0", "g1"}
    assert len(found) == len(set(found))


class _Deaf:
    def receive(self, *_: object) -> None:
        """The reference has no part in this."""
