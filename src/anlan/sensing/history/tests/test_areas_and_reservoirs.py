"""Areal means against figures worked out by hand, and reservoirs against their curves."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from shapely.geometry import box, mapping

from anlan.sensing.history.areas import Gauge, mean_of, thiessen
from anlan.sensing.history.reservoirs import against_limit, limit_on
from anlan.sensing.models import Station

SUMMER = datetime(2026, 7, 1, tzinfo=UTC)


def gauge(code: str, lon: float, lat: float, total: str) -> Gauge:
    return Gauge(code, lon, lat, Decimal(total), "", "")


def area(*bounds: float) -> str:
    import json

    return json.dumps(mapping(box(*bounds)))


def test_thiessen_weighs_each_gauge_by_the_part_that_is_nearest_to_it() -> None:
    """A strip of four parts: the border between gauges at 0.5 and 1.5 lies at 1.0, so they share it 1 to 3."""
    gauges = [gauge("A", 0.5, 0.5, "10"), gauge("B", 1.5, 0.5, "30")]
    assert thiessen(area(0, 0, 4, 1), gauges) == (Decimal("25.0"), 2)
    assert mean_of("township", "T", gauges).arithmetic == Decimal("20.0")


def test_a_gauge_outside_counts_for_the_part_that_is_nearest_to_it_and_a_far_one_for_none() -> None:
    gauges = [gauge("IN", 0.5, 0.5, "10"), gauge("OUT", 2.5, 0.5, "30"), gauge("FAR", 9.0, 0.5, "900")]
    assert thiessen(area(0, 0, 2, 1), gauges) == (Decimal("15.0"), 2)


def test_two_gauges_on_one_place_are_one_with_their_mean() -> None:
    gauges = [gauge("A", 0.5, 0.5, "10"), gauge("B", 0.5, 0.5, "20")]
    assert thiessen(area(0, 0, 1, 1), gauges) == (Decimal("15.0"), 1)


def test_without_a_boundary_or_a_gauge_there_is_no_thiessen_mean() -> None:
    assert thiessen("", [gauge("A", 0, 0, "1")]) is None
    assert thiessen(area(0, 0, 1, 1), []) is None


def reservoir(**attributes: Any) -> Station:
    return Station(code="R", name="柳河水库", kind="reservoir", attributes=attributes)


CALENDAR = [
    {"from": "05-01", "to": "06-30", "stage_m": 150.0},
    {"from": "07-01", "to": "09-30", "stage_m": 148.0},
]
CURVE = [[140, 100], [150, 300], [155, 500]]


def test_excess_and_spare_come_from_the_curve() -> None:
    line = against_limit(reservoir(flood_limit=CALENDAR, capacity_curve=CURVE), Decimal("152.5"), SUMMER)
    assert line is not None
    assert (line.limit, line.excess_m, line.excess, line.spare) == (
        Decimal("148.0"),
        Decimal("4.5"),
        Decimal("140.0"),
        Decimal("100.0"),
    )


def test_the_limit_is_that_of_the_local_day() -> None:
    """At 16:30 UTC on 30 June it is 1 July in Shanghai."""
    station = reservoir(flood_limit=CALENDAR)
    assert limit_on(station, datetime(2026, 6, 30, 15, 30, tzinfo=UTC)) == Decimal("150.0")
    assert limit_on(station, datetime(2026, 6, 30, 16, 30, tzinfo=UTC)) == Decimal("148.0")
    assert limit_on(station, datetime(2026, 12, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize("curve", [None, [], [[150, 300], [140, 100]], [["x", 1]], [[140]], "no"])
def test_a_curve_that_cannot_be_used_gives_no_volume(curve: object) -> None:
    line = against_limit(reservoir(flood_limit=CALENDAR, capacity_curve=curve), Decimal(149), SUMMER)
    assert line is not None
    assert (line.excess_m, line.excess, line.spare) == (Decimal("1.0"), None, None)


def test_a_stage_outside_the_curve_gives_no_volume() -> None:
    line = against_limit(reservoir(flood_limit=CALENDAR, capacity_curve=CURVE), Decimal(200), SUMMER)
    assert line is not None
    assert line.spare is None


@pytest.mark.parametrize(
    "calendar", [None, "x", [{"from": "02-30", "to": "03-01", "stage_m": 1}], [{"from": "05-01"}]]
)
def test_a_calendar_that_cannot_be_read_gives_no_limit(calendar: object) -> None:
    assert limit_on(reservoir(flood_limit=calendar), SUMMER) is None
