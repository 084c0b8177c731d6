"""Who is inside an area: as the plain reference says, and as of now."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from anlan.directory import services as directory
from anlan.journal.sealer import seal_everything
from anlan.testing import County
from anlan.warning import targeting
from anlan.warning.targeting import contact_index, made_up_area, made_up_index, slow_inside


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), vertices=st.integers(3, 60))
def test_the_arrays_find_exactly_whom_the_plain_reference_finds(seed: int, vertices: int) -> None:
    index, area = made_up_index(400, seed), made_up_area(vertices, seed + 1)
    assert sorted(index.inside(area)) == list(slow_inside(index, area))


def test_a_point_on_the_edge_is_inside() -> None:
    index = made_up_index(1)
    lon, lat = index.lon[0], index.lat[0]
    assert list(index.inside(box(lon, lat, lon + 0.1, lat + 0.1))) == [0]


def test_the_bench_runs_and_says_what_it_measured() -> None:
    said = targeting.bench_targeting(2_000, 40, 3)
    assert said["contacts"] == 2_000
    assert said["found"] > 0


@pytest.mark.django_db
def test_people_stand_at_their_own_point_else_at_their_divisions(county: County) -> None:
    zhao, qian = county.people["Zhao"], county.people["Qian"]
    zhao.change(by=county.by, at=county.now, kind="renamed", lon=102.80, lat=27.30)
    index = contact_index()
    around_village = index.people(index.inside(box(102.915, 27.405, 102.925, 27.415)))
    assert qian.pk in around_village
    assert zhao.pk not in around_village
    assert index.people(index.inside(box(102.79, 27.29, 102.81, 27.31))) == [zhao.pk]


@pytest.mark.django_db
def test_somebody_appointed_a_moment_ago_is_found_whether_sealed_or_not(county: County) -> None:
    upper = county.divisions["Upper Willow"]
    area = box(102.915, 27.405, 102.925, 27.415)
    seal_everything()
    before = set(contact_index().people(contact_index().inside(area)))
    one = directory.create_person("新来的人", division=upper, by=county.by, at=county.now)
    assert one.pk in contact_index().people(contact_index().inside(area))
    seal_everything()
    two = directory.create_person("又一个人", division=upper, by=county.by, at=county.now)
    seal_everything()
    found = set(contact_index().people(contact_index().inside(area)))
    assert found == before | {one.pk, two.pk}


@pytest.mark.django_db
def test_the_index_is_not_read_again_while_nothing_it_holds_was_written(county: County) -> None:
    first = contact_index()
    county.actor("Chen")
    assert contact_index() is first
