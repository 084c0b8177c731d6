"""Every truth table of R02, R03, R10, R11 and R24, the county examples of R07, and what no table may ever do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.ruleset import load_pack, load_packs
from anlan.ruleset.incidentgrades import (
    NOTE,
    Graded,
    GradeFacts,
    grade_by,
    leading,
    near_serious,
)
from anlan.ruleset.tables import IncidentGradeTable
from anlan.vocab.figures import FIGURES

#: A busy machine is no reason to fail.
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
NOON = datetime(2026, 7, 1, 4, 0, tzinfo=UTC)


def graded(
    *rule_ids: str,
    event_type: str = "mine",
    days: float = 0,
    is_threat: bool = False,
    counts: Mapping[str, float] | None = None,
    **figures: float,
) -> Graded:
    facts = GradeFacts(
        {code: Decimal(str(value)) for code, value in {**(counts or {}), **figures}.items()},
        event_type,
        NOON,
        NOON + timedelta(days=days),
        is_threat,
    )
    return grade_by([load_pack(rule_id) for rule_id in rule_ids], facts)


#: (deaths, serious injuries, loss in yuan) → grade: the examples of R03, and both sides of every edge.
R03 = [
    ((3, 0, 0), 3),
    ((2, 10, 0), 3),
    ((2, 9, 9_999_999), 4),
    ((0, 0, 10_000_000), 3),
    ((29, 99, 99_999_999), 2),
    ((0, 100, 0), 1),
    ((30, 0, 0), 1),
    ((0, 0, 0), 4),
    ((9, 0, 0), 3),
    ((10, 0, 0), 2),
    ((0, 49, 0), 3),
    ((0, 50, 0), 2),
    ((0, 99, 0), 2),
    ((0, 0, 49_999_999), 3),
    ((0, 0, 50_000_000), 2),
    ((0, 0, 100_000_000), 1),
]


@pytest.mark.parametrize(("counted", "grade"), R03)
def test_an_accident_has_the_gravest_grade_of_its_three_columns(
    counted: tuple[int, int, int], grade: int
) -> None:
    deaths, injuries, loss = counted
    found = graded("R03", deaths=deaths, serious_injuries=injuries, direct_loss_yuan=loss)
    assert found.grade == grade
    assert min(why.level for why in found.reasons if why.level != NOTE) == grade


def test_an_accident_of_which_nothing_was_counted_has_no_grade() -> None:
    assert graded("R03").grade is None


def test_the_missing_of_an_accident_count_as_dead_on_the_thirtieth_day_and_not_before() -> None:
    before = graded("R03", deaths=2, missing=1, days=29.99)
    assert (before.grade, before.regrade_at) == (4, NOON + timedelta(days=30))
    assert "暂不计入" in before.reasons[0].zh
    after = graded("R03", deaths=2, missing=1, days=30)
    assert (after.grade, after.regrade_at) == (3, None)


@pytest.mark.parametrize("event_type", ["road_traffic", "fire"])
def test_on_a_road_and_in_a_fire_it_is_the_seventh_day(event_type: str) -> None:
    before = graded("R03", event_type=event_type, deaths=2, missing=1, days=6.99)
    assert (before.grade, before.regrade_at) == (4, NOON + timedelta(days=7))
    assert graded("R03", event_type=event_type, deaths=2, missing=1, days=7).grade == 3


def test_somebody_missing_without_a_single_death_is_judged_on_the_day_too() -> None:
    assert graded("R03", missing=3).regrade_at == NOON + timedelta(days=30)
    assert graded("R03", missing=3, days=30).grade == 3


#: (burnt hectares, deaths, serious injuries) → grade (R10).
FIRES = [
    ((0.99, 0, 0), 4),
    ((1, 0, 0), 3),
    ((99.99, 0, 0), 3),
    ((100, 0, 0), 2),
    ((999.99, 0, 0), 2),
    ((1000, 0, 0), 1),
    ((0.5, 2, 9), 4),
    ((0.5, 3, 0), 3),
    ((0.5, 0, 10), 3),
    ((0.5, 10, 0), 2),
    ((0.5, 0, 50), 2),
    ((0.5, 30, 0), 1),
    ((0.5, 0, 100), 1),
]


@pytest.mark.parametrize(("counted", "grade"), FIRES)
def test_a_forest_fire_is_graded_by_area_dead_and_badly_hurt(
    counted: tuple[float, int, int], grade: int
) -> None:
    burnt, deaths, injuries = counted
    assert graded("R10F", burnt_ha=burnt, deaths=deaths, serious_injuries=injuries).grade == grade


@pytest.mark.parametrize(
    ("deaths", "loss", "grade"),
    [
        (2, 999_999, 4),
        (3, 0, 3),
        (9, 0, 3),
        (10, 0, 2),
        (29, 0, 2),
        (30, 0, 1),
        (0, 1_000_000, 3),
        (0, 5_000_000, 2),
        (0, 10_000_000, 1),
    ],
)
def test_a_geological_disaster_has_the_size_of_its_dead_and_its_loss(
    deaths: int, loss: int, grade: int
) -> None:
    assert graded("R11G", "R11T", deaths=deaths, direct_loss_yuan=loss).grade == grade


@pytest.mark.parametrize(
    ("people", "yuan", "grade"),
    [
        (99, 0, 4),
        (100, 0, 3),
        (500, 0, 2),
        (999, 0, 2),
        (1000, 0, 1),
        (0, 4_999_999, 4),
        (0, 5_000_000, 3),
        (0, 50_000_000, 2),
        (0, 100_000_000, 1),
    ],
)
def test_a_geological_threat_has_the_size_of_what_it_threatens(people: int, yuan: int, grade: int) -> None:
    threat = graded("R11G", "R11T", is_threat=True, threatened=people, threatened_yuan=yuan)
    assert threat.grade == grade
    assert graded("R11G", "R11T", threatened=people, threatened_yuan=yuan).grade is None


@pytest.mark.parametrize(
    ("deaths", "missing", "grade"),
    [(0, 0, 4), (9, 0, 4), (9, 1, 3), (10, 0, 3), (49, 0, 3), (50, 0, 2), (299, 0, 2), (300, 0, 1), (200, 100, 1)],
)  # fmt: skip
def test_an_earthquake_is_graded_by_its_dead_with_the_missing(deaths: int, missing: int, grade: int) -> None:
    assert graded("R24", event_type="earthquake", deaths=deaths, missing=missing).grade == grade


@pytest.mark.parametrize(
    ("magnitude", "density", "grade"),
    [
        (7.0, 100, 1),
        (6.9, 100, 2),
        (6.0, 100, 2),
        (5.9, 100, 3),
        (5.0, 100, 3),
        (4.9, 100, 4),
        (4.0, 100, 4),
        (3.9, 100, None),
        (6.0, 200, 1),
        (5.9, 200, 2),
        (5.0, 200, 2),
        (4.9, 200, 3),
        (4.0, 200, 3),
        (3.9, 200, None),
        (6.0, 199.9, 2),
    ],
)
def test_before_anybody_counted_an_earthquake_is_judged_by_magnitude_and_density(
    magnitude: float, density: float, grade: int | None
) -> None:
    found = graded("R24", event_type="earthquake", magnitude=magnitude, population_density=density)
    assert found.grade == grade


def test_an_unknown_density_is_taken_as_fairly_dense_and_said() -> None:
    found = graded("R24", event_type="earthquake", magnitude=5.5)
    assert found.grade == 3
    assert any("人口密度没有填" in why.zh and "重大" in why.zh for why in found.reasons)


def test_the_loss_of_an_earthquake_counts_only_when_somebody_entered_the_gross_product() -> None:
    assert graded("R24", event_type="earthquake", direct_loss_yuan=10**12).grade is None


#: (deaths, missing, relocated, rooms, households) → grade by county example A (R07).
EXAMPLE_A = [
    ((5, 0, 0, 0, 0), 2),
    ((4, 1, 0, 0, 0), 2),
    ((4, 0, 1200, 0, 0), 2),
    ((4, 0, 0, 499, 199), None),
    ((4, 0, 0, 500, 0), 2),
    ((4, 0, 0, 0, 200), 2),
    ((10, 0, 0, 0, 0), 1),
    ((0, 0, 2000, 0, 0), 1),
    ((0, 0, 0, 1000, 0), 1),
    ((0, 0, 0, 0, 400), 1),
]


@pytest.mark.parametrize(("counted", "grade"), EXAMPLE_A)
def test_county_example_a_reads_as_its_page_says(
    counted: tuple[int, int, int, int, int], grade: int | None
) -> None:
    names = ("deaths", "missing", "evacuated", "houses_destroyed", "households_destroyed")
    assert graded("R07A", event_type="flood", counts=dict(zip(names, counted, strict=True))).grade == grade


@pytest.mark.parametrize(
    ("figure", "value", "grade"),
    [
        ("deaths", 1, 4),
        ("deaths", 0, None),
        ("evacuated", 300, 4),
        ("evacuated", 299, None),
        ("houses_destroyed", 30, 4),
        ("houses_severely_damaged", 100, 4),
        ("houses_severely_damaged", 99, None),
    ],
)
def test_county_example_b_reads_as_its_page_says(figure: str, value: int, grade: int | None) -> None:
    assert graded("R07B", event_type="flood", counts={figure: value}).grade == grade


def test_county_examples_are_templates_and_hold_nowhere() -> None:
    disaster = [
        pack
        for pack in load_packs().values()
        if isinstance(pack.table, IncidentGradeTable) and pack.table.grading == "disaster"
    ]
    assert disaster
    assert all(pack.is_template for pack in disaster)


def test_nobody_hurt_but_ten_at_risk_is_near_serious() -> None:
    pack = load_pack("R03N")
    assert near_serious(pack, {"at_risk": Decimal(10)})
    assert not near_serious(pack, {"at_risk": Decimal(9), "trapped": Decimal(1), "missing": Decimal(1)})
    assert near_serious(pack, {"trapped": Decimal(1), "missing": Decimal(2)})
    assert near_serious(pack, {"evacuated": Decimal(500)})
    assert near_serious(pack, {}, ["key_site"])
    assert not near_serious(pack, {}, ["something_else"])


@pytest.mark.parametrize(("grade", "leader"), [(4, "county"), (3, "city"), (2, "province"), (1, "province")])
def test_the_leading_level_follows_the_grade(grade: int, leader: str) -> None:
    found = leading(load_pack("R02"), grade, is_sensitive=False)
    assert (found.leader, found.must_report) == (leader, True)


def test_what_is_sensitive_is_reported_without_a_grade() -> None:
    assert leading(load_pack("R02"), None, is_sensitive=True).must_report
    assert not leading(load_pack("R02"), None, is_sensitive=False).must_report


GRADED = sorted(
    rule_id for rule_id, pack in load_packs().items() if isinstance(pack.table, IncidentGradeTable)
)
COUNTED = [code for code in FIGURES if code != "persons"]
COUNTS = st.dictionaries(
    st.sampled_from(COUNTED), st.integers(0, 200_000_000) | st.integers(0, 400), max_size=6
)


@CALM
@given(st.sampled_from(GRADED), COUNTS, st.sampled_from(COUNTED), st.integers(1, 1000), st.floats(0, 60))
def test_more_of_anything_never_makes_a_milder_grade(
    rule_id: str, counted: dict[str, int], more: str, by: int, days: float
) -> None:
    before = graded(rule_id, is_threat=True, days=days, counts=counted).grade
    worse = counted | {more: counted.get(more, 0) + by}
    after = graded(rule_id, is_threat=True, days=days, counts=worse).grade
    if before is not None:
        assert after is not None
        assert after <= before


@CALM
@given(st.sampled_from(GRADED), COUNTS, st.floats(0, 40), st.floats(0, 40))
def test_time_alone_never_makes_a_milder_grade(
    rule_id: str, counted: dict[str, int], first: float, later: float
) -> None:
    early, late = sorted((first, later))
    before = graded(rule_id, days=early, counts=counted).grade
    after = graded(rule_id, days=late, counts=counted).grade
    if before is not None:
        assert after is not None
        assert after <= before


@CALM
@given(st.sampled_from(GRADED), COUNTS)
def test_a_grade_never_stands_without_a_reason_of_its_own_level(
    rule_id: str, counted: dict[str, int]
) -> None:
    found = graded(rule_id, is_threat=True, counts=counted)
    levels = [why.level for why in found.reasons if why.level != NOTE]
    assert found.grade == min(levels, default=None)
    assert all(why.zh and why.en and why.rule == rule_id for why in found.reasons)
