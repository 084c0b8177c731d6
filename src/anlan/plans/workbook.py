"""A plan as a workbook with a sheet for each part, out and in; every mistake named by sheet and cell."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from anlan.documents.cells import writable
from anlan.documents.problems import BadFile, Problem
from anlan.documents.workbook import MAX_CELL_CHARACTERS, check_package
from anlan.plans import wording
from anlan.plans.content import Annex, Content
from anlan.plans.documentproblems import Imported, problem_of
from anlan.plans.tabular import BASICS, SECTIONS, Section, item_of, rows_of
from anlan.plans.wording import BadWord

TITLE = "预案名称"
BASIC_SHEET = "基本"
#: Chapters and annexes: part of the content and sheet; each has the columns 标题 and 内容.
WORD_SHEETS = (("chapters", "章节"), ("annexes", "附件"))
_WORD_HEADERS = ("标题", "内容")
#: Bounds of one sheet; a plan of ten times this size could not be used.
MOST_ROWS, MOST_COLUMNS, MOST_PROBLEMS = 5_000, 40, 300


def write_xlsx(title: str, content: Content) -> bytes:
    """The workbook; cells are text, so that nothing in them is ever a formula."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    basics = [(TITLE, title)] + [
        (heading, write(getattr(content, name)) if getattr(content, name) else "")
        for name, heading, write, _read in BASICS
    ]
    _sheet(book, BASIC_SHEET, ("项目", "内容"), basics, (18, 100))
    for section in SECTIONS:
        headers = tuple(_starred(one.header, one.name in section.required) for one in section.fields)
        widths = tuple(max(10.0, one.width * 16) for one in section.fields)
        _sheet(book, section.sheet, headers, rows_of(content, section), widths)
    for part, sheet in WORD_SHEETS:
        rows = [(one.title, one.words) for one in getattr(content, part)]
        _sheet(book, sheet, _WORD_HEADERS, rows, (30, 110))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _starred(header: str, is_required: bool) -> str:
    return f"{header}*" if is_required else header


def _sheet(book: Any, name: str, headers: Any, rows: Any, widths: Any) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(name)
    for number, row in enumerate((headers, *rows), start=1):
        for at, value in enumerate(row, start=1):
            cell = sheet.cell(number, at)
            if value:
                # Set as text: words that begin with "=" would be a formula.
                cell.value, cell.data_type = writable(value), "s"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.number_format = "@"
            if number == 1:
                cell.font = Font(bold=True)
    for at, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    sheet.freeze_panes = "A2"


def read_xlsx(data: bytes) -> Imported:
    """A plan from a workbook. Never raises for what is in it: `remarks` hold each mistake, `is_usable` is False if there is one."""
    file = io.BytesIO(data)
    try:
        check_package(file)
        sheets = _sheets(file)
    except BadFile as bad:
        return Imported("", Content(), (bad.problem,), is_usable=False)
    return _Reading(sheets).read()


Sheets = dict[str, list[list[Any]]]


def _sheets(file: io.BytesIO) -> Sheets:
    import openpyxl

    if not openpyxl.DEFUSEDXML:
        raise ImportError("openpyxl must read XML through defusedxml; install defusedxml")
    try:
        with closing(openpyxl.load_workbook(file, read_only=True, data_only=False, keep_links=False)) as book:
            return {sheet.title.strip(): _rows(sheet) for sheet in book.worksheets[:40]}
    except Exception as error:  # whatever openpyxl and the XML reader raise for a damaged or hostile file
        raise BadFile("file.damaged") from error


def _rows(sheet: Any) -> list[list[Any]]:
    sheet.reset_dimensions()
    return [list(row) for row in sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS)]


class _Reading:
    def __init__(self, sheets: Sheets) -> None:
        self.sheets = sheets
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []
        self.values: dict[str, Any] = {}
        self.title = ""

    def read(self) -> Imported:
        self._basics()
        for section in SECTIONS:
            self.values[section.part] = tuple(self._section(section))
        for part, sheet in WORD_SHEETS:
            self.values[part] = tuple(self._words(sheet))
        known = {BASIC_SHEET, *(one.sheet for one in SECTIONS), *(sheet for _part, sheet in WORD_SHEETS)}
        for name in self.sheets:
            if name not in known:
                self.notes.append(Problem(0, name, "plan_sheet.unknown", {"sheet": name}))
        content = Content(**self.values)
        self._references(content)
        remarks = (*self.problems[:MOST_PROBLEMS], *self.notes)
        return Imported(self.title, content, remarks, is_usable=not self.problems)

    # -- sheets --------------------------------------------------------------------------------------------------------

    def _lines(self, sheet: str) -> list[list[Any]]:
        if sheet not in self.sheets:
            self.notes.append(Problem(0, sheet, "plan_sheet.missing", {"sheet": sheet}))
            return []
        return self.sheets[sheet]

    def _basics(self) -> None:
        by_name = {heading: (name, read) for name, heading, _write, read in BASICS}
        for number, row in enumerate(self._lines(BASIC_SHEET)[1:], start=2):
            heading, text = (self._text(BASIC_SHEET, number, at, row) for at in (0, 1))
            if heading == TITLE:
                self.title = " ".join(text.split("\n"))
            elif heading in by_name and text:
                name, read = by_name[heading]
                try:
                    self.values[name] = read(text)
                except BadWord as bad:
                    self._wrong(BASIC_SHEET, number, 1, bad)
        if not self.title:
            self.problems.append(Problem(0, f"{BASIC_SHEET}!B2", "plan_sheet.no_title"))

    def _section(self, section: Section) -> Iterator[Any]:
        lines = self._lines(section.sheet)
        columns = self._columns(section, lines[0]) if lines else None
        if columns is None:
            return
        seen: set[Any] = set()
        for number, row in enumerate(lines[1:], start=2):
            cells = {name: self._text(section.sheet, number, at, row) for name, at in columns.items()}
            if not any(cells.values()):
                continue
            item, wrong = item_of(cells, section)
            for name, bad in wrong:
                self._wrong(section.sheet, number, columns.get(name, 0), bad)
            if item is None:
                continue
            key = getattr(item, "key", None) or getattr(item, "level", None)
            if key in seen:
                place = _place(section.sheet, number, columns.get("key", columns.get("level", 0)))
                self.problems.append(Problem(number, place, "plan_sheet.twice", {"value": str(key)}))
                continue
            seen.add(key)
            yield item

    def _columns(self, section: Section, header: list[Any]) -> dict[str, int] | None:
        """Column by field; None where a required one is not there."""
        names = {self._text(section.sheet, 1, at, header).rstrip("*"): at for at in range(len(header))}
        columns = {one.name: names[one.header] for one in section.fields if one.header in names}
        missing = [one.header for one in section.fields if one.name in section.required - set(columns)]
        for name in missing:
            self.problems.append(Problem(1, f"{section.sheet}!1", "header.missing", {"header": name}))
        known = {one.header for one in section.fields}
        for name, at in names.items():
            if name and name not in known:
                place = _place(section.sheet, 1, at)
                self.problems.append(Problem(1, place, "header.unknown", {"header": name[:40]}))
        return None if missing else columns

    def _words(self, sheet: str) -> Iterator[Annex]:
        for number, row in enumerate(self._lines(sheet)[1:], start=2):
            title, words = (self._text(sheet, number, at, row) for at in (0, 1))
            if title:
                yield Annex(title, words)
            elif words:
                self._wrong(sheet, number, 0, BadWord("required"))

    # -- cells ---------------------------------------------------------------------------------------------------------

    def _text(self, sheet: str, number: int, at: int, row: list[Any]) -> str:
        cell = row[at] if at < len(row) else None
        if cell is None or cell.value is None:
            return ""
        value = cell.value
        if cell.data_type == "f" or cell.data_type == "e":
            code = "cell.formula" if cell.data_type == "f" else "cell.error"
            self.problems.append(Problem(number, _place(sheet, number, at), code, {"value": str(value)[:20]}))
            return ""
        text = _plain(value)
        if len(text) > MAX_CELL_CHARACTERS:
            data = {"limit": MAX_CELL_CHARACTERS}
            self.problems.append(Problem(number, _place(sheet, number, at), "cell.too_long", data))
            return ""
        return text.replace("\r\n", "\n").replace("_x000D_", "").strip()

    def _wrong(self, sheet: str, number: int, at: int, bad: BadWord) -> None:
        self.problems.append(problem_of(_place(sheet, number, at), bad, number))

    def _references(self, content: Content) -> None:
        """Keys that name nothing. A circle of tasks is left to the plan check, which says it better."""
        groups = {one.key for one in content.groups}
        posts = {one.key for one in content.posts}
        tasks = {one.key for one in content.tasks}
        contacts = {one.key for one in content.contacts}
        for task in content.tasks:
            self._known("任务", task.key, "编组", groups, (task.group,))
            self._known("任务", task.key, "岗位", posts, (task.post,))
            self._known("任务", task.key, "任务", tasks, task.after)
        for group in content.groups:
            self._known("编组", group.key, "岗位", posts, (group.lead,))
        for contact in content.contacts:
            self._known("通讯", contact.key, "通讯", contacts, (contact.above,))

    def _known(self, sheet: str, key: str, part: str, known: set[str], wanted: tuple[str, ...]) -> None:
        for one in wanted:
            if one and one not in known:
                place = f"{sheet}!{key}"
                self.problems.append(
                    Problem(0, place, "plan_sheet.unknown_key", {"value": one, "part": part})
                )


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return wording.flag(value)
    if isinstance(value, float):
        return wording.number(value)
    return str(value)


def _place(sheet: str, number: int, at: int) -> str:
    from openpyxl.utils import get_column_letter

    return f"{sheet}!{get_column_letter(at + 1)}{number}"
