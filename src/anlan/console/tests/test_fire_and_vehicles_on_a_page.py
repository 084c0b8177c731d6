"""Fire devices by building and vehicles now, as the duty officer sees them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from anlan.console.tests.scenes import store
from anlan.sensing import services
from anlan.sensing.models import FireDevice, Station, StationState
from anlan.testing import County
from anlan.vocab.quality import QualityFlag

HOSPITAL, SCHOOL = "县医院住院楼", "中心小学教学楼"
UNIT, TRUCK, RESCUE = "990001", "10012345678", "10012345679"


def place(
    county: County, code: str, name: str, kind: str, where: str = "Upper Willow", **more: str
) -> Station:
    return services.register_station(
        code=code,
        name=name,
        kind=kind,
        division=county.divisions[where],
        lon=102.92,
        lat=27.41,
        owner=more.get("owner", ""),
        by=county.by,
        at=county.now,
    )


def device(county: County, station: Station, point: str, building: str, kind: int, room: str = "") -> None:
    row = FireDevice(station=station, point=point, building=building, component_type=kind, room=room)
    row.record(by=county.by, at=county.now, kind="registered")


def said(
    data: Path, code: str, quantity: str, value: str, at: datetime, flag: QualityFlag = QualityFlag.GOOD
) -> None:
    store(data, code, quantity, [(at, value, flag)])


def text(client: Client, name: str, query: str = "") -> str:
    answer = client.get(reverse(f"console:{name}") + query)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def unit(county: County, data: Path) -> Station:
    """A hospital with a smoke detector in alarm, a shielded one and one never heard; a school at rest."""
    station = place(county, UNIT, "医院传输装置", "fire_device")
    device(county, station, "1.2.42.5", HOSPITAL, 42, "东侧走廊")
    device(county, station, "1.2.42.6", HOSPITAL, 42)
    device(county, station, "1.2.31.7", HOSPITAL, 31)
    device(county, station, "1.2.42.8", SCHOOL, 42)
    for point, state in {"1.2.42.5": "2", "1.2.42.6": "8", "1.2.42.8": "1"}.items():
        said(data, UNIT, f"fire_state@{point}", state, county.now)
    return station


def test_a_building_shows_its_devices_in_words_with_alarms_first(county: County, unit: Station) -> None:
    page = text(county.client("Chen", language="zh-hans"), "fire_buildings")
    order = [page.index(word) for word in (HOSPITAL, "火警", "屏蔽", "尚无消息", SCHOOL, "正常")]
    assert order[0] < order[1] < order[2]
    assert page.index(HOSPITAL) < page.index(SCHOOL)
    assert "东侧走廊" in page
    assert "点型光电感烟火灾探测器" in page


def test_only_what_is_not_at_rest_leaves_the_quiet_out(county: County, unit: Station) -> None:
    unit.change(by=county.by, at=county.now, kind="heard", state=StationState.REPORTING)
    page = text(county.client("Chen", language="zh-hans"), "fire_buildings", "?show=open")
    assert HOSPITAL in page
    assert SCHOOL not in page


def test_a_transmission_device_that_fell_silent_is_said_beside_its_last_words(
    county: County, unit: Station
) -> None:
    unit.change(by=county.by, at=county.now, kind="silent", state=StationState.SILENT)
    page = text(county.client("Chen", language="zh-hans"), "fire_buildings", "?show=open")
    assert "离线" in page
    assert SCHOOL in page


def test_an_alarm_of_a_point_in_no_register_is_shown_all_the_same(
    county: County, unit: Station, data: Path
) -> None:
    said(data, UNIT, "fire_state@1.2.23.99", "2", county.now)
    page = text(county.client("Chen", language="zh-hans"), "fire_buildings")
    assert "手动火灾报警按钮" in page
    assert "1.2.23.99" in page
    assert "未登记" in page


def test_the_neighbour_sees_no_building_of_another_township(county: County, unit: Station) -> None:
    assert HOSPITAL not in text(county.client("Liu", language="zh-hans"), "fire_buildings")


@pytest.fixture
def truck(county: County, data: Path) -> Station:
    return place(county, TRUCK, "危化品车01", "hazmat_truck", owner="云岭运输公司")


def drive(
    data: Path, code: str, at: datetime, *, flag: QualityFlag = QualityFlag.GOOD, lat: str = "27.405"
) -> None:
    said(data, code, "position_lat", lat, at, flag)
    said(data, code, "position_lon", "102.925", at, flag)
    said(data, code, "vehicle_speed", "64.0", at)
    said(data, code, "vehicle_direction", "90", at)


def on_map(client: Client) -> dict[str, dict]:  # type: ignore[type-arg]  # GeoJSON
    body = client.get(reverse("console:map_vehicles")).content
    return {one["properties"]["code"]: one for one in json.loads(body)["features"]}


def test_a_vehicle_is_on_the_list_and_on_the_map_where_it_last_was(
    county: County, truck: Station, data: Path
) -> None:
    drive(data, TRUCK, county.now - timedelta(minutes=2))
    page = text(county.client("Chen", language="zh-hans"), "vehicles")
    for word in ("危化品车01", "27.40500, 102.92500", "云岭运输公司", "64 km/h", "东"):
        assert word in page
    drawn = on_map(county.client("Chen", language="zh-hans"))[TRUCK]
    assert drawn["geometry"] == {"type": "Point", "coordinates": [102.925, 27.405]}
    assert drawn["properties"]["state"] == "ok"


@pytest.mark.parametrize(("minutes", "is_old"), [(30, False), (31, True)])
def test_a_position_older_than_half_an_hour_is_called_old(
    county: County, truck: Station, data: Path, minutes: int, is_old: bool
) -> None:
    drive(data, TRUCK, county.now - timedelta(minutes=minutes))
    assert (
        'chip--unanswered">旧位置' in text(county.client("Chen", language="zh-hans"), "vehicles_fragment")
    ) is is_old
    assert (
        on_map(county.client("Chen", language="zh-hans"))[TRUCK]["properties"]["state"] == "silent"
    ) is is_old


def test_a_doubtful_position_is_struck_through_and_not_drawn(
    county: County, truck: Station, data: Path
) -> None:
    drive(data, TRUCK, county.now, flag=QualityFlag.SPIKE)
    assert '<s class="flagged">27.40500' in text(county.client("Chen", language="zh-hans"), "vehicles")
    assert on_map(county.client("Chen", language="zh-hans")) == {}


def test_a_latitude_of_one_report_and_a_longitude_of_another_are_no_place(
    county: County, truck: Station, data: Path
) -> None:
    drive(data, TRUCK, county.now - timedelta(minutes=5))
    said(data, TRUCK, "position_lat", "27.5", county.now)
    assert on_map(county.client("Chen", language="zh-hans")) == {}


def test_a_vehicle_without_a_position_is_on_the_list_only(county: County, truck: Station, data: Path) -> None:
    assert "尚无位置" in text(county.client("Chen", language="zh-hans"), "vehicles")
    assert on_map(county.client("Chen", language="zh-hans")) == {}


def test_vehicles_are_not_drawn_a_second_time_where_they_were_registered(
    county: County, truck: Station, data: Path
) -> None:
    drive(data, TRUCK, county.now)
    body = county.client("Chen", language="zh-hans").get(reverse("console:map_stations")).content
    assert TRUCK not in {one["properties"]["code"] for one in json.loads(body)["features"]}


def test_the_neighbour_sees_only_vehicles_registered_with_it(
    county: County, truck: Station, data: Path
) -> None:
    place(county, RESCUE, "救援车02", "rescue_vehicle", "North Slope")
    for code in (TRUCK, RESCUE):
        drive(data, code, county.now)
    page = text(county.client("Liu", language="zh-hans"), "vehicles")
    assert "救援车02" in page
    assert "危化品车01" not in page
    assert list(on_map(county.client("Liu", language="zh-hans"))) == [RESCUE]
