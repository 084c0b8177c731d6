"""The one-pass replay of a rule over the past says at every reading what the slow reference says."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import msgspec
import pytest

from anlan.ruleset import bindings_for_rain, load_pack, replay
from anlan.ruleset.bindings import Binding
from anlan.ruleset.compiling import Moment, StationFacts, compile_rule
from anlan.ruleset.reference import SlowStream
from anlan.ruleset.replay import episodes, levels_of
from anlan.vocab.levels import Level
from anlan.vocab.quality import QualityFlag


def rules() -> list[Binding]:
    facts, moment = StationFacts("S", "river"), Moment(date(2026, 7, 1))
    rain = msgspec.structs.replace(bindings_for_rain("S")[0], hold_s=900, memory_s=7200)
    (rise,) = compile_rule(load_pack("R13V"), facts, moment)
    high, low = compile_rule(load_pack("R15"), facts, moment)
    held = msgspec.structs.replace(high, rise_hold_s=600, hold_s=600)
    return [rain, rise, high, low, held]


@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize("seed", range(4))
def test_replay_and_reference_agree_at_every_reading(number: int, seed: int) -> None:
    binding, rng = rules()[number], random.Random(seed)
    most = {0: 300, 1: 1500}.get(number, 12_000)
    slow, counted, now = SlowStream(), {}, 1_783_000_000
    for _ in range(120):
        now += rng.choice([300, 300, 300, 600, 2400])
        value = int(most * rng.random() ** 2)
        counted[now] = value
        slow.receive(now, value, QualityFlag.GOOD)
        state = slow.state(binding)
        assert state is not None
        assert levels_of(binding, counted)[-1][1] == state.level


def test_an_episode_has_its_beginning_peak_and_end() -> None:
    (binding,) = bindings_for_rain("S")
    values: list[Any] = [0] * 12 + [100, 150, 200, 100] + [0] * 40
    readings = [(1_783_000_200 + 300 * n, value) for n, value in enumerate(values)]
    (one,) = episodes(binding, readings)
    assert (one.level, one.window_s, one.peak) == (Level.YELLOW, 3600, 550)
    assert one.began == readings[14][0]
    assert one.peak_at == readings[15][0]
    assert one.ended is not None
    assert episodes(binding, readings[:12]) == []
    assert episodes(binding, readings[:20])[0].ended is None


@pytest.mark.parametrize("number", range(5))
def test_leaving_out_quiet_days_changes_nothing(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    binding, rng = rules()[number], random.Random(number)
    readings = []
    for day in range(40):
        most = {0: 60, 1: 400}.get(number, 6000) * (6 if rng.random() < 0.15 else 1)
        for slot in range(0, 288, 6):
            readings.append((1_783_036_800 + 86_400 * day + 300 * slot, 1500 + int(most * rng.random() ** 3)))
    low = {0: 1500, 3: 600}.get(number, 0)
    readings = [(time, value - low) for time, value in readings]
    short = episodes(binding, readings)
    monkeypatch.setattr(replay, "_parts", lambda _binding, whole: [list(whole)])
    assert short == episodes(binding, readings)
    assert short
