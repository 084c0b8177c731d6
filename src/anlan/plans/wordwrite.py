"""A plan as a Word file in the official layout: the styles of `documents.paper`, numbered headings, tables, page numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from anlan.documents.paper.content import Block, Heading, PageBreak, Para, Table
from anlan.documents.paper.content import Content as Paper
from anlan.documents.paper.shipped import shipped_template
from anlan.documents.paper.word import paper_docx
from anlan.plans.content import Annex, Content
from anlan.plans.tabular import BASICS, FOLDED, SECTION_BY_PART, Section, rows_of
from anlan.plans.wording import COLON, escaped
from anlan.plans.wordread import ANNEXES, OTHERS

_HAN = "一二三四五六七八九"
#: First-level headings with the tables below them; a pair has a second-level heading of its own.
_TABLES: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("组织指挥体系", (("posts", "岗位设置"), ("groups", "工作组"))),
    ("响应分级与启动", (("levels", ""),)),
    ("应急响应任务", (("tasks", ""),)),
    ("应急资源需求", (("needs", ""),)),
    ("通讯联络", (("contacts", ""),)),
)


def write_docx(
    title: str,
    content: Content,
    *,
    number: str = "",
    unit: str = "",
    dated: str = "",
    mark: str = "",
    template: bytes | None = None,
) -> bytes:
    """The bytes of the file; the same plan gives the same bytes. `dated` is the date in words, `mark` e.g. 【演练】.

    `template` is the county's own paper template; without one the shipped layout is used.
    """
    paper = Paper(
        kind="plan",
        head="应急预案",
        unit=unit,
        dated=dated,
        title=title,
        issue=number,
        blocks=tuple(blocks_of(content)),
        mark=mark,
    )
    return paper_docx(paper, template or shipped_template(), to_png=None)


def blocks_of(content: Content) -> list[Block]:
    """The parts in the order of the printed plan, numbered, without the empty ones."""
    parts: list[tuple[str, list[Block]]] = [
        ("总则", _basics(content, ("purpose", "basis", "scope", "source")))
    ]
    for name, tables in _TABLES:
        inner: list[Sequence[Block]] = []
        if name == "组织指挥体系":
            inner.append(_basics(content, ("body", "body_words")))
        for part, heading in tables:
            inner.append(_table(content, SECTION_BY_PART[part], heading))
        parts.append((name, _numbered(inner)))
    parts.append((OTHERS, _numbered(_words(one) for one in content.chapters)))
    parts.append((ANNEXES, _numbered(_words(one) for one in content.annexes)))
    found: list[Block] = []
    for number, (name, blocks) in enumerate((one for one in parts if one[1]), start=1):
        if name == ANNEXES:
            found.append(PageBreak())
        found += [Heading(f"{chinese(number)}、{name}"), *_renumbered(blocks)]
    return found


def chinese(number: int) -> str:
    """1 to 99 as 一 to 九十九."""
    tens, ones = divmod(number, 10)
    head = ("" if tens == 1 else _HAN[tens - 1]) + "十" if tens else ""
    return head + (_HAN[ones - 1] if ones else "")


def _numbered(parts: Iterable[Sequence[Block]]) -> list[Block]:
    return [block for part in parts for block in part]


def _renumbered(blocks: Sequence[Block]) -> list[Block]:
    """Second-level headings numbered （一）（二） in their part."""
    found: list[Block] = []
    number = 0
    for block in blocks:
        if isinstance(block, Heading):
            number += 1
            block = Heading(f"（{chinese(number)}）{block.text}", 2)
        found.append(block)
    return found


def _basics(content: Content, names: tuple[str, ...]) -> list[Block]:
    found: list[Block] = []
    for name, heading, write, _read in BASICS:
        text = write(getattr(content, name)) if name in names and getattr(content, name) else ""
        if text:
            found += [Heading(heading, 2), *(Para(line) for line in text.split("\n"))]
    return found


def _words(part: Annex) -> list[Block]:
    return [Heading(part.title, 2), *(Para(line) for line in part.words.split("\n") if part.words)]


def _table(content: Content, section: Section, heading: str) -> list[Block]:
    rows = rows_of(content, section)
    if not rows:
        return []
    plain = [at for at, one in enumerate(section.fields) if not one.is_folded]
    folded = [at for at, one in enumerate(section.fields) if one.is_folded]
    lines = []
    for row in rows:
        cells = [row[at] for at in plain]
        if folded:
            cells.append(
                "\n".join(f"{section.fields[at].header}{COLON}{escaped(row[at])}" for at in folded if row[at])
            )
        lines.append(tuple(cells))
    columns = [section.fields[at].header for at in plain] + ([FOLDED] if folded else [])
    widths = [section.fields[at].width for at in plain] + ([1.8] if folded else [])
    table = Table(tuple(columns), tuple(lines), widths=tuple(widths))
    return [Heading(heading, 2), table] if heading else [table]
