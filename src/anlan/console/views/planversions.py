"""One version of a plan: what it says, what it changed, and the decision about it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.console import planpage
from anlan.console import planwords as words
from anlan.console.people import names_of
from anlan.console.planlessonslot import open_lessons
from anlan.console.views.base import DeskRequest, desk
from anlan.journal import clocks
from anlan.kernel.refusals import NotFound, Refusal
from anlan.plans import queries, services
from anlan.plans.access import access_version, may_approve, may_write, owns
from anlan.plans.content import read
from anlan.plans.models import PlanVersion
from anlan.vocab.posts import Right


@desk
@require_GET
def version(request: DeskRequest, plan_version_id: uuid.UUID) -> HttpResponse:
    """One version, what it changed, and the keys to decide on it."""
    row = access_version(request.actor, plan_version_id)
    return render(request, "console/plans/version.html", _version_page(request, row))


def _version_page(request: DeskRequest, row: PlanVersion, error: Refusal | None = None) -> dict[str, Any]:
    actor, content = request.actor, read(row.content)
    former = _former(row) if owns(actor, row.plan) else None
    names = names_of([row.made_by, row.decided_by])
    states = words.version_words()
    return {
        **planpage.content_view(content, planpage.names_in(content)),
        "plan": row.plan,
        "version": row,
        "state": states[row.state],
        "chip": words.VERSION_CHIPS[row.state],
        "made_by": row.made_by_name or names.get(row.made_by, row.made_by),
        "decided_by": row.decided_by_name or names.get(row.decided_by, row.decided_by),
        "former": former,
        "lessons": open_lessons(request, row.plan)
        if row.state in queries.IN_WORK and owns(actor, row.plan)
        else [],
        "changes": planpage.changes_view(read(former.content), content) if former is not None else [],
        "may_edit": row.state in ("draft", "returned") and may_write(actor, row.plan),
        "may_decide": row.state == "submitted" and may_approve(actor, row),
        "wrote_it": row.state == "submitted"
        and actor.ref in row.hands
        and actor.can(Right.APPROVE_PLANS, row.plan.division.path),
        "error": error,
        "typed": request.POST if error is not None else {},
        "read_at": request.now,
    }


def _former(row: PlanVersion) -> PlanVersion | None:
    """What it is compared with: the version in force while it is being worked on, afterwards the one it was made from."""
    if row.state in queries.IN_WORK and row.plan.current is not None:
        return row.plan.current
    return row.based_on


@desk
@require_POST
def version_act(request: DeskRequest, plan_version_id: uuid.UUID) -> HttpResponse:
    """Submit, approve or return."""
    verb = request.POST.get("verb", "")
    need = Right.EDIT_PLANS if verb == "submit" else Right.APPROVE_PLANS
    row = access_version(request.actor, plan_version_id, need=need)
    if verb not in ("submit", "approve", "return"):
        raise NotFound
    try:
        with transaction.atomic():
            _decide(request, row, verb, clocks.now(row.exercise_id))
    except Refusal as refusal:
        row = access_version(request.actor, plan_version_id)
        return render(
            request, "console/plans/version.html", _version_page(request, row, refusal), status=refusal.status
        )
    return redirect("console:plan_version", row.pk)


def _decide(request: DeskRequest, row: PlanVersion, verb: str, at: datetime) -> None:
    by = request.actor
    if verb == "submit":
        services.submit_version(row, by=by, at=at)
        messages.success(request, _("Submitted for approval."))
    elif verb == "approve":
        services.approve_version(row, by=by, by_name=by.name, at=at)
        messages.success(request, _("In force."))
    else:
        services.return_version(row, why=request.POST.get("why", ""), by=by, by_name=by.name, at=at)
        messages.success(request, _("Returned with your reason."))
