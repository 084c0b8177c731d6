"""Scores as a workbook: one sheet of marks, one of deductions. Text stays text, also where it begins with “=”."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from anlan.documents.cells import writable
from anlan.kernel.clock import SHANGHAI

MARKS = ("名次", "单位", "及时性", "完整性", "准确性", "总分", "任务件次")
DEDUCTIONS = ("单位", "时间", "扣分项", "情况", "次数", "扣分", "备注")


def workbook(lines: Iterable[Mapping[str, Any]]) -> bytes:
    """`lines` as `services.plain_line` makes them and a bulletin keeps them."""
    from openpyxl import Workbook  # here, because it costs half a second and 20 MB

    kept = list(lines)
    book = Workbook(write_only=True)
    _sheet(book, "得分", MARKS, [_marks(line) for line in kept])
    _sheet(
        book, "扣分明细", DEDUCTIONS, [_deduction(line, one) for line in kept for one in line["deductions"]]
    )
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _marks(line: Mapping[str, Any]) -> list[Any]:
    marks = [float(line[name]) for name in ("timeliness", "completeness", "accuracy", "total")]
    return [line["rank"] if line["rank"] is not None else "—", line["name"], *marks, line["asked"]]


def _deduction(line: Mapping[str, Any], one: Mapping[str, Any]) -> list[Any]:
    at = datetime.fromisoformat(one["at"]).astimezone(SHANGHAI)
    note = f"剔除：{one['struck']}" if one["struck"] else "已达本项扣分上限" if one["is_capped"] else ""
    when = f"{at:%Y-%m-%d %H:%M}"
    return [line["name"], when, one["rule_zh"], one["zh"], one["count"], float(one["points"]), note]


def _sheet(book: Any, title: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """`Any`: openpyxl is loaded only here."""
    from openpyxl.cell import WriteOnlyCell

    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for row in ([*heads], *rows):
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, value=writable(value))
            if isinstance(value, str):
                cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
