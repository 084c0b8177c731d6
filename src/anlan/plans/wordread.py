"""The text of a Word document in chapters: headings by style, by outline level, by automatic numbers or by numbering in words."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from anlan.documents.paper.word import STYLES
from anlan.documents.problems import Problem
from anlan.plans import wording
from anlan.plans.content import Annex, Content, Level, Trigger, TriggerKind
from anlan.plans.documentproblems import Imported
from anlan.plans.wording import BadWord
from anlan.plans.wordtables import Found, grid_of, read_table, text_of

#: Headings of the files that `wordwrite` makes, whose parts below are chapters and annexes.
OTHERS, ANNEXES = "其他规定", "附件"
WHOLE = "正文"
#: A longer line is no heading, characters.
_LONGEST_HEADING = 40
_MOST_BLOCKS = 20_000
_BASICS: dict[str, str] = {
    "编制目的": "purpose",
    "目的": "purpose",
    "目的和依据": "purpose",
    "编制依据": "basis",
    "依据": "basis",
    "适用范围": "scope",
    "指挥机构": "body",
    "指挥机构说明": "body_words",
    "组织指挥体系": "body_words",
    "组织体系": "body_words",
    "组织指挥机构": "body_words",
    "组织机构及职责": "body_words",
    "组织指挥体系及职责": "body_words",
    "编制说明": "source",
}
_HAN = "一二三四五六七八九十百"
_NUMBERS: tuple[tuple[int, re.Pattern[str]], ...] = (
    (1, re.compile(rf"第[{_HAN}\d]{{1,4}}[章部编](分)?[\s　、.．]*")),
    (1, re.compile(rf"[{_HAN}]{{1,3}}[、.．]\s*")),
    (2, re.compile(rf"[(（][{_HAN}]{{1,3}}[)）]\s*")),
    (3, re.compile(r"\d{1,2}[.．]\d{1,2}[.．]\d{1,2}[.．]?(?!\d)\s*")),
    (2, re.compile(r"\d{1,2}[.．]\d{1,2}[.．]?(?!\d)\s*")),
    (1, re.compile(r"\d{1,2}(?:[.．、](?!\d)\s*|\s+)")),
)
_ANNEX = re.compile(r"附\s*[件录表]\s*[\d一二三四五六七八九十]{0,2}\s*[:：.、\s]?\s*(.{0,60})")
_LEVEL = re.compile(r"([一二三四1-4]|IV|I{1,3})\s*级\s*(?:应急)?响应")
_STYLE = re.compile(r"(?:heading|标题)\s*([1-9])", re.I)
_TITLE = re.compile(r".*(预案|方案|计划|手册)")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph with the level of its heading (0: none), or a table."""

    text: str = ""
    level: int = 0
    rows: list[list[str]] | None = None
    is_listed: bool = False
    list_level: int = 0


@dataclass(slots=True)
class Chapter:
    title: str
    lines: list[str] = field(default_factory=list)
    #: Stands in the plan even without words.
    is_kept: bool = False
    is_annex: bool = False


def read_blocks(document: Any) -> list[Block]:
    """Paragraphs and tables in order, headings not yet told by their words."""
    from docx.oxml.ns import qn

    found: list[Block] = []
    names = {style.style_id: style.name or "" for style in document.styles}
    levels = {style.style_id: _outline(style.element) for style in document.styles}
    for element in _body(document.element.body):
        if len(found) >= _MOST_BLOCKS:
            break
        if element.tag == qn("w:tbl"):
            found.append(Block(rows=grid_of(element)))
            continue
        text = text_of(element)
        if text.strip():
            found.append(_paragraph(element, text, names, levels))
    return found


def _body(body: Any) -> list[Any]:
    """Top-level paragraphs and tables, also those inside content controls."""
    from docx.oxml.ns import qn

    found = []
    for element in body.iterchildren():
        if element.tag in (qn("w:p"), qn("w:tbl")):
            found.append(element)
        elif element.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:customXml")):
            found += _body(element)
    return found


def _paragraph(element: Any, text: str, names: dict[str, str], levels: dict[str, int]) -> Block:
    from docx.oxml.ns import qn

    style = element.pPr.pStyle.val if element.pPr is not None and element.pPr.pStyle is not None else ""
    name = names.get(style, style)
    level = {STYLES[1]: 1, STYLES[2]: 2}.get(name, 0)
    known = _STYLE.fullmatch(name.strip())
    if known is not None:
        level = int(known[1])
    level = level or levels.get(style, 0) or _outline(element)
    numbered = element.find(f".//{qn('w:numPr')}")
    depth = numbered.find(qn("w:ilvl")) if numbered is not None else None
    ilvl = int(depth.get(qn("w:val"), "0") or 0) if depth is not None else 0
    return Block(text, level, None, numbered is not None, ilvl)


def _outline(element: Any) -> int:
    """1 to 9 for a paragraph or style with an outline level, 0 for body text."""
    from docx.oxml.ns import qn

    found = element.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
    value = found.get(qn("w:val"), "9") if found is not None else "9"
    return int(value) + 1 if value.isdecimal() and int(value) < 9 else 0


def told_by_words(blocks: list[Block], is_own: bool) -> list[Block]:
    """Where styles do not tell the headings, their numbering does."""
    if is_own or sum(1 for one in blocks if one.level) >= 3:
        return blocks
    has_han = any(
        one.rows is None and _NUMBERS[1][1].match(one.text) and _is_short(one.text) for one in blocks
    )
    told = [_told(one, has_han) for one in blocks]
    if any(one.level for one in told):
        return told
    return [_from_list(one) for one in blocks]


def _is_short(text: str) -> bool:
    plain = text.strip()
    return len(plain) <= _LONGEST_HEADING and "\n" not in plain and plain[-1:] not in "。；;，,：:、"


def _told(block: Block, has_han: bool) -> Block:
    if block.rows is not None or block.level or not _is_short(block.text):
        return block
    text = block.text.strip()
    if _ANNEX.fullmatch(text):
        return Block(block.text, 1)
    for number, (level, pattern) in enumerate(_NUMBERS):
        match = pattern.match(text)
        if match and match.end() < len(text):
            if number == len(_NUMBERS) - 1 and (has_han or len(text) > 20):
                return block
            return Block(block.text, level)
    return block


def _from_list(block: Block) -> Block:
    """Automatic numbers are not in the text: a short item of a numbered list is a heading where nothing else is."""
    if block.is_listed and _is_short(block.text) and len(block.text) <= 20:
        return Block(block.text, min(block.list_level + 1, 3), None, True, block.list_level)
    return block


def bare(text: str) -> str:
    """A heading without its number."""
    plain = text.strip()
    for _level, pattern in _NUMBERS:
        match = pattern.match(plain)
        if match and match.end() < len(plain):
            return plain[match.end() :].strip()
    return plain


class DocumentReading:
    """One pass over the blocks of a document."""

    def __init__(self, blocks: list[Block], is_own: bool) -> None:
        self.is_own = is_own
        self.blocks = told_by_words(blocks, is_own)
        self.found = Found()
        self.before: list[str] = []
        self.chapters: list[Chapter] = []
        self.basics: dict[str, list[str]] = {name: [] for name in ("purpose", "basis", "scope", "body", "body_words", "source")}  # fmt: skip
        self.levels: dict[int, list[str]] = {}
        #: Where lines go now, and the chapter of the heading above.
        self.target: list[str] = self.before
        self.top: Chapter | None = None
        self.level_now, self.level_depth = 0, 0
        self.tables = 0

    def read(self) -> Imported:
        has_headings = any(one.level for one in self.blocks)
        for block in self.blocks:
            if block.rows is not None:
                self.tables += 1
                read_table(block.rows, self.found, f"表{self.tables}", self.level_now)
            elif block.level:
                self._heading(block)
            else:
                self.target.append(block.text)
        title = self._title()
        if not has_headings and self.before and not self.is_own:
            self._say("no_headings")
            self.chapters.append(Chapter(WHOLE, list(self.before)))
        elif self.before:
            self.chapters.insert(0, Chapter("前言", list(self.before)))
        return Imported(title, self._content(), tuple(self.found.remarks))

    def _say(self, code: str, place: str = "", **data: object) -> None:
        self.found.remarks.append(Problem(0, place, f"plan_file.{code}", data))

    # -- headings ------------------------------------------------------------------------------------------------------

    def _heading(self, block: Block) -> None:
        name = bare(block.text)
        if self.level_depth and block.level > self.level_depth:
            self.target.append(block.text)
            return
        self.level_now = self.level_depth = 0
        annex = None if self.is_own else _ANNEX.fullmatch(block.text.strip())
        if self.is_own:
            self._own_heading(block, name)
        elif annex is not None:
            self._open(Chapter(annex[1].strip() or block.text.strip(), is_annex=True))
        elif self._is_level(block, name):
            return
        elif name in _BASICS:
            self._basic(_BASICS[name], block.level)
        elif block.level == 1 or self.top is None:
            self._open(Chapter(name))
        else:
            self.target = self.top.lines
            self.target.append(block.text)

    def _basic(self, name: str, level: int) -> None:
        self.target = self.basics[name]
        if level == 1:
            self.top = None

    def _own_heading(self, block: Block, name: str) -> None:
        if block.level == 1:
            self._open(Chapter(name))
        elif self.top is not None and self.top.title in (OTHERS, ANNEXES):
            part = Chapter(name, is_kept=True, is_annex=self.top.title == ANNEXES)
            self.chapters.append(part)
            self.target = part.lines
        elif name in _BASICS:
            self.target = self.basics[_BASICS[name]]
        elif self.top is not None:
            self.target = self.top.lines

    def _open(self, chapter: Chapter) -> None:
        self.top = chapter
        self.chapters.append(chapter)
        self.target = chapter.lines

    def _is_level(self, block: Block, name: str) -> bool:
        said = _LEVEL.search(unicodedata.normalize("NFKC", name))
        if said is None or len(name) > 20:
            return False
        self.level_now = wording.read_level(said[1])
        self.level_depth = block.level
        self.target = self.levels.setdefault(self.level_now, [])
        return True

    # -- results -------------------------------------------------------------------------------------------------------

    def _title(self) -> str:
        """The longest of the first lines that calls itself a plan; it is then no words of the plan."""
        if self.is_own:
            return self._own_title()
        first = [line.strip() for line in self.before[:12]]
        named = [line for line in first if _TITLE.fullmatch(line.replace("\n", "")) and len(line) <= 80]
        if not named:
            self._say("no_title")
            return ""
        title = max(named, key=len)
        self.before[:] = [line for line in self.before if line.strip() != title]
        return " ".join(title.split("\n"))

    def _own_title(self) -> str:
        """Our face has the name of the kind, then number and date if there are any, then the title."""
        face = self.before[1:3]
        named = [line for line in face if _TITLE.fullmatch(line)]
        title = max(named, key=len) if named else (face or [""])[-1]
        last = self.before.index(title) if title else -1
        del self.before[: last + 1]
        return " ".join(title.split("\n")).strip()

    def _content(self) -> Content:
        items = self.found.items
        body = self._body()
        chapters = [one for one in self.chapters if one.is_kept or one.lines]
        annexes = [Annex(one.title, "\n".join(one.lines)) for one in chapters if one.is_annex]
        return Content(
            purpose="\n".join(self.basics["purpose"]),
            basis=tuple(line for text in self.basics["basis"] for line in wording.read_lines(text)),
            scope="\n".join(self.basics["scope"]),
            body=body,
            body_words="\n".join(self.basics["body_words"]),
            source="\n".join(self.basics["source"]),
            levels=self._levels(),
            posts=tuple(items["posts"]),
            groups=tuple(items["groups"]),
            tasks=tuple(items["tasks"]),
            needs=tuple(items["needs"]),
            contacts=tuple(items["contacts"]),
            chapters=tuple(Annex(one.title, "\n".join(one.lines)) for one in chapters if not one.is_annex),
            annexes=(*annexes, *self.found.annexes),
        )

    def _body(self) -> str:
        lines = self.basics["body"]
        if not lines:
            return ""
        try:
            code = wording.read_body(lines[0].strip())
        except BadWord as bad:
            if self.is_own and len(lines) == 1:
                return lines[0]
            self._say("body_unknown", value=bad.value)
            self.basics["body_words"] = [*lines, *self.basics["body_words"]]
            return ""
        self.basics["body_words"] = [*lines[1:], *self.basics["body_words"]]
        return code

    def _levels(self) -> tuple[Level, ...]:
        """Levels of tables first; sections of text fill in what is not there."""
        known: dict[int, Level] = {one.level: one for one in self.found.items["levels"]}
        if not self.levels:
            return tuple(self.found.items["levels"])
        for level, lines in self.levels.items():
            former = known.get(level)
            made = _level_of(level, lines)
            if former is not None:
                words = "\n".join(filter(None, (former.words, made.words)))
                made = Level(level, words, former.triggers or made.triggers, former.authority or made.authority, former.notify)  # fmt: skip
            self._look_at(made)
            known[level] = made
        return tuple(known[level] for level in sorted(known, reverse=True))

    def _look_at(self, level: Level) -> None:
        said = wording.level(level.level)
        if all(one.kind is TriggerKind.WORDS for one in level.triggers):
            self._say("level_words_only", level=said)
        if not level.authority:
            self._say("level_no_authority", level=said)


_OPENING = re.compile(r"启动条件|启动标准|情形之一|情况之一|下列情形|下列条件")
_AFTER = re.compile(r"启动程序|响应措施|响应行动|处置措施|决定启动|批准启动|启动.{0,6}响应[。，]")
_POSTS = (
    ("duty_leader", re.compile(r"副指挥长|副总指挥|分管副县长|带班领导")),
    ("commander", re.compile(r"指挥长|总指挥|县长")),
)
_DECIDES = re.compile(r"由?([^，。；]{2,40}?)(?:决定|批准|宣布)(?:启动|进入)?")


def _level_of(level: int, lines: list[str]) -> Level:
    """A section of words: the lines below 启动条件 are triggers; who decides is read where the post is plain."""
    triggers: list[Trigger] = []
    authority: tuple[str, ...] = ()
    is_trigger = False
    for line in "\n".join(lines).split("\n"):
        decides = _DECIDES.search(line)
        if decides is not None and not authority:
            authority = tuple(code for code, words in _POSTS if words.search(decides[1]))[:1]
        if _OPENING.search(line):
            is_trigger = True
        elif _AFTER.search(line):
            is_trigger = False
        elif is_trigger:
            triggers.append(wording.loose_trigger(_item(line)))
    return Level(level, "\n".join(lines), tuple(triggers), authority)


def _item(line: str) -> str:
    """A line of a list without its number and its last mark."""
    plain = re.sub(rf"^\s*(?:[(（][\d{_HAN}]{{1,3}}[)）]|\d{{1,2}}[.．、]|[①-⑳])\s*", "", line)
    return plain.strip().rstrip("；;。") or line.strip()
