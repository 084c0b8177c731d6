"""Villages downstream of a gauge come from the river network, with the distance along it."""

from __future__ import annotations

from typing import Any

import pytest

from anlan.journal.verify import verify
from anlan.sensing import queries, services
from anlan.sensing.models import RiverReach
from anlan.sensing.rivers import ASSUMPTIONS, Course
from anlan.sensing.tests.world import BY, T0, World

#: One degree of longitude at 25° north is about 100.8 km.
KM = 0.00992


def river(name: str, *points: tuple[float, float]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"name": name},
        "geometry": {"type": "LineString", "coordinates": [list(point) for point in points]},
    }


def load(*rivers: dict[str, Any]) -> int:
    return services.load_network(rivers, by=BY, at=T0)


@pytest.fixture
def willow(world: World) -> World:
    """The Willow flows east past the gauge (99.015), by Lower Willow (99.02); the Stone joins it from the south."""
    load(
        river("柳河", (98.9, 25.0), (99.0, 25.0), (99.3, 25.0)),
        river("石溪", (99.1, 24.9), (99.1, 24.9999)),
    )
    return world


def test_what_lies_below_the_gauge_is_listed_with_distance_and_time(willow: World) -> None:
    found = queries.downstream_of(willow.river)
    assert [one.division.name for one in found] == ["下柳村", "石桥村"]
    first = found[0]
    assert first.river == "柳河"
    assert first.distance_m == pytest.approx(504, abs=10)
    assert first.travel_min == round(first.distance_m / 2 / 60)
    assert not ASSUMPTIONS["flow_speed_m_s"].verified


def test_a_village_above_the_gauge_or_far_from_the_water_is_not_listed(willow: World) -> None:
    willow.far_village.change(by=BY, at=T0, kind="changed", lat=25.05)
    names = [one.division.name for one in queries.downstream_of(willow.river)]
    assert "上柳村" not in names
    assert "石桥村" not in names


def test_water_of_a_tributary_goes_on_in_the_river_that_it_joins(willow: World) -> None:
    willow.river.change(by=BY, at=T0, kind="changed", lon=99.1, lat=24.95)
    (found,) = queries.downstream_of(willow.river)
    assert found.division.name == "石桥村"
    assert found.distance_m == pytest.approx(5550 + 10_080, rel=0.02)
    stone = RiverReach.objects.get(name="石溪")
    assert stone.downstream is not None
    assert stone.downstream.name == "柳河"
    assert stone.joins_at_m == pytest.approx(20_150, rel=0.01)


def test_a_gauge_away_from_every_river_has_nothing_downstream(willow: World) -> None:
    willow.river.change(by=BY, at=T0, kind="changed", lat=25.2)
    assert queries.downstream_of(willow.river) == []


def test_loading_the_same_rivers_again_changes_nothing_and_others_replace_them(willow: World) -> None:
    lines = (
        river("柳河", (98.9, 25.0), (99.0, 25.0), (99.3, 25.0)),
        river("石溪", (99.1, 24.9), (99.1, 24.9999)),
    )
    assert load(*lines) == 1
    assert RiverReach.objects.count() == 2
    assert load(lines[0]) == 0
    assert RiverReach.objects.filter(is_active=True).count() == 1
    assert verify().problems == []


def test_two_lines_that_end_at_each_other_never_flow_in_a_circle(world: World) -> None:
    assert load(river("甲", (99.0, 25.0), (99.1, 25.0)), river("乙", (99.1, 25.0), (99.0, 25.0))) == 1


def test_a_course_finds_the_foot_of_a_point() -> None:
    place = Course([[99.0, 25.0], [99.1, 25.0]]).place((99.05, 25.01))
    assert place.along_m == pytest.approx(5039, abs=10)
    assert place.off_m == pytest.approx(1112, abs=5)
