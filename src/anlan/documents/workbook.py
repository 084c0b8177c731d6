"""Reading workbooks that people filled in. Every cell is bounded, no formula is evaluated, every mistake has a place."""

from __future__ import annotations

import unicodedata
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, TypeVar

from anlan.documents.cells import Cell, Parser, tidy
from anlan.documents.problems import BadCell, BadFile, Problem

T = TypeVar("T")
Source = str | Path | IO[bytes]

#: Limits of one file (engineering choice): a county's largest list, its households, is under 3 MB and 60,000 rows.
MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
MAX_RATIO = 150
MAX_MEMBERS = 2_000
MAX_ROWS = 100_000
MAX_COLUMNS = 60
MAX_CELL_CHARACTERS = 20_000
MAX_PROBLEMS = 2_000
#: Columns that people add for themselves and nobody would call a mistake.
IGNORED_HEADERS = frozenset({"序号", "备注", "说明", "错误"})
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `header` is its Chinese name without the star; `note`, `allowed` and `example` go into the template."""

    header: str
    required: bool
    parse: Parser
    note: str = ""
    allowed: tuple[str, ...] = ()
    example: str = ""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row whose every cell was understood. `number` counts as the spreadsheet does."""

    number: int
    values: dict[str, Any]  # parsed values by header; the accessors below give them a type

    def get(self, header: str, kind: type[T]) -> T | None:
        """The value of an optional cell, None where it was left empty."""
        value = self.values.get(header)
        if value is not None and not isinstance(value, kind):
            raise TypeError(f"{header} holds {type(value).__name__}, not {kind.__name__}")
        return value

    def need(self, header: str, kind: type[T]) -> T:
        """The value of a required cell."""
        value = self.get(header, kind)
        if value is None:
            raise TypeError(f"{header} is not a required column")
        return value

    def text(self, header: str) -> str:
        """The text of a cell, "" where it was left empty."""
        return self.get(header, str) or ""


@dataclass(slots=True)
class SheetResult:
    """The good rows and everything that is wrong; `readable` is False where no row could be understood at all."""

    rows: list[SheetRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    readable: bool = True


def read_sheet(source: Source, columns: Sequence[Column]) -> SheetResult:
    """Read the first sheet. Never raises for what is in the file."""
    try:
        with _opened(source) as file:
            check_package(file)
            return _read(file, columns)
    except BadFile as bad:
        return SheetResult(problems=[bad.problem], readable=False)


def check_package(file: IO[bytes]) -> None:
    """Refuse what is too big, unpacks to too much or is not a workbook, before anything is unpacked."""
    size = file.seek(0, 2)
    file.seek(0)
    if size > MAX_FILE_BYTES:
        raise BadFile("file.too_big", limit_mb=MAX_FILE_BYTES // 2**20)
    if file.read(8) == _OLE:
        raise BadFile("file.old_or_locked")
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as package:
            members = package.infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        raise BadFile("file.not_xlsx") from None
    file.seek(0)
    unpacked = sum(member.file_size for member in members)
    if len(members) > MAX_MEMBERS or unpacked > min(MAX_UNPACKED_BYTES, max(size * MAX_RATIO, 2**22)):
        raise BadFile("file.unpacks_too_big")
    if not {"[Content_Types].xml", "xl/workbook.xml"} <= {member.filename for member in members}:
        raise BadFile("file.not_xlsx")


class _opened:
    """A path opened for reading, or the caller's own file left open."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._close: Callable[[], None] = lambda: None

    def __enter__(self) -> IO[bytes]:
        if not isinstance(self._source, str | Path):
            return self._source
        file = open(self._source, "rb")
        self._close = file.close
        return file

    def __exit__(self, *_: object) -> None:
        self._close()


def _read(file: IO[bytes], columns: Sequence[Column]) -> SheetResult:
    import openpyxl  # here, because it costs half a second and 20 MB that a process without workbooks does not pay

    if not openpyxl.DEFUSEDXML:
        raise ImportError("openpyxl must read XML through defusedxml; install defusedxml")
    try:
        with closing(openpyxl.load_workbook(file, read_only=True, data_only=False, keep_links=False)) as book:
            sheet = book.worksheets[0] if book.worksheets else None
            if sheet is None:
                raise BadFile("sheet.empty")
            merged = list(_merged_ranges(sheet))
            sheet.reset_dimensions()
            lines = sheet.iter_rows(max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS)
            return _Reading(columns, merged).read(lines)
    except BadFile:
        raise
    except Exception as error:  # whatever openpyxl and the XML reader raise for a damaged or hostile file
        raise BadFile("file.damaged") from error


def _merged_ranges(sheet: Any) -> Iterator[str]:
    """Ranges such as "A1:K1". openpyxl's read-only sheets leave them out, so the sheet's own XML is asked."""
    from defusedxml.ElementTree import iterparse

    with sheet._get_source() as source:
        for _event, element in iterparse(source, events=("end",), forbid_dtd=True):
            if element.tag.endswith("}mergeCell"):
                yield str(element.get("ref", ""))
            elif element.tag.endswith("}row"):
                element.clear()


def normal_header(value: object) -> str:
    """A header without star, spaces, line breaks and full-width forms."""
    plain = unicodedata.normalize("NFKC", tidy(str(value))).replace(" ", "")
    return plain.rstrip("*")


class _Reading:
    """One pass over the lines of a sheet."""

    def __init__(self, columns: Sequence[Column], merged: Sequence[str]) -> None:
        self._columns = columns
        self._by_header = {normal_header(column.header): column for column in columns}
        self._merged = merged
        self._at: dict[int, Column] = {}
        self._result = SheetResult()

    def read(self, lines: Iterator[tuple[Any, ...]]) -> SheetResult:
        header = next(lines, None)
        if header is None or all(_is_blank(cell.value) for cell in header):
            self._stop("sheet.empty")
            return self._result
        if not self._take_header(header):
            return self._result
        covered = self._refuse_merged()
        for number, line in enumerate(lines, start=2):
            if number > MAX_ROWS + 1:
                self._stop("sheet.too_long", limit=MAX_ROWS)
                break
            if len(self._result.problems) >= MAX_PROBLEMS:
                break
            if any(top <= number <= bottom for top, bottom in covered):
                continue
            self._take_line(number, line)
        return self._result

    def _stop(self, code: str, **data: object) -> None:
        self._result.problems.append(Problem(0, "", code, data))
        self._result.rows.clear()
        self._result.readable = False

    def _wrong(self, row: int, column: str, code: str, **data: object) -> None:
        self._result.problems.append(Problem(row, column, code, data))

    def _take_header(self, line: tuple[Any, ...]) -> bool:
        """Match columns by name. False where the rows below cannot be understood."""
        merged = [name for name in self._merged if _rows_of(name)[0] == 1]
        for name in merged:
            self._wrong(1, _column_of(name), "cell.merged", range=name)
        found: set[str] = set()
        twice = False
        for index, cell in enumerate(line):
            if _is_blank(cell.value):
                continue
            header = normal_header(cell.value)
            column = self._by_header.get(header)
            if column is None:
                if header not in IGNORED_HEADERS:
                    self._wrong(1, _letter(index + 1), "header.unknown", header=header[:40])
            elif header in found:
                twice = True
                self._wrong(1, column.header, "header.twice", header=column.header)
            else:
                found.add(header)
                self._at[index] = column
        missing = [
            column.header for name, column in self._by_header.items() if column.required and name not in found
        ]
        for name in missing:
            self._wrong(1, name, "header.missing", header=name)
        self._result.readable = not (merged or twice or missing)
        return self._result.readable

    def _refuse_merged(self) -> list[tuple[int, int]]:
        """Report merged ranges below the header; gives the rows that they touch."""
        covered = []
        for name in self._merged[:MAX_PROBLEMS]:
            top, bottom = _rows_of(name)
            covered.append((top, bottom))
            self._wrong(top, _column_of(name), "cell.merged", range=name)
        return covered

    def _take_line(self, number: int, line: tuple[Any, ...]) -> None:
        cells = {
            column.header: line[index] if index < len(line) else None for index, column in self._at.items()
        }
        if all(cell is None or _is_blank(cell.value) for cell in cells.values()):
            return
        values: dict[str, Any] = {}
        good = True
        for column in self._at.values():
            try:
                values[column.header] = _value(cells[column.header], column)
            except BadCell as bad:
                good = False
                self._wrong(number, column.header, bad.code, **bad.data)
        if good:
            self._result.rows.append(SheetRow(number, values))


def _value(cell: Any, column: Column) -> object:
    if cell is None or _is_blank(cell.value):
        if column.required:
            raise BadCell("cell.required")
        return None
    if cell.data_type == "f" or (isinstance(cell.value, str) and cell.value.startswith("=")):
        raise BadCell("cell.formula")
    if cell.data_type == "e":
        raise BadCell("cell.error", value=str(cell.value)[:20])
    raw: Cell = cell.value
    if isinstance(raw, str) and len(raw) > MAX_CELL_CHARACTERS:
        raise BadCell("cell.too_long", limit=MAX_CELL_CHARACTERS)
    return column.parse(raw)


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and tidy(value) == "")


def _letter(column: int) -> str:
    from openpyxl.utils import get_column_letter

    return get_column_letter(column)


def _rows_of(name: str) -> tuple[int, int]:
    from openpyxl.utils import range_boundaries

    _left, top, _right, bottom = range_boundaries(name)
    return int(top or 1), int(bottom or MAX_ROWS)


def _column_of(name: str) -> str:
    from openpyxl.utils import range_boundaries

    left, _top, _right, _bottom = range_boundaries(name)
    return _letter(int(left or 1))
