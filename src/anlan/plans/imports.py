"""The workbook of a county's plans: the catalogue with kind, owner, title and printing date, before any content is written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from anlan.documents import cells
from anlan.documents.imports import ImportKind, ImportReport, register
from anlan.documents.problems import Problem
from anlan.documents.workbook import Column, SheetRow
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import Refusal
from anlan.places.models import Division
from anlan.plans.content import Content
from anlan.plans.models import Plan, PlanKind
from anlan.vocab.hazards import FACES as HAZARDS
from anlan.vocab.incidents import TYPES
from anlan.vocab.posts import Right

KIND_WORDS: dict[str, str] = {
    "总体": PlanKind.OVERALL.value,
    "专项": PlanKind.SPECIAL.value,
    "部门": PlanKind.DEPARTMENT.value,
    "乡镇": PlanKind.TOWNSHIP.value,
    "村": PlanKind.VILLAGE.value,
    "企业": PlanKind.ENTERPRISE.value,
    "单位": PlanKind.SITE.value,
}
_TYPES = {face.zh: code for code, face in TYPES.items()}
_HAZARDS = {face.zh: kind.value for kind, face in HAZARDS.items()}


def apply_plans(rows: Sequence[SheetRow], *, by: Actor, at: datetime, dry_run: bool) -> ImportReport:
    """New ones become plans with an empty draft; one with the same title and owner is left as it is."""
    work = _Import(rows, by, at)
    for row in rows:
        work.take(row, dry_run=dry_run)
    return work.report


class _Import:
    def __init__(self, rows: Sequence[SheetRow], by: Actor, at: datetime) -> None:
        self.by, self.at, self.report = by, at, ImportReport()
        codes = {row.text("编制单位代码") for row in rows}
        self.places = Division.objects.defer("geometry").in_bulk(list(codes))
        known = Plan.objects.filter(division__in=codes, exercise_id=None).exclude(state="withdrawn")
        self.known = set(known.values_list("title", "division_id"))
        self.seen: dict[tuple[str, str], int] = {}

    def take(self, row: SheetRow, *, dry_run: bool) -> None:
        key = (row.text("预案名称"), row.text("编制单位代码"))
        if key in self.seen:
            self._wrong(row, "预案名称", "row.twice", other=self.seen[key])
            return
        self.seen[key] = row.number
        place = self.places.get(key[1])
        if place is None or not self.by.can(Right.EDIT_PLANS, place.path):
            self._wrong(row, "编制单位代码", "plan_import.no_place")
            return
        printed = row.get("印发日期", date)
        if printed is not None and printed > self.at.date():
            self._wrong(row, "印发日期", "plan_import.future")
            return
        if key in self.known:
            self.report.unchanged += 1
            return
        if dry_run or self._store(row, place, printed):
            self.report.created += 1

    def _store(self, row: SheetRow, place: Division, printed: date | None) -> bool:
        from anlan.plans.services import open_plan

        try:
            version = open_plan(
                title=row.text("预案名称"),
                kind=row.need("预案类别", str),
                division=place,
                event_types=row.get("事件类型", tuple) or (),
                hazards=row.get("预警灾种", tuple) or (),
                content=Content(scope=row.text("适用范围")),
                by=self.by,
                at=self.at,
            )
        except Refusal:
            self._wrong(row, "预案名称", "plan_import.refused")
            return False
        if printed is not None:
            version.plan.change(by=self.by, at=self.at, kind="described", printed_on=printed)
        return True

    def _wrong(self, row: SheetRow, column: str, problem: str, /, **data: object) -> None:
        self.report.problems.append(Problem(row.number, column, problem, data))


PLANS = register(
    ImportKind(
        name="plans",
        title=("预案目录", "Catalogue of plans"),
        need=Right.EDIT_PLANS,
        columns=(
            Column("预案名称", True, cells.text(160), "封面上的名称", example="云岭县防汛抗旱应急预案"),
            Column("预案类别", True, cells.choice(KIND_WORDS), "只能填允许的类别", tuple(KIND_WORDS), "专项"),
            Column("编制单位代码", True, cells.place_code, "县、部门、乡镇、村或企业的代码", example="530521000000"),
            Column("事件类型", False, cells.words(_TYPES), "用顿号隔开；总体预案留空", tuple(_TYPES), "洪涝、山洪"),
            Column("预警灾种", False, cells.words(_HAZARDS), "用顿号隔开", tuple(_HAZARDS), "山洪、洪水"),
            Column("适用范围", False, cells.text(2000), "", example="本县行政区域内洪涝灾害的防范与处置"),
            Column("印发日期", False, cells.day, "年-月-日；备案期限从印发日起算", example="2025-06-13"),
        ),
        apply=apply_plans,
        examples=(
            {"预案名称": "云岭县防汛抗旱应急预案", "预案类别": "专项", "编制单位代码": "530521000000", "事件类型": "洪涝、山洪", "预警灾种": "山洪、洪水", "印发日期": "2025-06-13"},
        ),
        notes=("导入后是只有目录的草稿，内容在预案页面上编写，或从文档、表格文件导入。", "名称和编制单位都相同的不改动。"),
        sentences={
            "plan_import.no_place": ("没有这个单位，或不归您管。", "There is no such place, or it is not yours."),
            "plan_import.future": ("印发日期在将来。", "The printing date lies in the future."),
            "plan_import.refused": ("这一行不能建成预案，请核对名称、类别和类型。", "This row cannot become a plan; check title, kind and types."),
        },
    )
)  # fmt: skip
