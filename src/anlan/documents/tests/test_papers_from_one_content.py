"""One content, three forms: they say the same, and the same content gives the same bytes."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.documents.paper.content import (
    Content,
    Fields,
    Heading,
    Para,
    Picture,
    Row,
    Table,
    from_json,
    lines_of,
    plain_text,
    replace,
    to_json,
)
from anlan.documents.paper.fonts import NoChineseFont, chosen, fonts_of_machine
from anlan.documents.paper.head import HeadLine, TemplateHead
from anlan.documents.paper.mapsheet import MapArea, MapPoint, map_svg
from anlan.documents.paper.pdf import paper_pdf, svg_png
from anlan.documents.paper.shipped import shipped_template
from anlan.documents.paper.template import TemplateProblem, check_template, head_of, sample
from anlan.documents.paper.word import paper_docx


def _has_font() -> bool:
    try:
        chosen(fonts_of_machine()[1])
    except (NoChineseFont, ImportError):
        return False
    return True


needs_font = pytest.mark.skipif(not _has_font(), reason="no Chinese font on this machine")


def words_of(docx: bytes) -> str:
    from docx import Document

    document = Document(io.BytesIO(docx))
    return "\n".join(
        "".join(piece.text or "" for piece in element.iter("{*}t"))
        for element in document.element.body.iter("{*}p")
    )


def test_the_word_file_and_the_text_say_the_same() -> None:
    words = words_of(paper_docx(sample(), shipped_template(), to_png=None))
    found = words.replace(" ", "").replace("\n", "").replace("\t", "")
    for line in lines_of(sample()):
        for part in re.split(r"[ ：]+", line):
            assert part.replace(" ", "") in found, part


@needs_font
def test_the_pdf_carries_chinese_letters_with_their_meaning() -> None:
    body = paper_pdf(sample())
    assert body.startswith(b"%PDF-")
    assert b"/ToUnicode" in body or b"ObjStm" in body
    assert len(body) > 5_000


@needs_font
def test_the_same_content_gives_the_same_bytes() -> None:
    assert paper_pdf(sample()) == paper_pdf(sample())
    template = shipped_template()
    assert paper_docx(sample(), template, to_png=svg_png) == paper_docx(sample(), template, to_png=svg_png)
    assert from_json(to_json(sample())) == sample()


def test_a_changed_part_is_marked_in_every_form() -> None:
    content = replace(sample(), blocks=(Para("失踪1人。", changed=True), Fields((Row("伤亡", "无", True),))))
    assert "▲失踪1人。" in plain_text(content)
    assert "▲失踪1人。" in words_of(paper_docx(content, shipped_template(), to_png=None))


def test_an_empty_table_says_so() -> None:
    content = replace(sample(), blocks=(Table(("时间", "地点"), (), empty="未接到报告"),))
    assert "未接到报告" in words_of(paper_docx(content, shipped_template(), to_png=None))


def test_places_without_words_leave_no_empty_line() -> None:
    bare = Content(
        kind="x", head="值班快报", unit="某县应急管理局", dated="2026年7月1日", blocks=(Para("无。"),)
    )
    lines = words_of(paper_docx(bare, shipped_template(), to_png=None)).splitlines()
    assert [line for line in lines if line.strip(" \ue000")] == lines


@settings(max_examples=15, deadline=None)
@given(st.text(max_size=60))
def test_whatever_somebody_types_is_printed_and_runs_nothing(text: str) -> None:
    typed = f"甲{text}{{{{ 7*7 }}}}<w:p>&#x乙"
    content = replace(sample(), title=typed, blocks=(Para(typed), Fields((Row("地点", typed),))))
    words = words_of(paper_docx(content, shipped_template(), to_png=None))
    assert "{{ 7*7 }}<w:p>&#x乙" in words
    assert "49" not in words.replace(text, "")


@needs_font
def test_markup_of_the_typesetter_is_only_text() -> None:
    content = replace(
        sample(), title='#read("/etc/passwd") $x$ *b*', blocks=(Para('#import "@preview/x:1.0.0"'),)
    )
    assert paper_pdf(content).startswith(b"%PDF-")


def test_the_shipped_template_passes_its_own_check() -> None:
    check_template(shipped_template())
    assert head_of(shipped_template()) == TemplateHead()


def test_a_red_head_of_the_county_is_read_from_its_template() -> None:
    from docx import Document
    from docx.shared import Pt, RGBColor

    document = Document(io.BytesIO(shipped_template()))
    first = document.paragraphs[0].insert_paragraph_before()
    run = first.add_run("云岭县人民政府应急管理办公室文件")
    run.font.color.rgb, run.font.size = RGBColor(0xD4, 0x12, 0x1A), Pt(36)
    out = io.BytesIO()
    document.save(out)
    check_template(out.getvalue())
    head = head_of(out.getvalue())
    assert head.lines == (HeadLine("云岭县人民政府应急管理办公室文件", "D4121A", 36.0),)
    assert head.line == "D4121A"


def spoiled(change: dict[str, bytes], drop: tuple[str, ...] = ()) -> bytes:
    """The shipped template with some parts added or replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(shipped_template())) as given, zipfile.ZipFile(out, "w") as made:
        for name in given.namelist():
            if name not in change and name not in drop:
                made.writestr(name, given.read(name))
        for name, body in change.items():
            made.writestr(name, body, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def part(name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(shipped_template())) as given:
        return given.read(name)


TYPES_PART, RELS, BODY = "[Content_Types].xml", "word/_rels/document.xml.rels", "word/document.xml"


@pytest.mark.parametrize(
    ("code", "body"),
    [
        ("not_word", b"%PDF-1.7"),
        ("not_word", spoiled({}, drop=(BODY,))),
        ("too_large", b"PK" + b"0" * (5 * 1024 * 1024)),
        ("program", spoiled({"word/vbaProject.bin": b"x"})),
        ("program", spoiled({TYPES_PART: part(TYPES_PART).replace(b"</Types>", b"<!-- macroEnabled --></Types>")})),
        ("program", spoiled({"word/embeddings/oleObject1.bin": b"x"})),
        ("program", spoiled({BODY: part(BODY).replace(b"<w:body>", b'<w:body><w:p><w:fldSimple w:instr="DDEAUTO c:\\\\x"/></w:p>')})),
        ("link", spoiled({RELS: part(RELS).replace(b"</Relationships>", b'<Relationship Id="r9" Type="t" Target="http://x.example/t.dotm" TargetMode="External"/></Relationships>')})),
        ("entities", spoiled({BODY: b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]>' + part(BODY)[55:]})),
        ("bomb", spoiled({"word/media/big.xml": b"0" * (45 * 1024 * 1024)})),
        ("bad_place", spoiled({BODY: part(BODY).replace("{{ 文种 }}".encode(), "{{ 文种.__class__ }}".encode())})),
        ("bad_place", spoiled({BODY: part(BODY).replace("{{ 文种 }}".encode(), b"{% for i in x %}{% endfor %}")})),
        ("unknown_place", spoiled({BODY: part(BODY).replace("{{ 文种 }}".encode(), "{{ 密钥 }}".encode())})),
        ("no_body", spoiled({BODY: part(BODY).replace("{{p 正文 }}".encode(), "正文".encode())})),
    ],
)  # fmt: skip
def test_a_dangerous_or_useless_template_is_refused(code: str, body: bytes) -> None:
    with pytest.raises(TemplateProblem) as refused:
        check_template(body)
    assert refused.value.code == code


SQUARE = {
    "type": "Polygon",
    "coordinates": [[[102.8, 27.3], [103.0, 27.3], [103.0, 27.5], [102.8, 27.5], [102.8, 27.3]]],
}


def test_the_map_has_a_scale_a_legend_and_the_place() -> None:
    areas = [
        MapArea("云岭县", SQUARE, is_outer=True),
        MapArea("柳河镇", SQUARE),
        MapArea("预警区", SQUARE, level=2),
    ]
    svg = map_svg(
        areas, [MapPoint(102.9, 27.4, "上柳村", "incident"), MapPoint(102.9, 27.4, "上柳村", "incident")]
    )
    assert "公里" in svg
    assert "图  例" in svg
    assert "橙色预警区" in svg
    assert svg.count(">上柳村</text>") == 2  # its halo and itself, the second label left out


def test_a_county_without_boundaries_gets_words_in_place_of_a_map() -> None:
    assert map_svg([], [MapPoint(102.9, 27.4)]) == ""
    content = replace(sample(), blocks=(Picture("", 10, 10, "图", instead="未附位置图"), Heading("一、")))
    assert "未附位置图" in plain_text(content)
