from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from anlan.vocab.kinds import (
    BY_ZH,
    FAMILY_LABELS,
    KINDS,
    Family,
    Kind,
    StationKind,
    kind_of,
    main_quantities,
    plausible_range,
)
from anlan.vocab.quantities import QUANTITIES, STATES

EVERY = pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.code)


def test_the_six_hazard_families_and_the_wider_nets_all_have_kinds() -> None:
    assert {kind.family for kind in KINDS.values()} == set(Family) == set(FAMILY_LABELS)


@pytest.mark.parametrize(
    "code",
    [
        "waterlogging", "crop_pest", "wildlife_disease", "air_quality", "drinking_water", "gas_network", "water_network",
        "power_network", "bridge", "tunnel", "fireworks_store", "underground_mine", "open_pit_slope", "waste_dump",
        "tailings_pond", "major_hazard", "dust_explosion", "mine_e_seal", "fire_device", "forest_camera", "hazmat_truck",
        "rescue_vehicle", "reservoir", "rain", "river", "rain_river", "groundwater", "soil_moisture", "landslide_gnss",
        "crack_gauge", "tilt_gauge", "weather", "rain_by_hand", "stage_by_hand", "crack_by_hand", "patrol",
    ],
)  # fmt: skip
def test_a_kind_that_the_requirements_name_is_shipped(code: str) -> None:
    assert code in KINDS


def test_the_kinds_that_the_flood_rules_look_for_exist() -> None:
    assert {kind.value for kind in StationKind} <= KINDS.keys()


@EVERY
def test_every_quantity_of_a_kind_is_described(kind: Kind) -> None:
    assert kind.quantities
    assert [one.code for one in kind.quantities if one.code not in QUANTITIES] == []
    assert len({one.code for one in kind.quantities}) == len(kind.quantities)
    for one in kind.quantities:
        assert one.minimum is not None
        assert one.maximum is not None
        assert one.minimum < one.maximum


@EVERY
def test_a_kind_falls_silent_only_after_it_missed_two_readings(kind: Kind) -> None:
    expected = kind.required or kind.quantities
    assert kind.silent_after_s >= min(2 * min(one.interval_s for one in expected), 7 * 86_400)
    assert 60 <= kind.silent_after_s <= 7 * 86_400


@EVERY
def test_every_kind_names_its_owner_its_source_and_calls_its_ranges_unverified(kind: Kind) -> None:
    assert kind.owner_zh
    assert kind.sources
    assert all(re.fullmatch(r"[ABCRU]-?\d\d", source) for source in kind.sources)
    assert kind.are_ranges_verified is False


@EVERY
def test_the_sources_of_a_kind_are_rows_that_exist(kind: Kind) -> None:
    shared = Path(__file__).parents[5] / "shared"
    if not (shared / "requirements.md").exists():
        pytest.skip("the shared reference is not beside this checkout")
    known = (shared / "requirements.md").read_text() + (shared / "domain-rules.md").read_text()
    assert [source for source in kind.sources if source not in known] == []


def test_no_two_kinds_share_a_chinese_name() -> None:
    assert len(BY_ZH) == len(KINDS)


def test_a_tailings_pond_has_the_seven_channels_that_the_province_asks_for() -> None:
    required = {one.code for one in KINDS["tailings_pond"].required}
    assert required == {
        "pond_level", "rain_1h", "dry_beach_length", "phreatic_depth", "beach_crest_elevation", "freeboard",
        "dam_displacement_x", "dam_displacement_y", "dam_displacement_z",
    }  # fmt: skip
    assert KINDS["tailings_pond"].has_video
    assert all(one.note for one in KINDS["tailings_pond"].required)


def test_the_seal_of_a_mine_says_who_went_in_what_runs_and_whether_it_is_locked() -> None:
    required = {one.code for one in KINDS["mine_e_seal"].required}
    assert required == {"people_in", "people_out", "equipment_on", "lock_closed", "power_on", "seal_online"}


def test_a_kind_may_narrow_the_range_of_a_quantity_and_a_point_does_not_change_it() -> None:
    assert plausible_range("fireworks_store", "temperature@3") == (Decimal(-40), Decimal(80))
    assert plausible_range("major_hazard", "temperature") == (Decimal(-100), Decimal(1800))


def test_a_kind_that_nobody_described_is_shown_by_its_code() -> None:
    assert kind_of("tsunami_buoy").zh == "tsunami_buoy"
    assert main_quantities("tsunami_buoy") == ()
    assert main_quantities("rain_river") == ("rain_5min", "stage")


def test_every_state_quantity_is_zero_or_one_with_words_for_both() -> None:
    two = {code for code, one in QUANTITIES.items() if one.maximum == 1 and one.decimals == 0}
    assert two == set(STATES)
