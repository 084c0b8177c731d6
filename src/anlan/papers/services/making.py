"""Make a paper from a draft, correct it while it is unsigned, sign it, discard it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

from anlan.accounts.access import require
from anlan.documents.paper.content import (
    Content,
    Heading,
    Para,
    digest_of,
    from_json,
    replace,
    to_json,
)
from anlan.incidents.numbering import next_serial
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.papers.kinds import KINDS
from anlan.papers.models import Body, Paper, PaperState, PaperTemplate, TemplateState
from anlan.papers.refusals import (
    AlreadySigned,
    NothingWritten,
    PersonNeeded,
    ReasonMissing,
    SignedInItsChain,
    UnknownKind,
)
from anlan.papers.types import Draft
from anlan.places.models import Division
from anlan.vocab.posts import Right
from anlan.warning.spoken import DRILL_MARK

#: First words of the line that carries the digest of everything above it.
CHECK = "内容校验码："
DRAFTER = "编制："


def make_paper(
    draft: Draft, *, by: Actor, at: datetime, exercise_id: uuid.UUID | None = None, cause: str = ""
) -> Paper:
    """Freeze the content and record the paper; kinds that nobody signs get their number at once."""
    face = KINDS.get(draft.kind)
    if face is None:
        raise UnknownKind
    state = PaperState.DRAFT if face.needs_signature else PaperState.ISSUED
    if draft.signed_at is not None:
        state = PaperState.SIGNED
    content = replace(draft.content, mark=DRILL_MARK if exercise_id is not None else "", made=_stamp(at))
    number = content.issue
    if state == PaperState.ISSUED and face.number:
        number = _number(draft.kind, draft.division.code, at)
        content = replace(content, issue=number)
    content = _footed(content, by=by, at=at)
    paper = Paper(
        kind=draft.kind,
        state=state,
        number="" if state == PaperState.DRAFT else number,
        title=draft.title[:200],
        subject=draft.subject,
        incident=draft.incident,
        division=draft.division,
        is_restricted=draft.is_restricted or bool(draft.incident and draft.incident.is_restricted),
        period_from=draft.period_from,
        period_to=draft.period_to,
        content=_keep(content),
        template=template_for(draft.kind, draft.division),
        signed_at=draft.signed_at,
        signed_by=draft.signed_by,
        made_at=at,
        made_by=by.name or by.ref,
        made_by_person_id=by.person_id,
        exercise_id=exercise_id,
    )
    kind = {PaperState.DRAFT: "drafted", PaperState.SIGNED: "signed"}.get(state, "issued")
    return paper.record(by=by, at=at, kind=kind, cause=cause or draft.subject)


def edit(paper: Paper, *, title: str, texts: Mapping[int, str], by: Actor, at: datetime) -> Paper:
    """Change words of a draft: its title, its headings and its paragraphs by their place. Tables stay as they were counted."""
    require(by, Right.TAKE_REPORTS, paper.division.path)
    if paper.state != PaperState.DRAFT:
        raise AlreadySigned
    former = from_json(Body.objects.values_list("content", flat=True).get(pk=paper.content))
    blocks = []
    for number, block in enumerate(former.blocks):
        words = texts.get(number)
        if words is None or not isinstance(block, Para | Heading):
            blocks.append(block)
        elif isinstance(block, Para):
            blocks += [replace_text(block, line) for line in words.splitlines() if line.strip()]
        elif words.strip():
            blocks.append(Heading(words.strip(), block.level))
    title = title.strip()[:200]
    if not title or not blocks:
        raise NothingWritten
    content = replace(former, title=title if former.title else "", blocks=tuple(blocks))
    content = _footed(content, by=by, at=at)
    return paper.change(
        by=by, at=at, kind="edited", title=title, content=_keep(content), docx_sha256="", pdf_sha256=""
    )


def replace_text(block: Para, line: str) -> Para:
    return Para(line.strip(), block.align, block.indent, block.bold, block.changed)


def sign(paper: Paper, *, by: Actor, at: datetime) -> Paper:
    """The leader signs: the paper gets its number, his name and the date, and stands."""
    require(by, Right.SIGN_REPORTS, paper.division.path)
    if by.person_id is None:
        raise PersonNeeded
    if paper.state != PaperState.DRAFT:
        raise AlreadySigned
    if not may_be_signed(paper):
        raise SignedInItsChain
    content = from_json(Body.objects.values_list("content", flat=True).get(pk=paper.content))
    number = content.issue
    if KINDS[paper.kind].number:
        number = _number(paper.kind, paper.division.code, at)
    ending = tuple(said(at) if line == content.dated else line for line in content.ending)
    content = replace(content, issue=number, signer=by.name, dated=said(at), ending=ending, made=_stamp(at))
    paper.advance(
        PaperState.SIGNED,
        by=by,
        at=at,
        number=number,
        content=_keep(_sealed(content)),
        signed_at=at,
        signed_by=by.name,
        signed_by_person_id=by.person_id,
        template=template_for(paper.kind, paper.division),
        docx_sha256="",
        pdf_sha256="",
    )
    return paper


def may_be_signed(paper: Paper) -> bool:
    """A report of the chain is signed in the chain: its paper shows that signature and has none of its own."""
    return paper.state == PaperState.DRAFT and not paper.subject.startswith("upward_report:")


def discard(paper: Paper, *, why: str, by: Actor, at: datetime) -> Paper:
    """Take it out of use with a reason. Its number is not given again."""
    require(by, Right.TAKE_REPORTS, paper.division.path)
    if paper.state == PaperState.SIGNED:
        raise AlreadySigned
    if not why.strip():
        raise ReasonMissing
    return paper.advance(PaperState.DISCARDED, by=by, at=at, why=why.strip()[:300])


def template_for(kind: str, division: Division) -> PaperTemplate | None:
    """The newest template in force of the place, else of the county above it: of this kind, else the one for every kind."""
    above = division.path.split("/")
    rows = PaperTemplate.objects.filter(
        state=TemplateState.IN_FORCE, kind__in=(kind, ""), division_id__in=above
    )
    return max(rows, key=lambda row: (above.index(row.division_id), row.kind != "", row.serial), default=None)


def said(at: datetime) -> str:
    """A date as official papers write it."""
    local = at.astimezone(SHANGHAI)
    return f"{local.year}年{local.month}月{local.day}日"


def _number(kind: str, code: str, at: datetime) -> str:
    year = at.astimezone(SHANGHAI).year
    serial = next_serial(f"paper:{kind[:16]}:{code[:12]}:{year}")
    return KINDS[kind].number.format(year=year, serial=serial)


def _footed(content: Content, *, by: Actor, at: datetime) -> Content:
    local = at.astimezone(SHANGHAI)
    kept = tuple(line for line in content.foot if not line.startswith((CHECK, DRAFTER)))
    made = (
        f"{DRAFTER}{by.name or '系统自动'}，{said(at)}{local:%H:%M}"
        if by.person_id
        else f"{DRAFTER}系统自动，{said(at)}{local:%H:%M}"
    )
    return _sealed(replace(content, foot=(*kept, made)))


def _sealed(content: Content) -> Content:
    """The last line carries the digest of everything above it, so that a print can be compared."""
    bare = replace(content, foot=tuple(line for line in content.foot if not line.startswith(CHECK)))
    return replace(bare, foot=(*bare.foot, f"{CHECK}{digest_of(bare)}"))


def _keep(content: Content) -> str:
    digest = digest_of(content)
    Body.objects.get_or_create(pk=digest, defaults={"content": to_json(content).decode()})
    return digest


def _stamp(at: datetime) -> str:
    return at.replace(microsecond=0).isoformat()
