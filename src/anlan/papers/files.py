"""The files of a paper, made from its frozen content. Kept ones are handed out; lost ones are made again and compared."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from anlan.documents.paper.content import Content, from_json, plain_text
from anlan.documents.paper.fonts import NoChineseFont, can_set
from anlan.documents.paper.head import TemplateHead
from anlan.documents.paper.pdf import TypesetterMissing, paper_pdf, svg_png
from anlan.documents.paper.shipped import shipped_template
from anlan.journal import clocks
from anlan.kernel.actor import Actor, system
from anlan.papers import store
from anlan.papers.models import Body, Paper, PaperTemplate
from anlan.papers.refusals import NoPdfHere

BY = system("papers")


def content_of(paper: Paper) -> Content:
    return from_json(Body.objects.values_list("content", flat=True).get(pk=paper.content))


def own_fonts() -> str:
    return str(Path(settings.ANLAN_DATA) / "fonts")


def has_pdf() -> bool:
    """Whether this machine makes PDFs: it has a typesetter and a Chinese font."""
    return can_set(own_fonts())


def template_bytes(template: PaperTemplate | None) -> bytes:
    """The county's template, or the shipped one where there is none or its file is lost."""
    found = store.read(template.sha256) if template is not None else None
    return found if found is not None else shipped_template()


def draw(svg: str) -> bytes:
    return svg_png(svg, own_fonts=own_fonts())


def make_docx(content: Content, template: PaperTemplate | None) -> bytes:
    from anlan.documents.paper.word import paper_docx

    try:
        return paper_docx(content, template_bytes(template), to_png=draw)
    except TypesetterMissing:
        return paper_docx(content, template_bytes(template), to_png=None)


def make_pdf(content: Content, template: PaperTemplate | None) -> bytes:
    from anlan.documents.paper.template import head_of

    head = head_of(template_bytes(template)) if template is not None else TemplateHead()
    try:
        return paper_pdf(content, own_fonts=own_fonts(), head=head)
    except (NoChineseFont, TypesetterMissing) as error:
        raise NoPdfHere from error


def text_of(paper: Paper) -> bytes:
    return plain_text(content_of(paper)).encode()


def file_of(paper: Paper, form: str, *, at: datetime) -> bytes:
    """`form` is docx or pdf. Made on first use, outside any transaction, then kept with its digest in the journal."""
    column = f"{form}_sha256"
    known = getattr(paper, column)
    found = store.read(known) if known else None
    if found is not None:
        return found
    make = make_docx if form == "docx" else make_pdf
    body = make(content_of(paper), paper.template)
    digest = store.keep(body)
    if not known:
        _note(paper, column, digest, by=BY, at=at)
    return body


def is_as_made(paper: Paper, form: str) -> bool | None:
    """Whether making it again gives the same bytes; None where it was never made."""
    known: str = getattr(paper, f"{form}_sha256")
    if not known:
        return None

    make = make_docx if form == "docx" else make_pdf
    return hashlib.sha256(make(content_of(paper), paper.template)).hexdigest() == known


def _note(paper: Paper, column: str, digest: str, *, by: Actor, at: datetime) -> None:
    # The program keeps its own books, also of a real paper that somebody opens inside a drill.
    with clocks.entered(paper.exercise_id), transaction.atomic():
        fresh = Paper.objects.get(pk=paper.pk)
        if getattr(fresh, column) or fresh.content != paper.content:
            return
        fresh.change(by=by, at=at, kind="filed", fields={column: digest})
    setattr(paper, column, digest)
