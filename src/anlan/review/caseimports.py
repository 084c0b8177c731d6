"""The workbook of cases. A case with a known title and day in the same place is described anew, not doubled."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from anlan.documents import cells
from anlan.documents.imports import ImportKind, ImportReport, register
from anlan.documents.problems import Problem
from anlan.documents.workbook import Column, SheetRow
from anlan.incidents.tags import known_tags
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.places.models import Division
from anlan.review.casetypes import CaseDetails
from anlan.review.models import CaseRecord
from anlan.review.services.cases import add_case, describe_case
from anlan.vocab.incidents import TYPES
from anlan.vocab.posts import Right

_TYPES = {face.zh: code for code, face in TYPES.items()}
_SAME = (
    "title",
    "event_type",
    "happened_on",
    "place_words",
    "division",
    "summary",
    "course",
    "lessons",
    "source",
)


def apply_cases(rows: Sequence[SheetRow], *, by: Actor, at: datetime, dry_run: bool) -> ImportReport:
    report = ImportReport()
    run = clocks.default_exercise_id()
    places = Division.objects.defer("geometry").in_bulk([row.text("区划代码") for row in rows])
    titles = [row.text("标题") for row in rows]
    known = {
        (one.title, one.happened_on, one.division_id): one
        for one in CaseRecord.objects.filter(title__in=titles, retired_at=None, exercise_id=run)
    }
    seen: set[tuple[str, date | None, str]] = set()
    for row in rows:
        details = _details(row, places, by, at, report)
        if details is None:
            continue
        key = (details.title, details.happened_on, details.division.pk)
        if key in seen:
            report.problems.append(Problem(row.number, "标题", "case_import.twice", {"title": details.title}))
            continue
        seen.add(key)
        old = known.get(key)
        if old is None:
            report.created += 1
            if not dry_run:
                add_case(details, by=by, by_name=by.name, at=at, exercise_id=run)
        elif all(getattr(old, name) == getattr(details, name) for name in _SAME) and old.tags == list(
            details.tags
        ):
            report.unchanged += 1
        else:
            report.changed += 1
            if not dry_run:
                describe_case(old, details, by=by, at=at)
    return report


def _details(
    row: SheetRow, places: dict[str, Division], by: Actor, at: datetime, report: ImportReport
) -> CaseDetails | None:
    def wrong(column: str, problem: str, **data: object) -> None:
        report.problems.append(Problem(row.number, column, problem, data))

    place = places.get(row.text("区划代码"))
    if place is None or not by.can(Right.REVIEW_INCIDENTS, place.path):
        wrong("区划代码", "case_import.no_place")
        return None
    words = [part for part in re.split(r"[、,，;；\s]+", row.text("标签")) if part]
    tags = {tag.zh: code for code, tag in known_tags().items()}
    unknown = next((word for word in words if word not in tags), None)
    if unknown is not None:
        wrong("标签", "case_import.unknown_tag", word=unknown)
        return None
    day = row.get("发生日期", date)
    if day is not None and day > at.astimezone(SHANGHAI).date():
        wrong("发生日期", "case_import.ahead")
        return None
    return CaseDetails(
        title=row.text("标题"), event_type=row.need("事件类型", str), division=place, happened_on=day,
        place_words=row.text("地点"), tags=tuple(dict.fromkeys(tags[word] for word in words)),
        summary=row.text("概况"), course=row.text("经过"), lessons=row.text("教训"), source=row.text("来源"),
    )  # fmt: skip


CASES = register(
    ImportKind(
        name="cases",
        title=("案例", "Cases"),
        need=Right.REVIEW_INCIDENTS,
        columns=(
            Column("标题", True, cells.text(160), "同一标题、日期和区划再次导入即更正"),
            Column("事件类型", True, cells.choice(_TYPES), "只能填允许的类型", tuple(_TYPES), "山洪"),
            Column("发生日期", False, cells.day, "", example=""),
            Column("地点", False, cells.text(160), "当时的地点，用文字写"),
            Column("区划代码", True, cells.place_code, "案例归哪里保管；外地案例填本县代码", example="530521000000"),
            Column("标签", False, cells.text(200), "事件标签，用顿号隔开"),
            Column("概况", True, cells.text(4000), ""),
            Column("经过", False, cells.text(8000), ""),
            Column("教训", False, cells.text(4000), ""),
            Column("来源", True, cells.text(300), "由填写人写明从哪里得知"),
        ),
        apply=apply_cases,
        sentences={
            "case_import.no_place": ("没有这个区划，或不归您管。", "There is no such place, or it is not yours."),
            "case_import.unknown_tag": ("“%(word)s”不是已有的标签。", "“%(word)s” is no known tag."),
            "case_import.twice": ("“%(title)s”在表中出现两次。", "“%(title)s” stands in the sheet twice."),
            "case_import.ahead": ("发生日期还没有到。", "The day lies ahead."),
        },
    )
)  # fmt: skip
