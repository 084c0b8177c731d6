"""Enterprises as places of their own, from the workbook."""

from __future__ import annotations

import io
from typing import Any

import pytest
from openpyxl import Workbook

from anlan.documents.imports import ImportReport, import_kind, run_import, write_kind_template
from anlan.journal.verify import verify
from anlan.kernel.actor import Actor, grants
from anlan.places.enterprises import visible_enterprises
from anlan.places.models import Division
from anlan.testing import County
from anlan.vocab.posts import Right

MINE: dict[str, Any] = {
    "企业代码": "999901101201-Q01",
    "上级代码": "999901101201",
    "企业名称": "青石矿业有限公司",
    "行业": "尾矿库",
    "经度": 102.92,
    "纬度": 27.41,
}


def load(county: County, *rows: dict[str, Any], who: str = "", **options: bool) -> ImportReport:
    made, file = Workbook(), io.BytesIO()
    assert made.active is not None
    made.active.append(list(MINE))
    for row in rows:
        made.active.append([row.get(header) for header in MINE])
    made.save(file)
    by = county.actor(who) if who else county.by
    return run_import(import_kind("enterprises"), file, by=by, at=county.now, **options)


def test_an_enterprise_lies_below_its_village_with_its_trade(county: County) -> None:
    report = load(county, MINE)
    assert (report.created, report.problems) == (1, [])
    mine = Division.objects.get(pk="999901101201-Q01")
    assert (mine.level, mine.trade) == ("enterprise", "tailings")
    assert mine.path == "999901000000/999901101000/999901101201/999901101201-Q01"
    assert load(county, MINE).unchanged == 1
    assert load(county, MINE | {"行业": "工贸"}).changed == 1
    assert verify().problems == []


@pytest.mark.parametrize(
    ("spoilt", "column", "code"),
    [
        ({"上级代码": "999901109999"}, "上级代码", "row.unknown_division"),
        ({"上级代码": "999901000000"}, "上级代码", "enterprise.wrong_parent"),
        ({"企业代码": "999901101202"}, "企业代码", "places.code_taken"),
        ({"行业": "养蜂"}, "行业", "cell.not_allowed"),
        ({"经度": 99.0}, "经度", "coordinates.far_from_county"),
        ({"企业名称": None}, "企业名称", "cell.required"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_stored(
    county: County, spoilt: dict[str, Any], column: str, code: str
) -> None:
    report = load(county, MINE, MINE | {"企业代码": "999901101201-Q02"} | spoilt)
    assert [(one.row, one.column, one.code) for one in report.problems] == [(3, column, code)]
    assert not Division.objects.filter(level="enterprise").exists()
    for language in ("zh", "en"):
        assert "%(" not in report.problems[0].sentence(language)


def test_a_township_registers_its_own_enterprises_only(county: County) -> None:
    assert load(county, MINE, who="Li").created == 1
    report = load(county, MINE | {"企业代码": "999901102201-Q01", "上级代码": "999901102201"}, who="Li")
    assert [one.code for one in report.problems] == ["row.unknown_division"]


def test_somebody_of_an_enterprise_sees_that_enterprise_alone(county: County) -> None:
    load(
        county, MINE, MINE | {"企业代码": "999901101201-Q02", "企业名称": "石门化工厂", "行业": "危险化学品"}
    )
    mine = Division.objects.get(pk="999901101201-Q01")
    actor = Actor(ref="user:1", grants=grants({Right.SEE}, mine.path))
    assert [one.name for one in visible_enterprises(actor)] == ["青石矿业有限公司"]
    assert [one.name for one in visible_enterprises(county.actor("Li"))] == ["青石矿业有限公司", "石门化工厂"]
    assert [one.name for one in visible_enterprises(county.actor("Liu"))] == []


def test_the_template_is_read_without_complaint(county: County) -> None:
    file = io.BytesIO()
    write_kind_template(import_kind("enterprises"), file)
    report = run_import(import_kind("enterprises"), file, by=county.by, at=county.now)
    assert (report.ok, report.created) == (True, 0)
