"""Tables of a Word document: merged cells laid out, their purpose told by the words of the header, their rows read."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from anlan.documents.problems import Problem
from anlan.plans import wording
from anlan.plans.content import Annex, Task
from anlan.plans.tabular import FOLDED, SECTIONS, Field, Section, item_of
from anlan.plans.wording import BadWord

#: Widths and rows that a table may have; more is cut, which no plan comes near.
MOST_COLUMNS, MOST_ROWS = 40, 2_000
#: In how many of the first rows the header is looked for.
_HEADER_ROWS = 3
#: A table is of a section when one of these columns is there.
_TELLING = {
    "levels": ("triggers",),
    "posts": ("title",),
    "groups": ("name",),
    "tasks": ("title",),
    "needs": ("name",),
    "contacts": ("name",),
}
#: Columns of telephone lists: they tell a list of contacts, and numbers belong into the directory.
_PHONES = re.compile(r".*(电话|手机|号码|传真).*")
_CONTACT_NAMES = ("单位", "部门", "单位名称", "部门名称", "成员单位")
#: The unit that leads a group, which a plan's data has first among the members.
HEAD = "head"
_HEADS = ("牵头单位", "牵头部门", "组长单位")
_SPLIT = re.compile(r"[、,，;；\n]")
_LEVEL_WORDS = re.compile(r"([ⅠⅡⅢⅣ]|I{1,3}V?|IV|[一二三四])级")


@dataclass(slots=True)
class Found:
    """What the tables gave so far; keys are unique in their list."""

    items: dict[str, list[Any]] = field(default_factory=lambda: {one.part: [] for one in SECTIONS})
    annexes: list[Annex] = field(default_factory=list)
    remarks: list[Problem] = field(default_factory=list)

    def unique(self, part: str, wanted: str) -> str:
        used = {getattr(item, "key", "") for item in self.items[part]}
        if wanted and wanted not in used:
            return wanted
        stem = wanted or part[0]
        number = 2 if wanted else 1
        joint = "-" if wanted else ""
        while f"{stem}{joint}{number}" in used:
            number += 1
        return f"{stem}{joint}{number}"


def grid_of(table: Any) -> list[list[str]]:
    """The text of every place of a table; a merged cell says the same in all of its places."""
    from docx.oxml.ns import qn

    rows: list[list[str]] = []
    for line in table.iterchildren(qn("w:tr")):
        if len(rows) >= MOST_ROWS:
            break
        cells = [""] * min(_before(line), MOST_COLUMNS)
        for cell in line.iter(qn("w:tc")):
            if _row_of(cell) is not line:
                continue
            about = cell.find(qn("w:tcPr"))
            span, goes_on = _shape(about)
            above = rows[-1][len(cells)] if goes_on and rows and len(cells) < len(rows[-1]) else None
            cells += [text_of(cell) if above is None else above] * span
        rows.append(cells[:MOST_COLUMNS])
    width = max((len(row) for row in rows), default=0)
    return [row + [""] * (width - len(row)) for row in rows]


def _row_of(cell: Any) -> Any:
    from docx.oxml.ns import qn

    return next(cell.iterancestors(qn("w:tr")), None)


def _before(line: Any) -> int:
    from docx.oxml.ns import qn

    about = line.find(qn("w:trPr"))
    skipped = about.find(qn("w:gridBefore")) if about is not None else None
    return _number(skipped, 0)


def _shape(about: Any) -> tuple[int, bool]:
    """How many columns a cell takes, and whether it goes on from the row above."""
    from docx.oxml.ns import qn

    if about is None:
        return 1, False
    merge = about.find(qn("w:vMerge"))
    goes_on = merge is not None and merge.get(qn("w:val"), "continue") == "continue"
    return min(max(_number(about.find(qn("w:gridSpan")), 1), 1), MOST_COLUMNS), goes_on


def _number(element: Any, otherwise: int) -> int:
    from docx.oxml.ns import qn

    text = element.get(qn("w:val"), "") if element is not None else ""
    return int(text) if text.isdecimal() and len(text) < 4 else otherwise


def text_of(element: Any) -> str:
    """Words of a cell, a line for each paragraph; tables inside it come along."""
    from docx.oxml.ns import qn

    lines = ["".join(_pieces(one)) for one in element.iter(qn("w:p"))]
    return "\n".join(line for line in lines if line.strip())


def _pieces(paragraph: Any) -> list[str]:
    from docx.oxml.ns import qn

    found = []
    for one in paragraph.iter(qn("w:t"), qn("w:tab"), qn("w:br")):
        if one.tag == qn("w:t"):
            found.append(one.text or "")
        elif one.tag == qn("w:br"):
            found.append("\n")
        elif one.getparent().tag == qn("w:r"):
            found.append(" ")
    return found


def plain_header(text: str) -> str:
    return re.sub(r"[\s*:：]", "", unicodedata.normalize("NFKC", text))


@dataclass(frozen=True, slots=True)
class Recognised:
    section: Section
    header_row: int
    #: Field name by column; FOLDED for the column of folded fields.
    columns: dict[int, str]
    left_columns: tuple[str, ...]


def recognise(rows: list[list[str]]) -> Recognised | None:
    """The section whose column names fit best; None where no table of a plan looks like this."""
    best: tuple[int, Recognised] | None = None
    for number in range(min(_HEADER_ROWS, len(rows))):
        for section in SECTIONS:
            fit = _fit(rows, number, section)
            if fit is not None and (best is None or fit[0] > best[0]):
                best = fit
    return best[1] if best else None


def _fit(rows: list[list[str]], number: int, section: Section) -> tuple[int, Recognised] | None:
    columns: dict[int, str] = {}
    left: list[str] = []
    exact = phones = 0
    for at, text in enumerate(rows[number]):
        name = plain_header(text)
        found = _field_named(name, section, set(columns.values()))
        if found is not None:
            columns[at] = found
            exact += _is_exact(name, section)
        elif name and at and rows[number][at] == rows[number][at - 1]:
            continue
        elif name:
            left.append(text.replace("\n", " ")[:20])
            phones += bool(_PHONES.fullmatch(name)) and section.part == "contacts"
    named = set(columns.values())
    if not any(one in named for one in _TELLING[section.part]) or len(columns) + phones < 2:
        return None
    score = 4 * (len(columns) + phones) + exact - len(left)
    return score, Recognised(section, number, columns, tuple(left))


def _field_named(name: str, section: Section, taken: set[str]) -> str | None:
    if section.part == "groups" and name in _HEADS and HEAD not in taken:
        return HEAD
    if name == FOLDED:
        return FOLDED if any(one.is_folded for one in section.fields) else None
    for one in section.fields:
        if one.name not in taken and name in _names(one, section):
            return one.name
    return None


def _names(one: Field, section: Section) -> set[str]:
    names = {plain_header(text) for text in (one.header, *one.also)}
    return names | set(_CONTACT_NAMES) if section.part == "contacts" and one.name == "name" else names


def _is_exact(name: str, section: Section) -> bool:
    return any(plain_header(one.header) == name for one in section.fields)


class TableReading:
    """One recognised table, row by row into `found`."""

    def __init__(self, found: Found, known: Recognised, place: str, level: int = 0) -> None:
        self.found, self.known, self.place = found, known, place
        #: The level that a row across the whole table, or the heading above, said for the rows below.
        self.level = level
        self.lost: list[str] = []
        self.title = f"{place}原文"

    def read(self, rows: list[list[str]]) -> None:
        for row in rows[self.known.header_row + 1 :]:
            if not any(cell.strip() for cell in row) or row == rows[self.known.header_row]:
                continue
            if len(row) > 1 and len(set(row)) == 1:
                self._across(row[0])
            else:
                self._row(row)
        if self.known.left_columns:
            self._say("columns_left", columns="、".join(self.known.left_columns))
            self.lost = ["｜".join(row) for row in rows]
        if self.lost:
            self.found.annexes.append(Annex(self.title, "\n".join(self.lost)))

    def _across(self, text: str) -> None:
        said = _LEVEL_WORDS.search(unicodedata.normalize("NFKC", text)) or _LEVEL_WORDS.search(text)
        if said is not None and self.known.section.part in ("tasks", "groups", "needs"):
            self.level = wording.read_level(said[1])
        else:
            self.lost.append(text)

    def _row(self, row: list[str]) -> None:
        cells = self._cells(row)
        wanted = self._key(cells)
        cells_of_row = (
            [{**cells, "owner": owner} for owner in self._owners(cells)] if "owner" in cells else [cells]
        )
        for one in cells_of_row:
            item, wrong = item_of({**one, **wanted(self.found)}, self.known.section)
            for name, bad in wrong:
                self._wrong(name, bad, row)
            if item is None:
                self.lost.append("｜".join(row))
                self._say("row_left", words=" ".join(filter(None, row))[:40])
            else:
                self.found.items[self.known.section.part].append(item)

    def _cells(self, row: list[str]) -> dict[str, str]:
        cells: dict[str, str] = {}
        for at, name in self.known.columns.items():
            if name == FOLDED:
                cells |= self._folded(row[at])
            elif row[at].strip():
                cells[name] = row[at]
        part = self.known.section.part
        if HEAD in cells:
            cells["members"] = "\n".join(filter(None, (cells.pop(HEAD), cells.get("members", ""))))
        if part == "contacts" and "name" in cells:
            cells.setdefault("address", cells["name"])
        if part in ("tasks", "groups", "needs") and self.level and "from_level" not in cells:
            cells["from_level"] = wording.level(self.level)
        return cells

    def _folded(self, text: str) -> dict[str, str]:
        by_header = {one.header: one.name for one in self.known.section.fields if one.is_folded}
        cells: dict[str, str] = {}
        for line in text.split("\n"):
            header, colon, value = line.partition(wording.COLON)
            if colon and header in by_header:
                cells[by_header[header]] = "｜".join(wording.parts(value))
            elif line.strip():
                self.lost.append(line)
        return cells

    def _key(self, cells: dict[str, str]) -> Any:
        part = self.known.section.part
        if part == "levels":
            return lambda found: {}
        wanted = cells.get("key", "")
        return lambda found: {"key": found.unique(part, wanted)}

    def _owners(self, cells: dict[str, str]) -> list[str]:
        """A task with several units is one task for each."""
        text = cells["owner"]
        if self.known.section.struct is not Task or wording.BAR in text:
            return [text]
        owners = [part.strip() for part in _SPLIT.split(text) if part.strip()]
        if len(owners) > 1:
            self._say("owners_split", title=cells.get("title", "")[:30], count=len(owners))
        return owners or [text]

    def _wrong(self, name: str, bad: BadWord, row: list[str]) -> None:
        header = next(one.header for one in self.known.section.fields if one.name == name)
        if bad.code == "required":
            return
        self.lost.append("｜".join(row))
        self._say("value_left", value=bad.value, column=header)

    def _say(self, code: str, **data: object) -> None:
        data.setdefault("title", self.title)
        self.found.remarks.append(Problem(0, self.place, f"plan_file.{code}", data))


def read_table(rows: list[list[str]], found: Found, place: str, level: int = 0) -> None:
    """Take a table into the plan, or keep its words as an annex with a remark."""
    if not any(cell.strip() for row in rows for cell in row):
        return
    known = recognise(rows)
    if known is not None:
        TableReading(found, known, place, level).read(rows)
        return
    title = f"{place}原文"
    found.annexes.append(Annex(title, "\n".join("｜".join(row) for row in rows)))
    found.remarks.append(Problem(0, place, "plan_file.table_kept_as_text", {"title": title}))
