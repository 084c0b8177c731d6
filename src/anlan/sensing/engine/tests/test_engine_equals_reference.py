"""The fast engine against the slow reference, over random lives of streams."""

from __future__ import annotations

import random
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.ruleset.bindings import Binding, bindings_for_rain
from anlan.ruleset.reference import BindingState, SlowStream
from anlan.sensing.engine.engine import Engine
from anlan.sensing.engine.types import EngineSettings, Incoming
from anlan.sensing.hot.streams import StreamKey
from anlan.sensing.hot.types import NO_VALUE
from anlan.vocab.levels import Level
from anlan.vocab.quality import QualityFlag

START = datetime(2026, 7, 1, 20, tzinfo=UTC)
NOW = START + timedelta(days=4)


class Told(NamedTuple):
    """One reading as it arrives: stream, seconds after the start, stored integer."""

    stream: int
    after_s: int
    value: int | None


BINDINGS: list[Binding] = [
    *bindings_for_rain("RAIN0"),
    *(
        Binding(id=f"own:{station}", station=station, quantity="rain_5min", evaluator="rolling_rain", rule_id="R12",
                rule_version="1", windows_min=[15, 60], rise={"1": [12, None], "2": [6, 9]}, fall_ratio=0.9,
                hold_s=900, memory_s=7200, max_gap=0.2)
        for station in ("RAIN0", "RAIN1")
    ),
    Binding(id="level:RIVER", station="RIVER", quantity="stage", evaluator="level", rule_id="R13", rule_version="1",
            rise={"4": [9.5], "3": [10.0], "1": [12.0]}, fall_drop=0.1, hold_s=1800),
]  # fmt: skip
STREAMS = [StreamKey("RAIN0", "rain_5min"), StreamKey("RAIN1", "rain_5min"), StreamKey("RIVER", "stage")]


class Bench:
    """An engine that can be killed and started again, and the reference beside it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.engine = self._start()
        self.slow = [SlowStream() for _ in STREAMS]

    def _start(self) -> Engine:
        return Engine(self.root, EngineSettings(bindings=BINDINGS), now=NOW)

    def restart(self) -> None:
        self.engine.store.close()
        self.engine.streams.close()
        self.engine.latest.close()
        self.engine = self._start()

    def tell(self, batch: list[Told]) -> None:
        t0 = int(START.timestamp())
        s = self.engine.numbers([STREAMS[told.stream] for told in batch])
        t = np.array([t0 + told.after_s for told in batch], np.int64)
        v = np.array([NO_VALUE if told.value is None else told.value for told in batch], np.int64)
        received = np.full(len(batch), int(NOW.timestamp() * 1000), np.int64)
        self.engine.commit(Incoming(t, s, v, received, np.zeros(len(batch))), [], now=NOW)
        for told in batch:
            self.slow[told.stream].receive(t0 + told.after_s, told.value, _flag(told))

    def fast_states(self) -> dict[str, BindingState | None]:
        rules = self.engine.shard.rules
        found: dict[str, BindingState | None] = {}
        for number, binding in enumerate(rules.bindings):
            level = rules.level_of(number)
            uncertain = frozenset(rules.uncertain_windows(number))
            is_known = number in self.engine._heard_of([number])
            state = BindingState(
                Level(level) if level else None, uncertain, self.engine.shard.window_state(number)
            )
            found[binding.id] = state if is_known else None
        return found

    def slow_states(self) -> dict[str, BindingState | None]:
        by_station = dict(zip((key.station for key in STREAMS), self.slow, strict=True))
        return {binding.id: by_station[binding.station].state(binding) for binding in BINDINGS}

    def check(self) -> None:
        assert self.fast_states() == self.slow_states()
        said = {
            id_: (said.level or None, frozenset(said.uncertain))
            for id_, said in self.engine._announcer._said.items()
        }
        for id_, state in self.fast_states().items():
            if state is not None:
                assert said[id_] == (state.level, state.uncertain)

    def signals_fold_to_the_state(self) -> None:
        level: dict[str, int | None] = {}
        for signal in sorted(self.engine.store.signals(), key=lambda s: s.id):
            if signal.kind == "crossing":
                assert signal.body["previous_level"] == level.get(signal.body["binding"])
                level[signal.body["binding"]] = signal.body["level"]
        for id_, state in self.fast_states().items():
            assert level.get(id_) == (state.level if state else None)


def _flag(told: Told) -> QualityFlag:
    if told.value is None:
        return QualityFlag.MISSING
    high = 600 if told.stream < 2 else 9_000_000
    return QualityFlag.GOOD if 0 <= told.value <= high or told.stream == 2 else QualityFlag.RANGE


def _life(seed: int) -> list[list[Told] | None]:
    """Batches of a random life; None is a restart."""
    dice = random.Random(seed)
    cursor = [0, 0, 0]
    history: list[Told] = []
    batches: list[list[Told] | None] = []
    for _ in range(dice.randrange(4, 30)):
        batch: list[Told] = []
        for _ in range(dice.choice([1, 1, 3, 12, 40])):
            batch.append(_reading(dice, cursor, history))
        history += batch
        batches.append(batch)
        if dice.random() < 0.15:
            batches.append(None)
    return batches


def _reading(dice: random.Random, cursor: list[int], history: list[Told]) -> Told:
    kind = dice.random()
    if history and kind < 0.08:
        return dice.choice(history)
    if history and kind < 0.16:
        old = dice.choice(history[-60:])
        return old._replace(value=_value(dice, old.stream))
    stream = dice.randrange(3)
    if kind < 0.24:
        return Told(
            stream,
            cursor[stream] - 300 * dice.choice([0, 1, 2, 5, 20, 280, 288, 290, 400]),
            _value(dice, stream),
        )
    cursor[stream] += dice.choice(
        [300, 300, 300, 300, 300, 300, 297, 303, 60, 600, 900, 3600, 20_000, 90_000]
    )
    cursor[stream] %= 250_000
    return Told(stream, cursor[stream], _value(dice, stream))


def _value(dice: random.Random, stream: int) -> int | None:
    if dice.random() < 0.04:
        return dice.choice([None, -5, 900])
    if stream == 2:
        return dice.choice(
            [9_000, 9_390, 9_400, 9_450, 9_500, 9_899, 9_900, 10_000, 11_900, 11_899, 12_000, 12_500]
        )
    return dice.choice([0, 0, 0, 1, 4, 20, 45, 60, 120, 300])


@pytest.mark.parametrize("seed", range(15))
def test_state_equals_the_reference_after_every_batch_of_a_random_life(seed: int, tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    for batch in _life(seed):
        if batch is None:
            bench.restart()
        else:
            bench.tell(batch)
        bench.check()
    bench.signals_fold_to_the_state()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32), cut=st.integers(0, 30))
def test_a_restart_anywhere_changes_nothing(seed: int, cut: int) -> None:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        kept, restarted = Bench(Path(one)), Bench(Path(two))
        batches = [batch for batch in _life(seed) if batch is not None]
        for number, batch in enumerate(batches):
            kept.tell(batch)
            restarted.tell(batch)
            if number == cut % len(batches):
                restarted.restart()
        assert restarted.fast_states() == kept.fast_states() == kept.slow_states()
        assert _sayings(restarted) == _sayings(kept)


def _sayings(bench: Bench) -> list[tuple[str, object, object]]:
    ordered = sorted((s for s in bench.engine.store.signals() if s.kind != "suspect"), key=lambda s: s.id)
    return [(s.kind, s.body["binding"], s.body.get("level", s.body.get("windows_min"))) for s in ordered]
