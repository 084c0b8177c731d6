"""Boards: who is connected, what arrives and how late, who must be connected, where nobody looks."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from anlan.places.models import Division
from anlan.sensing import queries, services
from anlan.sensing.boards.arrival import expectation
from anlan.sensing.boards.coverage import bearing_deg, distance_km, sees
from anlan.sensing.hot.delays import BOUNDS_S, at_most
from anlan.sensing.hot.latest import LatestTable
from anlan.sensing.hot.rows import Rows
from anlan.sensing.hot.store import HotStore
from anlan.sensing.hot.streams import StreamKey, StreamRegistry
from anlan.sensing.models import ArrivalDay, Camera, Station
from anlan.sensing.tests.world import BY, T0, World, division
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.mandatory import mandatory_rule

DAY = date(2026, 7, 1)
#: Eight in the morning of the first of July in Shanghai.
MORNING = T0


@pytest.fixture
def data(tmp_path: Path, settings: Any) -> Path:
    settings.ANLAN_DATA = tmp_path
    return tmp_path


def store(root: Path, readings: dict[tuple[str, str], list[tuple[datetime, float]]]) -> None:
    """Readings as (observed at, seconds late), where the gateway would put them."""
    hot, streams = HotStore(root / "hot"), StreamRegistry(root / "hot" / "streams.db", "")
    streams.register([StreamKey(*key) for key in readings])
    latest = LatestTable(root / "hot" / "latest.db")
    latest.resize(100)
    for key, listed in readings.items():
        number = streams.number_by_key[StreamKey(*key)]
        for observed, late_s in listed:
            t = int(observed.timestamp())
            columns = (t, number, 1, 0, int(1000 * (t + late_s)))
            rows = Rows(*(np.array([column], np.int64) for column in columns))
            hot.file_in_transaction(t // 86_400).insert(rows)
            latest.note(rows)
        latest.note_heard(key[0], 1000 * int(listed[-1][0].timestamp()))
    hot.commit()
    latest.flush()
    for part in (hot, streams, latest):
        part.close()


def every(minutes: int, count: int, *, late_s: float, start: datetime) -> list[tuple[datetime, float]]:
    return [(start + timedelta(minutes=minutes * n), late_s) for n in range(count)]


def station(code: str, kind: str, place: Division, **given: Any) -> Station:
    fields: dict[str, Any] = {"name": code, "lon": 99.01, "lat": 25.0}
    return services.register_station(code=code, kind=kind, division=place, by=BY, at=T0, **(fields | given))


def test_the_matrix_tells_connected_silent_and_never_heard_by_owner_and_kind(
    world: World, data: Path
) -> None:
    station("A1", "reservoir", world.upper_willow, owner="水库管理所")
    silent = station("A2", "reservoir", world.upper_willow, owner="水库管理所")
    silent.change(by=BY, at=T0, kind="silent", state="silent", state_since=T0)
    store(data, {("A1", "stage"): every(10, 3, late_s=2, start=MORNING)})
    matrix = queries.connection_matrix(world.actor(world.county))
    assert matrix.kinds == ("rain", "river", "reservoir")
    by_owner = {row.owner: row for row in matrix.rows}
    cell = by_owner["水库管理所"].cells["reservoir"]
    assert (cell.connected, cell.silent, cell.never) == (1, 1, 0)
    assert by_owner["水务局"].cells["rain"].never == 1
    assert (by_owner["水务局"].is_assumed, by_owner["水库管理所"].is_assumed) == (True, False)


def test_a_neighbour_is_not_counted_in_the_matrix(world: World, data: Path) -> None:
    station("A9", "reservoir", world.far_village)
    matrix = queries.connection_matrix(world.actor(world.township))
    assert "reservoir" not in matrix.kinds


def test_half_of_the_readings_of_a_rain_station_arrived_and_were_so_late(world: World, data: Path) -> None:
    midnight = datetime.fromisoformat("2026-07-01T00:00:00+08:00")
    good = every(5, 36, late_s=2, start=midnight)
    late = every(5, 12, late_s=700, start=midnight + timedelta(hours=3))
    store(data, {(world.rain.code, "rain_5min"): [*good, *late]})
    at = midnight + timedelta(hours=8, minutes=5)
    assert queries.count_arrivals(at=at) == 2
    (line,) = queries.arrival_lines(world.actor(world.county), first=DAY, last=DAY)
    assert (line.owner, line.stations, line.received) == ("水务局", 2, 48)
    assert (
        line.expected == 96 + 96
    )  # the rain station and the silent river gauge, every five minutes of eight hours
    assert (line.delay_p50, line.delay_p95) == (timedelta(seconds=2), timedelta(seconds=900))
    assert not line.is_final
    rain = queries.station_arrivals(world.actor(world.county), day=DAY, owner="水务局")[1]
    assert (rain.code, rain.line.rate) == (world.rain.code, 0.5)


def test_counting_again_replaces_and_a_day_that_is_over_is_counted_once_more_and_no_longer(
    world: World, data: Path
) -> None:
    midnight = datetime.fromisoformat("2026-07-01T00:00:00+08:00")
    store(data, {(world.rain.code, "rain_5min"): every(5, 288, late_s=2, start=midnight)})
    for hours in (8, 12, 31):
        queries.count_arrivals(at=midnight + timedelta(hours=hours))
    rows = ArrivalDay.objects.filter(day=DAY, station=world.rain)
    assert [(row.expected, row.received, row.is_final) for row in rows] == [(288, 288, True)]
    store(data, {(world.rain.code, "rain_1h"): every(60, 3, late_s=2, start=midnight)})
    queries.count_arrivals(at=midnight + timedelta(hours=40))
    assert rows.get().counted_at == midnight + timedelta(hours=31)


def test_a_station_that_says_how_often_it_reports_is_measured_by_that(world: World) -> None:
    hourly = station("A1", "reservoir", world.upper_willow, attributes={"report_interval_min": 60})
    assert expectation(hourly, {"stage": 20}, timedelta(days=1)) == (24, 20)
    assert expectation(world.river, {"stage": 400}, timedelta(days=1)) == (288, 288)


def test_every_known_point_of_a_device_is_expected_and_an_alarm_device_promises_nothing(world: World) -> None:
    gnss = station("A1", "landslide_gnss", world.upper_willow)
    counts = {f"displacement_{axis}@{point}": 24 for axis in "xyz" for point in ("G1", "G2")}
    assert expectation(gnss, counts, timedelta(days=1)) == (144, 144)
    fire = station("A2", "fire_device", world.upper_willow)
    assert expectation(fire, {"fire_alarm": 3}, timedelta(days=1)) == (None, 0)


def test_a_delay_beyond_every_bucket_is_not_called_short() -> None:
    assert at_most({}, 0.5) is None
    assert at_most({len(BOUNDS_S): 5}, 0.5) == timedelta.max
    assert at_most({0: 94, len(BOUNDS_S): 6}, 0.95) == timedelta.max


def test_an_open_pit_above_two_hundred_metres_must_be_connected(world: World, data: Path) -> None:
    for code, height in (("P1", 230), ("P2", 200), ("P3", None), ("P4", 120)):
        facts = {} if height is None else {"slope_height_m": height}
        station(code, "open_pit_slope", world.upper_willow, attributes=facts)
    lines = queries.mandatory_lines(world.actor(world.county))
    found = {(line.rule, line.station_code, line.standing) for line in lines if line.is_mandatory}
    assert found == {("open_pit_200", "P1", "never"), ("open_pit_200", "P3", "unknown_fact")}
    watched = {line.station_code for line in lines if line.rule == "open_pit_100"}
    assert watched == {"P1", "P2", "P3", "P4"}
    assert next(line for line in lines if line.station_code == "P1").fact == "230 m"


def test_a_connected_pond_is_listed_as_connected_after_those_that_are_not(world: World, data: Path) -> None:
    station("W1", "tailings_pond", world.upper_willow)
    station("W2", "tailings_pond", world.upper_willow)
    store(data, {("W1", "freeboard"): every(60, 1, late_s=2, start=MORNING)})
    lines = queries.mandatory_lines(world.actor(world.county))
    assert [(line.station_code, line.standing) for line in lines] == [("W2", "never"), ("W1", "connected")]


def test_an_enterprise_of_a_trade_without_any_installation_is_listed(world: World, data: Path) -> None:
    place = division("999901100201-Q1", "青石化工", DivisionLevel.ENTERPRISE, world.upper_willow, 99.01)
    place.change(by=BY, at=T0, kind="changed", trade="chemicals")
    assert [line.standing for line in queries.mandatory_lines(world.actor(world.county))] == [
        "not_registered"
    ]
    station("Z1", "major_hazard", place)
    assert [line.standing for line in queries.mandatory_lines(world.actor(world.county))] == ["never"]
    assert queries.mandatory_lines(world.actor(world.neighbour)) == []


def test_every_row_of_the_mandatory_rule_names_its_source_and_marks_what_is_assumed() -> None:
    rule = mandatory_rule()
    assert {row.id for row in rule.rows if row.verified} == {"open_pit_200", "dump_200", "open_pit_100"}
    assert all(row.source and (row.verified or (row.note_zh and row.note_en)) for row in rule.rows)


def square(west: float, south: float, size: float) -> str:
    ring = [
        [west, south],
        [west + size, south],
        [west + size, south + size],
        [west, south + size],
        [west, south],
    ]
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


def test_density_counts_stations_a_hundred_square_kilometres_and_says_where_no_boundary_is(
    world: World, data: Path
) -> None:
    world.township.change(by=BY, at=T0, kind="bounded", geometry=square(99.0, 25.0, 0.1))
    willow, stone = queries.density(world.actor(world.county))
    assert willow.stations == 2
    assert willow.area_km2 == pytest.approx(11.119 * 11.119 * 0.9059, rel=0.01)
    assert willow.per_100_km2 == pytest.approx(1.786, rel=0.02)
    assert (stone.stations, stone.area_km2, stone.per_100_km2) == (0, None, None)


def test_a_truck_does_not_make_a_township_denser(world: World, data: Path) -> None:
    station("T1", "hazmat_truck", world.upper_willow)
    assert queries.density(world.actor(world.county))[0].stations == 2


def test_a_village_far_from_every_gauge_is_a_blind_spot_with_the_next_one_named(
    world: World, data: Path
) -> None:
    spots = queries.blind_spots(world.actor(world.county))
    assert [spot.code for spot in spots.rain] == ["999901101000", "999901101201"]
    assert spots.rain[0].nearest_code == world.rain.code
    assert spots.rain[0].nearest_km == pytest.approx(distance_km(99.2, 25.0, 99.01, 25.01), rel=1e-6)
    assert queries.blind_spots(world.actor(world.county), within_km=50).rain == ()
    Station.objects.filter(kind="river").update(is_active=False)
    assert queries.blind_spots(world.actor(world.county)).river[0].nearest_km is None


def test_a_place_without_coordinates_is_said_to_be_unjudged(world: World, data: Path) -> None:
    Division.objects.filter(pk=world.far_village.pk).update(lon=None)
    spots = queries.blind_spots(world.actor(world.county))
    assert (spots.unplaced, spots.judged) == (("石桥村",), 4)


@pytest.mark.parametrize(
    ("lon", "lat", "is_seen"),
    [
        (99.0, 25.004, True),
        (99.0, 24.996, False),
        (99.0, 25.006, False),
        (99.003, 25.003, True),
        (99.003, 25.001, False),
    ],
)
def test_a_camera_sees_what_lies_in_its_opening_and_range(lon: float, lat: float, is_seen: bool) -> None:
    camera = Camera(lon=99.0, lat=25.0, azimuth_deg=0.0, angle_deg=90.0, range_m=500.0)
    assert sees(camera, lon, lat) is is_seen


def test_a_camera_that_looks_north_also_sees_a_little_west_of_it() -> None:
    camera = Camera(lon=99.0, lat=25.0, azimuth_deg=5.0, angle_deg=40.0, range_m=1000.0)
    assert bearing_deg(99.0, 25.0, 98.999, 25.005) > 340
    assert sees(camera, 98.9995, 25.005)


def test_points_that_no_camera_sees_are_named(world: World) -> None:
    services.register_camera(
        code="99990100001310000001", name="塔", division=world.upper_willow, lon=99.01, lat=25.0, range_m=1000.0,
        by=BY, at=T0,
    )  # fmt: skip
    points = [("near", 99.011, 25.0), ("far", 99.2, 25.0)]
    assert queries.unseen(world.actor(world.county), points) == ["far"]
    assert queries.unseen(world.actor(world.neighbour), points) == ["near", "far"]


def test_the_outline_of_a_view_is_a_closed_ring_of_the_right_size(world: World) -> None:
    ring = queries.view_of(Camera(lon=99.0, lat=25.0, azimuth_deg=90.0, angle_deg=60.0, range_m=1000.0))
    assert ring is not None
    assert ring[0] == ring[-1] == [99.0, 25.0]
    assert all(distance_km(99.0, 25.0, *point) == pytest.approx(1.0, abs=0.01) for point in ring[1:-1])
    whole = queries.view_of(Camera(lon=99.0, lat=25.0))
    assert whole is not None
    assert whole[0] == whole[-1]
    assert queries.view_of(Camera()) is None
