"""Marks on the shared map: what may be drawn, where, and who is told when two people hold one mark."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.command import plotting
from anlan.command.geometry import Box, checked
from anlan.command.models import PlotMark
from anlan.command.plotrefusals import (
    CrossesItself,
    FarAway,
    MarkGone,
    MarkMoved,
    NoGeometry,
    RoomClosed,
    TooManyCorners,
    UnknownSymbol,
    WrongShape,
)
from anlan.incidents import services as incidents
from anlan.incidents.models import Incident
from anlan.incidents.types import IncidentDetails
from anlan.journal.models import Entry
from anlan.journal.verify import verify
from anlan.kernel.refusals import NotAllowed, NotFound, Refusal
from anlan.testing import County
from anlan.vocab.symbols import FREE, SYMBOLS, Shape

SQUARE = [[102.91, 27.40], [102.92, 27.40], [102.92, 27.41], [102.91, 27.40]]


def point(lon: float = 102.92, lat: float = 27.41) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [lon, lat]}


def landslide(county: County) -> Incident:
    details = IncidentDetails(
        "上柳村滑坡", "landslide", county.divisions["Upper Willow"], "village", county.now
    )
    return incidents.open_incident(details, by=county.actor("Chen"), at=county.now)


def place(county: County, row: Incident, **fields: Any) -> PlotMark:
    given = {"symbol": "command_post", "geometry": point(), "label": "前方指挥部", **fields}
    return plotting.place_mark(row, by=county.actor("Chen"), by_name="陈静", at=county.now, **given)


@pytest.mark.django_db
def test_a_mark_is_placed_moved_labelled_and_removed_and_the_journal_tells_each_step(county: County) -> None:
    row, chen = landslide(county), county.actor("Chen")
    mark = place(county, row)
    county.clock.advance(minutes=1)
    plotting.move_mark(mark, geometry=point(102.93), by=chen, at=county.now, version=1)
    plotting.relabel_mark(mark, label="后方指挥部", by=chen, at=county.now, version=2)
    county.clock.advance(minutes=1)
    plotting.remove_mark(mark, by=chen, by_name="陈静", at=county.now, version=3)
    kinds = Entry.objects.filter(subject_type="plot_mark").order_by("id").values_list("kind", flat=True)
    assert [kind.split(".")[1] for kind in kinds] == ["placed", "moved", "relabelled", "removed"]
    assert not plotting.marks_of(row).exists()
    assert plotting.marks_of(row, at=mark.placed_at).get() == mark
    assert verify().problems == []


@pytest.mark.django_db
def test_of_two_who_drag_one_mark_the_second_is_told(county: County) -> None:
    row = landslide(county)
    mark = place(county, row)
    other = PlotMark.objects.get(pk=mark.pk)
    plotting.move_mark(mark, geometry=point(102.93), by=county.actor("Chen"), at=county.now, version=1)
    late = PlotMark.objects.get(pk=mark.pk)
    for held in (other, late):  # read before the change, and read after it with the version of before
        with pytest.raises(MarkMoved):
            plotting.move_mark(
                held, geometry=point(102.94), by=county.actor("Feng"), at=county.now, version=1
            )
    assert json.loads(PlotMark.objects.get().geometry)["coordinates"][0] == 102.93


@pytest.mark.django_db
def test_a_removed_mark_is_not_moved_and_says_who_removed_it(county: County) -> None:
    mark = place(county, landslide(county))
    plotting.remove_mark(mark, by=county.actor("Chen"), by_name="陈静", at=county.now)
    with pytest.raises(MarkGone) as told:
        plotting.move_mark(mark, geometry=point(102.93), by=county.actor("Feng"), at=county.now)
    assert "陈静" in str(told.value)
    assert plotting.remove_mark(mark, by=county.actor("Feng"), by_name="冯涛", at=county.now) == mark
    assert mark.removed_by_name == "陈静"


@pytest.mark.django_db
def test_one_key_draws_one_mark_however_often_it_is_sent(county: County) -> None:
    row = landslide(county)
    first = place(county, row)
    again = place(county, row, key=first.pk, label="另一个")
    assert again == first
    assert PlotMark.objects.count() == 1
    with pytest.raises(NotFound):
        place(county, landslide(county), key=first.pk)


@pytest.mark.django_db
def test_nothing_is_drawn_for_an_incident_that_is_not_true(county: County) -> None:
    row = landslide(county)
    incidents.find_not_true(row, reason="误报", by=county.actor("Chen"), at=county.now)
    with pytest.raises(RoomClosed):
        place(county, row)
    assert not PlotMark.objects.exists()


@pytest.mark.django_db
def test_a_mark_is_reached_only_by_who_commands_its_incident(county: County) -> None:
    row = landslide(county)
    mark = place(county, row)
    assert plotting.access_mark(county.actor("Chen"), row.pk, mark.pk) == mark
    with pytest.raises(NotFound):
        plotting.access_mark(county.actor("Liu"), row.pk, mark.pk)
    with pytest.raises(NotAllowed):
        plotting.access_mark(county.actor("Zhao"), row.pk, mark.pk)
    with pytest.raises(NotFound):
        plotting.access_mark(county.actor("Chen"), mark.pk, mark.pk)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("symbol", "geometry", "refusal"),
    [
        ("ufo", point(), UnknownSymbol),
        ("danger_area", point(), WrongShape),
        ("command_post", {"type": "Polygon", "coordinates": [SQUARE]}, WrongShape),
        ("command_post", point(27.41, 102.92), FarAway),  # exchanged
        ("command_post", point(116.4, 39.9), FarAway),  # another province
        ("command_post", '{"type":"Point","coordinates":[1e400,27.4]}', NoGeometry),
        ("command_post", '{"type":"Point","coordinates":["102.9",27.4]}', NoGeometry),
        ("command_post", '{"type":"Point","coordinates":[true,27.4]}', NoGeometry),
        ("command_post", '{"type":"Point","coordinates":[102.9]}', NoGeometry),
        ("command_post", "not json", NoGeometry),
        ("command_post", "[" * 5000, NoGeometry),
        ("command_post", "[]", NoGeometry),
        ("command_post", None, NoGeometry),
        ("cordon", {"type": "LineString", "coordinates": [[102.9, 27.4]] * 3}, NoGeometry),
        ("cordon", {"type": "LineString", "coordinates": []}, NoGeometry),
        ("cordon", {"type": "LineString", "coordinates": [[102.9, 27.4]] * 2001}, TooManyCorners),
        ("danger_area", {"type": "Polygon", "coordinates": []}, NoGeometry),
        ("danger_area", {"type": "Polygon", "coordinates": [[[102.9, 27.4], [102.91, 27.4]]]}, NoGeometry),
        (
            "danger_area",
            {"type": "Polygon", "coordinates": [[[102.9, 27.4], [102.91, 27.41], [102.91, 27.4], [102.9, 27.41]]]},
            CrossesItself,
        ),
    ],
)  # fmt: skip
def test_what_is_no_mark_is_refused_and_nothing_is_stored(
    county: County, symbol: str, geometry: Any, refusal: type[Refusal]
) -> None:
    row = landslide(county)
    with pytest.raises(refusal):
        place(county, row, symbol=symbol, geometry=geometry)
    assert not PlotMark.objects.exists()


@pytest.mark.django_db
def test_an_area_is_closed_and_rounded_to_a_tenth_of_a_metre(county: County) -> None:
    open_ring = [[102.9100000449, 27.4], [102.92, 27.4, 830.0], [102.92, 27.41]]
    drawn = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [open_ring]}}
    mark = place(county, landslide(county), symbol="danger_area", geometry=drawn)
    assert json.loads(mark.geometry)["coordinates"] == [SQUARE]


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["type", "coordinates", "geometry"]), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip


@given(kind=st.sampled_from(["Point", "LineString", "Polygon", "Feature", "x"]), coordinates=_JSON)
def test_whatever_is_sent_is_a_mark_or_a_refusal(kind: str, coordinates: Any) -> None:
    for symbol in ("command_post", "cordon", "danger_area"):
        try:
            text = checked(
                {"type": kind, "coordinates": coordinates, "geometry": coordinates}, SYMBOLS[symbol]
            )
        except Refusal:
            continue
        assert checked(text, SYMBOLS[symbol]) == text  # what was kept is kept as it is


@given(st.floats(102.0, 103.0), st.floats(27.0, 28.0))
def test_a_point_is_kept_within_a_tenth_of_a_metre(lon: float, lat: float) -> None:
    kept = json.loads(checked(point(lon, lat), SYMBOLS["team"], inside=Box(102, 27, 103, 28)))["coordinates"]
    assert abs(kept[0] - lon) <= 5e-7
    assert abs(kept[1] - lat) <= 5e-7


def test_each_symbol_has_names_a_drawing_and_each_shape_a_free_one() -> None:
    from pathlib import Path

    from lxml import etree

    import anlan.console

    folder = Path(anlan.console.__file__).parent / "static" / "console" / "symbols"
    assert {file.stem for file in folder.glob("*.svg")} == set(SYMBOLS)
    assert all(one.zh and one.en for one in SYMBOLS.values())
    assert {SYMBOLS[code].shape for code in FREE.values()} == set(Shape)
    for file in folder.glob("*.svg"):
        assert etree.parse(str(file)).getroot().get("viewBox") == "0 0 32 32"
