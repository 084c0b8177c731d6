"""Whether a template that somebody uploaded may be used: looked at by content, then filled once with a sample."""

from __future__ import annotations

import io
import re
import zipfile

from anlan.documents.paper.content import Content, Fields, Heading, Para, Picture, Row, Table
from anlan.documents.paper.head import HeadLine, TemplateHead
from anlan.documents.paper.word import PARTS, PLACES, paper_docx, sandbox

#: Engineering choices: a template with a county's emblem is below 1 MB.
MOST_BYTES = 4 * 1024 * 1024
MOST_UNPACKED = 40 * 1024 * 1024
MOST_PARTS = 400
MOST_RATIO = 200
#: Parts that carry programs or foreign files.
_FORBIDDEN_NAMES = re.compile(
    r"(vbaproject|vbadata|activex|oleobject|/embeddings/|afchunk|\.bin$|\.exe$|\.js$)", re.I
)
_FIELDS = re.compile(r"\b(DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|LINK|IMPORT|MACROBUTTON|DATABASE)\b")
_TEXT = re.compile(rb"<w:instrText[^>]*>([^<]*)</w:instrText>|w:instr=\"([^\"]*)\"")


class TemplateProblem(Exception):
    """`code` says what is wrong, `detail` where."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


def check_template(body: bytes) -> None:
    """Raise `TemplateProblem` unless the file is a plain Word document with our places and can be filled."""
    if len(body) > MOST_BYTES:
        raise TemplateProblem("too_large")
    _check_package(body)
    names = _check_places(body)
    if "正文" not in names:
        raise TemplateProblem("no_body")
    try:
        paper_docx(sample(), body, to_png=None)
    except TemplateProblem:
        raise
    except Exception as error:  # whatever a strange file breaks, it is not taken
        raise TemplateProblem("cannot_be_filled", f"{type(error).__name__}"[:80]) from error


def _check_package(body: bytes) -> None:
    try:
        archive = zipfile.ZipFile(io.BytesIO(body))
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise TemplateProblem("not_word") from error
    with archive:
        entries = archive.infolist()
        names = {entry.filename for entry in entries}
        if "word/document.xml" not in names or "[Content_Types].xml" not in names:
            raise TemplateProblem("not_word")
        if len(entries) > MOST_PARTS or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
            raise TemplateProblem("bomb")
        for entry in entries:
            _check_part(archive, entry)


def _check_part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    if entry.flag_bits & 1:
        raise TemplateProblem("encrypted")
    if _FORBIDDEN_NAMES.search(name):
        raise TemplateProblem("program", name[:80])
    if entry.file_size > MOST_RATIO * max(entry.compress_size, 100):
        raise TemplateProblem("bomb", name[:80])
    if not name.lower().endswith((".xml", ".rels")):
        return
    try:
        with archive.open(entry) as file:
            text = file.read(MOST_UNPACKED + 1)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
        raise TemplateProblem("not_word", name[:80]) from error
    if b"\x00" in text[:200] or b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise TemplateProblem("entities", name[:80])
    if name == "[Content_Types].xml" and (b"macroEnabled" in text or b"vbaProject" in text):
        raise TemplateProblem("program", name)
    if name.endswith(".rels") and re.search(rb"TargetMode\s*=\s*[\"']External", text):
        raise TemplateProblem("link", name[:80])
    fields = b" ".join(b" ".join(found) for found in _TEXT.findall(text)).decode("utf-8", "replace")
    if _FIELDS.search(fields.upper()) or b"<w:altChunk" in text or b"<w:object" in text:
        raise TemplateProblem("program", name[:80])


def _check_places(body: bytes) -> set[str]:
    """The places named in the file. Only names: no statement, call, filter or attribute."""
    from docxtpl import DocxTemplate
    from jinja2 import TemplateSyntaxError, nodes

    try:
        template = DocxTemplate(io.BytesIO(body))
        template.init_docx()
        sources = [template.patch_xml(template.get_xml())]
        document = template.get_docx()
        for section in document.sections:
            sources += [
                template.patch_xml(template.xml_to_string(part._element))
                for part in (section.header, section.footer)
            ]
    except Exception as error:
        raise TemplateProblem("not_word") from error
    names: set[str] = set()
    for source in sources:
        try:
            tree = sandbox().parse(source)
        except TemplateSyntaxError as error:
            raise TemplateProblem("bad_place", str(error.message or "")[:80]) from error
        for node in _every(tree):
            if isinstance(node, nodes.Name):
                names.add(node.name)
            elif not isinstance(node, nodes.Template | nodes.Output | nodes.TemplateData):
                raise TemplateProblem("bad_place", type(node).__name__)
    unknown = names - {*PLACES, *PARTS}
    if unknown:
        raise TemplateProblem("unknown_place", "、".join(sorted(unknown))[:80])
    return names


def _every(node: object) -> list[object]:
    found = [node]
    for child in node.iter_child_nodes():  # type: ignore[attr-defined]  # jinja's nodes
        found += _every(child)
    return found


def head_of(body: bytes) -> TemplateHead:
    """The fixed lines above the first place with their colour and size: a county's red head."""
    from docx import Document

    lines: list[HeadLine] = []
    for paragraph in Document(io.BytesIO(body)).paragraphs[:12]:
        if "{{" in paragraph.text:
            break
        text = paragraph.text.strip()
        if text:
            runs = [run for run in paragraph.runs if run.text.strip()]
            color = runs[0].font.color.rgb if runs and runs[0].font.color is not None else None
            size = runs[0].font.size.pt if runs and runs[0].font.size else 26.0
            lines.append(HeadLine(text, str(color) if color else "000000", size))
    reds = [line.color for line in lines if line.color != "000000"]
    return TemplateHead(tuple(lines), reds[0] if reds else "000000")


def sample() -> Content:
    """One paper with everything in it, for the trial and the preview."""
    return Content(
        kind="sample",
        head="值班快报",
        unit="（样例）县应急管理局",
        dated="2026年1月1日",
        title="关于某镇强降雨情况的报告",
        issue="第1期",
        signer="某某",
        addressee="县委办公室、县政府办公室",
        blocks=(
            Heading("一、基本情况"),
            Para("1月1日8时至9时，某镇累计降雨52.0毫米。"),
            Para("转移群众35人。", changed=True),
            Fields((Row("地点", "某镇某村"), Row("伤亡", "无"))),
            Table(("测站", "雨量（毫米）"), (("某镇站", "52.0"),), caption="雨量表", right=(1,)),
            Picture("", 10, 10, "示意图", instead="（无边界数据，未附图）"),
        ),
        ending=("（样例）县应急管理局", "2026年1月1日"),
        copies="县水利局",
        foot=("留痕编号：0",),
    )
