"""The forms of R06: what must fit together, units, and changes that somebody must explain."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.losses import checks, forms, hazards
from anlan.losses.refusals import BadValue, MainHazardMissing, UnknownHazard, UnknownIndicator

QUICK, DROUGHT = forms.form("quick"), forms.form("drought")


class Shares:
    """Thresholds of these tests: half, and at least twenty."""

    def need(self, name: str) -> float:
        return {"jump_share": 0.5, "jump_least_area_ha": 10, "jump_least_money": 50}.get(name, 20)


def values(**numbers: object) -> checks.Values:
    return {code: Decimal(str(number)) for code, number in numbers.items()}


@pytest.mark.parametrize(
    ("meaning", "numbers", "broken"),
    [
        ("lost, damaged and affected crops may be equal", {"crops_affected": 5, "crops_damaged": 5, "crops_lost": 5}, []),
        ("more lost than damaged", {"crops_affected": 5, "crops_damaged": 1, "crops_lost": 2}, ["crops_damaged"]),
        ("more damaged than affected", {"crops_affected": 1, "crops_damaged": 2}, ["crops_affected"]),
        ("dead and missing among the affected", {"affected": 3, "deaths": 2, "missing": 1}, []),
        ("more dead and missing than affected", {"affected": 2, "deaths": 2, "missing": 1}, ["affected"]),
        ("shelters and others are all who moved", {"resettled": 9, "resettled_central": 4, "resettled_scattered": 5}, []),
        ("somebody who moved is nowhere", {"resettled": 9, "resettled_central": 4, "resettled_scattered": 4}, ["resettled"]),
        ("more in shelters than moved", {"resettled": 3, "resettled_central": 4}, ["resettled"]),
        ("parts of the loss up to the total", {"loss_total": 10, "loss_houses": "4.5", "loss_industry": "5.5"}, []),
        ("parts of the loss over the total", {"loss_total": 10, "loss_houses": "4.51", "loss_industry": "5.5"}, ["loss_total"]),
        ("the total may hold what no part names", {"loss_total": 10, "loss_houses": 1}, []),
        ("rural rooms are part of all", {"collapsed_rooms": 2, "collapsed_rural_rooms": 3}, ["collapsed_rooms"]),
    ],
)  # fmt: skip
def test_what_must_fit_together(meaning: str, numbers: dict[str, object], broken: list[str]) -> None:
    assert [one.check.whole for one in checks.misfits(QUICK, values(**numbers))] == broken, meaning


def test_a_misfit_says_both_sides() -> None:
    found = checks.misfits(QUICK, values(crops_affected=5, crops_damaged=1, crops_lost=2))[0]
    assert found.zh == "农作物绝收面积 > 农作物成灾面积（2 > 1）"


@pytest.mark.parametrize(
    ("value", "unit", "to", "expected"),
    [
        ("1", "千公顷", "公顷", "1000"),
        ("1", "万元", "亿元", "0.0001"),
        ("1", "亿元", "万元", "10000"),
        ("15", "亩", "公顷", "1"),
        ("2.5", "万人", "人", "25000"),
        ("20000", "元", "万元", "2"),
        ("3", "间", "间", "3"),
    ],
)
def test_units_become_each_other(value: str, unit: str, to: str, expected: str) -> None:
    assert forms.convert(Decimal(value), unit, to) == Decimal(expected)


def test_a_unit_of_another_thing_is_refused() -> None:
    with pytest.raises(ValueError, match="公顷"):
        forms.convert(Decimal(1), "公顷", "万元")


@pytest.mark.parametrize(
    ("code", "typed", "expected"),
    [
        ("affected", "1,234", "1234"),
        ("affected", "１２", "12"),
        ("affected", "", "0"),
        ("affected", "1.2万人", "12000"),
        ("crops_affected", "30亩", "2"),
        ("crops_affected", "1.2千公顷", "1200"),
        ("loss_total", "0.5亿元", "5000"),
    ],
)
def test_people_type_numbers_in_their_own_way(code: str, typed: str, expected: str) -> None:
    assert checks.parse(QUICK.indicator(code), typed) == Decimal(expected)


@pytest.mark.parametrize(
    ("code", "typed"),
    [
        ("affected", "-1"),
        ("affected", "1.5"),
        ("affected", "很多"),
        ("affected", "12abc"),
        ("affected", "NaN"),
        ("affected", "Infinity"),
        ("affected", "9" * 15),
        ("affected", "3公顷"),
        ("crops_affected", "-0.1"),
        ("loss_total", "1e999"),
        ("loss_total", "1.2.3"),
    ],
)
def test_what_is_no_count_is_refused(code: str, typed: str) -> None:
    with pytest.raises(BadValue):
        checks.parse(QUICK.indicator(code), typed)


def test_a_form_asks_only_what_belongs_to_it() -> None:
    assert "deaths" not in DROUGHT.by_code
    assert "livestock_thirsty" not in QUICK.by_code
    with pytest.raises(UnknownIndicator):
        checks.read(DROUGHT, {"deaths": "1"})


def test_names_that_nobody_compared_with_the_current_edition_are_marked() -> None:
    assert forms.table().verified is False


def test_every_part_names_a_whole_of_the_table() -> None:
    codes = {one.code for one in forms.table().indicators}
    assert len(codes) == len(forms.table().indicators)
    assert {one.part_of for one in forms.table().indicators} - {""} <= codes
    assert {part for check in forms.table().checks for part in (*check.parts, check.whole)} <= codes


@pytest.mark.parametrize(
    ("meaning", "code", "before", "after", "is_jump"),
    [
        ("half as much again", "affected", 100, 150, True),
        ("a little less than half", "affected", 100, 149, False),
        ("down by half", "affected", 100, 50, True),
        ("a large share of a small number", "affected", 10, 25, False),
        ("from nothing to many", "affected", 0, 20, True),
        ("one dead fewer", "deaths", 3, 2, True),
        ("one dead more", "deaths", 3, 4, False),
        ("one missing fewer and nobody dead", "missing", 3, 2, True),
        ("fields", "crops_affected", 10, 20, True),
        ("relief that grows", "relief_funds", 10, 1000, False),
        ("relief that falls", "relief_funds", 1000, 10, True),
        ("the same", "affected", 500, 500, False),
    ],
)
def test_large_changes_need_a_word(meaning: str, code: str, before: int, after: int, is_jump: bool) -> None:
    found = checks.jumps(QUICK, values(**{code: before}), values(**{code: after}), Shares())
    assert bool(found) is is_jump, meaning


def test_a_missing_person_found_dead_explains_itself() -> None:
    before, after = values(missing=3, deaths=1), values(missing=2, deaths=2)
    assert checks.jumps(QUICK, before, after, Shares()) == []


@given(
    st.dictionaries(
        st.sampled_from([one.code for one in QUICK.indicators]),
        st.decimals(min_value=0, max_value=10**6, places=2),
        max_size=20,
    )
)
def test_what_is_stored_comes_back(numbers: dict[str, Decimal]) -> None:
    kept = checks.stored(numbers)
    assert checks.loaded(kept) == {code: value for code, value in numbers.items() if value}
    assert checks.stored(checks.loaded(kept)) == kept


@pytest.mark.parametrize(
    ("subs", "main", "expected"),
    [
        (["flash_flood"], "", "flood"),
        (["flash_flood", "landslide"], "flash_flood", "flood"),
        (["flash_flood", "landslide"], "landslide", "geological"),
        ([], "hail", "wind_hail"),
    ],
)
def test_the_main_hazard_names_the_first_level(subs: list[str], main: str, expected: str) -> None:
    assert hazards.main_of(subs, main)[2] == expected


def test_mixed_hazards_need_a_main_one_among_them() -> None:
    for main in ("", "hail"):
        with pytest.raises(MainHazardMissing):
            hazards.main_of(["flash_flood", "landslide"], main)
    with pytest.raises(UnknownHazard):
        hazards.main_of(["meteor"])


def test_every_type_of_incident_that_names_a_hazard_names_a_known_one() -> None:
    from anlan.vocab.incidents import TYPES

    assert set(hazards.OF_INCIDENT) <= set(TYPES)
    assert set(hazards.OF_INCIDENT.values()) <= set(hazards.SUB)
    assert {one.first for one in hazards.SUB.values()} == set(hazards.FIRST)
