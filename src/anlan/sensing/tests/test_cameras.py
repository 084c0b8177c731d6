"""The register of cameras, from workbooks and from saved catalogues."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import pytest
from openpyxl import Workbook

from anlan.documents.gb28181 import Catalogue, CatalogueItem
from anlan.documents.imports import ImportReport, import_kind, run_import, write_kind_template
from anlan.journal.models import Entry
from anlan.journal.verify import verify
from anlan.kernel.refusals import Refusal
from anlan.places.coordinates import FarFromCounty
from anlan.sensing import services
from anlan.sensing.access import visible_cameras
from anlan.sensing.models import Camera
from anlan.sensing.refusals import BadCameraCode, BadView, CameraTaken
from anlan.sensing.tests.world import BY, T0, World
from anlan.vocab.posts import Right

CODE, OTHER = "99990100001310000001", "99990100001310000002"
ROW: dict[str, Any] = {
    "视频编码": CODE, "名称": "柳河大桥", "区划代码": "999901100201", "经度": 99.01, "纬度": 25.0, "方位角(°)": 120,
    "视场角(°)": 70, "可视距离(m)": 600, "隐患区标签": "防汛、交通", "避难场所": None, "行业": None,
    "权属单位": "公安局", "共享单位": "政法委", "共享截止": "2027-06-30", "状态": "在线",
}  # fmt: skip


def load(*rows: dict[str, Any], **options: Any) -> ImportReport:
    made, file = Workbook(), io.BytesIO()
    assert made.active is not None
    made.active.append(list(ROW))
    for row in rows:
        made.active.append([row.get(header) for header in ROW])
    made.save(file)
    return run_import(import_kind("cameras"), file, by=options.pop("by", BY), at=T0, **options)


def item(code: str = CODE, **given: Any) -> CatalogueItem:
    fields: dict[str, Any] = {
        "name": "柳河大桥",
        "owner": "",
        "civil_code": "",
        "lon": 99.01,
        "lat": 25.0,
        "is_online": True,
    }
    return CatalogueItem(code=code, **(fields | given))


def take(world: World, *items: CatalogueItem, at: Any = T0) -> services.cameras.CatalogueReport:
    return services.take_catalogue(Catalogue(list(items)), division=world.county, by=BY, at=at)


def test_a_camera_comes_by_workbook_with_what_it_sees_and_who_shares_it(world: World) -> None:
    report = load(ROW)
    assert (report.created, report.problems) == (1, [])
    camera = Camera.objects.get(code=CODE)
    assert (camera.azimuth_deg, camera.angle_deg, camera.range_m) == (120.0, 70.0, 600.0)
    assert (camera.hazard_areas, camera.shared_until) == (["flood", "traffic"], date(2027, 6, 30))
    assert load(ROW).unchanged == 1
    assert load(ROW | {"共享截止": None, "方位角(°)": None, "名称": "柳河新桥"}).changed == 1
    camera.refresh_from_db()
    assert (camera.name, camera.azimuth_deg, camera.shared_until) == ("柳河新桥", 120.0, date(2027, 6, 30))
    assert verify().problems == []


@pytest.mark.parametrize(
    ("spoilt", "column", "code"),
    [
        ({"视频编码": "123"}, "视频编码", "cell.not_a_code"),
        ({"区划代码": "999901100999"}, "区划代码", "row.unknown_division"),
        ({"经度": 102.5}, "经度", "coordinates.far_from_county"),
        ({"方位角(°)": 400}, "方位角(°)", "cell.out_of_range"),
        ({"隐患区标签": "海啸"}, "隐患区标签", "cell.not_allowed"),
        ({"共享截止": "明年"}, "共享截止", "cell.not_a_date"),
    ],
)
def test_a_bad_camera_row_is_named_and_nothing_is_stored(
    world: World, spoilt: dict[str, Any], column: str, code: str
) -> None:
    report = load(ROW | {"视频编码": OTHER}, ROW | spoilt)
    assert [(one.row, one.column, one.code) for one in report.problems] == [(3, column, code)]
    assert not Camera.objects.exists()


def test_a_township_registers_its_own_cameras_only(world: World) -> None:
    actor = world.actor(world.township, rights=(Right.SEE, Right.ADMINISTER))
    report = load(ROW, ROW | {"视频编码": OTHER, "区划代码": "999901101201"}, by=actor, skip_bad=True)
    assert (report.created, [one.code for one in report.problems]) == (1, ["row.unknown_division"])


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"code": "12"}, BadCameraCode),
        ({"azimuth_deg": -1.0}, BadView),
        ({"range_m": 1e9}, BadView),
        ({"lon": 12.0, "lat": 25.0}, FarFromCounty),
    ],
)
def test_a_camera_that_cannot_be_is_refused(
    world: World, given: dict[str, Any], refusal: type[Refusal]
) -> None:
    fields: dict[str, Any] = {"code": CODE, "name": "桥", "division": world.county}
    with pytest.raises(refusal):
        services.register_camera(**(fields | given), by=BY, at=T0)
    assert not Camera.objects.exists()


def test_an_id_is_registered_once(world: World) -> None:
    services.register_camera(code=CODE, name="桥", division=world.county, by=BY, at=T0)
    with pytest.raises(CameraTaken):
        services.register_camera(code=CODE, name="桥", division=world.county, by=BY, at=T0)


def test_a_catalogue_registers_new_cameras_where_their_civil_code_lies(world: World) -> None:
    report = take(world, item(civil_code="999901100201"), item(OTHER, civil_code="440100", is_online=False))
    assert (report.created, report.changed) == (2, 0)
    here, elsewhere = Camera.objects.order_by("code")
    assert (here.division, here.state, here.last_seen) == (world.upper_willow, "online", T0)
    assert (elsewhere.division, elsewhere.state, elsewhere.last_seen) == (world.county, "offline", None)
    assert verify().problems == []


def test_a_catalogue_changes_what_the_device_knows_and_leaves_what_people_entered(world: World) -> None:
    load(ROW)
    later = T0 + timedelta(hours=1)
    report = take(world, item(name="柳河大桥2", is_online=False), at=later)
    assert (report.created, report.changed) == (0, 1)
    camera = Camera.objects.get()
    assert (camera.name, camera.state, camera.azimuth_deg, camera.hazard_areas) == (
        "柳河大桥2", "offline", 120.0, ["flood", "traffic"],
    )  # fmt: skip
    assert camera.division == world.upper_willow


def test_the_same_catalogue_again_writes_no_entry_and_notes_that_the_camera_was_seen(world: World) -> None:
    take(world, item())
    before, later = Entry.objects.count(), T0 + timedelta(hours=1)
    report = take(world, item(), at=later)
    assert (report.unchanged, Entry.objects.count()) == (1, before)
    assert Camera.objects.get().last_seen == later


def test_a_position_far_from_the_county_is_left_out_and_counted(world: World) -> None:
    report = take(world, item(lon=113.0, lat=23.0))
    assert report.misplaced == 1
    assert Camera.objects.get().lon is None


def test_a_catalogue_does_not_touch_cameras_of_a_neighbour(world: World) -> None:
    services.register_camera(code=CODE, name="桥", division=world.far_village, by=BY, at=T0)
    actor = world.actor(world.township, rights=(Right.SEE, Right.ADMINISTER))
    found = services.take_catalogue(Catalogue([item(name="改名")]), division=world.township, by=actor, at=T0)
    assert (found.elsewhere, found.changed) == (1, 0)
    assert Camera.objects.get().name == "桥"
    assert list(visible_cameras(actor)) == []


def test_the_template_is_read_without_complaint(world: World) -> None:
    file = io.BytesIO()
    write_kind_template(import_kind("cameras"), file)
    report = run_import(import_kind("cameras"), file, by=BY, at=T0)
    assert (report.ok, report.created) == (True, 0)
