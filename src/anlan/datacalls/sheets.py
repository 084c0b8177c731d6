"""A round of a data call as a workbook."""

from __future__ import annotations

import io
from decimal import Decimal, InvalidOperation

from anlan.datacalls.types import TableContent
from anlan.documents.cells import writable


def workbook(content: TableContent) -> bytes:
    """Title, header, a row for each place, the sums. Numbers are numbers; text stays text, also where it begins with “=”."""
    from openpyxl import Workbook  # here, because it costs half a second and 20 MB
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet("收数")
    sheet.freeze_panes = "B3"
    rows = [(content.title, content.asked_by), content.header, *content.rows, content.sums]
    for row in rows:
        cells = []
        for position, value in enumerate(row):
            number = _number(value) if 0 < position < len(content.header) - 1 else None
            cell = WriteOnlyCell(sheet, value=writable(value) if number is None else float(number))
            if number is None:
                cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
