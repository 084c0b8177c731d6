"""What a paper says, without how it looks. Frozen as JSON with the paper, so that it can be made again byte for byte."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

#: In front of a part that is new or different since the report before. Kept in plain text too, where no underline shows.
CHANGED = "▲"


class Heading(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="heading"):
    """`level` 1 is 一、 and 2 is （一）."""

    text: str
    level: int = 1


class Para(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="para"):
    """One paragraph. `align` is left, center or right; `changed` marks it as new since the last report."""

    text: str
    align: str = "left"
    indent: bool = True
    bold: bool = False
    changed: bool = False


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a form: what is asked and what was written."""

    label: str
    value: str
    changed: bool = False


class Fields(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="fields"):
    """A form of two columns with a frame, as on an intake sheet."""

    rows: tuple[Row, ...]


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="table"):
    """`widths` are relative; columns of `right` hold numbers. `rows` may be empty: `empty` is said then."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    widths: tuple[float, ...] = ()
    right: tuple[int, ...] = ()
    empty: str = "无"


class Picture(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="picture"):
    """A drawing as SVG with its size; where `svg` is empty, `instead` is printed."""

    svg: str
    width: int
    height: int
    caption: str
    instead: str = ""


class PageBreak(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="page"):
    pass


Block = Heading | Para | Fields | Table | Picture | PageBreak


class Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One paper.

    `head` is the name of the kind in large letters, `issue` its number in words, `unit` who gives it out, `signer` the
    line after 签发人 (kinds without one leave it empty), `dated` the date in Chinese. `foot` stands small at the end:
    where it came from, the journal's head. `phone` is the short text for a phone message.
    """

    kind: str
    head: str
    unit: str
    dated: str
    title: str = ""
    subhead: str = ""
    issue: str = ""
    signer: str = ""
    addressee: str = ""
    blocks: tuple[Block, ...] = ()
    ending: tuple[str, ...] = ()
    copies: str = ""
    foot: tuple[str, ...] = ()
    phone: str = ""
    mark: str = ""
    made: str = "1980-01-01T00:00:00+00:00"


def to_json(content: Content) -> bytes:
    return msgspec.json.encode(content, order="sorted")


def from_json(body: bytes | str) -> Content:
    return msgspec.json.decode(body, type=Content)


def digest_of(content: Content) -> str:
    return hashlib.sha256(to_json(content)).hexdigest()


def opening_lines(content: Content) -> list[str]:
    """The lines above the title in the order in which they are printed."""
    return [line for line in (content.mark + content.head, content.subhead) if line]


def meta_line(content: Content) -> tuple[str, str]:
    """Unit or number on the left, date or signer on the right, as above the line of an official paper."""
    left = content.issue or content.unit
    right = f"签发人：{content.signer}" if content.signer else content.dated
    return left, right


def plain_text(content: Content) -> str:
    """The whole paper as text, in the order of the printed one."""
    return "\n".join(lines_of(content)) + "\n"


def lines_of(content: Content) -> list[str]:
    """Every piece of text that the Word file and the PDF show, in order; the test that compares them uses this."""
    left, right = meta_line(content)
    lines = [*opening_lines(content), f"{left}  {right}".strip()]
    lines += [line for line in (content.title, f"{content.addressee}：" if content.addressee else "") if line]
    for block in content.blocks:
        lines += _block_lines(block)
    lines += content.ending
    lines += [f"分送：{content.copies}"] if content.copies else []
    return [*lines, *content.foot]


def marked(text: str, changed: bool) -> str:
    return f"{CHANGED}{text}" if changed else text


def _block_lines(block: Block) -> list[str]:
    match block:
        case Heading(text=text):
            return [text]
        case Para(text=text, changed=changed):
            return [marked(text, changed)]
        case Fields(rows=rows):
            return [f"{row.label}：{marked(row.value, row.changed)}" for row in rows]
        case Table(columns=columns, rows=rows, caption=caption, empty=empty):
            head = [caption] if caption else []
            body = ["  ".join(row) for row in rows] or [empty]
            return [*head, "  ".join(columns), *body]
        case Picture(svg=svg, caption=caption, instead=instead):
            return [caption] if svg else [instead]
        case PageBreak():
            return []


def replace(content: Content, **fields: Any) -> Content:
    return msgspec.structs.replace(content, **fields)
