"""How levels rise and fall, and what a gap means; and stations that fall silent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from anlan.ruleset.bindings import Binding, StageMarks, bindings_for_rain, bindings_for_stage
from anlan.sensing.engine.engine import Engine
from anlan.sensing.engine.silence import SilenceWatch
from anlan.sensing.engine.types import EngineSettings, Incoming, Verdict
from anlan.sensing.hot.reader import HotReader
from anlan.sensing.hot.streams import StreamKey
from anlan.sensing.hot.types import Signal, StoreUnavailable
from anlan.vocab.quality import QualityFlag

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
RAIN = StreamKey("RAIN", "rain_5min")
STAGE = StreamKey("RIVER", "stage")
RULES = [*bindings_for_rain("RAIN"), *bindings_for_stage("RIVER", StageMarks(10, 11, 12))]


class House:
    """An engine under test; readings are told in minutes after noon."""

    def __init__(self, root: Path, bindings: list[Binding] | None = None, **settings: Any) -> None:
        self.root = root
        self.settings = EngineSettings(bindings=RULES if bindings is None else bindings, **settings)
        self.engine = Engine(root, self.settings, now=NOON)

    def tell(self, key: StreamKey, *readings: tuple[float, int], now: datetime | None = None) -> list[int]:
        s = self.engine.numbers([key] * len(readings))
        t = np.array(
            [int((NOON + timedelta(minutes=minute)).timestamp()) for minute, _ in readings], np.int64
        )
        v = np.array([value for _, value in readings], np.int64)
        at = now or NOON + timedelta(minutes=max(minute for minute, _ in readings))
        incoming = Incoming(t, s, v, np.full(len(t), int(at.timestamp() * 1000)), np.zeros(len(t)))
        return [int(verdict) for verdict in self.engine.commit(incoming, [], now=at)[0]]

    def signals(self, *kinds: str) -> list[Signal]:
        return [signal for signal in HotReader(self.root).signals_after({}) if signal.kind in kinds]

    def levels(self) -> list[int | None]:
        return [signal.body["level"] for signal in self.signals("crossing")]

    def restart(self, **settings: Any) -> House:
        self.engine.close()
        return House(self.root, list(self.settings.bindings), **settings)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_a_level_rises_at_once_and_falls_after_the_hold(house: House) -> None:
    house.tell(STAGE, (0, 10_000), (10, 9_950), (20, 9_899), (40, 9_890))
    assert house.levels() == [3]
    house.tell(STAGE, (50, 9_880))
    assert house.levels() == [3, 4]


def test_a_value_back_in_the_band_starts_the_hold_again(house: House) -> None:
    house.tell(STAGE, (0, 10_000), (10, 9_800), (30, 9_900), (40, 9_800), (60, 9_800))
    assert house.levels() == [3]
    house.tell(STAGE, (70, 9_800))
    assert house.levels() == [3, 4]


def test_without_hysteresis_the_level_flaps(tmp_path: Path) -> None:
    house = House(tmp_path, hysteresis_switched_off_for_a_failing_drill=True)
    house.tell(STAGE, (0, 10_000), (10, 9_999), (20, 10_000), (30, 9_999))
    assert house.levels() == [3, 4, 3, 4]


def test_a_partial_sum_over_the_threshold_fires(house: House) -> None:
    house.tell(RAIN, (0, 450))
    (crossing,) = house.signals("crossing")
    assert (crossing.body["level"], crossing.body["missing_slots"]) == (3, 11)
    assert crossing.body["uncertain_windows_min"] == [60, 180, 360, 1440]


def test_a_window_with_gaps_is_uncertain_until_enough_is_known(house: House) -> None:
    house.tell(RAIN, *((5 * slot, 0) for slot in range(10)))
    assert [signal.body["windows_min"] for signal in house.signals("uncertain")] == [
        [60, 180, 360, 1440],
        [180, 360, 1440],
    ]
    house.tell(RAIN, (105, 0))
    assert house.signals("uncertain")[-1].body["windows_min"] == [60, 180, 360, 1440]


def test_a_level_does_not_fall_while_its_window_is_uncertain(house: House) -> None:
    house.tell(RAIN, *((5 * slot, 0) for slot in range(-12, 0)), (0, 450))
    house.tell(RAIN, (65, 0), (95, 0), (125, 0), now=NOON + timedelta(minutes=125))
    assert house.levels() == [3]
    house.tell(RAIN, *((130 + 5 * slot, 0) for slot in range(20)))
    assert house.levels() == [3, None]


def test_a_late_reading_changes_the_sum_and_the_level(house: House) -> None:
    house.tell(RAIN, (0, 200), (10, 200))
    assert house.levels() == [4]
    assert house.tell(RAIN, (5, 60)) == [Verdict.STORED]
    assert house.levels() == [4, 3]


def test_a_correction_wins_keeps_the_old_value_and_takes_back_the_level(house: House) -> None:
    house.tell(RAIN, (0, 450))
    assert house.tell(RAIN, (0, 45)) == [Verdict.CORRECTED]
    assert house.levels() == [3, None]
    points = HotReader(house.root).series(*RAIN, NOON, NOON + timedelta(hours=1))
    assert [(float(p.value or 0), p.flag) for p in points] == [(4.5, QualityFlag.CORRECTED)]
    assert HotReader(house.root).counts()["superseded"] == 1


def test_a_late_repeat_of_a_corrected_value_does_not_undo_the_correction(house: House) -> None:
    house.tell(RAIN, (0, 450))
    house.tell(RAIN, (0, 45))
    assert house.tell(RAIN, (0, 450)) == [Verdict.REPEATED]
    assert house.levels() == [3, None]


def test_a_repeat_inside_one_batch_is_stored_once(house: House) -> None:
    assert house.tell(RAIN, (0, 10), (0, 10), (5, 10), (0, 10)) == [0, 1, 0, 1]
    assert HotReader(house.root).counts()["readings"] == 2


def test_a_reading_more_than_a_day_behind_is_kept_and_changes_nothing(house: House) -> None:
    house.tell(RAIN, (0, 10))
    house.tell(RAIN, (-24 * 60 - 5, 600), now=NOON)
    assert house.levels() == []
    points = HotReader(house.root).series(*RAIN, NOON - timedelta(days=2), NOON)
    assert [p.flag for p in points] == [QualityFlag.STALE]


def test_a_crossing_noticed_long_after_it_happened_is_marked_late(house: House) -> None:
    house.tell(RAIN, (0, 450), now=NOON + timedelta(hours=3))
    assert house.signals("crossing")[0].body["is_late"] is True


def test_a_restart_says_nothing_twice_and_falls_on_time(house: House) -> None:
    house.tell(STAGE, (0, 10_000), (10, 9_800), (20, 9_800))
    again = house.restart()
    assert again.engine.signals_at_start == []
    again.tell(STAGE, (39, 9_800))
    assert again.levels() == [3]
    again.tell(STAGE, (40, 9_800))
    assert again.levels() == [3, 4]


def test_a_level_held_before_a_long_silence_is_known_after_a_restart(house: House) -> None:
    house.tell(STAGE, (0, 12_000))
    again = house.restart()
    assert again.engine.signals_at_start == []
    again.tell(STAGE, (60 * 24 * 9, 12_000))
    assert again.levels() == [1]


def test_a_batch_over_midnight_is_stored_in_two_files_and_evaluated_as_one(house: House) -> None:
    house.tell(RAIN, (11 * 60 + 55, 200), (12 * 60, 200), (12 * 60 + 5, 50))
    assert [day.isoformat() for day in house_days(house)] == ["2026-07-01", "2026-07-02"]
    assert house.levels() == [4, 3]
    assert [signal.day for signal in house.signals("crossing")] == ["2026-07-02", "2026-07-02"]


def house_days(house: House) -> list[Any]:
    epoch = datetime(1970, 1, 1, tzinfo=UTC).date()
    return [epoch + timedelta(days=day) for day in house.engine.store.days()]


def test_a_crash_between_two_files_is_made_good_by_the_repeat(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = ((11 * 60 + 55, 200), (12 * 60, 250))
    house.tell(RAIN, (11 * 60, 0))
    second = house.engine.store.file(int(NOON.timestamp()) // 86_400 + 1)

    def full(*_: object) -> None:
        import sqlite3

        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(second, "commit", full)
    with pytest.raises(StoreUnavailable):
        house.tell(RAIN, *batch)
    assert house.levels() == []
    again = house.restart()
    assert again.tell(RAIN, *batch) == [Verdict.REPEATED, Verdict.STORED]
    assert again.levels() == [3]
    assert again.tell(RAIN, *batch) == [Verdict.REPEATED, Verdict.REPEATED]


def test_streams_of_an_exercise_and_of_reality_do_not_mix(house: House) -> None:
    house.tell(RAIN, (0, 450))
    drill = house.restart(exercise="drill")
    drill.tell(RAIN, (0, 100))
    reader = HotReader(house.root)
    assert len(reader.series(*RAIN, NOON, NOON + timedelta(hours=1))) == 1
    assert (
        float(reader.series(*RAIN, NOON, NOON + timedelta(hours=1), exercise="drill")[0].value or 0) == 10.0
    )
    assert house.levels() == [3]


def test_a_station_is_told_silent_once_and_heard_again_once() -> None:
    watch = SilenceWatch()
    watch.watch({"A": 600, "B": 3600}, now=NOON)
    assert watch.check(NOON + timedelta(seconds=600)) == []
    silent = watch.check(NOON + timedelta(seconds=601))
    assert [(s.kind, s.body["station"]) for s in silent] == [("silent", "A")]
    watch.confirm(silent)
    assert watch.check(NOON + timedelta(seconds=700)) == []
    heard = watch.heard(["A", "B"], NOON + timedelta(seconds=800))
    assert [(s.kind, s.body["station"]) for s in heard] == [("heard", "A")]
    watch.confirm(heard)
    assert watch.heard(["A"], NOON + timedelta(seconds=900)) == []


def test_the_time_in_which_the_gateway_was_down_counts_for_nobodys_silence() -> None:
    heard_ms = {"A": int(NOON.timestamp() * 1000)}
    back = NOON + timedelta(hours=2)
    watch = SilenceWatch()
    watch.recall([], heard_ms, deaf_s=7200 - 300)
    watch.watch({"A": 600}, now=back)
    assert watch.check(back + timedelta(seconds=299)) == []
    assert len(watch.check(back + timedelta(seconds=301))) == 1


def test_a_station_known_silent_before_a_restart_is_not_told_again() -> None:
    told = Signal("0", "silent", NOON, {"station": "A", "exercise": ""})
    watch = SilenceWatch()
    watch.recall([told], {}, deaf_s=0)
    watch.watch({"A": 600}, now=NOON)
    assert watch.check(NOON + timedelta(hours=1)) == []
