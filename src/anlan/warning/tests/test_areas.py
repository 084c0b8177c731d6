"""Areas as people draw and paste them, and what is refused with a sentence."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.kernel.refusals import Refusal
from anlan.places.coordinates import Box
from anlan.warning.areas import MAX_BYTES, circle, read_area, square_km

BOX = Box(102.8, 27.3, 103.0, 27.5)
RING = [[102.90, 27.40], [102.94, 27.40], [102.94, 27.43], [102.90, 27.40]]


def polygon(*rings: list[list[float]]) -> str:
    return json.dumps({"type": "Polygon", "coordinates": list(rings)})


def test_a_drawn_polygon_a_feature_and_pasted_points_give_the_same_area() -> None:
    drawn = read_area(polygon(RING), BOX)
    feature = json.dumps({"type": "Feature", "properties": {}, "geometry": json.loads(polygon(RING))})
    assert read_area(feature, BOX).equals(drawn)
    assert read_area("102.90 27.40;102.94 27.40;102.94 27.43;102.90 27.40", BOX).equals(drawn)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (polygon([[lat, lon] for lon, lat in RING]), "coordinates.swapped"),
        ("27.40 102.90;27.40 102.94;27.43 102.94;27.40 102.90", "coordinates.swapped"),
        (polygon(RING[:-1]), "zone.not_closed"),
        (polygon([[102.9, 27.4], [102.94, 27.43], [102.94, 27.4], [102.9, 27.43], [102.9, 27.4]]), "zone.crosses_itself"),
        (polygon([[102.9, 27.4], [102.94, 27.43], [102.9, 27.4]]), "zone.too_few_points"),
        (polygon([[2.9, 27.4], [2.94, 27.4], [2.94, 27.43], [2.9, 27.4]]), "coordinates.far_from_county"),
        (json.dumps({"type": "Point", "coordinates": [102.9, 27.4]}), "warning.bad_area"),
        (json.dumps({"type": "Polygon", "coordinates": "柳河"}), "warning.bad_area"),
        (json.dumps({"type": "Polygon", "coordinates": [[["a", "b"]]]}), "warning.bad_area"),
        ('{"type": "Polygon", "coordinates": [[[NaN, 1]]]}', "warning.bad_area"),
        ("{" * 5_000, "warning.bad_area"),
        ("上柳村", "zone.not_a_boundary"),
        (" " * (MAX_BYTES + 1), "warning.area_too_big"),
        (polygon([[102.9 + n * 1e-6, 27.4] for n in range(5_002)]), "warning.area_too_big"),
    ],
)  # fmt: skip
def test_what_is_no_area_is_refused_with_a_reason(text: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_area(text, BOX)
    assert refused.value.code == code


@pytest.mark.parametrize("km", [0.0, -1.0, 201.0, float("nan"), float("inf")])
def test_a_circle_has_a_radius_that_can_be(km: float) -> None:
    with pytest.raises(Refusal, match="radius"):
        circle(102.9, 27.4, 1000 * km, BOX)


def test_a_circle_covers_what_its_radius_says() -> None:
    found = circle(102.9, 27.4, 5_000.0, BOX)
    assert square_km(found) == pytest.approx(78.5, rel=0.01)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=11), inner, max_size=3),
        max_leaves=20,
    )
)
def test_whatever_json_comes_is_an_area_or_a_refusal(coordinates: Any) -> None:
    text = json.dumps({"type": "MultiPolygon", "coordinates": coordinates})
    with pytest.raises(Refusal):
        read_area(text, BOX)
