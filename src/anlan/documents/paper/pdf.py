"""The PDF and the pictures, set by typst from the same content as the Word file. No network, no package, no shell."""

from __future__ import annotations

import json
import warnings
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, cast

import msgspec

from anlan.documents.paper.content import (
    Content,
    Fields,
    Heading,
    PageBreak,
    Para,
    Picture,
    Table,
    lines_of,
    marked,
    meta_line,
    opening_lines,
)
from anlan.documents.paper.fonts import chosen, fonts_of_machine
from anlan.documents.paper.head import TemplateHead

LAYOUT = Path(__file__).with_name("layout.typ")
#: Of the map picture in the Word file: sharp on paper, still a small file.
PPI = 160


class TypesetterMissing(Exception):
    """The typesetter is not installed on this machine (no wheel for its processor)."""


def paper_pdf(content: Content, *, own_fonts: str = "", head: TemplateHead | None = None) -> bytes:
    """The bytes of the PDF; the same content on the same machine gives the same bytes. Raises `NoChineseFont`."""
    return _compile(LAYOUT.read_bytes(), _given(content, head), own_fonts, "pdf", content.made)


def svg_png(svg: str, *, own_fonts: str = "") -> bytes:
    """A drawing as PNG, for the Word file."""
    source = (
        b'#set page(width: auto, height: auto, margin: 0pt)\n#image(bytes(sys.inputs.svg), format: "svg")\n'
    )
    return _compile(source, {"svg": svg}, own_fonts, "png", "", needs_chinese=False)


def _compile(
    source: bytes,
    inputs: dict[str, str],
    own_fonts: str,
    form: Literal["pdf", "png"],
    made: str,
    *,
    needs_chinese: bool = True,
) -> bytes:
    try:
        import typst
    except ImportError as error:
        raise TypesetterMissing from error
    fonts, families = fonts_of_machine(own_fonts)
    if needs_chinese:
        inputs = inputs | {"fonts": json.dumps(chosen(families), ensure_ascii=False)}
    extra: dict[str, Any] = {"ppi": PPI} if form == "png" else {}
    if made:
        extra["timestamp"] = int(datetime.fromisoformat(made).timestamp())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compiler = typst.Compiler(
            source, font_paths=cast("typst.Fonts", fonts), ignore_system_fonts=True, sys_inputs=inputs
        )
        found = compiler.compile(format=form, **extra)
    return found if isinstance(found, bytes) else b"".join(found or [])


def _given(content: Content, head: TemplateHead | None) -> dict[str, str]:
    left, right = meta_line(content)
    paper = {
        "opening": opening_lines(content),
        "left": left,
        "right": right,
        "title": content.title,
        "addressee": f"{content.addressee}：" if content.addressee else "",
        "blocks": [_block(block) for block in content.blocks],
        "ending": list(content.ending),
        "copies": f"分送：{content.copies}" if content.copies else "",
        "foot": list(content.foot),
        "head": [msgspec.to_builtins(line) for line in head.lines] if head else [],
        "line": head.line if head else "000000",
        "name": content.title or content.head,
    }
    return {"paper": json.dumps(paper, ensure_ascii=False)}


def _block(block: object) -> dict[str, Any]:
    match block:
        case Heading(text=text, level=level):
            return {"is": "heading", "text": text, "level": level}
        case Para():
            return {
                "is": "para",
                "text": marked(block.text, block.changed),
                "align": block.align,
                "indent": block.indent,
                "bold": block.bold,
                "changed": block.changed,
            }
        case Fields(rows=rows):
            return {
                "is": "fields",
                "rows": [[row.label, marked(row.value, row.changed), row.changed] for row in rows],
            }
        case Table():
            return {
                "is": "table",
                "caption": block.caption,
                "columns": list(block.columns),
                "rows": [list(row) for row in block.rows],
                "widths": list(block.widths or [1.0] * len(block.columns)),
                "right": list(block.right),
                "empty": block.empty,
            }
        case Picture():
            return {"is": "picture", "svg": block.svg, "caption": block.caption, "instead": block.instead}
        case PageBreak():
            return {"is": "page"}
    raise TypeError(block)


__all__ = ["TypesetterMissing", "lines_of", "paper_pdf", "svg_png"]
