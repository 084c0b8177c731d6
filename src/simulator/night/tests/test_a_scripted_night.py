"""The script of a night holds what the drill promises, for every seed."""

from pathlib import Path

import pytest

from simulator.county.build import build_county
from simulator.county.workbooks import write_county
from simulator.night.script import Village, villages, write_script


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> list[Village]:
    folder = tmp_path_factory.mktemp("county")
    write_county(build_county(7), folder)
    return villages(folder / "divisions.csv")


@pytest.mark.parametrize("seed", [1, 7, 42])
def test_120_calls_in_40_minutes_from_six_sources_35_of_them_told_before(
    places: list[Village], seed: int
) -> None:
    calls = write_script(places, seed)
    assert len(calls) == 120
    assert sum(call.is_repeat for call in calls) == 35
    assert {call.source for call in calls} == {"110", "119", "120", "12345", "phone", "field"}
    assert max(call.minute for call in calls) < 40
    assert len({call.event for call in calls}) == 85
    told: set[str] = set()
    for call in calls:
        assert call.is_repeat == (call.event in told), "a repeat comes after the first telling"
        told.add(call.event)


def test_one_event_grows_through_two_grades_and_three_are_of_different_class(places: list[Village]) -> None:
    calls = write_script(places, 7)
    deaths = [call.figures["deaths"] for call in calls if "deaths" in call.figures]
    assert deaths == [1, 4, 11]  # 一般, 较大, 重大 (R03)
    grave = {call.event_type for call in calls if call.fate == "incident"}
    assert grave == {"hazardous_chemicals", "landslide", "public_health"}


def test_the_same_seed_gives_the_same_night(places: list[Village]) -> None:
    assert write_script(places, 7) == write_script(places, 7)
    assert write_script(places, 7) != write_script(places, 8)


def test_numbers_are_of_nobody(places: list[Village]) -> None:
    assert all(call.number.startswith("100") and len(call.number) == 11 for call in write_script(places, 7))


def test_the_folder_of_a_county_is_enough(tmp_path: Path, places: list[Village]) -> None:
    assert len(places) == 139
    assert len({place.code for place in places}) == 139
