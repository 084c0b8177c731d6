"""Papers of an incident in its case file: Word, PDF and text as they were made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from anlan.command.trail import incident_ids
from anlan.incidents.models import Incident
from anlan.papers import files, store
from anlan.papers.kinds import KINDS
from anlan.papers.models import Paper
from anlan.review.casefile.parts import Part, register_part, whole
from anlan.review.casefile.state import CaseState

_STATES = {"draft": "草稿，未签发", "signed": "已签发", "issued": "已制发", "discarded": "已作废"}


def prepare(incident: Incident, at: datetime) -> None:
    """Files are made on first use: make those that nobody asked for yet, or whose bytes were lost."""
    forms = ("docx", "pdf") if files.has_pdf() else ("docx",)
    for paper in Paper.objects.filter(incident__in=incident_ids(incident)).order_by("made_at", "pk"):
        for form in forms:
            files.file_of(paper, form, at=at)


def paper_parts(state: CaseState) -> Iterator[Part]:
    keys = [key for key, _fields in state.of("paper")]
    rows = Paper.objects.filter(pk__in=keys).order_by("made_at", "pk")
    for number, paper in enumerate(rows, start=1):
        said = dict(state.of("paper"))[str(paper.pk)]
        face = KINDS.get(paper.kind)
        stem = f"papers/{number:03d}-{paper.kind}"
        title = (
            f"{face.zh if face else paper.kind} {paper.number} {paper.title}（{_STATES[str(said['state'])]}）"
        )
        first = ""
        for form in ("pdf", "docx"):
            body = store.read(str(said.get(f"{form}_sha256") or ""))
            if body is not None:
                yield whole(f"{stem}.{form}", title, "papers", body, beside=first)
                first = first or f"{stem}.{form}"
            elif said.get(f"{form}_sha256"):
                state.missing.append(f"公文“{paper.title}”的{form.upper()}文件已不在数据目录中")
        yield whole(f"{stem}.txt", title, "papers", files.text_of(paper), beside=first)


def register() -> None:
    register_part("papers", paper_parts, prepare=prepare)
