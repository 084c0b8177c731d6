"""Plans from and to Word (.docx). Nothing of a document is lost: what has no place in the data stands in a chapter or an annex."""

from __future__ import annotations

import io
from typing import Any

from anlan.documents.paper.word import STYLES
from anlan.documents.problems import Problem
from anlan.plans.content import Annex
from anlan.plans.documentproblems import Imported, NotADocument
from anlan.plans.wordguard import check_document
from anlan.plans.wordread import DocumentReading, read_blocks
from anlan.plans.wordtables import text_of
from anlan.plans.wordwrite import write_docx

__all__ = ["Imported", "read_docx", "write_docx"]

_NOTES = "页眉页脚、批注和文本框"
#: Parts beside the text that hold words.
_SIDE_PARTS = (
    "/word/comments.xml",
    "/word/footnotes.xml",
    "/word/endnotes.xml",
    "/word/header",
    "/word/footer",
)


def read_docx(data: bytes) -> Imported:
    """A plan from a Word file. Raises a refusal for a file that is not read at all (see `wordguard`)."""
    check_document(data)
    from docx import Document

    try:
        document = Document(io.BytesIO(data))
        blocks = read_blocks(document)
    except Exception as error:  # whatever python-docx and lxml raise for a damaged file
        raise NotADocument from error
    is_own = _is_own(document, blocks)
    found = DocumentReading(blocks, is_own).read()
    return found if is_own else _with_the_rest(document, found)


def _is_own(document: Any, blocks: list[Any]) -> bool:
    """Made by `write_docx`: our styles carry the headings, or it is a plan with nothing but its face."""
    names = {style.name for style in document.styles}
    used = {paragraph.style.name for paragraph in document.paragraphs if paragraph.style is not None}
    return set(STYLES) <= names and (STYLES[1] in used or len(blocks) <= 3)


def _with_the_rest(document: Any, found: Imported) -> Imported:
    """Words outside the text and pictures, so that a person knows of them."""
    import msgspec

    remarks, content = list(found.remarks), found.content
    words = _side_words(document)
    if words:
        content = msgspec.structs.replace(
            content, annexes=(*content.annexes, Annex(_NOTES, "\n".join(words)))
        )
        remarks.append(Problem(0, "", "plan_file.notes_left", {"title": _NOTES}))
    pictures = sum(
        1 for part in document.part.package.iter_parts() if str(part.partname).startswith("/word/media/")
    )
    if pictures:
        remarks.append(Problem(0, "", "plan_file.pictures_left", {"count": pictures}))
    return Imported(found.title, content, tuple(remarks))


def _side_words(document: Any) -> list[str]:
    from lxml import etree

    found = []
    for part in document.part.package.iter_parts():
        if not str(part.partname).startswith(_SIDE_PARTS) or not str(part.partname).endswith(".xml"):
            continue
        root = etree.fromstring(part.blob, etree.XMLParser(resolve_entities=False, no_network=True))
        text = text_of(root).strip()
        if len(text) > 3 and text not in found:
            found.append(text)
    return found
