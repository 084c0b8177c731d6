"""The county must be believable: people who know one will look at it."""

import json
from collections import Counter
from functools import cache
from math import hypot
from pathlib import Path

import pytest
from openpyxl import load_workbook
from shapely.geometry import LineString, Point, Polygon, shape

from simulator.county.build import County, build_county
from simulator.county.divisions import bend, to_degrees, unbend
from simulator.county.people import OFFICER
from simulator.county.workbooks import write_county
from simulator.world import WorldError, load_world


@cache
def county_of(seed: int) -> County:
    return build_county(seed)


@pytest.fixture(scope="module", params=[1, 7])
def county(request: pytest.FixtureRequest) -> County:
    return county_of(int(request.param))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("county")
    write_county(county_of(1), target)
    return target


def _rows(path: Path) -> list[tuple[object, ...]]:
    sheet = load_workbook(path).active
    assert sheet is not None
    return [tuple(row) for row in sheet.iter_rows(values_only=True)]


def test_there_are_13_townships_139_villages_and_about_300000_people(county: County) -> None:
    levels = Counter(division.level for division in county.divisions)
    assert levels == {"county": 1, "township": 13, "village": 139}
    assert abs(county.divisions[0].population - 300_000) < 150
    assert all(2 <= len(village.hamlets) <= 4 for village in county.villages)
    assert all(v.population == sum(h.population for h in v.hamlets) for v in county.villages)


def test_codes_are_unique_and_follow_their_parents(county: County) -> None:
    codes = [d.code for d in county.divisions] + [h.code for v in county.villages for h in v.hamlets]
    assert len(set(codes)) == len(codes)
    by_code = {d.code: d for d in county.divisions}
    for village in county.villages:
        assert village.code.startswith(by_code[village.parent].code[:9])
    assert len({v.name for v in county.villages}) == 139


def test_water_runs_downhill_and_reaches_a_larger_river_or_the_border(county: County) -> None:
    by_name = {river.name: river for river in county.rivers}
    for river in county.rivers:
        falls = [a > b for a, b in zip(river.elevation_m, river.elevation_m[1:], strict=False)]
        assert all(falls), river.name
        if river.joins is not None:
            mouth = Point(river.line_km[-1])
            assert LineString(by_name[river.joins].line_km).distance(mouth) < 0.3


def test_villages_lie_in_valleys_inside_their_own_borders(county: County) -> None:
    for village in county.villages:
        assert village.shape.is_valid
        assert village.shape.contains(Point(to_degrees((village.x_km, village.y_km))))
        around = county.terrain.mean_around(village.x_km, village.y_km)
        assert county.terrain.elevation_at(village.x_km, village.y_km) < around


def test_neighbours_share_their_border_without_gap_or_overlap(county: County) -> None:
    whole = county.divisions[0].shape
    for level in ("township", "village"):
        parts = [d.shape for d in county.divisions if d.level == level]
        assert sum(part.area for part in parts) == pytest.approx(whole.area, rel=1e-6)
    townships = [d for d in county.divisions if d.level == "township"]
    assert all(isinstance(t.shape, Polygon) for t in townships)


def test_sixty_rain_stations_and_twelve_gauges_have_their_own_codes(county: County) -> None:
    codes = [s.code for s in county.rain_stations] + [g.code for g in county.river_gauges]
    assert (len(county.rain_stations), len(county.river_gauges)) == (60, 12)
    assert len(set(codes)) == 72
    assert all(len(bytes.fromhex(code)) == 5 for code in codes)
    for gauge in county.river_gauges:
        assert gauge.warning_stage_m < gauge.guaranteed_stage_m < gauge.historic_max_m


def test_every_village_has_a_rain_station_and_every_gauge_its_village(county: County) -> None:
    rain = {s.code for s in county.rain_stations}
    assert {link.division for link in county.links if link.station in rain} == {
        v.code for v in county.villages
    }
    linked = {(link.station, link.division) for link in county.links}
    assert len(linked) == len(county.links)
    assert all((g.code, g.division) in linked for g in county.river_gauges)
    assert sum(bool(link.own) for link in county.links) == 16


def test_danger_zones_hold_their_households_beside_a_river(county: County) -> None:
    lines = [LineString([to_degrees(p) for p in river.line_km]) for river in county.rivers]
    villages = {v.code: v for v in county.villages}
    assert len(county.zones) == 32
    for zone in county.zones:
        ring = Polygon(zone.ring)
        assert ring.is_valid
        assert min(line.distance(ring) for line in lines) == 0
        assert villages[zone.division].shape.buffer(1e-4).covers(ring)
        assert all(ring.contains(Point(home.lon, home.lat)) for home in zone.households)


def test_the_planted_register_problems_are_there_and_are_the_only_ones(county: County) -> None:
    officers = [c for c in county.contacts if c.post == OFFICER and len(c.division) == 12]
    seats = Counter((c.division, c.role) for c in officers)
    assert set(seats.values()) == {1}
    without_b = [v.code for v in county.villages if (v.code, "B") not in seats]
    assert len(without_b) == 1
    places_of: dict[str, set[str]] = {}
    for officer in officers:
        places_of.setdefault(officer.mobile, set()).add(officer.division)
    assert sum(len(places) > 1 for places in places_of.values()) == 1
    shared = [
        d for d in {o.division for o in officers} if len({o.mobile for o in officers if o.division == d}) == 1
    ]
    assert len(shared) == 2  # one on a shared phone, one without a B


def test_every_phone_is_of_the_unassigned_range(county: County) -> None:
    phones = [person.phone for person in county.world().people]
    assert len(set(phones)) == len(phones)
    assert all(len(phone) == 11 and phone.startswith("100") for phone in phones)


def test_three_enterprises_have_stations_to_connect_and_somebody_who_answers(county: County) -> None:
    kinds = {station.kind for one in county.enterprises for station in one.stations}
    assert kinds == {"尾矿库", "重大危险源", "矿山电子封条", "露天矿山边坡在线监测"}
    managers = {c.division for c in county.contacts if c.post == "企业安全管理员"}
    assert managers == {one.code for one in county.enterprises}
    assert all(len(camera.code) == 20 and camera.code.isdigit() for camera in county.cameras)


def test_fourteen_departments_have_a_duty_room_and_every_township_a_leader(county: County) -> None:
    rooms = {c.division for c in county.contacts if c.post == "部门值班室"}
    assert rooms == {one.code for one in county.departments}
    assert len(rooms) == 14
    leaders = [c.division for c in county.contacts if c.post == "乡镇带班领导"]
    assert sorted(leaders) == sorted(d.code for d in county.divisions if d.level == "township")


def test_the_cast_of_the_duty_room_is_present(county: County) -> None:
    first = {(c.post, c.role): c for c in reversed(county.contacts)}
    assert first["县值班员", "A"].name.startswith("陈")
    assert first["指挥长", "A"].name.startswith("王")
    assert {"县值班长", "带班领导"} <= {c.post for c in county.contacts}
    willow = next(v for v in county.villages if v.name == "上柳村")
    zhao = next(c for c in county.contacts if (c.division, c.post, c.role) == (willow.code, OFFICER, "A"))
    assert zhao.name.startswith("赵")


def test_the_same_seed_gives_the_same_files_and_another_seed_does_not(tmp_path: Path, folder: Path) -> None:
    again, other = tmp_path / "again", tmp_path / "other"
    write_county(build_county(1), again)
    write_county(county_of(7), other)
    for path in sorted(folder.glob("*.xlsx")):
        assert _rows(path) == _rows(again / path.name), path.name
    for name in ("divisions.csv", "boundaries.geojson", "rivers.geojson", "world.json"):
        assert (folder / name).read_bytes() == (again / name).read_bytes()
        assert (folder / name).read_bytes() != (other / name).read_bytes()


@pytest.mark.parametrize(
    ("name", "header", "rows"),
    [
        (
            "stations.xlsx",
            ("站码", "站名", "类别", "区划代码", "经度", "纬度", "主管单位", "离线时限(分钟)"),
            72 + 4,
        ),
        (
            "links.xlsx",
            ("站码", "区划代码", "1小时准备转移(mm)", "1小时立即转移(mm)", "3小时准备转移(mm)"),
            None,
        ),
        (
            "contacts.xlsx",
            ("区划代码", "单位", "岗位", "角色", "姓名", "手机", "座机", "邮箱"),
            10 + 39 + 416 + 3 + 34 + 14 + 13,
        ),
        ("departments.xlsx", ("部门代码", "县代码", "部门名称"), 14),
        ("enterprises.xlsx", ("企业代码", "上级代码", "企业名称", "行业", "经度", "纬度"), 3),
        ("cameras.xlsx", ("视频编码", "名称", "区划代码", "经度", "纬度", "方位角(°)", "视场角(°)"), 8),
        (
            "sites.xlsx",
            ("场所代码", "上级代码", "名称", "类别", "经度", "纬度", "白天人数", "夜间人数", "需要帮助人数"),
            None,
        ),
        (
            "hazard_sites.xlsx",
            ("编号", "名称", "类别", "区划代码", "经度", "纬度", "威胁户数", "威胁人数", "监测人"),
            24,
        ),
        ("zones.xlsx", ("编号", "名称", "灾种", "区划代码", "边界", "户数", "人口"), 32),
        ("households.xlsx", ("危险区编号", "户主", "人数", "电话", "需要帮助", "帮扶责任人"), None),
        ("places.xlsx", ("区划代码", "上级代码", "名称", "类别", "经度", "纬度", "户数", "人口"), None),
    ],
)
def test_workbooks_have_the_import_headers(
    folder: Path, name: str, header: tuple[str, ...], rows: int | None
) -> None:
    found = _rows(folder / name)
    assert found[0][: len(header)] == header
    assert rows is None or len(found) - 1 == rows
    assert len(found) > 1


def test_the_geojson_layers_parse_and_rivers_carry_falling_elevations(folder: Path) -> None:
    boundaries = json.loads((folder / "boundaries.geojson").read_text())["features"]
    assert len(boundaries) == 153
    assert all(shape(feature["geometry"]).is_valid for feature in boundaries)
    for feature in json.loads((folder / "rivers.geojson").read_text())["features"]:
        heights = feature["properties"]["elevation_m"]
        assert len(heights) == len(feature["geometry"]["coordinates"])
        assert heights == sorted(heights, reverse=True)


def test_the_world_file_reads_back_as_it_was(folder: Path) -> None:
    assert load_world(folder / "world.json") == county_of(1).world()


def test_a_file_that_is_no_world_is_refused_with_the_next_step(tmp_path: Path) -> None:
    (tmp_path / "world.json").write_text('{"seed": 1}')
    with pytest.raises(WorldError, match="simulator county"):
        load_world(tmp_path / "world.json")


def test_bending_the_map_can_be_undone() -> None:
    for point in [(0.0, 0.0), (-20.0, 7.5), (13.3, -21.1)]:
        back = unbend(bend(point))
        assert hypot(back[0] - point[0], back[1] - point[1]) < 1e-9
