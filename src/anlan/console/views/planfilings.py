"""Filing of plans (R23): the board with its countdown, and one filing with what was handed in and what was answered."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.accounts.access import require_somewhere
from anlan.attachments.refusals import EmptyFile
from anlan.attachments.uploading import bounded_uploads, check_uploads
from anlan.console import plancheckwords as words
from anlan.console import planwords
from anlan.console.incidentwords import said
from anlan.console.people import names_of
from anlan.console.views.base import DeskRequest, desk
from anlan.journal import clocks
from anlan.kernel.refusals import NotAllowed, NotFound, Refusal
from anlan.plans import services
from anlan.plans.access_filing import access_filing, may_decide, may_submit, visible_filings
from anlan.plans.filingparts import part_states
from anlan.plans.models import PlanFiling
from anlan.plans.queries import of_run
from anlan.plans.world import last_day
from anlan.vocab.posts import Right

PAGE_ROWS = 100
SHOWN = {
    "open": ("due", "submitted", "returned"),
    "late": ("due", "returned"),
    "submitted": ("submitted",),
    "accepted": ("accepted",),
}


@desk
@require_GET
def filings(request: DeskRequest) -> HttpResponse:
    """What must be filed, what waits for an answer, what was accepted; the next limit first."""
    require_somewhere(request.actor, Right.SEE)
    which = request.GET.get("show", "")
    which = which if which in SHOWN else "open"
    kind = request.GET.get("kind", "")[:24]
    run = clocks.default_exercise_id()
    at = clocks.now(run)
    rows = visible_filings(request.actor).filter(of_run(run), state__in=SHOWN[which])
    if which == "late":
        rows = rows.filter(due_at__lt=at)
    if kind:
        rows = rows.filter(plan__kind=kind)
    rows = rows.order_by("-decided_at", "-pk") if which == "accepted" else rows.order_by("due_at", "pk")
    listed = list(rows[: PAGE_ROWS + 1])
    page = {
        "show": which,
        "kind": kind,
        "rows": [line(row, at) for row in listed[:PAGE_ROWS]],
        "has_more": len(listed) > PAGE_ROWS,
        "tabs": _tabs(),
        "kinds": list(planwords.kind_words().items()),
        "read_at": request.now,
    }
    return render(request, "console/plans/filing_board.html", page)


def _tabs() -> list[tuple[str, str]]:
    return [
        ("open", _("open")),
        ("late", _("late")),
        ("submitted", words.filing_words()["submitted"]),
        ("accepted", words.filing_words()["accepted"]),
    ]


def line(row: PlanFiling, at: Any) -> dict[str, Any]:
    """A filing as a line of a list. It is late when the limit passed before it was handed in."""
    ended = row.submitted_at or at
    return {
        "filing": row,
        "kind": planwords.kind_words().get(row.plan.kind, row.plan.kind),
        "receiver": words.receiver_word(row),
        "state": words.filing_words()[row.state],
        "chip": words.FILING_CHIPS[row.state],
        "is_owed": row.state in ("due", "returned"),
        "is_late": row.due_at is not None and ended > row.due_at and row.state != "lapsed",
        "missing": words.part_names(row.missing),
    }


@desk
@require_GET
def filing(request: DeskRequest, plan_filing_id: uuid.UUID) -> HttpResponse:
    row = access_filing(request.actor, plan_filing_id)
    return render(request, "console/plans/filing_record.html", _page(request, row))


def _page(
    request: DeskRequest, row: PlanFiling, error: Refusal | None = None, verb: str = ""
) -> dict[str, Any]:
    at = clocks.now(row.exercise_id)
    names = names_of({row.submitted_by, row.decided_by})
    is_owed = row.state in ("due", "returned")
    typed = request.POST if error is not None else {"explanation": row.explanation}
    return {
        **line(row, at),
        "parts": [{"part": one, "name": said(one.words)} for one in part_states(row)],
        "last_day": last_day(row.due_at),
        "submitted_by": names.get(row.submitted_by, row.submitted_by),
        "decided_by": row.decided_by_name or names.get(row.decided_by, row.decided_by),
        "may_submit": is_owed and may_submit(request.actor, row),
        "may_decide": row.state == "submitted" and may_decide(request.actor, row),
        "is_outside": row.receiver_id is None,
        "owns": request.actor.sees(row.plan.division.path),
        "error": error,
        "error_verb": verb,
        "typed": typed,
        "read_at": request.now,
    }


@bounded_uploads
@desk
@require_POST
def filing_act(request: DeskRequest, plan_filing_id: uuid.UUID) -> HttpResponse:
    """The owner attaches and hands in; the receiver accepts or returns. Refused, the words stay in the form."""
    row = access_filing(request.actor, plan_filing_id)
    verb = request.POST.get("verb", "")
    if verb in ("attach", "submit") and not may_submit(request.actor, row):
        raise NotAllowed
    if verb in ("accept", "return") and not may_decide(request.actor, row):
        raise NotAllowed
    try:
        with transaction.atomic(durable=True):
            messages.success(request, _do(request, row, verb))
    except NotFound:
        raise
    except Refusal as refusal:
        row = access_filing(request.actor, plan_filing_id)
        page = _page(request, row, refusal, verb)
        return render(request, "console/plans/filing_record.html", page, status=refusal.status)
    return redirect("console:plan_filing", row.pk)


def _do(request: DeskRequest, row: PlanFiling, verb: str) -> str:
    by, at, given = request.actor, clocks.now(row.exercise_id), request.POST
    if verb == "attach":
        check_uploads(request)
        file = request.FILES.get("file")
        if not isinstance(file, UploadedFile):
            raise EmptyFile
        services.keep_part(row, given.get("part", ""), file.chunks(), name=file.name or "", by=by, at=at)
        return _("File kept.")
    if verb == "submit":
        services.submit_filing(row, explanation=given.get("explanation", ""), by=by, at=at)
        return _("Handed in; the receiver’s answer is shown here.")
    if verb == "accept":
        services.accept_filing(row, number=given.get("number", ""), by=by, at=at)
        return _("Accepted under %(number)s.") % {"number": row.number}
    if verb == "return":
        services.return_filing(row, why=given.get("why", ""), by=by, at=at)
        return _("Returned with your reason.")
    raise NotFound
