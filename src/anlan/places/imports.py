"""The places workbook: natural villages, villagers' groups and grids below the villages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from anlan.documents import cells
from anlan.documents.imports import ImportKind, ImportReport, refuse_repeats, register
from anlan.documents.problems import Problem
from anlan.documents.workbook import Column, SheetRow
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.places.services import differences, load_local_places
from anlan.places.types import DivisionRow
from anlan.vocab.divisions import LABELS, LOCAL_LEVELS, DivisionLevel
from anlan.vocab.posts import Right

_KINDS = {LABELS[level][0]: level for level in DivisionLevel if level in LOCAL_LEVELS}
_ORDER = {level: order for order, level in enumerate(DivisionLevel)}


def apply_places(rows: Sequence[SheetRow], *, by: Actor, at: datetime, dry_run: bool) -> ImportReport:
    """Create or change the local places of the rows; a place below a refused row is refused too."""
    known = {
        place.code: place for place in Division.objects.all() if by.can(Right.EDIT_DIRECTORY, place.path)
    }
    taken = set(Division.objects.values_list("code", flat=True)) - known.keys()
    unique, problems = refuse_repeats(rows, lambda row: row.text("区划代码"), "区划代码")
    levels = {code: DivisionLevel(place.level) for code, place in known.items()}
    good: list[DivisionRow] = []
    for row in sorted(unique, key=lambda one: _ORDER[one.need("类别", DivisionLevel)]):
        problem = _problem(row, levels, taken)
        if problem is not None:
            problems.append(problem)
            continue
        good.append(_division_row(row))
        levels[row.text("区划代码")] = row.need("类别", DivisionLevel)
    report = _count(good, known)
    report.problems = problems
    if not dry_run:
        load_local_places(good, by=by, at=at)
    return report


def _problem(row: SheetRow, levels: dict[str, DivisionLevel], taken: set[str]) -> Problem | None:
    code, parent = row.text("区划代码"), row.text("上级代码")
    level, above = row.need("类别", DivisionLevel), levels.get(parent)
    if above is None:
        return Problem(row.number, "上级代码", "row.unknown_division", {"code": parent})
    if above not in LOCAL_LEVELS | {DivisionLevel.VILLAGE} or _ORDER[above] >= _ORDER[level]:
        data = {"parent": parent, "kind": LABELS[level][0]}
        return Problem(row.number, "上级代码", "places.wrong_parent", data)
    if code in taken or levels.get(code, level) not in LOCAL_LEVELS:
        return Problem(row.number, "区划代码", "places.code_taken", {"code": code})
    return None


def _division_row(row: SheetRow) -> DivisionRow:
    return DivisionRow(
        code=row.text("区划代码"),
        name=row.text("名称"),
        parent=row.text("上级代码"),
        level=row.need("类别", DivisionLevel),
        lon=row.get("经度", float),
        lat=row.get("纬度", float),
        households=row.get("户数", int),
        population=row.get("人口", int),
        line=row.number,
    )


def _count(rows: Sequence[DivisionRow], known: dict[str, Division]) -> ImportReport:
    report = ImportReport()
    for row in rows:
        existing = known.get(row.code)
        if existing is None:
            report.created += 1
        elif differences(existing, row):
            report.changed += 1
        else:
            report.unchanged += 1
    return report


PLACES = register(
    ImportKind(
        name="places",
        title=("自然村、村民小组和网格", "Natural villages, groups and grids"),
        columns=(
            Column("区划代码", True, cells.place_code, "村的 12 位代码加本地后缀", example="530521100201001"),
            Column("上级代码", True, cells.place_code, "所在村（或自然村、村民小组）的代码", example="530521100201"),
            Column("名称", True, cells.name(80), "名称", example="柳树湾"),
            Column("类别", True, cells.choice(_KINDS), "只能填允许的类别", tuple(_KINDS), "自然村"),
            Column("经度", False, cells.longitude, "WGS84，度", example="99.183000"),
            Column("纬度", False, cells.latitude, "WGS84，度", example="24.731000"),
            Column("户数", False, cells.integer(), "户", example="42"),
            Column("人口", False, cells.integer(), "人", example="168"),
        ),
        apply=apply_places,
        examples=(
            {"区划代码": "530521100201001", "上级代码": "530521100201", "名称": "柳树湾", "类别": "自然村", "经度": "99.183000", "纬度": "24.731000", "户数": "42", "人口": "168"},
            {"区划代码": "530521100201001A", "上级代码": "530521100201001", "名称": "柳树湾一组", "类别": "村民小组", "户数": "20", "人口": "80"},
        ),
        notes=("先有村，再有自然村、村民小组和网格；上级可以在同一张表里。", "留空的经纬度、户数、人口不改动原来的数值。"),
        sentences={
            "places.wrong_parent": ("%(kind)s不能放在 %(parent)s 下面。", "A %(kind)s cannot lie below %(parent)s."),
            "places.code_taken": ("代码 %(code)s 已用于别处。", "The code %(code)s is used elsewhere."),
        },
    )
)  # fmt: skip
