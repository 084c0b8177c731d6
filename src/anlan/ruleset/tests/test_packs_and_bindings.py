"""The shipped packs, and the bindings made from them."""

from __future__ import annotations

import json
from decimal import Decimal
from importlib import resources
from typing import Any

import msgspec
import pytest

from anlan.ruleset import Binding, StageMarks, bindings_for_rain, bindings_for_stage, load_pack, load_packs
from anlan.ruleset.bindings import NEVER, BadBinding
from anlan.ruleset.evaluate import level_of_sums, missing_allowed
from anlan.ruleset.packs import parse_pack
from anlan.vocab.levels import Level
from anlan.vocab.stages import LEVEL_BY_STAGE, Stage

HOUR, DAY = 3600, 86_400


def text_of(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((resources.files("anlan.ruleset.packs") / f"{name}.json").read_bytes())
    return data


def test_both_packs_ship_and_name_a_source_for_every_number() -> None:
    assert set(load_packs()) >= {"R12", "R13"}
    for pack in load_packs().values():
        assert pack.source
        for parameter in pack.parameters.values():
            assert parameter.source
            assert parameter.verified or parameter.reason


def test_what_nobody_verified_is_marked() -> None:
    for rule_id, names in {
        "R12": ("fall_ratio", "hold_s", "level_of_prepare"),
        "R13": ("fall_drop", "hold_s"),
    }.items():
        assert not any(load_pack(rule_id).parameters[name].verified for name in names)


def test_the_pack_states_the_same_relation_of_stages_to_colours_as_the_vocabulary() -> None:
    pack = load_pack("R12")
    assert pack.number("level_of_prepare") == LEVEL_BY_STAGE[Stage.PREPARE]
    assert pack.number("level_of_evacuate_now") == LEVEL_BY_STAGE[Stage.EVACUATE_NOW]


@pytest.mark.parametrize("spoil", ["extra", "missing", "twice", "table"])
def test_a_pack_with_a_mistake_is_not_loaded(spoil: str) -> None:
    data = text_of("r12")
    if spoil == "extra":
        data["colour"] = "mauve"
    elif spoil == "missing":
        del data["source"]
    elif spoil == "twice":
        data["parameters"].append(data["parameters"][0])
    else:
        data["table"]["expression"] = "a > b"
    with pytest.raises(msgspec.ValidationError):
        parse_pack(json.dumps(data).encode())


#: (sums in 0.1 mm by window in hours, level): the tests that R12 states, and the edges around them.
R12_CASES = [
    ({1: 450}, Level.YELLOW),
    ({1: 449}, Level.BLUE),
    ({3: 1000, 1: 300}, Level.ORANGE),
    ({24: 999}, None),
    ({24: 1000}, Level.BLUE),
    ({1: 350}, Level.BLUE),
    ({1: 349}, None),
    ({6: 1500}, Level.RED),
    ({1: 800, 3: 0, 6: 0, 24: 0}, Level.RED),
]


@pytest.mark.parametrize(("sums", "level"), R12_CASES)
def test_rain_reaches_the_level_of_the_county_table(sums: dict[int, int], level: Level | None) -> None:
    (binding,) = bindings_for_rain("S")
    assert level_of_sums(binding, {hours * HOUR: value for hours, value in sums.items()}) == level


#: Stage in mm for warning 10 m, guaranteed 11 m, historic maximum 12 m.
R13_CASES = [
    (9499, None),
    (9500, Level.BLUE),
    (10_000, Level.YELLOW),
    (11_000, Level.ORANGE),
    (12_000, Level.RED),
]


@pytest.mark.parametrize(("stage", "level"), R13_CASES)
def test_a_stage_reaches_the_level_of_its_marks(stage: int, level: Level | None) -> None:
    (binding,) = bindings_for_stage("S", StageMarks(Decimal(10), 11, 12.0))
    assert level_of_sums(binding, {0: stage}) == level


def test_an_edge_is_decided_without_rounding() -> None:
    (binding,) = bindings_for_rain("S", thresholds={(60, Stage.PREPARE): 12.5})
    edges = binding.edges(0)
    assert edges.rise[1] == 125
    assert edges.fall[1] == 113  # 12.5 mm × 0.9 = 11.25 mm; 11.2 mm lies below, 11.3 mm does not


def test_a_mark_nobody_surveyed_makes_no_edge() -> None:
    (binding,) = bindings_for_stage("S", StageMarks(warning_stage=10))
    assert set(binding.rise) == {"3", "4"}
    assert binding.edges(0).rise[0] == NEVER
    assert bindings_for_stage("S", StageMarks()) == []


def test_a_village_with_own_thresholds_has_a_binding_of_its_own() -> None:
    thresholds = {
        (60, Stage.PREPARE): 40,
        (60, Stage.EVACUATE_NOW): 60,
        (1440, Stage.EVACUATE_NOW): 180,
        (180, Stage.PREPARE): None,
    }
    (binding,) = bindings_for_rain("S", division="530521100201", thresholds=thresholds)
    assert binding.id == "R12:S:530521100201"
    assert binding.windows_min == [60, 1440]
    assert binding.rise == {"2": [40.0, None], "1": [60.0, 180.0]}
    assert bindings_for_rain("S", division="530521100201", thresholds={(60, Stage.PREPARE): None}) == []


def test_a_binding_survives_the_catalogue() -> None:
    (binding,) = bindings_for_rain("S", division="530521100201")
    assert msgspec.json.decode(json.dumps(binding.to_json()), type=Binding) == binding


GOOD = bindings_for_rain("S")[0].to_json()


@pytest.mark.parametrize(
    "change",
    [
        {"windows_min": [60, 180]},
        {"windows_min": [61, 180, 360, 1440]},
        {"windows_min": []},
        {"rise": {"5": [1, 2, 3, 4]}},
        {"fall_ratio": 1.1},
        {"max_gap": 1},
        {"hold_s": -1},
        {"memory_s": 90_000},
        {"slot_s": 600},
        {"quantity": "stage"},
        {"evaluator": "level"},
    ],
)
def test_a_binding_that_cannot_be_run_is_refused_by_name(change: dict[str, Any]) -> None:
    with pytest.raises((BadBinding, msgspec.ValidationError), match="R12:S"):
        msgspec.convert({**GOOD, **change}, type=Binding)


@pytest.mark.parametrize(("slots", "allowed"), [(12, 2), (36, 7), (72, 14), (288, 57), (10, 2)])
def test_a_window_may_lack_a_fifth_of_its_slots_and_no_more(slots: int, allowed: int) -> None:
    assert missing_allowed(slots, 0.2) == allowed
