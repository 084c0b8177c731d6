"""The workbooks of messages that another room kept in a list, and of landmarks."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime

from anlan.documents import cells
from anlan.documents.cells import Cell
from anlan.documents.imports import ImportKind, ImportReport, refuse_repeats, register
from anlan.documents.problems import BadCell, Problem
from anlan.documents.workbook import Column, SheetRow
from anlan.intake.landmarks import add_landmark
from anlan.intake.models import Intake, Landmark
from anlan.intake.services.taking import check_details, take_intake
from anlan.intake.types import IntakeDetails
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.kernel.refusals import Refusal
from anlan.places.access import visible
from anlan.places.models import Division
from anlan.vocab.incidents import INFORMANT_LABELS, TYPES
from anlan.vocab.posts import Right

#: Without spaces, which the cell parser takes out.
_SOURCES = {zh.replace(" ", ""): code.value for code, (zh, _en) in INFORMANT_LABELS.items()}
_TYPES = {face.zh: code for code, face in TYPES.items()}
_MOMENT = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[ T]+(\d{1,2})[:：时](\d{1,2})(?:[:：分]\d{1,2})?分?"
)


def _moment(cell: Cell) -> datetime:
    """A local date with its time; spreadsheets keep it as a date or as text."""
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=SHANGHAI)
    value = cells.as_text(cell)
    found = _MOMENT.fullmatch(value.strip())
    try:
        if found is None:
            raise ValueError
        year, month, day, hour, minute = (int(part) for part in found.groups())
        return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)
    except ValueError:
        raise BadCell("intake.bad_moment", value=value[:40]) from None


def apply_intakes(rows: Sequence[SheetRow], *, by: Actor, at: datetime, dry_run: bool) -> ImportReport:
    """Take each row once: the same number of the same source, or without a number the same words, is the same message."""
    known = {
        place.code: place
        for place in visible(by, Right.TAKE_REPORTS).defer("geometry").only("code", "name", "path", "level")
    }
    unique, problems = refuse_repeats(rows, _reference, "编号")
    report = ImportReport(problems=problems)
    for row in unique:
        code = row.text("区划代码")
        if code and code not in known:
            report.problems.append(Problem(row.number, "区划代码", "row.unknown_division", {"code": code}))
            continue
        details = _details(row, known.get(code))
        try:
            check_details(details, at=at)
        except Refusal as refusal:
            report.problems.append(Problem(row.number, "接报时间", "intake.refused", {"why": str(refusal)}))
            continue
        if Intake.objects.filter(reference=f"{details.source}:{details.reference}"[:160]).exists():
            report.unchanged += 1
            continue
        report.created += 1
        if not dry_run:
            take_intake(details, by=by, at=at, exercise_id=clocks.default_exercise_id())
    return report


def _reference(row: SheetRow) -> str:
    number = row.text("编号")
    if number:
        return f"{row.text('来源')}:{number}"
    words = f"{row.text('来源')}|{row.need('接报时间', datetime).isoformat()}|{row.text('内容')}"
    return "sha:" + hashlib.sha256(words.encode()).hexdigest()[:40]


def _details(row: SheetRow, division: Division | None) -> IntakeDetails:
    return IntakeDetails(
        source=row.text("来源"),
        reference=_reference(row),
        received_at=row.need("接报时间", datetime),
        occurred_at=row.get("事发时间", datetime),
        caller_name=row.text("来电人"),
        caller_number=row.text("号码"),
        place_words=row.text("地点"),
        division=division,
        text=row.text("内容"),
        event_type=row.text("类型"),
        casualties=row.text("伤亡"),
        told=row.text("已告知"),
    )


INTAKES = register(
    ImportKind(
        name="intakes",
        title=("接报导入", "Messages of other rooms"),
        need=Right.TAKE_REPORTS,
        columns=(
            Column("来源", True, cells.choice(_SOURCES), "谁报来的", tuple(_SOURCES), "110报警"),
            Column("编号", False, cells.text(80), "对方系统的编号；同一来源同一编号只收一次", example="20260701-0031"),
            Column("接报时间", True, _moment, "年-月-日 时:分", example="2026-07-01 02:14"),
            Column("事发时间", False, _moment, "不知道留空", example="2026-07-01 02:00"),
            Column("内容", True, cells.text(4000), "时间、地点、起因、经过、结果", example="上柳村河边房屋进水，2人被困"),
            Column("地点", False, cells.text(200), "来电人说的地点", example="上柳村小学旁"),
            Column("区划代码", False, cells.place_code, "本县的村或乡镇；不知道留空", example="530521100201"),
            Column("类型", False, cells.choice(_TYPES), "事件类型", tuple(_TYPES), "山洪"),
            Column("来电人", False, cells.text(60), "姓名、职务", example="赵春兰"),
            Column("号码", False, cells.text(40), "来电号码", example="10000000008"),
            Column("伤亡", False, cells.text(200), "死亡、失踪、受伤、被困", example="2人被困"),
            Column("已告知", False, cells.text(200), "已经报告了谁", example="柳河镇值班室"),
        ),
        apply=apply_intakes,
        examples=(
            {"来源": "110报警", "编号": "20260701-0031", "接报时间": "2026-07-01 02:14", "事发时间": "2026-07-01 02:00", "内容": "上柳村河边房屋进水，2人被困", "地点": "上柳村小学旁", "区划代码": "530521100201", "类型": "山洪", "来电人": "赵春兰", "号码": "10000000008", "伤亡": "2人被困", "已告知": "柳河镇值班室"},
        ),
        notes=("已收过的编号不会再收；时间为北京时间。",),
        sentences={
            "intake.bad_moment": ("“%(value)s”不是日期和时间，请写成 2026-07-01 02:14。", "“%(value)s” is no date with a time; write 2026-07-01 02:14."),
            "intake.refused": ("不能接收：%(why)s", "Not taken: %(why)s"),
        },
    )
)  # fmt: skip


def apply_landmarks(rows: Sequence[SheetRow], *, by: Actor, at: datetime, dry_run: bool) -> ImportReport:
    """Name them, or say anew where they are."""
    known = {place.code: place for place in visible(by, Right.EDIT_DIRECTORY).defer("geometry")}
    unique, problems = refuse_repeats(rows, lambda row: (row.text("区划代码"), row.text("名称")), "名称")
    report = ImportReport(problems=problems)
    for row in unique:
        place = known.get(row.text("区划代码"))
        if place is None:
            report.problems.append(
                Problem(row.number, "区划代码", "row.unknown_division", {"code": row.text("区划代码")})
            )
            continue
        lon, lat = _degrees(row, "经度"), _degrees(row, "纬度")
        former = Landmark.objects.filter(division=place, name=row.text("名称")).first()
        if former is not None and (former.lon, former.lat, former.is_active) == (lon, lat, True):
            report.unchanged += 1
            continue
        report.created += former is None
        report.changed += former is not None
        if not dry_run:
            add_landmark(row.text("名称"), division=place, lon=lon, lat=lat, by=by, at=at)
    return report


def _degrees(row: SheetRow, header: str) -> float | None:
    value = row.values.get(header)
    return None if value is None else float(value)


LANDMARKS = register(
    ImportKind(
        name="landmarks",
        title=("地标", "Landmarks"),
        need=Right.EDIT_DIRECTORY,
        columns=(
            Column("名称", True, cells.text(80), "群众口中的地名", example="三岔河大桥"),
            Column("区划代码", True, cells.place_code, "所在的村或乡镇", example="530521100201"),
            Column("经度", False, cells.longitude, "WGS84，度", example="99.183000"),
            Column("纬度", False, cells.latitude, "WGS84，度", example="24.731000"),
        ),
        apply=apply_landmarks,
        examples=(
            {"名称": "三岔河大桥", "区划代码": "530521100201", "经度": "99.183000", "纬度": "24.731000"},
        ),
        notes=("同一区划内名称相同视为同一地标。",),
    )
)
