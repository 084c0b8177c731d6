"""What people do by hand or pass on: gongs, doors, sirens, video checks, television. The desk ticks who did it and when."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render

from anlan.attachments import services as attachments
from anlan.console.views.base import DeskRequest, desk
from anlan.console.views.manual import moment_of
from anlan.console.views.outlets import channel_word
from anlan.dissemination.access import access_hand_task
from anlan.dissemination.models import Delivery
from anlan.dissemination.queries_outlets import done_tasks, open_tasks
from anlan.dissemination.services import hand
from anlan.kernel.clock import SHANGHAI
from anlan.vocab.posts import Right


@desk
def tasks(request: DeskRequest) -> HttpResponse:
    """What nobody has confirmed first, then what was done."""
    page = {
        "waiting": [_line(one, request) for one in open_tasks(request.actor)],
        "done": [_line(one, request) for one in done_tasks(request.actor)],
    }
    return render(request, "console/hand/tasks.html", page)


def _line(delivery: Delivery, request: DeskRequest) -> dict[str, Any]:
    assert delivery.outlet is not None  # the query asks for it
    asked_at = delivery.handed_at or delivery.due_at
    return {
        "task": delivery,
        "outlet": delivery.outlet,
        "channel": channel_word(delivery.channel),
        "asked_at": asked_at,
        "is_overdue": delivery.chase_at is None and delivery.state == "sent",
        "receipts": list(delivery.hand_receipts.all()),
        "may_confirm": request.actor.can(Right.RUN_CALLOUT, delivery.outlet.division.path),
    }


@desk
def task(request: DeskRequest, delivery_id: uuid.UUID) -> HttpResponse:
    """One task: the text, who was asked, what was reported; and the form for whoever may tick it."""
    if request.method == "POST":
        found = access_hand_task(request.actor, delivery_id, need=Right.RUN_CALLOUT)
        with transaction.atomic():
            _confirm(request, found)
        return redirect("console:hand_task", found.pk)
    found = access_hand_task(request.actor, delivery_id)
    page = {
        **_line(found, request),
        "local_now": f"{request.now.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}",
        "photos": attachments.attachments_of(f"delivery:{found.pk}"),
    }
    return render(request, "console/hand/task.html", page)


def _confirm(request: DeskRequest, found: Delivery) -> None:
    given, photo = request.POST, request.FILES.get("photo")
    kept = None
    if photo is not None and photo.size:
        kept = attachments.keep(
            photo.chunks(),
            subject=f"delivery:{found.pk}",
            division=found.outlet.division if found.outlet is not None else None,
            name=photo.name or "",
            sender=request.actor.name,
            by=request.actor,
            at=request.now,
            exercise_id=found.exercise_id,
        )
    hand.confirm(
        found,
        done_by_name=given.get("name", "")[:60],
        happened_at=moment_of(given.get("time", ""), request.now),
        words=given.get("words", ""),
        photo_id=kept.pk if kept is not None else None,
        by=request.actor,
        at=request.now,
    )


@desk
def sheet(request: DeskRequest, delivery_id: uuid.UUID) -> HttpResponse:
    """The text as a sheet of paper for a partner's desk, with a line for the time on air and a signature."""
    found = access_hand_task(request.actor, delivery_id)
    return render(request, "console/hand/sheet.html", {**_line(found, request), "printed_at": request.now})
