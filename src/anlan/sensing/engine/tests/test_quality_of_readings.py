"""What becomes of bad readings, and of true ones that look bad at first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from anlan.ruleset.bindings import Binding, bindings_for_rain
from anlan.ruleset.quality import QualityBook, QualityRule, quality_defaults, reason_of
from anlan.sensing.engine.engine import Engine
from anlan.sensing.engine.types import Amendment, EngineSettings, Incoming, MaintenanceSpan
from anlan.sensing.hot.streams import StreamKey
from anlan.sensing.hot.types import NO_VALUE, Signal
from anlan.vocab.quality import QualityFlag

START = datetime(2026, 7, 1, 8, tzinfo=UTC)
T0 = int(START.timestamp())
STAGE, RAIN = StreamKey("GAUGE", "stage"), StreamKey("RAIN", "rain_5min")
LEVEL = Binding(
    id="level:GAUGE", station="GAUGE", quantity="stage", evaluator="level", rule_id="R13", rule_version="1",
    rise={"4": [9.5], "2": [11.0]}, fall_drop=0.1, hold_s=0,
)  # fmt: skip
DEFAULTS = QualityBook(by_quantity={name: one.rule for name, one in quality_defaults().items()})


class Gauge:
    """An engine that is told one reading every five minutes."""

    def __init__(self, root: Path, quality: QualityBook = DEFAULTS) -> None:
        self.root = root
        self.settings = EngineSettings(bindings=[LEVEL, *bindings_for_rain("RAIN")], quality=quality)
        self.now = START
        self.engine = Engine(root, self.settings, now=START)
        self.signals: list[Signal] = []

    def says(self, values: Sequence[int | None], key: StreamKey = STAGE, first: int = 0) -> list[Signal]:
        found: list[Signal] = []
        for number, value in enumerate(values, first):
            t = T0 + 300 * number
            self.now = datetime.fromtimestamp(t, UTC)
            v = NO_VALUE if value is None else value
            columns = Incoming(
                np.array([t]), self.engine.numbers([key]), np.array([v]), np.array([t * 1000]), np.zeros(1)
            )
            found += self.engine.commit(columns, [], now=self.now)[1]
        self.signals += found
        return found

    def flags(self, key: StreamKey = STAGE) -> list[QualityFlag]:
        number = self.engine.streams.number_by_key[key]
        return [
            QualityFlag(flag)
            for day in self.engine.store.days()
            for rows in self.engine.store.file(day).scan(0, 1 << 40)
            for s, flag in zip(rows.s.tolist(), rows.flag.tolist(), strict=True)
            if s == number
        ]

    def levels(self) -> list[int | None]:
        return [signal.body["level"] for signal in self.signals if signal.kind == "crossing"]


@pytest.fixture
def gauge(tmp_path: Path) -> Iterator[Gauge]:
    made = Gauge(tmp_path)
    yield made
    made.engine.close()


CALM = [9000, 9001, 9000, 9002, 9001, 9000, 9001]


def test_a_lone_spike_never_raises_a_level_and_a_person_is_asked(gauge: Gauge) -> None:
    signals = gauge.says([*CALM, 12_400, 9001, 9002])
    assert gauge.levels() == []
    assert gauge.flags()[7] & (QualityFlag.SPIKE | QualityFlag.RATE)
    assert [signal.kind for signal in signals] == ["suspect"]
    assert signals[0].body["would_reach"] == 2
    assert "中位数" in signals[0].body["reason_zh"]


def test_a_true_sudden_rise_comes_one_reading_late_and_is_not_missed(gauge: Gauge) -> None:
    gauge.says([*CALM, 11_200, 11_900])
    assert gauge.levels() == [2]
    assert gauge.flags()[7:] == [QualityFlag.CONFIRMED, QualityFlag.GOOD]


def test_a_rise_that_goes_on_is_judged_by_each_reading_again(gauge: Gauge) -> None:
    gauge.says([*CALM, 10_200, 11_300, 12_300, 13_100])
    assert gauge.levels() == [4, 2]
    assert not any(flag & QualityFlag.SPIKE for flag in gauge.flags())


def test_a_held_reading_is_confirmed_across_a_restart(gauge: Gauge) -> None:
    gauge.says([*CALM, 11_200])
    gauge.engine.close()
    gauge.engine = Engine(gauge.root, gauge.settings, now=gauge.now)
    gauge.says([11_250], first=8)
    assert gauge.levels() == [2]


def test_rain_that_stands_still_is_stuck_and_dry_weather_is_not(gauge: Gauge) -> None:
    gauge.says([0] * 20, RAIN)
    assert not any(gauge.flags(RAIN))
    gauge.says([45] * 20, RAIN, first=20)
    flags = gauge.flags(RAIN)[20:]
    assert not any(flags[:13])
    assert set(flags[13:]) == {QualityFlag.STUCK}


def test_an_accepted_reading_counts_and_the_old_flag_is_kept(gauge: Gauge) -> None:
    gauge.says([*CALM, 12_400, 9001])
    spike = Amendment("a1", *STAGE, T0 + 7 * 300, 12_400, is_accepted=True)
    signals = gauge.engine.amend([spike], now=gauge.now)
    assert [signal.kind for signal in signals] == ["amended", "crossing"]
    assert signals[1].body["level"] == 2
    assert QualityFlag.ACCEPTED in gauge.flags()[7]
    assert gauge.engine.amend([spike], now=gauge.now) == []


def test_a_rejected_reading_takes_its_level_with_it(gauge: Gauge) -> None:
    gauge.says([*CALM, 9_400, 9_600])
    assert gauge.levels() == [4]
    rejected = Amendment("a1", *STAGE, T0 + 8 * 300, 9_600, is_accepted=False)
    gauge.signals += gauge.engine.amend([rejected], now=gauge.now)
    assert gauge.levels() == [4, None]
    assert QualityFlag.REJECTED in gauge.flags()[8]


def test_an_amendment_of_a_reading_that_is_not_here_says_so(gauge: Gauge) -> None:
    gauge.says(CALM)
    lost = Amendment("a1", *STAGE, T0 + 1, 9_000, is_accepted=False)
    other = Amendment("a2", *STAGE, T0, 9_999, is_accepted=False)
    outcomes = [signal.body["outcome"] for signal in gauge.engine.amend([lost, other], now=gauge.now)]
    assert outcomes == ["missing", "changed"]


def test_a_maintenance_window_granted_afterwards_takes_the_level_back(gauge: Gauge) -> None:
    gauge.says([*CALM, 9_400, 9_700])
    span = MaintenanceSpan("m1", "GAUGE", T0 + 6 * 300, T0 + 3600)
    settings = EngineSettings(bindings=gauge.settings.bindings, quality=DEFAULTS, maintenance=(span,))
    gauge.signals += gauge.engine.reconfigure(settings, now=gauge.now)
    assert gauge.levels() == [4, None]
    assert gauge.flags()[6:] == [QualityFlag.MAINTENANCE] * 3


def test_a_wider_range_brings_back_what_depended_on_it_also_after_a_restart(tmp_path: Path) -> None:
    narrow = QualityBook(by_quantity={"stage": QualityRule(max=9.5)})
    gauge = Gauge(tmp_path, narrow)
    gauge.says([*CALM, 9_600])
    assert gauge.flags()[7] == QualityFlag.RANGE
    gauge.engine.close()
    wide = EngineSettings(bindings=gauge.settings.bindings, quality=QualityBook())
    engine = Engine(tmp_path, wide, now=gauge.now + timedelta(minutes=1))
    assert [signal.body["level"] for signal in engine.signals_at_start if signal.kind == "crossing"] == [4]
    engine.close()


def test_lonely_rain_is_doubted_only_when_enough_neighbours_report(tmp_path: Path) -> None:
    rule = QualityRule(neighbours=("N1", "N2", "N3"), neighbour_ratio=20, neighbour_min=50, neighbour_count=3)
    keys = [RAIN, *(StreamKey(f"N{n}", "rain_5min") for n in (1, 2, 3))]
    bindings = [one for key in keys for one in bindings_for_rain(key.station)]
    quality = QualityBook(by_stream={("RAIN", "rain_5min"): rule})
    for reporting, wanted in ((3, True), (2, False)):
        engine = Engine(
            tmp_path / str(reporting), EngineSettings(bindings=bindings, quality=quality), now=START
        )
        flags: list[int] = []
        for number in range(14):
            t = T0 + 300 * number
            present = keys[: 1 + reporting]
            values = [100 if key is RAIN else 0 for key in present]
            columns = Incoming(
                np.full(len(present), t), engine.numbers(present), np.array(values), np.full(len(present), t * 1000),
                np.zeros(len(present)),
            )  # fmt: skip
            engine.commit(columns, [], now=datetime.fromtimestamp(t, UTC))
            found = engine.store.file(t // 86_400).find(t, int(engine.numbers([RAIN])[0]))
            assert found is not None
            flags.append(found[1])
        assert any(flag & QualityFlag.NEIGHBOUR for flag in flags) is wanted
        engine.close()


def test_every_flag_has_a_sentence_with_its_numbers() -> None:
    zh, en = reason_of(QualityFlag.RATE, "stage", {"RATE": {"jump": 2200, "dt": 300, "limit": 12_000}})
    assert zh == "变化过快：5分钟变化2.2米，上限为每小时12米，等待下一读数印证。"
    assert en.startswith("Changes too fast: 2.2 m in 5 min")
    for flag in QualityFlag:
        assert flag == QualityFlag.GOOD or reason_of(flag, "stage", {})[0]


def _report(gauge: Gauge, t: int, value: int, *, offset_s: int = 0, is_clock_wrong: bool = False) -> None:
    """One stage whose send time was off by so much."""
    flag = int(QualityFlag.CLOCK) if is_clock_wrong else 0
    number = gauge.engine.numbers([STAGE])
    columns = Incoming(
        np.array([t]), number, np.array([value]), np.array([gauge.now.timestamp() * 1000], np.int64), np.zeros(1),
        np.array([flag]), np.array([offset_s]),
    )  # fmt: skip
    gauge.signals += gauge.engine.commit(columns, [], now=gauge.now)[1]


@pytest.mark.parametrize("is_known_wrong", [False, True])
def test_a_reading_from_a_clock_that_is_behind_never_takes_the_place_of_a_true_one(
    gauge: Gauge, is_known_wrong: bool
) -> None:
    gauge.says([*CALM, 11_200, 11_300, 11_350])
    _report(gauge, T0 + 300 * 8, 9000, offset_s=-900, is_clock_wrong=is_known_wrong)
    file = gauge.engine.store.file(T0 // 86_400)
    number = gauge.engine.streams.number_by_key[STAGE]
    stored = file.find(T0 + 300 * 8, number)
    assert stored is not None
    assert stored[0] == 11_300
    assert file.was_superseded(T0 + 300 * 8, number, 9000)
    assert gauge.levels() == [2]


def test_the_true_reading_takes_the_place_of_one_that_a_wrong_clock_put_there_even_with_the_same_value(
    gauge: Gauge,
) -> None:
    gauge.says(CALM)
    gauge.now += timedelta(minutes=10)
    for number, value in ((8, 11_200), (9, 11_250)):
        _report(gauge, T0 + 300 * number, value, offset_s=400, is_clock_wrong=True)
    assert gauge.levels() == []
    for number, value in ((8, 11_200), (9, 11_250)):
        _report(gauge, T0 + 300 * number, value)
    assert gauge.levels() == [2]
