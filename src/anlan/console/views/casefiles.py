"""Case files of an incident: the list, making one, taking one away."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from anlan.accounts.access import require
from anlan.console.views.base import DeskRequest, desk
from anlan.incidents.access import access_incident
from anlan.incidents.models import Incident
from anlan.journal import clocks
from anlan.journal.services import note
from anlan.kernel.refusals import Refusal
from anlan.review import services
from anlan.review.access import visible_reviews
from anlan.review.casefile.access import access_case_file, check_sees_whole, may_make
from anlan.review.casefile.building import stored
from anlan.review.caserefusals import CaseFileGone
from anlan.review.models import CaseFile
from anlan.vocab.posts import Right

MOST_ROWS = 100


@desk
def case_files(request: DeskRequest, incident_id: uuid.UUID) -> HttpResponse:
    """Those that were made, the newest first; a press of the key makes another one."""
    incident = access_incident(request.actor, incident_id, need=Right.REVIEW_INCIDENTS)
    error: Refusal | None = None
    if request.method == "POST":
        try:
            return _make(request, incident)
        except Refusal as refusal:
            error = refusal
    rows = CaseFile.objects.filter(incident=incident).order_by("-made_at", "-id")[:MOST_ROWS]
    page: dict[str, Any] = {
        "incident": incident,
        "rows": list(rows),
        "may_make": may_make(request.actor, incident),
        "reviews": list(visible_reviews(request.actor).filter(incident=incident, state="final")[:5]),
        "error": error,
        "read_at": request.now,
    }
    return render(request, "console/cases/files.html", page, status=200 if error is None else error.status)


def _make(request: DeskRequest, incident: Incident) -> HttpResponse:
    """Outside a transaction: writing a large file must not keep others from writing."""
    require(request.actor, Right.REVIEW_INCIDENTS, incident.division.path)
    check_sees_whole(request.actor, incident)
    at = clocks.now(incident.exercise_id)
    row = services.make_case_file(incident, by=request.actor, by_name=request.actor.name, at=at)
    messages.success(
        request, _("Made: %(files)s files. Its digest stands in the journal.") % {"files": row.files}
    )
    return redirect("console:case_files", incident.pk)


@desk
@require_GET
def archive(request: DeskRequest, incident_id: uuid.UUID, case_file_id: uuid.UUID) -> HttpResponseBase:
    """The archive, streamed from the disk. Who took it is journaled."""
    row = access_case_file(request.actor, incident_id, case_file_id)
    path = stored(row.sha256)
    try:
        file = path.open("rb")
    except OSError:
        raise CaseFileGone from None
    with transaction.atomic():
        note(
            kind="case_file.handed_out",
            subject=("case_file", str(row.pk)),
            payload={"sha256": row.sha256},
            by=request.actor,
            at=clocks.now(row.exercise_id),
            path=row.incident.division.path,
            exercise_id=row.exercise_id,
        )
    name = f"{row.incident.number}-{row.sha256[:8]}.zip"
    answer = FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
