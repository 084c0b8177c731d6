"""Chase orders (督办): what was asked of whom, by when, and what came back. Late ones ring until they are answered."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.accounts.access import require_somewhere
from anlan.console import incidentforms as forms
from anlan.console import incidentwords as words
from anlan.console.moments import input_moment
from anlan.console.people import names_of
from anlan.console.views.base import DeskRequest, desk, shared, shared_form
from anlan.console.views.incidents import addressees, chase_line, reader
from anlan.incidents import services
from anlan.incidents.access import access_chase, may_answer_chase, may_close_chase, visible_chases
from anlan.incidents.models import ChaseOrder
from anlan.incidents.refusals import ClosedChase, DueInThePast
from anlan.journal import clocks
from anlan.kernel.refusals import NotAllowed, NotFound, Refusal
from anlan.places.access import access_division
from anlan.vocab.posts import Right

PAGE_ROWS = 100


@desk
def chases(request: DeskRequest) -> HttpResponse:
    """Open orders, the most urgent first, then the latest closed ones; and a new one that hangs on no incident."""
    require_somewhere(request.actor, Right.SEE)
    error: Refusal | None = None
    if request.method == "POST":
        require_somewhere(request.actor, Right.REMARK)
        try:
            made = _issue(request)
            messages.success(request, _("Chase order issued; overdue it rings."))
            return redirect("console:chase", made.pk)
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            error = refusal
    which = "all" if request.GET.get("show") == "all" else "open"
    page: dict[str, Any] = {"show": which, "read_at": request.now}
    if error is not None:
        page |= {**_list(request, which), "typed": request.POST, "error": error}
        return render(request, "console/incidents/chases.html", page, status=error.status)
    name = f"chases:{which}:{reader(request.actor)}"
    page["body"] = shared_form(request, name, "console/incidents/_chases.html", lambda: _list(request, which))
    return render(request, "console/incidents/chases.html", page)


def _list(request: DeskRequest, which: str) -> dict[str, Any]:
    rows = visible_chases(request.actor).filter(exercise_id=clocks.default_exercise_id())
    if which == "all":
        rows = rows.order_by("-issued_at")
    else:
        rows = rows.exclude(state="closed").order_by("due_at")
    listed = list(rows[: PAGE_ROWS + 1])
    return {
        "rows": [chase_line(request.actor, row) for row in listed[:PAGE_ROWS]],
        "has_more": len(listed) > PAGE_ROWS,
        "may_issue": request.actor.can_somewhere(Right.REMARK),
        "addressees": shared(request, "addressees", lambda: addressees(request.actor)),
        "in_an_hour": input_moment(request.now + timedelta(hours=1)),
    }


def _issue(request: DeskRequest) -> ChaseOrder:
    division = access_division(request.actor, request.POST.get("division", ""), need=Right.REMARK)
    due_at = forms.moment(request.POST.get("due_at", ""))
    if due_at is None:
        raise DueInThePast
    run = clocks.default_exercise_id()
    with transaction.atomic():
        return services.issue_chase(
            incident=None,
            addressee=request.POST.get("addressee", "") or division.name,
            division=division,
            task=request.POST.get("task", ""),
            due_at=due_at,
            by=request.actor,
            at=clocks.now(run),
            exercise_id=run,
        )


@desk
@require_GET
def chase(request: DeskRequest, chase_id: uuid.UUID) -> HttpResponse:
    row = access_chase(request.actor, chase_id)
    return render(request, "console/incidents/chase.html", _page(request, row))


def _page(request: DeskRequest, row: ChaseOrder, error: Refusal | None = None) -> dict[str, Any]:
    names = names_of([row.issued_by, row.acknowledged_by, row.answered_by])
    return {
        **chase_line(request.actor, row),
        "issued_by": names.get(row.issued_by, row.issued_by),
        "acknowledged_by": names.get(row.acknowledged_by, row.acknowledged_by),
        "answered_by": names.get(row.answered_by, row.answered_by),
        "error": error,
        "typed": request.POST if error is not None else {},
        "state_words": words.chase_words(),
        "read_at": request.now,
    }


@desk
@require_POST
def act(request: DeskRequest, chase_id: uuid.UUID) -> HttpResponse:
    """The addressee acknowledges and answers; whoever ordered it closes it."""
    row = access_chase(request.actor, chase_id)
    verb = request.POST.get("verb", "")
    if verb in ("acknowledge", "answer") and not may_answer_chase(request.actor, row):
        raise NotAllowed
    if verb == "close" and not may_close_chase(request.actor, row):
        raise ClosedChase
    try:
        with transaction.atomic():
            _do(request, row, verb)
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        row = access_chase(request.actor, chase_id)
        return render(
            request, "console/incidents/chase.html", _page(request, row, refusal), status=refusal.status
        )
    return redirect("console:chase", row.pk)


def _do(request: DeskRequest, row: ChaseOrder, verb: str) -> None:
    by, at = request.actor, clocks.now(row.exercise_id)
    if verb == "acknowledge":
        services.acknowledge_chase(row, by=by, at=at)
        messages.success(request, _("Acknowledged."))
    elif verb == "answer":
        services.answer_chase(row, answer=request.POST.get("answer", ""), by=by, at=at)
        messages.success(request, _("Answered."))
    elif verb == "close":
        services.close_chase(row, by=by, at=at)
        messages.success(request, _("Closed."))
    else:
        raise NotFound
