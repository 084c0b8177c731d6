"""Workbooks that Anlan writes: templates to fill in and plain tables. Text stays text, also where it starts with "="."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from anlan.documents.workbook import Column

_FILLABLE_ROWS = 2_000
_TEXT_FORMAT = "@"
_REQUIRED = PatternFill("solid", fgColor="FDE9D9")
_OPTIONAL = PatternFill("solid", fgColor="E7EEF7")


def write_template(
    columns: Sequence[Column],
    path: str | Path | IO[bytes],
    examples: Iterable[Mapping[str, str]] = (),
    *,
    notes: Sequence[str] = (),
) -> None:
    """Three sheets: 填写 with the header only, 示例 with example rows, 说明 with what each column takes."""
    book = Workbook()
    fill_in = book.active
    if not isinstance(fill_in, Worksheet):
        raise TypeError("a new workbook starts with a worksheet")
    fill_in.title = "填写"
    _write_header(fill_in, columns)
    _make_text(fill_in, columns)
    _offer_choices(fill_in, columns)
    example = book.create_sheet("示例")
    _write_header(example, columns)
    for row in examples:
        _append(example, [row.get(column.header, "") for column in columns])
    _write_notes(book.create_sheet("说明"), columns, notes)
    book.save(path)


def write_table(
    path: str | Path | IO[bytes], headers: Sequence[str], rows: Iterable[Sequence[str]], *, title: str = "表"
) -> None:
    """A plain table; every cell is text, so nothing in it is ever taken for a formula."""
    book = Workbook()
    sheet = book.active
    if not isinstance(sheet, Worksheet):
        raise TypeError("a new workbook starts with a worksheet")
    sheet.title = title
    _append(sheet, headers)
    for row in rows:
        _append(sheet, row)
    sheet.freeze_panes = "A2"
    book.save(path)


def _append(sheet: Worksheet, values: Sequence[str]) -> None:
    line = []
    for value in values:
        cell = WriteOnlyCell(sheet, value=value)
        if isinstance(value, str):
            cell.data_type = "s"
        cell.number_format = _TEXT_FORMAT
        line.append(cell)
    sheet.append(line)


def _write_header(sheet: Worksheet, columns: Sequence[Column]) -> None:
    _append(sheet, [f"{column.header}*" if column.required else column.header for column in columns])
    for index, column in enumerate(columns, start=1):
        cell = sheet.cell(row=1, column=index)
        cell.font = Font(bold=True)
        cell.fill = _REQUIRED if column.required else _OPTIONAL
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        sheet.column_dimensions[get_column_letter(index)].width = max(12, 2 * len(column.header) + 4)
    sheet.freeze_panes = "A2"


def _make_text(sheet: Worksheet, columns: Sequence[Column]) -> None:
    """Columns are text, so that codes and phone numbers keep their zeros and never become 5.3E+11."""
    for index in range(1, len(columns) + 1):
        sheet.column_dimensions[get_column_letter(index)].number_format = _TEXT_FORMAT


def _offer_choices(sheet: Worksheet, columns: Sequence[Column]) -> None:
    for index, column in enumerate(columns, start=1):
        listed = ",".join(column.allowed)
        # Excel keeps at most 255 characters of an inline list; longer ones stand in 说明 only.
        if not column.allowed or len(listed) > 250 or "、" in column.example:
            continue
        letter = get_column_letter(index)
        choices = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=not column.required)
        choices.add(f"{letter}2:{letter}{_FILLABLE_ROWS}")
        sheet.add_data_validation(choices)


def _write_notes(sheet: Worksheet, columns: Sequence[Column], notes: Sequence[str]) -> None:
    _append(sheet, ["列名", "必填", "怎样填写", "允许的取值", "例"])
    for column in columns:
        required = "是" if column.required else "否"
        _append(sheet, [column.header, required, column.note, "、".join(column.allowed), column.example])
    for note in notes:
        _append(sheet, [note])
    for letter, width in zip("ABCDE", (22, 8, 60, 60, 24), strict=True):
        sheet.column_dimensions[letter].width = width
    for cell in sheet[1]:
        cell.font = Font(bold=True)
