"""Closed partitions leave PostgreSQL for Parquet as closed day files do: no answer changes, nothing is lost on the way."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from psycopg import sql

from anlan.sensing.history.paths import edition_folder
from anlan.sensing.history.queries import History
from anlan.sensing.history.tests.test_settling import BATCHES, LATER, MUCH_LATER, STEPS, Killed
from anlan.sensing.history.tests.world import DAY, RAIN, STAGE, House, every
from anlan.sensing.hot.days import connect
from anlan.sensing.hot.pg.parts import parts_of
from anlan.sensing.hot.pg.tests.conftest import Database
from anlan.sensing.hot.streams import StreamKey
from anlan.sensing.hot.types import StoreUnavailable
from anlan.sensing.models import HistorySegment, Receiver
from anlan.vocab.quality import QualityFlag

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Iterator[House]:
    found = House(tmp_path)
    yield found
    found.engine.close()


def told(house: House, *rows: object, days: float = 0) -> None:
    """A batch that a gateway sends again when it was not stored, as stations do."""
    at = DAY + timedelta(days=days) if days else None
    try:
        house.tell(*rows, now=at)  # type: ignore[arg-type]  # passed on as they are
    except StoreUnavailable:
        house.tell(*rows, now=at)  # type: ignore[arg-type]


def parts(database: Database) -> list[str]:
    with psycopg.connect(database.dsn, autocommit=True) as link:
        return [part.name for part in parts_of(link, database.schema)]


def count(database: Database, table: str) -> int:
    with psycopg.connect(database.dsn, autocommit=True) as link:
        row = link.execute(
            sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(database.schema, table))
        ).fetchone()
    return int(row[0]) if row else 0


def test_a_closed_partition_is_answered_from_parquet_and_then_dropped(
    house: House, database: Database
) -> None:
    house.tell(*every(5, range(288)), (STAGE, 30, 9_500), frame=b"\x7e\x7e\x01")
    house.tell((RAIN, 10, 77), (STAGE, 40, None))
    before = house.seen(RAIN), house.seen(STAGE)
    sums = house.history.sums("rain_5min", DAY, DAY + timedelta(days=2))
    assert house.settle().settled == ["2026-06-01", "2026-06-02"]
    assert (house.seen(RAIN), house.seen(STAGE)) == before
    assert "rows" in house.client.asked
    assert house.history.sums("rain_5min", DAY, DAY + timedelta(days=2)) == sums
    assert house.settle(wall=LATER).removed == ["obs-2026-06-01~pg1", "obs-2026-06-02~pg2"]
    assert parts(database) == ["obs-odd~pg0"]
    assert (count(database, "raw"), count(database, "superseded"), count(database, "obs")) == (0, 0, 0)
    assert (house.seen(RAIN), house.seen(STAGE)) == before
    folder = edition_folder(house.data, 20605, 1)
    assert duckdb.execute(f"SELECT bytes FROM '{folder}/raw.parquet'").fetchall() == [(b"\x7e\x7e\x01",)]


def test_a_late_reading_of_a_settled_day_is_asked_for_again_once_and_joins_the_next_edition(
    house: House, database: Database
) -> None:
    house.tell(*every(5, [10, 20, 30]))
    house.settle()
    late = ((RAIN, 7, 5), (RAIN, 10, 99), (RAIN, 15, 30))
    with pytest.raises(StoreUnavailable):
        house.tell(*late, now=DAY + timedelta(days=20))
    house.tell(*late, now=DAY + timedelta(days=20))
    shown = house.seen(RAIN)
    assert [value for _, value, _ in shown] == ["1.0", "0.5", "9.9", "3.0"]
    assert house.settle(wall=LATER).settled == []  # something came into it today
    assert house.seen(RAIN) == shown
    assert house.settle(days=22).settled == ["2026-06-01"]
    assert house.seen(RAIN) == shown
    house.settle(days=22, wall=MUCH_LATER)
    assert parts(database) == ["obs-odd~pg0"]
    assert house.seen(RAIN) == shown
    assert not edition_folder(house.data, 20605, 1).exists()


@pytest.mark.parametrize("where", STEPS)
def test_a_kill_at_any_step_loses_nothing_on_postgresql(house: House, database: Database, where: str) -> None:
    house.tell(*every(5, range(50)), frame=b"frame")
    house.tell((RAIN, 20, 400))
    before = house.seen(RAIN)

    def die(step: str) -> None:
        if step == where:
            raise Killed

    for days in (20, 21):
        with suppress(Killed):
            house.settle(wall=DAY + timedelta(days=days), step=die)
        assert house.seen(RAIN) == before
    told(house, (RAIN, 33, 7), days=20)
    for days in (22, 23, 24):
        house.settle(wall=DAY + timedelta(days=days))
        assert [one for one in house.seen(RAIN) if one[0] != DAY + timedelta(minutes=33)] == before
        assert len(house.seen(RAIN)) == len(before) + 1
    house.settle(days=26, wall=DAY + timedelta(days=26))
    house.settle(days=26, wall=DAY + timedelta(days=27))
    assert parts(database) == ["obs-odd~pg0"]
    assert len(house.seen(RAIN)) == len(before) + 1


def test_a_partition_waits_for_a_receiver_that_is_behind(house: House) -> None:
    house.tell(*every(5, [1, 2]), frame=b"one")
    Receiver.objects.create(name="city", kind="http_json")
    newest = int((DAY + timedelta(minutes=10)).timestamp() * 1000)
    with closing(connect(house.data / "hot" / "forward.db")) as link:
        link.execute(
            "CREATE TABLE place (receiver TEXT, file TEXT, place TEXT, PRIMARY KEY (receiver, file))"
        )
        link.execute("INSERT INTO place VALUES ('city', '', '')")
    house.settle()
    held = {"obs-2026-06-01~pg1": "city has not received all of it"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("time.time", lambda: newest / 1000 + 86_400)
        assert house.settle(wall=LATER).held == held
        with closing(connect(house.data / "hot" / "forward.db")) as link:
            link.execute("INSERT INTO place VALUES ('city', 'part-1', ?)", (f"{newest},0,0",))
        assert house.settle(wall=LATER).removed == list(held)


def without_stale(house: House, key: StreamKey) -> list[tuple[datetime, str, int]]:
    """A batch that was refused has the engine begin anew, and it then knows no newer reading of a day that was dropped."""
    return [(at, value, flag & ~int(QualityFlag.STALE)) for at, value, flag in house.seen(key)]


@contextmanager
def schema_of_its_own(database: Database) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        name = f"readings_{secrets.token_hex(6)}"
        patch.setenv("ANLAN_READINGS_SCHEMA", name)
        yield
    with psycopg.connect(database.dsn, autocommit=True) as link:
        link.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(name)))


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
@given(rounds=BATCHES)
def test_settling_on_postgresql_answers_as_day_files_that_are_never_settled(
    rounds: list[tuple[list[tuple[object, int, int | None]], bool, bool]],
    tmp_path_factory: pytest.TempPathFactory,
    database: Database,
) -> None:
    """The same readings to day files that stay and to partitions that are settled and dropped in between."""
    HistorySegment.objects.all().delete()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANLAN_READINGS", "files")
        plain = House(tmp_path_factory.mktemp("plain"))
        plain.history = History(plain.data, segments=lambda first, last: [], client=plain.client)
    with schema_of_its_own(database), closing(House(tmp_path_factory.mktemp("settled"))) as settled:
        for number, (batch, do_settle, do_remove) in enumerate(rounds):
            rows = [(key, 1440 * (slot % 3) / 2 + 5 * slot, value) for key, slot, value in batch]
            at = DAY + timedelta(days=12 + 2 * number)
            told(plain, *rows, days=12 + 2 * number)
            told(settled, *rows, days=12 + 2 * number)
            if do_settle:
                settled.settle(days=13 + 2 * number + 1, wall=at)
            if do_remove:
                settled.settle(days=13 + 2 * number + 1, wall=at + timedelta(hours=1))
            end = DAY + timedelta(days=3)
            for key in (RAIN, STAGE):
                assert without_stale(settled, key) == without_stale(plain, key)
                assert settled.history.hourly(*key, DAY, end) == plain.history.hourly(*key, DAY, end)
                assert settled.history.daily(*key, DAY, end, day_starts_h=20) == plain.history.daily(
                    *key, DAY, end, day_starts_h=20
                )
            assert settled.history.sums("rain_5min", DAY, end) == plain.history.sums("rain_5min", DAY, end)
    plain.close()
