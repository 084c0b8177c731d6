"""`anlan import`: workbooks, boundaries and rivers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from anlan.directory.models import Person
from anlan.kernel.refusals import Refusal
from anlan.places.models import Division
from anlan.project import imports
from anlan.testing import County

HEADERS = ["区划代码*", "岗位*", "角色*", "姓名*", "手机"]
GOOD = ["999901101202", "灾害信息员", "B", "孙芳", "10000000077"]
BAD = ["999901101202", "村长", "A", "李四", "10000000078"]


def write(path: Path, *rows: list[str]) -> Path:
    from openpyxl import Workbook

    book = Workbook()
    assert book.active is not None
    for row in (HEADERS, *rows):
        book.active.append(row)
    book.save(path)
    return path


def test_a_dry_run_counts_and_stores_nothing(county: County, tmp_path: Path) -> None:
    report = imports.import_file("contacts", write(tmp_path / "c.xlsx", GOOD), dry_run=True)
    assert report.as_json()["created"] == 1
    assert not report.stored
    assert not Person.objects.filter(name="孙芳").exists()


def test_bad_rows_stop_the_file_unless_they_are_skipped(county: County, tmp_path: Path) -> None:
    path = write(tmp_path / "c.xlsx", GOOD, BAD)
    refused = imports.import_file("contacts", path)
    assert [(one["row"], one["column"]) for one in refused.problems] == [(3, "岗位")]
    assert "--skip-bad" in refused.lines()[-1]
    assert not Person.objects.filter(name="孙芳").exists()
    assert imports.import_file("contacts", path, skip_bad=True).stored
    assert [person.name for person in Person.objects.filter(name__in=["孙芳", "李四"])] == ["孙芳"]


def test_a_template_can_be_imported_after_it_was_filled_in(county: County, tmp_path: Path) -> None:
    imports.write_template_file("contacts", tmp_path / "t.xlsx")
    assert imports.import_file("contacts", tmp_path / "t.xlsx").as_json()["created"] == 0


def test_boundaries_tell_unknown_codes_and_a_dry_run_keeps_none(county: County, tmp_path: Path) -> None:
    ring = [[102.9, 27.4], [102.94, 27.4], [102.94, 27.43], [102.9, 27.4]]
    path = tmp_path / "b.geojson"
    shapes = [_feature(code, ring) for code in ("999901101201", "111111111111")]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": shapes}))
    assert imports.import_file("boundaries", path, dry_run=True).as_json()["changed"] == 1
    assert not Division.objects.exclude(geometry="").exists()
    report = imports.import_file("boundaries", path)
    assert [one["column"] for one in report.problems] == ["111111111111"]
    assert Division.objects.exclude(geometry="").count() == 1


def _feature(code: str, ring: list[list[float]]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"code": code},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "[]",
        '{"features": [{"geometry": {"type": "Point", "coordinates": [1, 2]}}]}',
        '{"features": [{"geometry": {"type": "LineString", "coordinates": [[500000, 2]]}}]}',
    ],
)
def test_what_is_no_collection_of_lines_is_refused_and_the_old_rivers_stay(
    county: County, tmp_path: Path, settings: Any, text: str
) -> None:
    from anlan.places.rivers import read_rivers

    settings.ANLAN_DATA = tmp_path
    before = read_rivers()
    path = tmp_path / "r.geojson"
    path.write_text(text)
    with pytest.raises(Refusal):
        imports.import_file("rivers", path)
    assert read_rivers() == before


@pytest.mark.django_db
def test_a_kind_that_does_not_exist_names_those_that_do() -> None:
    with pytest.raises(imports.UnknownKind, match="contacts"):
        imports.import_file("spells", Path("x.xlsx"))
