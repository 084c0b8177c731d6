"""The one door to warnings and permissions."""

from __future__ import annotations

import uuid

from django.db.models import F, Q, QuerySet

from anlan.accounts.access import find, narrow, require, within
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotFound
from anlan.vocab.posts import Right
from anlan.warning.models import HazardWarning, PreAuthorisation, ReturnDecision, RiskNotice, WarningVillage

#: States that only those who draft or sign see: nobody is warned by them.
INTERNAL = ("draft", "returned", "withdrawn")


def works_on(actor: Actor) -> Q:
    """A condition for warnings that the actor may draft or sign."""
    return within(actor, "division__path", Right.DRAFT) | within(actor, "division__path", Right.SIGN_OFF)


def visible_warnings(actor: Actor) -> QuerySet[HazardWarning]:
    """Warnings of the actor's divisions, and those of a wider area that concern one of his villages."""
    touched = WarningVillage.objects.filter(within(actor, "division__path")).values("warning")
    rows = HazardWarning.objects.filter(within(actor, "division__path") | Q(pk__in=touched))
    rows = rows.filter(~Q(state__in=INTERNAL) | works_on(actor))
    return rows.select_related("division")


def access_warning(actor: Actor, warning_id: uuid.UUID, need: Right = Right.SEE) -> HazardWarning:
    """One warning. Whoever only sees it through a village of his may read it and nothing else."""
    warning = visible_warnings(actor).filter(pk=warning_id).first()
    if warning is None:
        raise NotFound
    if need is not Right.SEE:
        require(actor, need, warning.division.path)
    return warning


def visible_pre_authorisations(actor: Actor) -> QuerySet[PreAuthorisation]:
    return narrow(PreAuthorisation.objects.select_related("division", "signed_by_person"), actor)


def access_pre_authorisation(
    actor: Actor, permission_id: uuid.UUID, need: Right = Right.PRE_AUTHORISE
) -> PreAuthorisation:
    return find(visible_pre_authorisations(actor), actor, permission_id, need=need)


def visible_returns(actor: Actor) -> QuerySet[ReturnDecision]:
    """Open questions first, then the latest decisions."""
    rows = ReturnDecision.objects.select_related("division", "warning", "zone").defer("division__geometry")
    return narrow(rows, actor).order_by(F("decided_at").desc(nulls_first=True), "id")


def access_return(actor: Actor, decision_id: uuid.UUID, need: Right = Right.SEE) -> ReturnDecision:
    return find(ReturnDecision.objects.select_related("division", "warning"), actor, decision_id, need=need)


def visible_notices(actor: Actor) -> QuerySet[RiskNotice]:
    """Notices of the actor's divisions, and those addressed to a place of his once they are issued."""
    theirs = within(actor, "addressee_place__path") & ~Q(state__in=("draft", "withdrawn"))
    rows = RiskNotice.objects.filter(within(actor, "division__path") | theirs)
    return rows.select_related("division", "addressee_place").order_by("-drafted_at")


def access_notice(actor: Actor, notice_id: uuid.UUID, need: Right = Right.SEE) -> RiskNotice:
    """One notice; whoever it is addressed to reads it and answers it."""
    notice = visible_notices(actor).filter(pk=notice_id).first()
    if notice is None:
        raise NotFound
    if need is not Right.SEE:
        require(actor, need, notice.division.path)
    return notice
