"""A whole sheet as text, for machines that drop workbooks: bounded as `workbook` bounds what people fill in."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from typing import IO

from anlan.documents.problems import BadFile
from anlan.documents.workbook import MAX_COLUMNS, MAX_ROWS, check_package


def read_table(file: IO[bytes]) -> list[list[str]]:
    """Every row of the first sheet. Formulas stay formulas, which no number parser takes. Raises ValueError with a sentence."""
    try:
        check_package(file)
    except BadFile as bad:
        raise ValueError(f"The workbook cannot be used ({bad.problem.code}).") from None
    import openpyxl  # here, because it costs half a second and 20 MB

    try:
        with closing(openpyxl.load_workbook(file, read_only=True, data_only=False, keep_links=False)) as book:
            if not book.worksheets:
                return []
            sheet = book.worksheets[0]
            sheet.reset_dimensions()
            lines = sheet.iter_rows(max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS, values_only=True)
            found = [[_text(cell) for cell in line] for line in lines]
    except Exception as error:  # whatever openpyxl and the XML reader raise for a damaged or hostile file
        raise ValueError("The workbook is damaged.") from error
    if len(found) > MAX_ROWS + 1:
        raise ValueError(f"The sheet has more than {MAX_ROWS} rows.")
    return found


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return repr(cell) if isinstance(cell, float) else str(cell)
