"""A report of the county as a workbook in the look of the official form, and the workbook that a township fills in."""

from __future__ import annotations

from typing import IO, Any

from anlan.documents.cells import writable
from anlan.kernel.clock import SHANGHAI
from anlan.losses.imports import workbook_rows
from anlan.losses.models import LossCourse
from anlan.losses.types import ReportContent
from anlan.places.models import Division

_WIDTHS = (34, 9, 14, 14, 14)


def write_report(content: ReportContent, path: IO[bytes]) -> None:
    """One sheet: head, the indicators with sum, former value and each township, explanations, signatures. Numbers stay numbers."""
    from openpyxl import Workbook  # half a second and 20 MB
    from openpyxl.styles import Alignment, Border, Font, Side
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet: Any = book.active  # a new workbook starts with a worksheet
    sheet.title = content.kind_zh
    columns = 4 + len(content.townships)
    middle, line = Alignment(horizontal="center", vertical="center", wrap_text=True), Side(style="thin")
    for index, text in enumerate(_head(content), start=1):
        cell = sheet.cell(row=index, column=1)
        cell.value, cell.data_type = writable(text), "s"
        sheet.merge_cells(start_row=index, start_column=1, end_row=index, end_column=columns)
    sheet["A1"].font, sheet["A1"].alignment = Font(name="方正小标宋简体", size=18, bold=True), middle
    top = len(_head(content)) + 1
    header = ["指标名称", "计量单位", "合计", "上次报告", *(name for name, _values in content.townships)]
    rows: list[list[Any]] = [header]
    for group in content.groups:
        rows.append([group.zh] + [""] * (columns - 1))
        for one in group.lines:
            former = "" if one.former is None else float(one.former)
            own = [float(values.get(one.code, 0)) for _name, values in content.townships]
            rows.append([("    " if one.is_part else "") + one.zh, one.unit, float(one.value), former, *own])
    for number, values in enumerate(rows, start=top):
        for column, value in enumerate(values, start=1):
            cell = sheet.cell(row=number, column=column)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"
            cell.border = Border(left=line, right=line, top=line, bottom=line)
            if number == top:
                cell.font, cell.alignment = Font(bold=True), middle
    for number, text in enumerate(_foot(content), start=top + len(rows) + 1):
        cell = sheet.cell(row=number, column=1)
        cell.value, cell.data_type, cell.alignment = (
            writable(text),
            "s",
            Alignment(wrap_text=True, vertical="top"),
        )
        sheet.merge_cells(start_row=number, start_column=1, end_row=number, end_column=columns)
    for column in range(1, columns + 1):
        sheet.column_dimensions[get_column_letter(column)].width = _WIDTHS[min(column, len(_WIDTHS)) - 1]
    sheet.freeze_panes = sheet.cell(row=top + 1, column=3)
    sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = (
        "landscape",
        1,
        0,
    )
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{top}:{top}"
    book.save(path)


def _head(content: ReportContent) -> list[str]:
    until = content.data_until.astimezone(SHANGHAI)
    began = content.began_at.astimezone(SHANGHAI)
    return [
        f"自然灾害{content.form_zh}（{content.kind_zh}）",
        f"填报单位：{content.county}应急管理局    灾害过程：{content.course_number} {content.course_title}",
        f"灾害种类：{content.first_hazard_zh}（{content.hazard_zh}）    开始时间：{began:%Y-%m-%d %H:%M}    "
        f"数据截至：{until:%Y-%m-%d %H:%M}",
    ]


def _foot(content: ReportContent) -> list[str]:
    signed = "" if content.signed_at is None else f"{content.signed_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    lines = [f"文字说明：{content.text}"]
    lines += [f"变化说明——{name}：{why}" for name, why in content.explanations]
    lines.append(
        f"签发人：{content.signed_by or '（未签发）'}    审核人：{content.reviewed_by}    填表人：{content.drafted_by}    "
        f"报出时间：{signed}"
    )
    if content.reported_to:
        lines.append(f"报送：{'、'.join(content.reported_to)}")
    return [*lines, f"制度依据：{content.source}"]


def write_township(course: LossCourse, township: Division, path: IO[bytes]) -> None:
    """What a township downloads, fills in and imports: its villages with what they filed so far; every cell is text."""
    from anlan.documents.templates import write_table

    headers, rows = workbook_rows(course, township)
    write_table(path, headers, rows, title="村级灾情")
