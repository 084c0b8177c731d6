"""Boards and cameras on the desk."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from anlan.console.tests.scenes import RAIN, readings, store
from anlan.console.tests.test_every_page_speaks_chinese import english_in
from anlan.documents.tests.test_catalogues_of_cameras import FIRST, SECOND, item, message
from anlan.journal.models import Entry
from anlan.journal.verify import verify
from anlan.places.services import load_divisions
from anlan.places.types import DivisionRow
from anlan.sensing import queries
from anlan.sensing import services as sensing
from anlan.sensing.models import Camera, Station
from anlan.testing import County
from anlan.vocab.divisions import DivisionLevel

BRIDGE = "99990100001310000077"


@pytest.fixture
def bridge(county: County, data: Path) -> Camera:
    return sensing.register_camera(
        code=BRIDGE, name="柳河大桥", division=county.divisions["Upper Willow"], lon=102.92, lat=27.41,
        azimuth_deg=90.0, angle_deg=60.0, range_m=500.0, hazard_areas=["flood"], owner="公安局", state="online",
        shared_with="政法委", shared_until=date(2026, 7, 20), by=county.by, at=county.now,
    )  # fmt: skip


def page(county: County, address: str, who: str = "Chen", language: str = "zh-hans") -> str:
    answer = county.client(who, language=language).get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_board_says_how_many_are_connected_and_leads_to_the_stations(
    county: County, stations: dict[str, Station], data: Path
) -> None:
    store(data, RAIN, "rain_5min", readings(["2.5"] * 3, until=county.now))
    text = page(county, "/boards/")
    assert "水务局" in text
    assert "未填写" in text  # the owner is the usual one, nobody entered it
    assert 'href="/stations/?kind=rain"' in text


def test_arrivals_are_shown_by_owner_and_open_into_stations(
    county: County, stations: dict[str, Station], data: Path
) -> None:
    assert "还没有统计" in page(county, "/boards/arrival/")
    store(data, RAIN, "rain_5min", readings(["2.5"] * 24, until=county.now))
    queries.count_arrivals(at=county.now + timedelta(minutes=5))
    text = page(county, "/boards/arrival/?days=1&day=2026-07-01&owner=水务局")
    assert "上柳雨量站" in text
    assert "24 / 96" in text
    assert "≤ 1 s" in text
    assert "上柳雨量站" not in page(county, "/boards/arrival/?days=1&day=2026-07-01&owner=水务局", "Liu")


def test_coverage_names_places_far_from_a_gauge_and_marks_the_distance_as_assumed(
    county: County, stations: dict[str, Station]
) -> None:
    text = page(county, "/boards/coverage/?km=3")
    assert "没有边界" in text
    assert "假定" in text
    assert "北坡村" in text  # no river gauge near


def test_who_must_be_connected_and_is_not_is_listed_with_the_rule_and_its_source(
    county: County, data: Path
) -> None:
    sensing.register_station(
        code="LTK-1", name="小黑山采场", kind="open_pit_slope", division=county.divisions["Upper Willow"], lon=102.92,
        lat=27.41, attributes={"slope_height_m": 230.0}, by=county.by, at=county.now,
    )  # fmt: skip
    text = page(county, "/boards/mandatory/")
    assert "边坡高度超过200米的露天矿山 · 230 m" in text
    assert "未接入" in text
    assert "A-10" in text
    assert "小黑山采场" not in page(county, "/boards/mandatory/", "Liu")


def test_an_enterprise_without_a_safety_manager_is_marked(county: County, data: Path) -> None:
    row = DivisionRow(
        "999901101201-Q1", "青石矿业", "999901101201", DivisionLevel.ENTERPRISE, trade="tailings"
    )
    load_divisions([row], by=county.by, at=county.now)
    text = page(county, "/boards/enterprises/")
    assert "青石矿业" in text
    assert "无人" in text
    assert "青石矿业" not in page(county, "/boards/enterprises/?trade=fireworks")
    assert "青石矿业" not in page(county, "/boards/enterprises/", "Liu")


def test_a_camera_whose_agreement_ends_soon_is_marked(county: County, bridge: Camera) -> None:
    text = page(county, "/boards/cameras/")
    assert "即将到期" in text
    assert "柳河大桥" in page(county, "/boards/cameras/?sharing=ending")
    bridge.change(by=county.by, at=county.now, kind="changed", shared_until=date(2028, 1, 1))
    assert "即将到期" not in page(county, "/boards/cameras/")


@pytest.mark.parametrize(
    ("query", "is_kept"),
    [
        ("?area=flood", True),
        ("?area=forest_fire", False),
        ("?state=offline", False),
        ("?q=大桥", True),
        ("?q=77", True),
        ("?trade=mine", False),
        ("?q=公安", True),
    ],
)
def test_cameras_are_filtered_by_text_area_trade_and_state(
    county: County, bridge: Camera, query: str, is_kept: bool
) -> None:
    assert (f"/boards/cameras/at/{BRIDGE}/" in page(county, f"/boards/cameras/{query}")) is is_kept


def test_a_camera_is_drawn_with_what_it_sees(county: County, bridge: Camera) -> None:
    features = county.client("Chen").get("/map/cameras.json").json()["features"]
    assert [one["geometry"]["type"] for one in features] == ["Polygon", "Point"]
    assert features[1]["properties"]["state_text"] == "on line"
    assert county.client("Liu").get("/map/cameras.json").json()["features"] == []


def test_the_page_of_a_camera_marks_what_is_assumed(county: County, bridge: Camera) -> None:
    assert "假定" not in page(county, f"/boards/cameras/at/{BRIDGE}/")
    bridge.change(by=county.by, at=county.now, kind="changed", range_m=None)
    assert "假定" in page(county, f"/boards/cameras/at/{BRIDGE}/")


def test_a_catalogue_is_read_from_files_and_journaled(county: County, bridge: Camera) -> None:
    files = [
        SimpleUploadedFile("1.xml", message(item(FIRST), total="3").encode("gb2312")),
        SimpleUploadedFile("2.xml", message(item(SECOND, status="OFF"), total="3").encode("gb2312")),
        SimpleUploadedFile("3.xml", b"no"),
    ]
    browser = county.client("He", language="zh-hans")
    answer = browser.post("/boards/cameras/catalogue/", {"files": files}, follow=True)
    text = answer.content.decode()
    assert "新增 2" in text
    assert "3.xml" in text
    assert "1 个设备已公布但未出现" in text
    assert Camera.objects.filter(code__in=[FIRST, SECOND]).count() == 2
    assert Entry.objects.filter(kind="camera.catalogue_read").count() == 1
    assert verify().problems == []


def test_files_without_a_catalogue_are_refused_and_nothing_changes(county: County, bridge: Camera) -> None:
    before = Entry.objects.count()
    files = [SimpleUploadedFile("1.xml", b"<a/>")]
    assert county.client("He").post("/boards/cameras/catalogue/", {"files": files}).status_code == 400
    assert county.client("Li").post("/boards/cameras/catalogue/", {"files": files}).status_code == 403
    assert Entry.objects.count() == before


@pytest.mark.parametrize(
    "route",
    [
        "",
        "arrival/?day=2026-07-01&owner=水务局",
        "coverage/",
        "mandatory/",
        "enterprises/",
        "cameras/",
        f"cameras/at/{BRIDGE}/",
    ],
)
def test_every_board_speaks_chinese(
    county: County, stations: dict[str, Station], data: Path, bridge: Camera, route: str
) -> None:
    store(data, RAIN, "rain_5min", readings(["2.5"] * 24, until=county.now))
    queries.count_arrivals(at=county.now + timedelta(minutes=5))
    for n, kind in enumerate(("open_pit_slope", "major_hazard", "mine_e_seal")):
        sensing.register_station(
            code=f"9{n}", name="小黑山", kind=kind, division=county.divisions["Upper Willow"], lon=102.92, lat=27.41,
            by=county.by, at=county.now,
        )  # fmt: skip
    row = DivisionRow(
        "999901101201-Q1", "青石矿业", "999901101201", DivisionLevel.ENTERPRISE, trade="fireworks"
    )
    load_divisions([row], by=county.by, at=county.now)
    text = page(county, f"/boards/{route}")
    own = text[text.index("<main") : text.index("</main>")]
    english = [piece for piece in english_in(own) if not re.fullmatch(r"[\d.]* ?km²?", piece)]
    assert english == []


def test_the_board_of_a_long_list_asks_no_more_than_that_of_a_short_one(
    county: County, stations: dict[str, Station], data: Path
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            for route in ("/boards/", "/boards/mandatory/", "/boards/enterprises/", "/boards/coverage/"):
                page(county, route)
        return len(seen)

    few = cost()
    for n in range(12):
        sensing.register_station(
            code=f"W{n}", name=f"库{n}", kind="tailings_pond", division=county.divisions["Upper Willow"], lon=102.92,
            lat=27.41, by=county.by, at=county.now,
        )  # fmt: skip
    assert cost() <= few + 2
