"""A county's own Word templates: proposed after a trial, put into force by a second person, every version kept."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db.models import Max
from django.utils.translation import gettext as _

from anlan.accounts.access import require
from anlan.documents.paper.template import TemplateProblem, check_template
from anlan.kernel.actor import Actor
from anlan.papers import store
from anlan.papers.kinds import KINDS
from anlan.papers.models import PaperTemplate, TemplateState
from anlan.papers.refusals import (
    TEMPLATE_PROBLEMS,
    OwnTemplate,
    ReasonMissing,
    TemplateNotUsable,
    UnknownKind,
)
from anlan.places.models import Division
from anlan.vocab.posts import Right


def propose_template(
    body: bytes,
    *,
    kind: str,
    name: str,
    division: Division,
    by: Actor,
    at: datetime,
    exercise_id: uuid.UUID | None = None,
) -> PaperTemplate:
    """Look at the file, fill it once with a sample, and keep it for a second person to approve."""
    require(by, Right.EDIT_RULES, division.path)
    if kind and kind not in KINDS:
        raise UnknownKind
    try:
        check_template(body)
    except TemplateProblem as problem:
        words = _(TEMPLATE_PROBLEMS.get(problem.code, TEMPLATE_PROBLEMS["cannot_be_filled"]))
        raise TemplateNotUsable(why=words, detail=problem.detail) from problem
    digest = store.keep(body)
    last = PaperTemplate.objects.filter(kind=kind, division=division).aggregate(last=Max("serial"))["last"]
    row = PaperTemplate(
        state=TemplateState.PROPOSED,
        division=division,
        kind=kind,
        serial=(last or 0) + 1,
        name=name[:120],
        sha256=digest,
        bytes=len(body),
        proposed_at=at,
        proposed_by=by.name or by.ref,
        proposed_by_person_id=by.person_id,
        exercise_id=exercise_id,
    )
    return row.record(by=by, at=at, kind="proposed")


def approve_template(row: PaperTemplate, *, by: Actor, at: datetime) -> PaperTemplate:
    """Put it into force in place of the former one. Not by whoever uploaded it."""
    require(by, Right.APPROVE_RULES, row.division.path)
    if by.person_id is None or by.person_id == row.proposed_by_person_id:
        raise OwnTemplate
    for former in PaperTemplate.objects.filter(
        kind=row.kind, division=row.division, state=TemplateState.IN_FORCE
    ):
        former.advance(TemplateState.RETIRED, by=by, at=at, decided_at=at, decided_by=by.name)
    return row.advance(TemplateState.IN_FORCE, by=by, at=at, decided_at=at, decided_by=by.name)


def refuse_template(row: PaperTemplate, *, why: str, by: Actor, at: datetime) -> PaperTemplate:
    require(by, Right.APPROVE_RULES, row.division.path)
    if not why.strip():
        raise ReasonMissing
    return row.advance(
        TemplateState.REFUSED, by=by, at=at, decided_at=at, decided_by=by.name, why=why.strip()[:300]
    )


def retire_template(row: PaperTemplate, *, by: Actor, at: datetime) -> PaperTemplate:
    """Back to the shipped one."""
    require(by, Right.APPROVE_RULES, row.division.path)
    return row.advance(TemplateState.RETIRED, by=by, at=at, decided_at=at, decided_by=by.name)
