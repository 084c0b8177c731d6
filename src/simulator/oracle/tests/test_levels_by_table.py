"""The oracle's own rules on small tables: it must be right before it may judge."""

import random

import pytest

from simulator.oracle.evaluate import (
    DEFAULT_RISES,
    NONE,
    RunningRain,
    rain_steps,
    stage_steps,
    uncertain_moments,
)

SLOT = 300
GAUGE = {4: 9500, 3: 10000, 2: 11000, 1: 12000}


def _series(values: list[int | None], start: int = 0) -> dict[int, int | None]:
    return {start + (index + 1) * SLOT: value for index, value in enumerate(values)}


def _levels(values: list[int | None]) -> list[int]:
    return [step.level for step in rain_steps(_series(values), DEFAULT_RISES)]


@pytest.mark.parametrize(
    ("meaning", "values", "levels"),
    [
        ("1 h of 45.0 mm in one slot is yellow at once", [450], [3]),
        ("44.9 mm is blue only", [449], [4]),
        ("34.9 mm is nothing", [349], []),
        ("3 h of 100 mm while 1 h has 30 is orange", [350, *[0] * 12, 350, *[0] * 12, 300], [4, 2]),
        ("24 h of 99.9 mm is nothing", [4] * 249 + [3], []),
        ("24 h of 100.0 mm is blue", [4] * 250, [4]),
        ("a gap counts as missing, what is left fires", [250, None, None, None, 200], [3]),
        ("rise through all colours", [350, 100, 150, 200], [4, 3, 2, 1]),
    ],
)
def test_rain_levels_rise_at_once(meaning: str, values: list[int | None], levels: list[int]) -> None:
    assert _levels(values) == levels, meaning


def test_a_sum_that_swings_around_its_threshold_crosses_once() -> None:
    swinging = [352, -6, 5, -6, 8, -6]
    sums, values = 0, []
    for change in swinging:
        sums += change
        values.append(sums)
    stages = {index * SLOT: 9148 + total for index, total in enumerate(values)}
    assert [step.level for step in stage_steps(stages, GAUGE)] == [4]


@pytest.mark.parametrize(
    ("meaning", "stages", "steps"),
    [
        ("10 cm below the edge still holds", [10000] + [9901] * 12, [(1, 3)]),
        ("lower for less than half an hour holds", [10000] + [9800] * 6 + [10000] * 3, [(1, 3)]),
        ("lower for half an hour steps down", [10000] + [9800] * 7, [(1, 3), (8, 4)]),
        ("the step goes to the worst of that half hour", [11000, 9000, 9000, 10050, 9000, 9000, 9000, 9000], [(1, 2), (8, 3)]),
        ("after stepping down it may rise again", [10000] + [9800] * 7 + [10000], [(1, 3), (8, 4), (9, 3)]),
        ("a missing stage is not a low stage", [10000] + [None] * 12 + [10000], [(1, 3)]),
    ],
)  # fmt: skip
def test_stage_levels_step_down_only_after_they_held(
    meaning: str, stages: list[int | None], steps: list[tuple[int, int]]
) -> None:
    found = stage_steps(_series(stages), GAUGE)
    assert [(step.moment // SLOT, step.level) for step in found] == steps, meaning


def test_a_crossing_names_the_level_it_left() -> None:
    first, second = rain_steps(_series([350, 300]), DEFAULT_RISES)
    assert (first.previous, first.is_upward) == (NONE, True)
    assert (second.previous, second.level) == (4, 2)


def test_running_totals_equal_sums_slot_by_slot() -> None:
    rng = random.Random(4)
    values = _series([rng.choice([None, 0, 3, 70]) for _ in range(400)])
    running = RunningRain(values)
    for end in list(values)[::17]:
        for window in (60, 180, 1440):
            slots = [values.get(moment) for moment in range(end - window * 60 + SLOT, end + 1, SLOT)]
            expected = sum(v for v in slots if v is not None), sum(v is None for v in slots)
            assert running.window(end, window) == expected


@pytest.mark.parametrize(("missing", "is_uncertain"), [(2, False), (3, True)])
def test_more_than_a_fifth_missing_is_uncertain(missing: int, is_uncertain: bool) -> None:
    day: list[int | None] = [0] * 300
    day[290 : 290 + missing] = [None] * missing
    end = 300 * SLOT
    found = uncertain_moments(_series(day), DEFAULT_RISES, after=end - SLOT)
    assert bool(found) == is_uncertain


def test_a_holed_window_that_fires_is_a_warning_and_not_uncertain() -> None:
    day: list[int | None] = [0] * 290 + [None] * 5 + [0, 0, 0, 0, 450]
    assert uncertain_moments(_series(day), DEFAULT_RISES, after=299 * SLOT) == []
