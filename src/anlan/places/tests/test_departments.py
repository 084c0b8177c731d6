"""Departments as places of their own, from the workbook."""

from __future__ import annotations

import io
from typing import Any

import pytest
from openpyxl import Workbook

from anlan.documents.imports import ImportReport, import_kind, run_import, write_kind_template
from anlan.journal.verify import verify
from anlan.kernel.actor import Actor, grants
from anlan.places.departments import visible_departments
from anlan.places.models import Division
from anlan.places.queries import below, townships_below, villages_below
from anlan.testing import County
from anlan.vocab.posts import Right

WATER: dict[str, Any] = {
    "部门代码": "999901000000-B01",
    "县代码": "999901000000",
    "部门名称": "云岭县水利局",
}


def load(county: County, *rows: dict[str, Any], who: str = "", **options: bool) -> ImportReport:
    made, file = Workbook(), io.BytesIO()
    assert made.active is not None
    made.active.append(list(WATER))
    for row in rows:
        made.active.append([row.get(header) for header in WATER])
    made.save(file)
    by = county.actor(who) if who else county.by
    return run_import(import_kind("departments"), file, by=by, at=county.now, **options)


def test_a_department_lies_below_its_county(county: County) -> None:
    report = load(county, WATER)
    assert (report.created, report.problems) == (1, [])
    water = Division.objects.get(pk="999901000000-B01")
    assert (water.level, water.path) == ("department", "999901000000/999901000000-B01")
    assert load(county, WATER).unchanged == 1
    assert load(county, WATER | {"部门名称": "云岭县水务局"}).changed == 1
    assert verify().problems == []


@pytest.mark.parametrize(
    ("spoilt", "column", "code"),
    [
        ({"县代码": "999909000000"}, "县代码", "row.unknown_division"),
        ({"县代码": "999901101000"}, "县代码", "department.wrong_parent"),
        ({"部门代码": "999901101000"}, "部门代码", "places.code_taken"),
        ({"部门代码": "B1"}, "部门代码", "cell.wrong_shape"),
        ({"部门名称": None}, "部门名称", "cell.required"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_stored(
    county: County, spoilt: dict[str, Any], column: str, code: str
) -> None:
    report = load(county, WATER, WATER | {"部门代码": "999901000000-B02"} | spoilt)
    assert [(one.row, one.column) for one in report.problems] == [(3, column)]
    assert code in (report.problems[0].code, "cell.wrong_shape")
    assert not Division.objects.filter(level="department").exists()
    for language in ("zh", "en"):
        assert "%(" not in report.problems[0].sentence(language)


def test_a_township_cannot_register_a_department(county: County) -> None:
    report = load(county, WATER, who="Li")
    assert [one.code for one in report.problems] == ["row.unknown_division"]


def test_somebody_of_a_department_sees_that_department_alone(county: County) -> None:
    load(county, WATER, WATER | {"部门代码": "999901000000-B02", "部门名称": "云岭县气象局"})
    water = Division.objects.get(pk="999901000000-B01")
    actor = Actor(ref="user:1", grants=grants({Right.SEE}, water.path))
    assert [one.name for one in visible_departments(actor)] == ["云岭县水利局"]
    assert [one.name for one in visible_departments(county.actor("Chen"))] == ["云岭县水利局", "云岭县气象局"]
    assert list(visible_departments(county.actor("Li"))) == []


def test_departments_are_no_townships_and_no_villages(county: County) -> None:
    load(county, WATER)
    path = county.division.path
    assert below(path).filter(level="department").count() == 1
    assert townships_below(path).count() == 2
    assert villages_below(path).count() == 3


def test_the_template_is_read_without_complaint(county: County) -> None:
    file = io.BytesIO()
    write_kind_template(import_kind("departments"), file)
    report = run_import(import_kind("departments"), file, by=county.by, at=county.now)
    assert (report.ok, report.created) == (True, 0)
