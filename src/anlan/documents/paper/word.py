"""The Word file of a paper: a template with named places, filled from the content. Templates are edited in Word."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary
from xml.sax.saxutils import escape

from anlan.documents.paper.content import (
    Block,
    Content,
    Fields,
    Heading,
    PageBreak,
    Para,
    Picture,
    Table,
    marked,
    meta_line,
)

FANGSONG, XIAOBIAOSONG, HEI, KAI = "仿宋_GB2312", "方正小标宋简体", "黑体", "楷体_GB2312"
#: Places of a template, as a person writes them in Word: {{ 文种 }}; 正文, 落款 and 附注 take a paragraph each: {{p 正文 }}.
PLACES = ("文种", "副题", "期号", "签发人", "日期", "单位", "左栏", "右栏", "标题", "主送", "分送", "标记")
PARTS = ("正文", "落款", "附注")
STYLES = ("公文正文", "公文一级标题", "公文二级标题", "公文表格", "公文落款", "公文附注")
#: Width of the text on A4 between the usual margins, in mm.
TEXT_MM = 156
#: Stands for a place without words while the template is filled (a private character that no text carries).
NOTHING = "\ue000"
EPOCH = (1980, 1, 1, 0, 0, 0)
#: Characters that XML cannot carry.
_CONTROL = {code: None for code in range(32) if code not in (9, 10, 13)} | {
    0xFFFE: None,
    0xFFFF: None,
    0xE000: None,
}

ToPng = Callable[[str], bytes]


def paper_docx(content: Content, template: bytes, *, to_png: ToPng | None) -> bytes:
    """The bytes of the file. `to_png` draws the map; where it is missing, its words stand in its place."""
    from docxtpl import DocxTemplate

    filled = DocxTemplate(io.BytesIO(template))
    filled.init_docx()
    document = filled.get_docx()
    parts = {
        "正文": _xml(document, lambda: _blocks(document, content.blocks, to_png)),
        "落款": _xml(document, lambda: _lines(document, STYLES[4], content.ending, is_held=True)),
        "附注": _xml(document, lambda: _lines(document, STYLES[5], content.foot)),
    }
    filled.render(_words(content) | parts, jinja_env=sandbox())
    _drop_empty(filled.docx)
    _describe(filled.docx, content)
    out = io.BytesIO()
    filled.save(out)
    return stable(out.getvalue())


def sandbox() -> Any:
    """Placeholders only: nothing of Python can be reached from a template, an unknown name is an error."""
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    return ImmutableSandboxedEnvironment(undefined=StrictUndefined)


def clean(text: str) -> str:
    """Text that XML can carry."""
    return text.translate(_CONTROL)


def _words(content: Content) -> dict[str, str]:
    left, right = meta_line(content)
    values = {
        "文种": content.mark + content.head,
        "副题": content.subhead,
        "期号": content.issue,
        "签发人": content.signer,
        "日期": content.dated,
        "单位": content.unit,
        "左栏": left,
        "右栏": right,
        "标题": content.title,
        "主送": f"{content.addressee}：" if content.addressee else "",
        "分送": f"分送：{content.copies}" if content.copies else "",
        "标记": content.mark,
    }
    return {name: escape(clean(value)) or NOTHING for name, value in values.items()}


def _drop_empty(document: Any) -> None:
    """A line that held nothing but places without words is left out; empty lines of the template's own stay."""
    from docx.oxml.ns import qn

    for paragraph in list(document.element.body.iter(qn("w:p"))):
        pieces = [piece for piece in paragraph.iter(qn("w:t")) if NOTHING in (piece.text or "")]
        for piece in pieces:
            piece.text = (piece.text or "").replace(NOTHING, "")
        holds = any((piece.text or "").strip() for piece in paragraph.iter(qn("w:t")))
        if pieces and not holds and paragraph.getparent().tag == qn("w:body"):
            paragraph.getparent().remove(paragraph)


def stable(docx: bytes) -> bytes:
    """The same parts with fixed times and order, so that the same paper has the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx)) as given, zipfile.ZipFile(out, "w") as kept:
        for name in sorted(given.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            kept.writestr(info, given.read(name))
    return out.getvalue()


def _describe(document: Any, content: Content) -> None:
    about = document.core_properties
    made = datetime.fromisoformat(content.made).replace(tzinfo=None)
    about.title = clean(content.title or content.head)[:250]
    about.author = about.last_modified_by = clean(content.unit)[:250]
    about.created = about.modified = made
    about.comments, about.revision = "", 1


def _xml(document: Any, build: Callable[[], object]) -> str:
    """What `build` appends to the document, taken out again as XML; pictures stay in the package."""
    body = document.element.body
    before = set(body)
    build()
    added = [element for element in body if element not in before]
    for element in added:
        body.remove(element)
    from lxml import etree

    return "".join(etree.tostring(element, encoding="unicode") for element in added)


def _styled(document: Any, style: str) -> Any:
    return _dress(document, document.add_paragraph(), style)


#: Ids of the styles of a document by name: asking the document for each cell takes seconds in a table of a hundred rows.
_style_ids: WeakKeyDictionary[Any, dict[str, str]] = WeakKeyDictionary()


def _dress(document: Any, paragraph: Any, style: str) -> Any:
    """The paragraph in a style; as it is where the template has none of that name."""
    ids = _style_ids.get(document.part)
    if ids is None:
        ids = _style_ids[document.part] = {one.name: one.style_id for one in document.styles}
    if style in ids:
        paragraph._p.style = ids[style]
    return paragraph


def _blocks(document: Any, blocks: Iterable[Block], to_png: ToPng | None) -> None:
    former: Block | None = None
    for block in blocks:
        if isinstance(former, Para | Heading) and isinstance(block, Fields | Table):
            _room_below(document)
        former = block
        match block:
            case Heading(text=text, level=level):
                _styled(document, STYLES[1] if level == 1 else STYLES[2]).add_run(clean(text))
            case Para():
                _para(document, block)
            case Fields(rows=rows):
                _fields(document, rows)
            case Table():
                _table(document, block)
            case Picture():
                _picture(document, block, to_png)
            case PageBreak():
                document.add_page_break()
    if isinstance(former, Para):
        # The signature below it never stands alone on the last page.
        document.paragraphs[-1].paragraph_format.keep_with_next = True


def _para(document: Any, block: Para) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    paragraph = _styled(document, STYLES[0])
    run = paragraph.add_run(clean(marked(block.text, block.changed)))
    run.bold = True if block.bold else None
    run.underline = True if block.changed else None
    if block.align != "left":
        paragraph.alignment = {"center": WD_ALIGN_PARAGRAPH.CENTER}.get(block.align, WD_ALIGN_PARAGRAPH.RIGHT)
    if not block.indent or block.align != "left":
        paragraph.paragraph_format.first_line_indent = Pt(0)
        _no_indent_of_letters(paragraph)


def _no_indent_of_letters(paragraph: Any) -> None:
    from docx.oxml.ns import qn

    indent = paragraph.paragraph_format._element.get_or_add_pPr().get_or_add_ind()
    indent.set(qn("w:firstLineChars"), "0")


def _fields(document: Any, rows: Iterable[Any]) -> None:
    kept = list(rows)
    table = _framed(document, len(kept), (0.26, 0.74))
    for line, row in zip(table.rows, kept, strict=True):
        _cell(document, line.cells[0], row.label, is_head=True)
        _cell(document, line.cells[1], marked(row.value, row.changed), is_changed=row.changed)
        _keep_whole(line)
    _gap(document)


def _table(document: Any, block: Table) -> None:
    from docx.oxml import OxmlElement

    if block.caption:
        from docx.enum.text import WD_ALIGN_PARAGRAPH

        caption = _styled(document, STYLES[3])
        caption.alignment = WD_ALIGN_PARAGRAPH.CENTER
        caption.paragraph_format.keep_with_next = True
        caption.add_run(clean(block.caption)).bold = True
    widths = block.widths or tuple(1.0 for _ in block.columns)
    table = _framed(document, 1 + max(1, len(block.rows)), [width / sum(widths) for width in widths])
    for cell, name in zip(table.rows[0].cells, block.columns, strict=True):
        _cell(document, cell, name, is_head=True)
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for line, row in zip(table.rows[1:], block.rows, strict=False):
        for number, (cell, value) in enumerate(zip(line.cells, row, strict=True)):
            _cell(document, cell, value, is_right=number in block.right)
        _keep_whole(line)
    if not block.rows:
        merged = table.rows[1].cells[0].merge(table.rows[1].cells[-1])
        _cell(document, merged, block.empty)
    _gap(document)


def _framed(document: Any, rows: int, shares: Iterable[float]) -> Any:
    from docx.enum.table import WD_TABLE_ALIGNMENT
    from docx.shared import Mm

    kept = list(shares)
    table = document.add_table(rows=rows, cols=len(kept))
    if any(one.name == "Table Grid" for one in document.styles):
        table.style = document.styles["Table Grid"]
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for column, share in zip(table.columns, kept, strict=True):
        column.width = Mm(TEXT_MM * share)
    for line in table.rows:
        for cell, share in zip(line.cells, kept, strict=True):
            cell.width = Mm(TEXT_MM * share)
    return table


def _cell(
    document: Any,
    cell: Any,
    text: str,
    *,
    is_head: bool = False,
    is_right: bool = False,
    is_changed: bool = False,
) -> None:
    from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    for number, line in enumerate(clean(text).splitlines() or [""]):
        paragraph = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
        run = _dress(document, paragraph, STYLES[3]).add_run(line)
        run.bold = True if is_head else None
        run.underline = True if is_changed else None
        if is_head:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        elif is_right:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _keep_whole(line: Any) -> None:
    """A row is not torn over two pages."""
    from docx.oxml import OxmlElement

    line._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _room_below(document: Any) -> None:
    """The frame of a table does not touch the words above it."""
    from docx.shared import Pt

    document.paragraphs[-1].paragraph_format.space_after = Pt(4)


def _gap(document: Any) -> None:
    """A small empty line, so that two tables in a row do not grow together."""
    from docx.shared import Pt

    paragraph = document.add_paragraph()
    paragraph.paragraph_format.line_spacing = Pt(8)
    paragraph.paragraph_format.first_line_indent = Pt(0)


def _picture(document: Any, block: Picture, to_png: ToPng | None) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm

    if not block.svg or to_png is None:
        words = _styled(document, STYLES[0])
        words.add_run(clean(block.instead or block.caption))
        words.paragraph_format.keep_with_next = True
        return
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.line_spacing = 1.0
    paragraph.paragraph_format.keep_with_next = True
    paragraph.add_run().add_picture(io.BytesIO(to_png(block.svg)), width=Mm(TEXT_MM - 4))
    caption = _styled(document, STYLES[3])
    caption.alignment = WD_ALIGN_PARAGRAPH.CENTER
    # The signature below it never stands alone on the last page.
    caption.paragraph_format.keep_with_next = True
    caption.add_run(clean(block.caption))


def _lines(document: Any, style: str, lines: Iterable[str], *, is_held: bool = False) -> None:
    """`is_held` keeps them on one page."""
    kept = list(lines)
    for number, line in enumerate(kept, start=1):
        paragraph = _styled(document, style)
        paragraph.add_run(clean(line))
        if is_held and number < len(kept):
            paragraph.paragraph_format.keep_with_next = True
