"""Reports of the statistics on the desk: draft from the sums, explain, review, sign, hand over to the incident, print."""

from __future__ import annotations

import io
import uuid
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.console.losswords import said
from anlan.console.views.base import DeskRequest, desk
from anlan.journal import clocks as time
from anlan.journal.services import note
from anlan.kernel.refusals import NotFound, Refusal
from anlan.losses import queries, services, sheets, wording
from anlan.losses.access import access_course, access_report
from anlan.losses.models import CourseReport
from anlan.losses.services.reports import check_report
from anlan.losses.types import Edit
from anlan.vocab.posts import Right

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@desk
@require_POST
def draft(request: DeskRequest, course_id: uuid.UUID) -> HttpResponse:
    """The sums of this moment become a draft."""
    row = access_course(request.actor, course_id, need=Right.TAKE_REPORTS)
    with transaction.atomic():
        made = services.draft_report(row, by=request.actor, at=time.now(row.exercise_id))
    return redirect("console:loss_report", made.pk)


@desk
@require_GET
def report(request: DeskRequest, loss_report_id: uuid.UUID) -> HttpResponse:
    """The form with what changed since the last report, who drafts, reviews and signs, and the incident's figures beside it."""
    row = access_report(request.actor, loss_report_id)
    return render(request, "console/losses/report.html", _page(request, row, ""))


def _page(request: DeskRequest, row: CourseReport, error: str) -> dict[str, Any]:
    path, actor, at = row.course.division.path, request.actor, time.now(row.exercise_id)
    is_mine = row.drafted_by_person_id is not None and row.drafted_by_person_id == actor.person_id
    content = queries.content_of(row)
    return {
        "report": row,
        "course": row.course,
        "content": content,
        "kind": wording.kind_words(row.kind, row.number),
        "state": wording.REPORT_STATES[row.state],
        "townships": content.townships,
        "receivers": [wording.RECEIVERS[one] for one in row.reported_to],
        "wrong": _wrong(row, at) if row.state != "signed" else "",
        "is_mine": is_mine,
        "may_draft": actor.can(Right.TAKE_REPORTS, path),
        "may_review": actor.can(Right.REVIEW_REPORTS, path) and not is_mine,
        "may_sign": actor.can(Right.SIGN_REPORTS, path) and not is_mine,
        "differences": queries.differences(row),
        "is_transferred": row.course.transferred_report == row.pk,
        "error": error,
        "read_at": request.now,
    }


def _wrong(row: CourseReport, at: Any) -> str:
    """What still keeps it from the reviewer."""
    try:
        check_report(row, at=at)
    except Refusal as refusal:
        return said(refusal)
    return ""


@desk
@require_POST
def act(request: DeskRequest, loss_report_id: uuid.UUID) -> HttpResponse:
    """Save, take the sums again, submit, review, return, sign, drop, transfer."""
    row = access_report(request.actor, loss_report_id)
    try:
        with transaction.atomic():
            _do(request, row)
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        row = access_report(request.actor, loss_report_id)
        return render(request, "console/losses/report.html", _page(request, row, said(refusal)), status=409)
    return redirect("console:loss_report", row.pk)


def _do(request: DeskRequest, row: CourseReport) -> None:
    verb, why = request.POST.get("verb", ""), request.POST.get("reason", "")
    do: dict[str, Any] = {"by": request.actor, "at": time.now(row.exercise_id)}
    if verb in ("save", "refresh", "submit"):
        services.edit_report(row, _edit(request, row), is_fresh=verb == "refresh", **do)
        if verb == "submit":
            services.submit_report(row, **do)
    elif verb == "review":
        services.review_report(row, **do)
    elif verb == "return":
        services.return_report(row, why=why, **do)
    elif verb == "sign":
        services.sign_report(row, **do)
    elif verb == "drop":
        services.drop_report(row, **do)
    elif verb == "transfer":
        services.transfer_figures(row, **do)
    else:
        raise NotFound
    messages.success(request, _("Done; the record names you."))


def _edit(request: DeskRequest, row: CourseReport) -> Edit:
    given = request.POST
    whys = {name.removeprefix("why-"): str(given[name]) for name in given if name.startswith("why-")}
    return Edit(
        situation=given.get("situation", row.situation),
        measures=given.get("measures", row.measures),
        explanations=whys or dict(row.explanations),
    )


@desk
@require_GET
def sheet(request: DeskRequest, loss_report_id: uuid.UUID) -> HttpResponse:
    """The form as a workbook; who took it is journaled."""
    row = access_report(request.actor, loss_report_id)
    file = io.BytesIO()
    sheets.write_report(queries.content_of(row), file)
    with transaction.atomic():
        note(
            kind="loss_report.exported",
            subject=("loss_report", str(row.pk)),
            payload={"state": row.state},
            by=request.actor,
            at=time.now(row.exercise_id),
            path=row.course.division.path,
            exercise_id=row.exercise_id,
        )
    response = HttpResponse(file.getvalue(), content_type=_XLSX)
    response["Content-Disposition"] = f'attachment; filename="anlan-loss-report-{row.kind}-{row.number}.xlsx"'
    return response


@desk
@require_GET
def text(request: DeskRequest, loss_report_id: uuid.UUID) -> HttpResponse:
    """The text version, to copy into a phone message."""
    row = access_report(request.actor, loss_report_id)
    return HttpResponse(queries.content_of(row).text + "\n", content_type="text/plain; charset=utf-8")
