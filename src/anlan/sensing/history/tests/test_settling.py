"""Closed days leave the hot store: nothing is lost, nothing counted twice, whatever dies on the way."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.journal.verify import verify
from anlan.ruleset.bindings import StageMarks, bindings_for_stage
from anlan.sensing.history.paths import edition_folder
from anlan.sensing.history.queries import History
from anlan.sensing.history.tests.world import DAY, RAIN, STAGE, House, every
from anlan.sensing.history.verify import problems
from anlan.sensing.hot.reader import HotReader
from anlan.sensing.models import HistorySegment, Receiver
from anlan.vocab.quality import QualityFlag

pytestmark = pytest.mark.django_db(transaction=True)

LATER = DAY + timedelta(days=20, hours=1)
MUCH_LATER = DAY + timedelta(days=23)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_a_closed_day_is_answered_from_parquet_as_it_was_from_the_hot_file(house: House) -> None:
    house.tell(*every(5, range(288)), (STAGE, 30, 9_500), frame=b"\x7e\x7e\x01")
    house.tell((RAIN, 10, 77), (STAGE, 40, None))
    before = house.seen(RAIN), house.seen(STAGE)
    assert house.settle().settled == ["2026-06-01", "2026-06-02"]  # the last of 288 ends at midnight
    assert (house.seen(RAIN), house.seen(STAGE)) == before
    assert "rows" in house.client.asked
    corrected = before[0][1]
    assert corrected[1:] == ("7.7", int(QualityFlag.CORRECTED))


def test_the_hot_file_goes_in_a_later_round_and_only_when_its_signals_are_facts(tmp_path: Path) -> None:
    house = House(tmp_path, bindings_for_stage("RIVER", StageMarks(10, 11, 12)))
    house.tell(*[(STAGE, minute, 12_500) for minute in (5, 10, 15, 20)])
    before = house.seen(STAGE)
    assert house.settle().removed == []
    assert house.settle(wall=LATER).held == {"obs-2026-06-01.db": "its signals are not facts yet"}
    house.consume_signals()
    assert house.settle(wall=LATER).removed == ["obs-2026-06-01.db"]
    assert house.hot_names() == []
    assert house.seen(STAGE) == before


def test_a_hot_file_waits_for_a_receiver_that_is_behind(house: House) -> None:
    house.tell(*every(5, [1, 2]), frame=b"one")
    house.consume_signals()
    Receiver.objects.create(name="city", kind="tcp_raw")
    with closing(sqlite3.connect(house.data / "hot" / "forward.db")) as link, link:
        link.execute(
            "CREATE TABLE place (receiver TEXT, file TEXT, place TEXT, PRIMARY KEY (receiver, file))"
        )
        link.execute("INSERT INTO place VALUES ('city', '', '')")
    house.settle()
    assert house.settle(wall=LATER).held == {"obs-2026-06-01.db": "city has not received all of it"}
    with closing(sqlite3.connect(house.data / "hot" / "forward.db")) as link, link:
        link.execute("INSERT INTO place VALUES ('city', 'obs-2026-06-01', '1')")
    assert house.settle(wall=LATER).removed == ["obs-2026-06-01.db"]


def test_a_restart_after_the_file_went_does_not_announce_the_old_level_again(tmp_path: Path) -> None:
    rules = bindings_for_stage("RIVER", StageMarks(10, 11, 12))
    house = House(tmp_path, rules)
    house.tell(*[(STAGE, minute, 12_500) for minute in (5, 10, 15, 20)])
    house.tell((STAGE, 12 * 1440, 12_500))
    assert [s.kind for s in HotReader(tmp_path / "hot").signals_after({})].count("crossing") == 1
    house.consume_signals()
    house.settle(days=10)
    house.settle(days=10, wall=LATER)
    assert house.hot_names() == ["obs-2026-06-13.db"]
    house.engine.close()
    again = House(tmp_path, rules)
    again.tell((STAGE, 12 * 1440 + 5, 12_500))
    assert [s.kind for s in HotReader(tmp_path / "hot").signals_after({})].count("crossing") == 0


def test_a_late_reading_of_a_settled_day_is_in_the_answer_at_once_and_in_the_next_edition(
    house: House,
) -> None:
    house.tell(*every(5, [10, 20, 30]))
    house.consume_signals()
    house.settle()
    house.settle(wall=LATER)
    house.tell((RAIN, 7, 5), (RAIN, 10, 99), (RAIN, 15, 30), now=DAY + timedelta(days=20))
    assert [value for _, value, _ in house.seen(RAIN)] == ["1.0", "0.5", "9.9", "3.0"]
    shown = house.seen(RAIN)
    assert house.settle().settled == []  # something came into it today
    house.consume_signals()
    assert house.settle(days=22).settled == ["2026-06-01"]
    assert house.seen(RAIN) == shown
    house.settle(days=22, wall=MUCH_LATER)
    assert house.hot_names() == []
    assert house.seen(RAIN) == shown
    assert HistorySegment.objects.filter(state="current").count() == 1
    assert not edition_folder(house.data, 20605, 1).exists()


def test_a_late_copy_of_what_was_corrected_long_ago_undoes_nothing(house: House) -> None:
    house.tell((RAIN, 5, 50))
    house.tell((RAIN, 5, 60))
    house.settle()
    house.tell((RAIN, 5, 50), (RAIN, 10, 1), now=DAY + timedelta(days=20))
    assert [value for _, value, _ in house.seen(RAIN)] == ["6.0", "0.1"]
    house.settle(days=22)
    assert [value for _, value, _ in house.seen(RAIN)] == ["6.0", "0.1"]


def test_hours_and_days_count_usable_readings_only_and_give_rain_to_the_hour_it_fell_in(house: House) -> None:
    house.tell(*every(5, [10] * 24), (RAIN, 130, 9_999), (RAIN, 185, 20))
    for _ in range(2):
        hours = house.history.hourly(*RAIN, DAY, DAY + timedelta(hours=4))
        assert [(b.start, b.total, b.count) for b in hours] == [
            (DAY, Decimal("12.0"), 12),
            (DAY + timedelta(hours=1), Decimal("12.0"), 12),
            (DAY + timedelta(hours=3), Decimal("2.0"), 1),
        ]
        (day,) = house.history.daily(*RAIN, DAY, DAY + timedelta(days=1), day_starts_h=8)
        assert (day.start, day.total, day.high) == (DAY, Decimal("26.0"), Decimal("2.0"))
        sums = house.history.sums("rain_5min", DAY + timedelta(minutes=60), DAY + timedelta(hours=4))
        assert sums == {"RAIN": (Decimal("14.0"), 13)}
        house.settle()


def test_sums_follow_a_late_correction_of_a_settled_hour(house: House) -> None:
    house.tell(*every(5, [10] * 24), *every(5, [30] * 24, STAGE))
    house.settle()
    house.tell((RAIN, 20, 40), now=DAY + timedelta(days=20))
    (first, _second) = house.history.hourly(*RAIN, DAY, DAY + timedelta(hours=2))
    assert (first.total, first.count, first.high) == (Decimal("15.0"), 12, Decimal("4.0"))
    assert house.history.sums("rain_5min", DAY, DAY + timedelta(hours=2)) == {"RAIN": (Decimal("27.0"), 24)}
    table = house.history.daily_table("rain_5min", DAY, DAY + timedelta(days=1), day_starts_h=8)
    assert list(table.greatest()) == [("RAIN", DAY, Decimal("4.0"))]


STEPS = ["sealed", "written", "named", "flipped", "remembered", "marked"]


class Killed(BaseException):
    """Stands for SIGKILL: nothing may catch it."""


@pytest.mark.parametrize("where", STEPS)
def test_a_kill_at_any_step_loses_nothing_and_doubles_nothing(house: House, where: str) -> None:
    house.tell(*every(5, range(50)), frame=b"frame")
    house.tell((RAIN, 20, 400))
    house.consume_signals()
    before = house.seen(RAIN)

    def die(step: str) -> None:
        if step == where:
            raise Killed

    def round_(wall_days: float, *, deadly: bool) -> None:
        at = DAY + timedelta(days=wall_days)
        try:
            house.settle(wall=at, step=die if deadly else lambda _step: None)
        except Killed:
            assert deadly

    round_(20, deadly=True)
    assert house.seen(RAIN) == before
    round_(21, deadly=True)
    assert house.seen(RAIN) == before
    house.tell((RAIN, 33, 7), now=DAY + timedelta(days=20))  # intake goes on between the rounds
    for days in (22, 23, 24):
        round_(days, deadly=False)
        assert [one for one in house.seen(RAIN) if one[0] != DAY + timedelta(minutes=33)] == before
        assert len(house.seen(RAIN)) == len(before) + 1
        assert house.history.sums("rain_5min", DAY, DAY + timedelta(days=1))["RAIN"][1] == len(before) + 1
    house.settle(days=26, wall=DAY + timedelta(days=26))
    house.settle(days=26, wall=DAY + timedelta(days=27))
    assert house.hot_names() == []
    assert len(house.seen(RAIN)) == len(before) + 1


def test_verify_notices_a_changed_or_missing_file_of_a_settled_day(house: House) -> None:
    house.tell(*every(5, [1, 2, 3]))
    house.settle()
    assert list(problems(house.data)) == []
    assert verify().problems == []
    folder = edition_folder(house.data, 20605, 1)
    path = folder / "obs.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"X")
    (folder / "hours.parquet").unlink()
    assert sorted(problems(house.data)) == [
        "settled day 2026-06-01: hours.parquet is missing",
        "settled day 2026-06-01: obs.parquet was changed after it was settled",
    ]


def test_any_engine_can_read_a_settled_day(house: House) -> None:
    house.tell(*every(5, [1, 2]), (STAGE, 5, 12_345), frame=b"\x00raw\xff")
    house.settle()
    folder = edition_folder(house.data, 20605, 1)
    sql = f"SELECT station, quantity, v, decimals FROM '{folder}/obs.parquet'"
    assert sorted(duckdb.execute(sql).fetchall()) == [
        ("RAIN", "rain_5min", 1, 1),
        ("RAIN", "rain_5min", 2, 1),
        ("RIVER", "stage", 12_345, 3),
    ]
    assert duckdb.execute(f"SELECT bytes FROM '{folder}/raw.parquet'").fetchall() == [(b"\x00raw\xff",)]


def test_a_young_day_stays_hot_and_the_reader_is_not_asked(house: House) -> None:
    house.tell(*every(5, [1, 2, 3]))
    assert house.settle(days=8.5).settled == []
    assert len(house.seen(RAIN)) == 3
    assert house.client.asked == []


BATCH = st.lists(
    st.tuples(st.sampled_from([RAIN, STAGE]), st.integers(0, 12), st.one_of(st.none(), st.integers(0, 3))),
    min_size=1,
    max_size=8,
)
#: Batches, and whether it is settled and cleared away behind each.
BATCHES = st.lists(st.tuples(BATCH, st.booleans(), st.booleans()), min_size=1, max_size=6)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(rounds=BATCHES)
def test_settling_never_changes_an_answer(
    rounds: list[tuple[list[tuple[object, int, int | None]], bool, bool]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """The same readings to a store that is never settled and to one that is settled in between, corrections and all."""
    HistorySegment.objects.all().delete()
    plain, settled = (House(tmp_path_factory.mktemp(name)) for name in ("plain", "settled"))
    plain.history = History(plain.data, segments=lambda first, last: [], client=plain.client)
    for number, (batch, do_settle, do_remove) in enumerate(rounds):
        told = [(key, 1440 * (slot % 3) / 2 + 5 * slot, value) for key, slot, value in batch]
        at = DAY + timedelta(days=12 + 2 * number)
        for house in (plain, settled):
            house.tell(*told, now=at)  # type: ignore[arg-type]  # hypothesis forgets the type of sampled keys
        if do_settle:
            settled.consume_signals()
            settled.settle(days=13 + 2 * number + 1, wall=at)
        if do_remove:
            settled.settle(days=13 + 2 * number + 1, wall=at + timedelta(hours=1))
        end = DAY + timedelta(days=3)
        for key in (RAIN, STAGE):
            assert settled.seen(key) == plain.seen(key)
            assert settled.history.hourly(*key, DAY, end) == plain.history.hourly(*key, DAY, end)
            assert settled.history.daily(*key, DAY, end, day_starts_h=20) == plain.history.daily(
                *key, DAY, end, day_starts_h=20
            )
        assert settled.history.sums("rain_5min", DAY, end) == plain.history.sums("rain_5min", DAY, end)


def test_the_settling_child_runs_on_its_own(tmp_path: Path) -> None:
    code = "import anlan.sensing.history.keeper, anlan.sensing.history.queries, sys; print('duckdb' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", f"import django; django.setup(); {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["False"]
