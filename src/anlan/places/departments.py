"""The departments workbook: each is a place of its own below the county, so that one department can be a jurisdiction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from anlan.documents import cells
from anlan.documents.imports import ImportKind, ImportReport, refuse_repeats, register
from anlan.documents.problems import Problem
from anlan.documents.workbook import Column, SheetRow
from anlan.kernel.actor import Actor
from anlan.places.access import visible
from anlan.places.models import Division
from anlan.places.services import differences, load_divisions
from anlan.places.types import DivisionRow
from anlan.vocab.divisions import LABELS, DivisionLevel
from anlan.vocab.posts import Right


def visible_departments(actor: Actor, need: Right = Right.SEE) -> QuerySet[Division]:
    """Departments in the jurisdiction, in order of code; somebody of a department sees that one alone."""
    rows = visible(actor, need).filter(level=DivisionLevel.DEPARTMENT)
    return rows.select_related("parent").defer("geometry").order_by("code")


def apply_departments(rows: Sequence[SheetRow], *, by: Actor, at: datetime, dry_run: bool) -> ImportReport:
    """Create or change the departments of the rows; a row that is wrong is reported and left out."""
    known = {place.code: place for place in visible(by, Right.EDIT_DIRECTORY).defer("geometry")}
    taken = set(Division.objects.values_list("code", flat=True)) - known.keys()
    unique, problems = refuse_repeats(rows, lambda row: row.text("部门代码"), "部门代码")
    report, good = ImportReport(problems=problems), []
    for row in unique:
        problem = _problem(row, known, taken)
        if problem is not None:
            report.problems.append(problem)
            continue
        good.append(_division_row(row))
        _count(report, known.get(good[-1].code), good[-1])
    if not dry_run:
        load_divisions(good, by=by, at=at)
    return report


def _problem(row: SheetRow, known: dict[str, Division], taken: set[str]) -> Problem | None:
    code, parent = row.text("部门代码"), known.get(row.text("县代码"))
    if parent is None:
        return Problem(row.number, "县代码", "row.unknown_division", {"code": row.text("县代码")})
    if parent.level != DivisionLevel.COUNTY:
        data = {"parent": parent.name, "kind": LABELS[DivisionLevel(parent.level)][0]}
        return Problem(row.number, "县代码", "department.wrong_parent", data)
    if code in taken or (code in known and known[code].level != DivisionLevel.DEPARTMENT):
        return Problem(row.number, "部门代码", "places.code_taken", {"code": code})
    return None


def _division_row(row: SheetRow) -> DivisionRow:
    return DivisionRow(
        code=row.text("部门代码"),
        name=row.text("部门名称"),
        parent=row.text("县代码"),
        level=DivisionLevel.DEPARTMENT,
        line=row.number,
    )


def _count(report: ImportReport, existing: Division | None, row: DivisionRow) -> None:
    if existing is None:
        report.created += 1
    elif differences(existing, row):
        report.changed += 1
    else:
        report.unchanged += 1


DEPARTMENTS = register(
    ImportKind(
        name="departments",
        title=("部门", "Departments"),
        columns=(
            Column("部门代码", True, cells.place_code, "县的 12 位代码加本地后缀", example="530521000000-B01"),
            Column("县代码", True, cells.place_code, "县的 12 位代码", example="530521000000"),
            Column("部门名称", True, cells.text(80), "部门全称", example="云岭县水利局"),
        ),
        apply=apply_departments,
        examples=(
            {"部门代码": "530521000000-B01", "县代码": "530521000000", "部门名称": "云岭县水利局"},
        ),
        notes=(
            "部门的值班人员和电话在“责任人与联系方式”表中填报：区划代码填部门代码，岗位填部门值班室。",
            "部门人员只看得到本部门，可报送信息、填报数据、安排本部门值班。",
        ),
        sentences={
            "department.wrong_parent": ("部门应放在县下面；%(parent)s 是%(kind)s。", "A department lies below the county; %(parent)s is not one."),
        },
    )
)  # fmt: skip
