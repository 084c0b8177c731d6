"""TAK clients that may keep a line: who is registered, who is connected, one more, one less. A key is shown once."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from anlan.accounts.access import require_somewhere
from anlan.command.services import add_tak_client, revoke_tak_client
from anlan.command.takclients import access_client, visible_clients
from anlan.command.takstate import tak_state
from anlan.console.views.base import DeskRequest, desk
from anlan.journal import clocks
from anlan.kernel.refusals import NotAllowed, NotFound, Refusal
from anlan.places.access import access_division, visible
from anlan.vocab.posts import Right

MOST = 200


@desk
@require_http_methods(["GET", "POST"])
@transaction.atomic(durable=True)
def clients(request: DeskRequest) -> HttpResponse:
    """The list, and one more. In a drill: clients of that drill alone."""
    require_somewhere(request.actor, Right.COMMAND)
    if request.method == "GET":
        return _page(request)
    run = clocks.default_exercise_id()
    try:
        row, key = add_tak_client(
            request.POST.get("name", ""),
            division=access_division(request.actor, request.POST.get("division", ""), need=Right.COMMAND),
            fingerprint=request.POST.get("fingerprint", "")[:200],
            may_send=request.POST.get("may_send") == "1",
            exercise_id=run,
            by=request.actor,
            by_name=request.actor.name,
            at=clocks.now(run),
        )
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        return _page(request, error=refusal, typed=request.POST)
    answer = _page(request, made=row, key=key)
    answer["Cache-Control"] = "no-store"
    return answer


@desk
@require_POST
@transaction.atomic(durable=True)
def revoke(request: DeskRequest, tak_client_id: uuid.UUID) -> HttpResponse:
    row = access_client(request.actor, tak_client_id)
    revoke_tak_client(row, by=request.actor, at=clocks.now(row.exercise_id))
    messages.success(request, _("Revoked. Its line is closed within seconds."))
    return redirect("console:tak_clients")


def _page(request: DeskRequest, **more: Any) -> HttpResponse:  # Any: what the template shows
    run = clocks.default_exercise_id()
    state = tak_state(settings.ANLAN_DATA)
    page = {
        "rows": [
            {"row": row, "is_on": row.name in state.online}
            for row in visible_clients(request.actor, run)[:MOST]
        ],
        "places": visible(request.actor, Right.COMMAND).only("code", "name", "level", "path")[:400],
        "port": state.port,
        "is_drill": clocks.stays_indoors(run),
        "read_at": request.now,
        **more,
    }
    error = more.get("error")
    return render(request, "console/command/tak.html", page, status=200 if error is None else error.status)
