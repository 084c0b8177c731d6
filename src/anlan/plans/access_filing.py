"""The door to filings, findings and studies: the owner of the plan and whoever receives the filing."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from anlan.accounts.access import require, within
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotFound
from anlan.plans.models import PlanFiling, PlanFinding, PlanStudy
from anlan.vocab.posts import Right


def visible_filings(actor: Actor) -> QuerySet[PlanFiling]:
    """Filings of plans of the actor's divisions, and those that come to them."""
    seen = within(actor, "plan__division__path") | within(actor, "receiver__path")
    rows = PlanFiling.objects.filter(seen).select_related(
        "plan", "plan__division", "version_filed", "receiver"
    )
    return rows.defer("plan__division__geometry", "receiver__geometry", "version_filed__content")


def access_filing(actor: Actor, filing_id: uuid.UUID, *, need: Right = Right.SEE) -> PlanFiling:
    """One filing; `need` is asked for at the owner of the plan."""
    filing = visible_filings(actor).filter(pk=filing_id).first()
    if filing is None:
        raise NotFound
    if need is not Right.SEE:
        require(actor, need, filing.plan.division.path)
    return filing


def may_submit(actor: Actor, filing: PlanFiling) -> bool:
    """Whoever writes plans for the owner hands them in."""
    return actor.can(Right.EDIT_PLANS, filing.plan.division.path)


def may_decide(actor: Actor, filing: PlanFiling) -> bool:
    """Whoever approves plans at the receiver; the answer of an office outside is entered by the owner's own leader."""
    path = filing.plan.division.path if filing.receiver is None else filing.receiver.path
    return actor.can(Right.APPROVE_PLANS, path)


def visible_findings(actor: Actor) -> QuerySet[PlanFinding]:
    """What the check found in plans of the actor's divisions. Others who read a plan do not read what is wrong with it."""
    rows = PlanFinding.objects.filter(within(actor, "plan__division__path"))
    rows = rows.select_related("plan", "plan__division", "version_checked")
    return rows.defer("plan__division__geometry", "version_checked__content")


def access_finding(actor: Actor, finding_id: uuid.UUID, *, need: Right = Right.SEE) -> PlanFinding:
    finding = visible_findings(actor).filter(pk=finding_id).first()
    if finding is None:
        raise NotFound
    require(actor, need, finding.plan.division.path)
    return finding


def visible_studies(actor: Actor) -> QuerySet[PlanStudy]:
    """Studies of plans of the actor's divisions."""
    rows = PlanStudy.objects.filter(within(actor, "plan__division__path"))
    return rows.select_related("plan", "plan__division").defer("plan__division__geometry")


def access_study(actor: Actor, study_id: uuid.UUID, *, need: Right = Right.SEE) -> PlanStudy:
    study = visible_studies(actor).filter(pk=study_id).first()
    if study is None:
        raise NotFound
    require(actor, need, study.plan.division.path)
    return study
