"""What the calendar says about a drill that has not started: another day, place, kind or plan."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render

from anlan.console import drillforms as forms
from anlan.console.views.base import DeskRequest, desk
from anlan.console.views.drills import choices
from anlan.drills import services
from anlan.drills.access import access_drill
from anlan.drills.models import Drill
from anlan.journal import clocks
from anlan.kernel.refusals import NotAllowed, NotFound, Refusal
from anlan.vocab.posts import Right


@desk
def edit_drill(request: DeskRequest, drill_id: uuid.UUID) -> HttpResponse:
    row = access_drill(request.actor, drill_id, need=Right.RUN_DRILLS)
    error: Refusal | None = None
    read_version: object = row.version
    typed: Any = _typed(row)
    if request.method == "POST":
        typed, read_version = request.POST, request.POST.get("read_version", "")
        try:
            given = forms.details(request.actor, request.POST)
            with clocks.entered(clocks.folder_exercise_id()), transaction.atomic():
                services.describe_drill(
                    row, given, by=request.actor, at=clocks.wall_now(), read_version=forms.number(str(read_version)) or 0
                )  # fmt: skip
            return redirect("console:drill", row.pk)
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            error = refusal
    page = {"row": row, "typed": typed, "error": error, "read_version": read_version, **choices(request)}
    if row.plan is not None and row.plan_id not in {key for key, _title in page["plans"]}:
        page["plans"] = [
            (row.plan_id, row.plan.title),
            *page["plans"],
        ]  # withdrawn since: it is not lost by saving another field
    return render(request, "console/drills/edit.html", page, status=200 if error is None else error.status)


def _typed(row: Drill) -> dict[str, Any]:
    """The form as the drill stands."""
    return {
        "title": row.title,
        "kind": row.kind,
        "division": row.division_id,
        "blindness": row.blindness,
        "event_type": row.event_type,
        "topic": row.topic,
        "plan": "" if row.plan_id is None else str(row.plan_id),
        "planned_on": "" if row.planned_on is None else row.planned_on.isoformat(),
        "place_words": row.place_words,
        "people": row.people if row.people is not None else "",
        "parties": "，".join(row.parties),
    }
