"""Which level opens, for every kind of trigger; graver facts count, half-written triggers never do."""

from __future__ import annotations

from typing import Any

import pytest

from anlan.plans.content import Content, Level, Trigger, TriggerKind
from anlan.plans.triggers import Facts, Fit, described, fits

WARNING = TriggerKind.WARNING
RED_FLOOD = Trigger(WARNING, hazard="flash_flood", level=1)
ORANGE_FLOOD = Trigger(WARNING, hazard="flash_flood", level=2)
ORANGE_IN_THREE = Trigger(WARNING, hazard="flash_flood", level=2, townships=3)
SERIOUS_FIRE = Trigger(TriggerKind.GRADE, event_types=("fire", "forest_fire"), grade=2)
ANY_FIRE = Trigger(TriggerKind.GRADE, event_types=("fire",))
NOTHING = Trigger(TriggerKind.GRADE)
FIVE_DEAD = Trigger(TriggerKind.FIGURE, figure="deaths", at_least=5)
FIVE_DEAD_IN_FIRE = Trigger(TriggerKind.FIGURE, figure="deaths", at_least=5, event_types=("fire",))
NO_VALUE = Trigger(TriggerKind.FIGURE, figure="deaths")
RELIEF_3 = Trigger(TriggerKind.RELIEF, level=3)
RELIEF_OWN = Trigger(TriggerKind.RELIEF)
WORDS = Trigger(TriggerKind.WORDS, words="县委、县政府认为需要启动的")


@pytest.mark.parametrize(
    ("trigger", "facts", "holds"),
    [
        (ORANGE_FLOOD, {"warnings": [("flash_flood", 2, ())]}, True),
        (ORANGE_FLOOD, {"warnings": [("flash_flood", 1, 4)]}, True),
        (ORANGE_FLOOD, {"warnings": [("flash_flood", 3, 9)]}, False),
        (ORANGE_FLOOD, {"warnings": [("river_flood", 1, 9)]}, False),
        (ORANGE_FLOOD, {"warnings": []}, False),
        (ORANGE_IN_THREE, {"warnings": [("flash_flood", 2, {"a", "b"})]}, False),
        (ORANGE_IN_THREE, {"warnings": [("flash_flood", 2, {"a", "b"}), ("flash_flood", 1, {"b", "c"})]}, True),
        (ORANGE_IN_THREE, {"warnings": [("flash_flood", 2, {"a", "b"}), ("flash_flood", 1, {"a", "b"})]}, False),
        (ORANGE_IN_THREE, {"warnings": [("flash_flood", 2, 3)]}, True),
        (ORANGE_IN_THREE, {"warnings": [("flash_flood", 2, 2), ("flash_flood", 2, 2)]}, False),
        (SERIOUS_FIRE, {"event_type": "fire", "grade": 2}, True),
        (SERIOUS_FIRE, {"event_type": "forest_fire", "grade": 1}, True),
        (SERIOUS_FIRE, {"event_type": "fire", "grade": 3}, False),
        (SERIOUS_FIRE, {"event_type": "fire"}, False),
        (SERIOUS_FIRE, {"event_type": "landslide", "grade": 1}, False),
        (ANY_FIRE, {"event_type": "fire"}, True),
        (ANY_FIRE, {"event_type": "landslide", "grade": 1}, False),
        (NOTHING, {"event_type": "fire", "grade": 1}, False),
        (FIVE_DEAD, {"figures": {"deaths": 5}}, True),
        (FIVE_DEAD, {"figures": {"deaths": 4}}, False),
        (FIVE_DEAD, {"figures": {"injured": 50}}, False),
        (FIVE_DEAD_IN_FIRE, {"figures": {"deaths": 5}, "event_type": "fire"}, True),
        (FIVE_DEAD_IN_FIRE, {"figures": {"deaths": 5}, "event_type": "landslide"}, False),
        (NO_VALUE, {"figures": {"deaths": 5}}, False),
        (Trigger(TriggerKind.FIGURE, figure="nothing_counted", at_least=1), {"figures": {"nothing_counted": 2}}, False),
        (RELIEF_3, {"relief_level": 3}, True),
        (RELIEF_3, {"relief_level": 1}, True),
        (RELIEF_3, {"relief_level": 4}, False),
        (RELIEF_3, {}, False),
        (RELIEF_OWN, {"relief_level": 2}, True),
        (RELIEF_OWN, {"relief_level": 3}, False),
        (WORDS, {"grade": 1, "relief_level": 1, "warnings": [("flash_flood", 1, 99)]}, False),
    ],
)  # fmt: skip
def test_a_trigger_holds_or_does_not(trigger: Trigger, facts: dict[str, Any], holds: bool) -> None:
    content = Content(levels=(Level(2, triggers=(trigger,)),))
    assert bool(fits(content, Facts(**facts))) is holds


def test_the_gravest_level_comes_first_with_its_reason_in_both_languages() -> None:
    content = Content(
        levels=(Level(3, triggers=(ORANGE_IN_THREE, RELIEF_3)), Level(1, triggers=(WORDS, RED_FLOOD)))
    )
    found = fits(content, Facts(warnings=[("flash_flood", 1, {"a", "b", "c"})], relief_level=3))
    assert [(one.level, one.trigger) for one in found] == [
        (1, RED_FLOOD),
        (3, ORANGE_IN_THREE),
        (3, RELIEF_3),
    ]
    assert found[1].zh == "山洪红色预警生效中，涉及 3 个乡镇（预案条件：橙色及以上、不少于 3 个乡镇）。"
    assert found[1].en == (
        "A red warning of flash flood is in force for 3 townships"
        " (the plan asks for orange or graver in at least 3 townships)."
    )
    assert found[2].zh == "按现行救助应急响应标准达到Ⅲ级，预案条件：Ⅲ级及以上。"


def test_every_trigger_says_why_and_what_it_asks_for() -> None:
    facts = Facts("fire", 1, {"deaths": 9}, warnings=[("flash_flood", 1, 5)], relief_level=1)
    every = (ORANGE_FLOOD, SERIOUS_FIRE, ANY_FIRE, FIVE_DEAD, RELIEF_3)
    found: list[Fit] = fits(Content(levels=(Level(4, triggers=every),)), facts)
    assert [one.trigger for one in found] == list(every)
    for one in found:
        assert one.zh.endswith("。")
        assert one.en.endswith(".")
    for trigger in (*every, WORDS, ORANGE_IN_THREE):
        assert all(described(trigger))
