"""The workbook of a township: one row a village, one column an indicator; Chinese headers without “其中”."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from anlan.documents import cells
from anlan.documents.imports import ImportKind, ImportReport, refuse_repeats, register
from anlan.documents.problems import Problem
from anlan.documents.workbook import Column, SheetRow
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import Refusal
from anlan.losses import checks, forms
from anlan.losses.access import access_part, visible_courses
from anlan.losses.models import LossCourse, VillageFiling
from anlan.losses.services.courses import check_state
from anlan.losses.services.filing import file_village
from anlan.places.models import Division
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import Right

COURSE, CODE, NAME = "灾害过程", "区划代码", "村名"


def header_of(indicator: forms.Indicator) -> str:
    return f"{indicator.plain_zh}（{indicator.unit}）"


def apply_filings(rows: Sequence[SheetRow], *, by: Actor, at: datetime, dry_run: bool) -> ImportReport:
    """File each village as its row says; a row that does not fit is left out as a whole."""
    report = ImportReport(dry_run=dry_run)
    kept, report.problems = refuse_repeats(rows, lambda row: (row.text(COURSE), row.need(CODE, str)), CODE)
    courses = {course.number: course for course in visible_courses(by).filter(
        number__in={row.text(COURSE) for row in kept}
    )}  # fmt: skip
    for row in kept:
        course = courses.get(row.text(COURSE))
        if course is None:
            report.problems.append(
                Problem(row.number, COURSE, "losses.no_course", {"number": row.text(COURSE)})
            )
            continue
        try:
            _file(course, row, report, by=by, at=at, dry_run=dry_run)
        except Refusal as refusal:
            report.problems.append(
                Problem(
                    row.number,
                    CODE,
                    "losses.refused",
                    {"why": str(refusal.data.get("what", "")) or refusal.code},
                )
            )
    return report


def _file(
    course: LossCourse, row: SheetRow, report: ImportReport, *, by: Actor, at: datetime, dry_run: bool
) -> None:
    code = row.need(CODE, str)
    _course, village = access_part(by, course.pk, code, need=Right.FILE_DATA)
    if village.level != DivisionLevel.VILLAGE:
        report.problems.append(Problem(row.number, CODE, "row.unknown_division", {"code": code}))
        return
    form = forms.form_of(course.first_hazard)
    given, foreign = {}, []
    for indicator in forms.table().indicators:
        value = row.values.get(header_of(indicator))
        if value is None or not value:
            continue
        if indicator.code not in form.by_code:
            foreign.append(indicator)
            continue
        given[indicator.code] = str(value)
    for indicator in foreign:
        report.problems.append(
            Problem(row.number, header_of(indicator), "losses.not_on_form", {"form": form.zh})
        )
    if foreign:
        return
    known = VillageFiling.objects.filter(course=course, division=village).first()
    values = checks.stored(checks.read(form, given))
    if dry_run:
        check_state(course, "open", "stable")
        wrong = checks.misfits(form, checks.loaded(values))
        if wrong:
            what = "；".join(one.zh for one in wrong)
            report.problems.append(Problem(row.number, CODE, "losses.refused", {"why": what}))
            return
    else:
        file_village(course, village, given, by=by, at=at)
    if known is None:
        report.created += 1
    elif known.values == values:
        report.unchanged += 1
    else:
        report.changed += 1


def _columns() -> tuple[Column, ...]:
    head = (
        Column(COURSE, True, cells.text(20), "灾害过程编号", example="灾2026-001"),
        Column(CODE, True, cells.division_code, "村的 12 位代码", example="530521100201"),
        Column(NAME, False, cells.name(80), "仅供核对", example="上柳村"),
    )
    rest = tuple(
        Column(
            header_of(one),
            False,
            cells.integer(high=100_000_000) if one.is_count else cells.decimal(places=2),
            "没有的留空；累计数" if not one.part_of else f"包含在“{_whole(one)}”内",
        )
        for one in forms.table().indicators
    )
    return head + rest


def _whole(one: forms.Indicator) -> str:
    return {other.code: other.plain_zh for other in forms.table().indicators}[one.part_of]


def workbook_rows(course: LossCourse, township: Division) -> tuple[list[str], list[list[str]]]:
    """Headers and one row a village with what it filed so far: what a township downloads, fills and sends back."""
    from anlan.losses.queries import villages_of

    form = forms.form_of(course.first_hazard)
    headers = [COURSE, CODE, NAME, *(header_of(one) for one in form.indicators)]
    rows = [
        [course.number, line.code, line.name]
        + [checks.show(line.values[one.code]) if one.code in line.values else "" for one in form.indicators]
        for line in villages_of(course, township)
    ]
    return headers, rows


FILINGS = register(
    ImportKind(
        name="losses",
        title=("村级灾情", "Losses by village"),
        columns=_columns(),
        apply=apply_filings,
        need=Right.FILE_DATA,
        examples=({COURSE: "灾2026-001", CODE: "530521100201", NAME: "上柳村", "受灾人口（人）": "35"},),
        notes=(
            "一行一个村，填本次灾害过程到目前的累计数；全部留空即零报告。",
            "旱灾只填旱灾快报中的指标。",
            "导入后乡镇仍须核对并报送，县里才计入合计。",
        ),
        sentences={
            "losses.no_course": ("没有您可以填报的灾害过程 %(number)s。", "There is no course %(number)s for you to file for."),
            "losses.refused": ("不能采用：%(why)s。", "This cannot be taken: %(why)s."),
            "losses.not_on_form": ("%(form)s不含此指标。", "This is not asked on the form %(form)s."),
        },
    )
)  # fmt: skip
