"""The template that ships with the platform, made by code: no red head, for only the county owns one."""

from __future__ import annotations

import functools
import io
from typing import Any

from anlan.documents.paper.word import FANGSONG, HEI, KAI, STYLES, XIAOBIAOSONG, stable

#: Margins of an official paper in mm: top, bottom, left, right.
MARGINS = (37, 35, 28, 26)


@functools.cache
def shipped_template() -> bytes:
    """A .docx with the places and styles that `word` fills."""
    from docx import Document
    from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
    from docx.shared import Mm, Pt

    paper = Document()
    section = paper.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(MARGINS[0]), Mm(MARGINS[1])
    section.left_margin, section.right_margin = Mm(MARGINS[2]), Mm(MARGINS[3])
    section.footer_distance = Mm(25)
    _styles(paper)
    _head(paper, "{{ 文种 }}", 26)
    _head(paper, "{{ 副题 }}", 18)
    line = paper.add_paragraph("{{ 左栏 }}\t{{ 右栏 }}")
    line.paragraph_format.tab_stops.add_tab_stop(Mm(156), WD_TAB_ALIGNMENT.RIGHT)
    line.paragraph_format.space_after = Pt(12)
    _rule_below(line)
    _head(paper, "{{ 标题 }}", 20)
    paper.add_paragraph("{{ 主送 }}")
    for part in ("{{p 正文 }}", "{{p 落款 }}"):
        paper.add_paragraph(part)
    copies = paper.add_paragraph("{{ 分送 }}")
    copies.runs[0].font.size = Pt(14)
    paper.add_paragraph("{{p 附注 }}")
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    foot.add_run("— ").font.size = Pt(14)
    _page_number(foot)
    foot.add_run(" —").font.size = Pt(14)
    out = io.BytesIO()
    paper.save(out)
    return stable(out.getvalue())


def _font(style: Any, name: str, size: float) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt

    style.font.name, style.font.size = "Times New Roman" if name == FANGSONG else name, Pt(size)
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), name)


def _styles(paper: Any) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    normal = paper.styles["Normal"]
    _font(normal, FANGSONG, 16)
    normal.paragraph_format.line_spacing = Pt(28)
    normal.paragraph_format.space_after = normal.paragraph_format.space_before = Pt(0)
    body, first, second, cell, ending, foot = (
        paper.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH) for name in STYLES
    )
    for style, font, size in (
        (body, FANGSONG, 16),
        (first, HEI, 16),
        (second, KAI, 16),
        (cell, FANGSONG, 12),
        (ending, FANGSONG, 16),
        (foot, FANGSONG, 9),
    ):
        style.base_style = normal
        _font(style, font, size)
    for style in (body, first, second):
        style.paragraph_format.first_line_indent = Pt(32)
    body.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    for style in (first, second):
        style.paragraph_format.keep_with_next = True
    second.font.bold = True
    cell.paragraph_format.line_spacing = Pt(17)
    cell.paragraph_format.space_before = cell.paragraph_format.space_after = Pt(2)
    ending.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    ending.paragraph_format.right_indent = Pt(32)
    foot.paragraph_format.line_spacing = Pt(13)


def _head(paper: Any, text: str, size: float) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml.ns import qn
    from docx.shared import Pt

    paragraph = paper.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.line_spacing = Pt(size * 1.5)
    run = paragraph.add_run(text)
    run.font.size, run.font.name = Pt(size), XIAOBIAOSONG
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), XIAOBIAOSONG)


def _rule_below(paragraph: Any) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    borders, bottom = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "12"), ("space", "4"), ("color", "000000")):
        bottom.set(qn(f"w:{name}"), value)
    borders.append(bottom)
    paragraph._element.get_or_add_pPr().insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def _page_number(paragraph: Any) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = paragraph.add_run()
        run.font.size = Pt(14)
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.text = text
        run._element.append(mark)
