"""The workbook of incidents of past years: closed, with their figures, for statistics and for comparison. They ring and report nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from anlan.documents import cells
from anlan.documents.cells import Cell
from anlan.documents.imports import ImportKind, ImportReport, register
from anlan.documents.problems import BadCell, Problem
from anlan.documents.workbook import Column, SheetRow
from anlan.incidents.models import Figure, FigureState, Incident
from anlan.incidents.tags import known_tags
from anlan.journal.services import record_all
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.places.models import Division
from anlan.vocab.figures import FIGURES, OF_RESTRICTED
from anlan.vocab.incidents import GRADE_LABELS, RESTRICTED, TYPES
from anlan.vocab.posts import Right

#: Whose numbers these are: the workbook names no other source.
SOURCE = "历史资料"
#: Columns of figures, by code.
COUNTED = (
    "deaths",
    "missing",
    "serious_injuries",
    "affected",
    "evacuated",
    "houses_destroyed",
    "direct_loss_yuan",
    "persons",
)
_TYPES = {face.zh: code for code, face in TYPES.items()}
_GRADES = {zh: grade for grade, (_roman, zh, _en) in GRADE_LABELS.items()} | {
    f"{roman}级": grade for grade, (roman, _zh, _en) in GRADE_LABELS.items()
}
_MOMENT = re.compile(
    r"(\d{4})[-/年.](\d{1,2})[-/月.](\d{1,2})日?(?:[ T]+(\d{1,2})[:：](\d{2})(?:[:：]\d{2})?)?"
)


def moment(cell: Cell) -> datetime:
    """A date with its time, as the spreadsheet keeps it or typed; Asia/Shanghai."""
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=SHANGHAI)
    found = _MOMENT.fullmatch(str(cell).strip())
    if found is None:
        raise BadCell("incident_import.no_moment", value=str(cell)[:30])
    year, month, day, hour, minute = (int(part or 0) for part in found.groups())
    try:
        return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)
    except ValueError:
        raise BadCell("incident_import.no_moment", value=str(cell)[:30]) from None


def apply_incidents(rows: Sequence[SheetRow], *, by: Actor, at: datetime, dry_run: bool) -> ImportReport:
    """New ones are stored together; a number that is there already is left as it is."""
    work = _Import(rows, by, at)
    for row in rows:
        work.take(row)
    if not dry_run:
        record_all(work.incidents, by=by, at=at, kind="imported")
        record_all(work.figures, by=by, at=at, kind="imported")
    return work.report


class _Import:
    def __init__(self, rows: Sequence[SheetRow], by: Actor, at: datetime) -> None:
        self.by, self.at, self.report = by, at, ImportReport()
        self.incidents: list[Incident] = []
        self.figures: list[Figure] = []
        codes = {row.text("区划代码") for row in rows}
        self.places = Division.objects.defer("geometry").in_bulk(list(codes))
        numbers = [_number(row) for row in rows]
        self.known = set(Incident.objects.filter(number__in=numbers).values_list("number", flat=True))
        self.seen: set[str] = set()

    def take(self, row: SheetRow) -> None:
        number = _number(row)
        if number in self.seen:
            return self._wrong(row, "原编号", "incident_import.twice", number=number)
        self.seen.add(number)
        if number in self.known:
            self.report.unchanged += 1
            return None
        problem = self._problem(row)
        if problem is not None:
            return self._wrong(row, *problem)
        incident = self._incident(row, number)
        self.incidents.append(incident)
        self.figures += self._figures(row, incident)
        self.report.created += 1
        return None

    def _problem(self, row: SheetRow) -> tuple[str, str] | None:
        place = self.places.get(row.text("区划代码"))
        if place is None or not self.by.can(Right.TAKE_REPORTS, place.path):
            return "区划代码", "incident_import.no_place"
        if row.need("接报时间", datetime) > self.at:
            return "接报时间", "incident_import.future"
        occurred = row.get("发生时间", datetime)
        if occurred is not None and occurred > row.need("接报时间", datetime):
            return "发生时间", "incident_import.order"
        face = TYPES[row.need("类型", str)]
        counted = {code for code in COUNTED if row.get(_header(code), Decimal) is not None}
        words = [row.text(header) for header in ("经过", "标签")]
        if face.event_class in RESTRICTED and (counted - OF_RESTRICTED or any(words)):
            return "类型", "incident_import.only_the_count"
        if face.event_class not in RESTRICTED and not row.text("事件"):
            return "事件", "cell.required"
        if any(tag not in _tags() for tag in _split(row.text("标签"))):
            return "标签", "incident_import.no_tag"
        return None

    def _incident(self, row: SheetRow, number: str) -> Incident:
        code = row.need("类型", str)
        face = TYPES[code]
        is_restricted = face.event_class in RESTRICTED
        known_at = row.need("接报时间", datetime)
        grade = row.get("等级", int)
        return Incident(
            number=number,
            state="closed",
            title=face.zh if is_restricted else row.text("事件"),
            event_class=face.event_class.value,
            event_type=code,
            occurred_at=row.get("发生时间", datetime),
            known_at=known_at,
            place_words=row.text("具体地点"),
            division=self.places[row.text("区划代码")],
            informant="other",
            course=row.text("经过"),
            reference=row.text("编号"),
            is_restricted=is_restricted,
            grade=grade,
            graded_by="" if grade is None else self.by.ref,
            grade_reason="" if grade is None else SOURCE,
            tags=[_tags()[tag] for tag in _split(row.text("标签"))],
            closed_at=known_at,
            closed_why=SOURCE,
        )

    def _figures(self, row: SheetRow, incident: Incident) -> Iterable[Figure]:
        for code in COUNTED:
            value = row.get(_header(code), Decimal)
            if value is not None:
                yield Figure(
                    state=FigureState.VERIFIED,
                    incident=incident,
                    code=code,
                    value=value.quantize(Decimal("0.01")),
                    scope=incident.division,
                    source=SOURCE,
                    as_of=incident.known_at,
                    recorded_at=self.at,
                    verified_at=self.at,
                    verified_by=self.by.ref,
                )

    def _wrong(self, row: SheetRow, column: str, problem: str, /, **data: object) -> None:
        self.report.problems.append(Problem(row.number, column, problem, data))


def _number(row: SheetRow) -> str:
    return f"史{row.text('原编号')}"


def _header(code: str) -> str:
    face = FIGURES[code]
    return f"{face.zh}({face.unit_zh})"


def _tags() -> dict[str, str]:
    return {tag.zh: code for code, tag in known_tags().items()}


def _split(text: str) -> list[str]:
    return [part for part in re.split(r"[、,，;；\s]+", text) if part]


def _value(code: str) -> cells.Parser:
    whole = cells.integer(0, 100_000_000)
    if FIGURES[code].is_count:
        return lambda cell: Decimal(str(whole(cell)))
    return cells.decimal(places=2)


PAST_INCIDENTS = register(
    ImportKind(
        name="past-incidents",
        title=("历年事件", "Incidents of past years"),
        need=Right.TAKE_REPORTS,
        columns=(
            Column("原编号", True, cells.code(r"[0-9A-Za-z-]{1,18}", expected=("编号（1 到 18 位字母、数字或短横）", "a number (1 to 18 letters, digits or dashes)")), "原来的编号，不重复；再次导入同一编号不改动", example="2021-0035"),
            Column("事件", False, cells.text(120), "一句话；公共卫生、社会安全类留空", example="上柳村后山滑坡"),
            Column("类型", True, cells.choice(_TYPES), "只能填允许的类型", tuple(_TYPES), "滑坡"),
            Column("区划代码", True, cells.place_code, "村、乡镇或县的代码", example="530521100201"),
            Column("具体地点", False, cells.text(200), "", example="后山"),
            Column("发生时间", False, moment, "年-月-日 时:分", example="2021-07-03 14:20"),
            Column("接报时间", True, moment, "年-月-日 时:分", example="2021-07-03 14:35"),
            Column("等级", False, cells.choice(_GRADES), "特别重大、重大、较大、一般；没有定级的留空", tuple(_GRADES), "一般"),
            *(Column(_header(code), False, _value(code), "数字", example="") for code in COUNTED),
            Column("经过", False, cells.text(4000), "", example="连续降雨引发滑坡，两户转移。"),
            Column("标签", False, cells.text(200), "用顿号隔开", example="强降雨引发、提前转移"),
            Column("编号", False, cells.text(120), "公共卫生、社会安全类填主管系统编号", example=""),
        ),
        apply=apply_incidents,
        examples=(
            {"原编号": "2021-0035", "事件": "上柳村后山滑坡", "类型": "滑坡", "区划代码": "530521100201", "接报时间": "2021-07-03 14:35", "等级": "一般", "标签": "强降雨引发"},
        ),
        notes=("导入的事件为已办结，不起算报送时限，也不响铃。", "公共卫生、社会安全类只留类别、地点、人数和编号。"),
        sentences={
            "incident_import.no_moment": ("“%(value)s”不是时间，请写成 2021-07-03 14:20。", "“%(value)s” is no time; write it as 2021-07-03 14:20."),
            "incident_import.twice": ("编号%(number)s在表中出现两次。", "The number %(number)s stands in the sheet twice."),
            "incident_import.no_place": ("没有这个区划，或不归您管。", "There is no such place, or it is not yours."),
            "incident_import.future": ("时间在将来。", "This time lies in the future."),
            "incident_import.order": ("发生时间晚于接报时间。", "It happened after it was known."),
            "incident_import.only_the_count": ("这类事件只留类别、地点、人数和编号，请清空其他列。", "Of this type only class, place, count and reference are kept; empty the other columns."),
            "incident_import.no_tag": ("标签不在标签表中。", "A tag is not in the list of tags."),
        },
    )
)  # fmt: skip
