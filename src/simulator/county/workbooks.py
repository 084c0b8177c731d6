"""The county as files: the import workbooks, the division list, GeoJSON layers and the world file."""

import csv
import json
from collections.abc import Iterable
from pathlib import Path

from openpyxl import Workbook
from shapely.geometry import mapping

from simulator.county.build import County
from simulator.county.divisions import to_degrees
from simulator.county.enterprises import PATIENCE_MIN
from simulator.county.stations import SILENT_AFTER_S, gauge_point
from simulator.world import save_world

Cell = str | int | float | None

PLACES = ["区划代码", "上级代码", "名称", "类别", "经度", "纬度", "户数", "人口"]
CONTACTS = [
    "区划代码",
    "单位",
    "岗位",
    "角色",
    "姓名",
    "手机",
    "座机",
    "邮箱",
    "职责标签",
    "技能",
    "登记编号",
]
STATIONS = ["站码", "站名", "类别", "区划代码", "经度", "纬度", "主管单位", "离线时限(分钟)"]
STATIONS += ["警戒水位(m)", "保证水位(m)", "历史最高水位(m)", "协议", "线路地址", "属性"]
ENTERPRISES = ["企业代码", "上级代码", "企业名称", "行业", "经度", "纬度"]
DEPARTMENTS = ["部门代码", "县代码", "部门名称"]
CAMERAS = ["视频编码", "名称", "区划代码", "经度", "纬度", "方位角(°)", "视场角(°)", "可视距离(m)"]
CAMERAS += ["隐患区标签", "避难场所", "行业", "权属单位", "共享单位", "共享截止", "状态"]
WINDOWS_MIN = [60, 180, 360, 1440]
LINKS = ["站码", "区划代码"]
LINKS += [f"{m // 60}小时{stage}(mm)" for m in WINDOWS_MIN for stage in ("准备转移", "立即转移")]
ZONES = ["编号", "名称", "灾种", "区划代码", "边界", "户数", "人口"]
SITES = ["场所代码", "上级代码", "名称", "类别", "经度", "纬度", "白天人数", "夜间人数", "需要帮助人数"]
HAZARD_SITES = ["编号", "名称", "类别", "区划代码", "经度", "纬度", "威胁户数", "威胁人数", "监测人"]
HOUSEHOLDS = ["危险区编号", "户主", "人数", "电话", "需要帮助", "帮扶责任人", "经度", "纬度"]


def _write_workbook(path: Path, title: str, header: list[str], rows: Iterable[list[Cell]]) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None  # a new workbook always has one sheet
    sheet.title = title
    sheet.append(header)
    for row in rows:
        sheet.append(row)
    book.save(path)


def _places(county: County) -> Iterable[list[Cell]]:
    for village in county.villages:
        for hamlet in village.hamlets:
            lon, lat = to_degrees((hamlet.x_km, hamlet.y_km))
            yield [
                hamlet.code,
                village.code,
                hamlet.name,
                hamlet.kind,
                lon,
                lat,
                hamlet.households,
                hamlet.population,
            ]


def _contacts(county: County) -> Iterable[list[Cell]]:
    for c in county.contacts:
        row: list[Cell] = [c.division, c.organisation, c.post, c.role, c.name, c.mobile]
        yield [
            *row,
            c.landline or None,
            c.mail or None,
            c.labels or None,
            c.skills or None,
            c.registration or None,
        ]


def _stations(county: County) -> Iterable[list[Cell]]:
    minutes = SILENT_AFTER_S // 60
    for s in county.rain_stations:
        lon, lat = to_degrees((s.x_km, s.y_km))
        yield [s.code, s.name, "雨量站", s.division, lon, lat, "云岭县水务局", minutes, None, None, None]
    for g in county.river_gauges:
        lon, lat = to_degrees(gauge_point(g, county.rivers, county.villages))
        row: list[Cell] = [g.code, g.name, "水位站", g.division, lon, lat, "云岭县水文站", minutes]
        yield [*row, g.warning_stage_m, g.guaranteed_stage_m, g.historic_max_m]
    for enterprise in county.enterprises:
        for one in enterprise.stations:
            head: list[Cell] = [one.code, one.name, one.kind, enterprise.code, enterprise.lon, enterprise.lat]
            yield [
                *head,
                enterprise.name,
                PATIENCE_MIN,
                None,
                None,
                None,
                one.protocol or None,
                None,
                one.facts,
            ]


def _enterprises(county: County) -> Iterable[list[Cell]]:
    for one in county.enterprises:
        yield [one.code, one.parent, one.name, one.trade, one.lon, one.lat]


def _departments(county: County) -> Iterable[list[Cell]]:
    for one in county.departments:
        yield [one.code, one.parent, one.name]


def _cameras(county: County) -> Iterable[list[Cell]]:
    for one in county.cameras:
        row: list[Cell] = [one.code, one.name, one.division, one.lon, one.lat, one.azimuth, one.angle]
        row += [one.range_m, one.areas or None, one.shelter or None, one.trade or None, one.owner]
        yield [*row, one.shared_with or None, None, None]


def _links(county: County) -> Iterable[list[Cell]]:
    for link in county.links:
        row: list[Cell] = [link.station, link.division]
        for minutes in WINDOWS_MIN:
            row += list(link.own.get(minutes, (None, None)))
        yield row


def _zones(county: County) -> Iterable[list[Cell]]:
    for zone in county.zones:
        ring = ";".join(f"{lon:.6f} {lat:.6f}" for lon, lat in zone.ring)
        people = sum(home.members for home in zone.households)
        yield [zone.number, zone.name, "山洪", zone.division, ring, len(zone.households), people]


def _households(county: County) -> Iterable[list[Cell]]:
    for home in (home for zone in county.zones for home in zone.households):
        help_ = "是" if home.needs_help else "否"
        row: list[Cell] = [home.zone, home.head, home.members, home.phone or None, help_, home.helper or None]
        yield [*row, home.lon, home.lat]


def _sites(county: County) -> Iterable[list[Cell]]:
    for one in county.sites:
        row: list[Cell] = [one.code, one.parent, one.name, one.kind, one.lon, one.lat]
        yield [*row, one.day, one.night, one.needs]


def _hazard_sites(county: County) -> Iterable[list[Cell]]:
    for one in county.hazard_sites:
        row: list[Cell] = [one.code, one.name, one.kind, one.division, one.lon, one.lat]
        yield [*row, one.households, one.people, one.watcher or None]


def _divisions_csv(county: County, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["code", "name", "parent", "level", "lon", "lat", "population", "households"])
        for d in county.divisions:
            lon, lat = to_degrees((d.x_km, d.y_km))
            out.writerow([d.code, d.name, d.parent, d.level, lon, lat, d.population, d.households])


def _geojson(path: Path, features: list[dict[str, object]]) -> None:
    text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def _boundaries(county: County) -> list[dict[str, object]]:
    return [
        {
            "type": "Feature",
            "properties": {"code": d.code, "name": d.name, "level": d.level},
            "geometry": mapping(d.shape),
        }
        for d in county.divisions
    ]


def _rivers(county: County) -> list[dict[str, object]]:
    return [
        {
            "type": "Feature",
            "properties": {
                "name": river.name,
                "joins": river.joins,
                "elevation_m": [round(height, 2) for height in river.elevation_m],
            },
            "geometry": {"type": "LineString", "coordinates": [to_degrees(p) for p in river.line_km]},
        }
        for river in county.rivers
    ]


def write_county(county: County, folder: Path) -> list[Path]:
    """Write every file of the county into the folder; returns what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    _divisions_csv(county, folder / "divisions.csv")
    books: list[tuple[str, str, list[str], Iterable[list[Cell]]]] = [
        ("places.xlsx", "自然村和组", PLACES, _places(county)),
        ("departments.xlsx", "部门", DEPARTMENTS, _departments(county)),
        ("contacts.xlsx", "联系人", CONTACTS, _contacts(county)),
        ("enterprises.xlsx", "企业", ENTERPRISES, _enterprises(county)),
        ("stations.xlsx", "测站", STATIONS, _stations(county)),
        ("cameras.xlsx", "摄像头", CAMERAS, _cameras(county)),
        ("links.xlsx", "测站村庄关联", LINKS, _links(county)),
        ("sites.xlsx", "场所", SITES, _sites(county)),
        ("hazard_sites.xlsx", "隐患点", HAZARD_SITES, _hazard_sites(county)),
        ("zones.xlsx", "危险区", ZONES, _zones(county)),
        ("households.xlsx", "危险区住户", HOUSEHOLDS, _households(county)),
    ]
    for name, title, header, rows in books:
        _write_workbook(folder / name, title, header, rows)
    _geojson(folder / "boundaries.geojson", _boundaries(county))
    _geojson(folder / "rivers.geojson", _rivers(county))
    save_world(county.world(), folder / "world.json")
    names = [
        "divisions.csv",
        *(book[0] for book in books),
        "boundaries.geojson",
        "rivers.geojson",
        "world.json",
    ]
    return [folder / name for name in names]
