"""The workbooks of stations and links, as people fill them in."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from openpyxl import Workbook

from anlan.documents.imports import ImportReport, import_kind, run_import, write_kind_template
from anlan.journal.models import Entry
from anlan.journal.verify import verify
from anlan.sensing import queries
from anlan.sensing.models import Station, StationLink
from anlan.sensing.tests.world import BY, T0, World
from anlan.vocab.kinds import BY_ZH, StationKind
from anlan.vocab.posts import Right

GOOD_STATION: dict[str, Any] = {
    "站码": "00999A0009",
    "站名": "下柳雨量站",
    "类别": "雨量站",
    "区划代码": "999901100202",
    "经度": 99.02,
    "纬度": 25.0,
    "主管单位": "水务局",
    "离线时限(分钟)": 20,
    "警戒水位(m)": None,
    "保证水位(m)": None,
    "历史最高水位(m)": None,
}
GOOD_LINK: dict[str, Any] = {"站码": "00999A0001", "区划代码": "999901100202"}


def workbook(*rows: dict[str, Any]) -> io.BytesIO:
    made, file = Workbook(), io.BytesIO()
    assert made.active is not None
    headers = list(dict.fromkeys(header for row in rows for header in row))
    made.active.append(headers)
    for row in rows:
        made.active.append([row.get(header) for header in headers])
    made.save(file)
    return file


def load(kind: str, *rows: dict[str, Any], **options: bool) -> ImportReport:
    return run_import(import_kind(kind), workbook(*rows), by=BY, at=T0, **options)


def problems(report: ImportReport) -> list[tuple[int, str, str]]:
    return [(problem.row, problem.column, problem.code) for problem in report.problems]


def test_stations_are_registered_changed_and_left_alone(world: World) -> None:
    river = GOOD_STATION | {
        "站码": "0099020009",
        "类别": "水位站",
        "警戒水位(m)": 8,
        "保证水位(m)": "9.50",
        "历史最高水位(m)": 10.255,
    }
    report = load("stations", GOOD_STATION, river)
    assert (report.created, report.changed, report.unchanged, report.ok) == (2, 0, 0, True)
    stored = Station.objects.get(code="0099020009")
    assert (stored.kind, stored.guaranteed_stage, stored.silent_after_s) == (
        StationKind.RIVER,
        Decimal("9.500"),
        1200,
    )
    report = load("stations", GOOD_STATION, river | {"站名": "下柳水位站"})
    assert (report.created, report.changed, report.unchanged) == (0, 1, 1)
    assert verify().problems == []


def test_every_kind_of_station_can_be_registered_by_its_chinese_name(world: World) -> None:
    rows = [
        GOOD_STATION | {"站码": f"K{number:03}", "站名": zh, "类别": zh, "离线时限(分钟)": None}
        for number, zh in enumerate(BY_ZH)
    ]
    report = load("stations", *rows)
    assert (report.created, problems(report)) == (len(BY_ZH), [])
    stored = {station.name: station for station in Station.objects.filter(code__startswith="K")}
    for zh, kind in BY_ZH.items():
        assert (stored[zh].kind, stored[zh].silent_after_s) == (kind.code, kind.silent_after_s)


def test_a_pond_keeps_its_facts_its_protocol_and_its_address(world: World) -> None:
    pond = GOOD_STATION | {
        "站码": "WKK-1", "类别": "尾矿库", "协议": "json", "线路地址": "pond/1",
        "属性": "坝高=42.5；筑坝方式＝上游式;头顶库=否",
    }  # fmt: skip
    assert load("stations", pond).created == 1
    stored = Station.objects.get(code="WKK-1")
    assert (stored.protocol, stored.address) == ("json", "pond/1")
    assert stored.attributes == {"dam_height_m": 42.5, "dam_method": "上游式", "is_overhead": "否"}
    assert load("stations", pond).unchanged == 1
    older = {header: value for header, value in pond.items() if header not in {"协议", "线路地址", "属性"}}
    assert load("stations", older).unchanged == 1
    assert load("stations", pond | {"属性": "坝高=50"}).changed == 1
    stored.refresh_from_db()
    assert stored.attributes == {"dam_height_m": 50.0, "dam_method": "上游式", "is_overhead": "否"}
    assert verify().problems == []


def test_two_stations_with_one_address_are_refused_and_both_are_named(world: World) -> None:
    first = GOOD_STATION | {"站码": "A1", "协议": "hj212", "线路地址": "88888880000001"}
    report = load("stations", first, first | {"站码": "A2"})
    assert problems(report) == [(3, "线路地址", "station.address_taken")]
    assert "A1" in report.problems[0].sentence("zh")
    assert load("stations", first, first | {"站码": "A2", "协议": "sl427"}).created == 2


def test_a_dry_run_of_stations_counts_and_writes_nothing(world: World) -> None:
    before = (Station.objects.count(), Entry.objects.count())
    connection.run_on_commit.clear()
    report = load("stations", GOOD_STATION, dry_run=True)
    assert (report.created, report.stored) == (1, False)
    assert (Station.objects.count(), Entry.objects.count()) == before
    assert connection.run_on_commit == []


@pytest.mark.parametrize(
    ("spoilt", "column", "code"),
    [
        ({"区划代码": "999901100999"}, "区划代码", "row.unknown_division"),
        ({"经度": 25.0, "纬度": 99.02}, "经度", "coordinates.swapped"),
        ({"经度": 102.5}, "经度", "coordinates.far_from_county"),
        ({"站码": 9020009}, "站码", "station.zeros_lost"),
        ({"站码": "站一"}, "站码", "cell.not_a_code"),
        ({"类别": "雷达"}, "类别", "cell.not_allowed"),
        ({"离线时限(分钟)": 0}, "离线时限(分钟)", "cell.out_of_range"),
        ({"警戒水位(m)": 9, "保证水位(m)": 8}, "保证水位(m)", "station.marks_out_of_order"),
        ({"站名": None}, "站名", "cell.required"),
        ({"类别": "尾矿库", "属性": "坝高=很高"}, "属性", "station.bad_attribute"),
        ({"类别": "尾矿库", "属性": "坝高=nan"}, "属性", "station.bad_attribute"),
        ({"类别": "尾矿库", "属性": "筑坝方式=随便"}, "属性", "station.bad_attribute"),
        ({"类别": "尾矿库", "属性": "坝色=红"}, "属性", "station.unknown_attribute"),
        ({"属性": "坝高=42"}, "属性", "station.unknown_attribute"),
        ({"协议": "SL 651"}, "协议", "cell.not_a_code"),
    ],
)
def test_a_bad_station_row_is_named_by_row_and_column_and_nothing_is_stored(
    world: World, spoilt: dict[str, Any], column: str, code: str
) -> None:
    report = load("stations", GOOD_STATION, GOOD_STATION | {"站码": "00999A0010"} | spoilt)
    assert problems(report) == [(3, column, code)]
    assert not report.stored
    assert Station.objects.count() == 2
    for language in ("zh", "en"):
        assert "%(" not in report.problems[0].sentence(language)


def test_the_good_rows_are_stored_where_a_person_chose_so(world: World) -> None:
    bad = GOOD_STATION | {"站码": "00999A0010", "纬度": 45}
    report = load("stations", GOOD_STATION, bad, skip_bad=True)
    assert (report.created, report.stored, len(report.problems)) == (1, True, 1)
    assert Station.objects.filter(code="00999A0009").exists()
    assert not Station.objects.filter(code="00999A0010").exists()


def test_a_code_that_stands_twice_is_taken_once_whatever_its_case(world: World) -> None:
    report = load("stations", GOOD_STATION, GOOD_STATION | {"站码": "00999a0009"})
    assert problems(report) == [(3, "站码", "row.twice")]


def test_a_river_station_without_marks_is_imported_with_a_warning(world: World) -> None:
    report = load("stations", GOOD_STATION | {"类别": "水位站"})
    assert report.ok
    assert [(one.row, one.code) for one in report.warnings] == [(2, "station.no_marks")]
    assert report.warnings[0].sentence("zh")


def test_villages_are_linked_with_own_thresholds_or_none(world: World) -> None:
    own = GOOD_LINK | {"区划代码": "999901100201", "1小时准备转移(mm)": 40, "1小时立即转移(mm)": "55.5"}
    report = load("links", GOOD_LINK, own)
    assert (report.created, report.ok) == (2, True)
    link = StationLink.objects.get(division=world.upper_willow)
    assert link.thresholds == {"prepare": {"60": 40.0}, "evacuate_now": {"60": 55.5}}
    assert [one.name for one in queries.villages_of_binding("R12:00999A0001")] == ["下柳村"]
    report = load("links", GOOD_LINK, own | {"1小时准备转移(mm)": None})
    assert (report.changed, report.unchanged) == (1, 1)
    assert verify().problems == []


@pytest.mark.parametrize(
    ("spoilt", "column", "code"),
    [
        ({"站码": "00FFFFFFFF"}, "站码", "link.unknown_station"),
        ({"区划代码": "999901100999"}, "区划代码", "row.unknown_division"),
        ({"区划代码": "999901100000"}, "区划代码", "link.not_a_village"),
        (
            {"3小时准备转移(mm)": 60, "3小时立即转移(mm)": 50},
            "3小时准备转移(mm)",
            "link.prepare_above_evacuate",
        ),
        ({"1小时准备转移(mm)": 60, "6小时准备转移(mm)": 50}, "6小时准备转移(mm)", "link.thresholds_shrink"),
        ({"24小时立即转移(mm)": -5}, "24小时准备转移(mm)", "link.threshold_out_of_range"),
        ({"24小时立即转移(mm)": "很大"}, "24小时立即转移(mm)", "cell.not_a_number"),
    ],
)
def test_a_bad_link_row_is_named_and_nothing_is_linked(
    world: World, spoilt: dict[str, Any], column: str, code: str
) -> None:
    report = load("links", GOOD_LINK, GOOD_LINK | {"区划代码": "999901101201"} | spoilt)
    assert problems(report) == [(3, column, code)]
    assert not StationLink.objects.exists()
    for language in ("zh", "en"):
        assert "%(" not in report.problems[0].sentence(language)


def test_the_same_pair_twice_is_a_problem(world: World) -> None:
    assert problems(load("links", GOOD_LINK, GOOD_LINK)) == [(3, "区划代码", "row.twice")]


def test_rain_thresholds_at_a_river_station_are_only_warned_about(world: World) -> None:
    report = load("links", GOOD_LINK | {"站码": "0099020001", "1小时准备转移(mm)": 40})
    assert report.ok
    assert [one.code for one in report.warnings] == ["link.thresholds_without_rain"]


def test_a_township_links_only_its_own_villages(world: World) -> None:
    actor = world.actor(world.township, rights=(Right.SEE, Right.ADMINISTER))
    rows = workbook(GOOD_LINK, GOOD_LINK | {"区划代码": "999901101201"})
    report = run_import(import_kind("links"), rows, by=actor, at=T0, skip_bad=True)
    assert problems(report) == [(3, "区划代码", "row.unknown_division")]
    assert [link.division_id for link in StationLink.objects.all()] == ["999901100202"]


@pytest.mark.parametrize("kind", ["stations", "links"])
def test_a_template_filled_with_nothing_is_read_without_complaint(world: World, kind: str) -> None:
    file = io.BytesIO()
    write_kind_template(import_kind(kind), file)
    report = run_import(import_kind(kind), file, by=BY, at=T0)
    assert (report.ok, report.created) == (True, 0)
