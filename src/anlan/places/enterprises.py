"""The enterprises workbook: each is a place of its own below a township or village, so that one enterprise can be a jurisdiction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from anlan.documents import cells
from anlan.documents.imports import ImportKind, ImportReport, refuse_repeats, register
from anlan.documents.problems import Problem
from anlan.documents.workbook import Column, SheetRow
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import Refusal
from anlan.places import coordinates
from anlan.places.access import visible
from anlan.places.models import Division
from anlan.places.services import differences, load_divisions
from anlan.places.types import DivisionRow
from anlan.vocab.divisions import LABELS, DivisionLevel
from anlan.vocab.posts import Right
from anlan.vocab.trades import CODE_BY_ZH

_ABOVE = frozenset({DivisionLevel.TOWNSHIP, DivisionLevel.VILLAGE})


def visible_enterprises(actor: Actor, need: Right = Right.SEE) -> QuerySet[Division]:
    """Enterprises in the jurisdiction, in order of code; somebody of an enterprise sees that one alone."""
    return (
        visible(actor, need).filter(level=DivisionLevel.ENTERPRISE).select_related("parent").order_by("code")
    )


def apply_enterprises(rows: Sequence[SheetRow], *, by: Actor, at: datetime, dry_run: bool) -> ImportReport:
    """Create or change the enterprises of the rows; a row that is wrong is reported and left out."""
    known = {place.code: place for place in visible(by, Right.EDIT_DIRECTORY).defer("geometry")}
    taken = set(Division.objects.values_list("code", flat=True)) - known.keys()
    unique, problems = refuse_repeats(rows, lambda row: row.text("企业代码"), "企业代码")
    box = coordinates.county_box()
    report, good = ImportReport(problems=problems), []
    for row in unique:
        problem = _problem(row, known, taken, box)
        if problem is not None:
            report.problems.append(problem)
            continue
        good.append(_division_row(row))
        _count(report, known.get(good[-1].code), good[-1])
    if not dry_run:
        load_divisions(good, by=by, at=at)
    return report


def _problem(
    row: SheetRow, known: dict[str, Division], taken: set[str], box: coordinates.Box | None
) -> Problem | None:
    code, parent = row.text("企业代码"), known.get(row.text("上级代码"))
    if parent is None:
        return Problem(row.number, "上级代码", "row.unknown_division", {"code": row.text("上级代码")})
    if DivisionLevel(parent.level) not in _ABOVE:
        data = {"parent": parent.name, "kind": LABELS[DivisionLevel(parent.level)][0]}
        return Problem(row.number, "上级代码", "enterprise.wrong_parent", data)
    if code in taken or (code in known and known[code].level != DivisionLevel.ENTERPRISE):
        return Problem(row.number, "企业代码", "places.code_taken", {"code": code})
    lon, lat = row.get("经度", float), row.get("纬度", float)
    if lon is None or lat is None:
        return None
    try:
        coordinates.check_point(lon, lat, box)
    except Refusal as refusal:
        return Problem(row.number, "经度", refusal.code, refusal.data)
    return None


def _division_row(row: SheetRow) -> DivisionRow:
    return DivisionRow(
        code=row.text("企业代码"),
        name=row.text("企业名称"),
        parent=row.text("上级代码"),
        level=DivisionLevel.ENTERPRISE,
        lon=row.get("经度", float),
        lat=row.get("纬度", float),
        trade=row.text("行业"),
        line=row.number,
    )


def _count(report: ImportReport, existing: Division | None, row: DivisionRow) -> None:
    if existing is None:
        report.created += 1
    elif differences(existing, row):
        report.changed += 1
    else:
        report.unchanged += 1


ENTERPRISES = register(
    ImportKind(
        name="enterprises",
        title=("企业", "Enterprises"),
        columns=(
            Column("企业代码", True, cells.place_code, "所在村（或乡镇）的 12 位代码加本地后缀", example="530521100201-Q01"),
            Column("上级代码", True, cells.place_code, "所在村或乡镇的代码", example="530521100201"),
            Column("企业名称", True, cells.text(80), "营业执照上的名称", example="青石矿业有限公司"),
            Column("行业", True, cells.choice(CODE_BY_ZH), "只能填允许的行业", tuple(CODE_BY_ZH), "尾矿库"),
            Column("经度", False, cells.longitude, "WGS84，度", example="99.183000"),
            Column("纬度", False, cells.latitude, "WGS84，度", example="24.731000"),
        ),
        apply=apply_enterprises,
        examples=(
            {"企业代码": "530521100201-Q01", "上级代码": "530521100201", "企业名称": "青石矿业有限公司", "行业": "尾矿库", "经度": "99.183000", "纬度": "24.731000"},
        ),
        notes=("企业的测站、摄像头和安全管理员都登记在企业代码下；企业人员只看得到本企业。",),
        sentences={
            "enterprise.wrong_parent": ("企业应放在乡镇或村下面；%(parent)s 是%(kind)s。", "An enterprise lies below a township or a village; %(parent)s is neither."),
        },
    )
)  # fmt: skip
