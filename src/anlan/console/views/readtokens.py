"""Read tokens: programs that may look at a division and do nothing else. A token is shown once, right after it was made."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from anlan.accounts.access import require_somewhere
from anlan.console.views.base import DeskRequest, desk
from anlan.kernel.refusals import Refusal, fill
from anlan.places.access import access_division
from anlan.sensing.access import access_read_token
from anlan.sensing.queries.readtokens import read_tokens
from anlan.sensing.services.readtokens import create_read_token, revoke_read_token
from anlan.vocab.posts import Right


@desk
@require_http_methods(["GET", "POST"])
@transaction.atomic(durable=True)
def tokens(request: DeskRequest) -> HttpResponse:
    """The list, and one more."""
    require_somewhere(request.actor, Right.ADMINISTER)
    if request.method == "GET":
        return _page(request)
    shown = {name: request.POST.get(name, "").strip()[:40] for name in ("name", "division")}
    try:
        division = access_division(request.actor, shown["division"], need=Right.ADMINISTER)
        row, token = create_read_token(shown["name"], division=division, by=request.actor, at=request.now)
    except Refusal as refused:
        sentences = (refused.text, refused.next_step)
        problem = " ".join(fill(_(text), refused.data) for text in sentences if text)
        return _page(request, shown=shown, problem=problem)
    answer = _page(request, made=row, token=token)
    answer["Cache-Control"] = "no-store"
    return answer


@desk
@require_POST
@transaction.atomic(durable=True)
def revoke(request: DeskRequest, token_id: uuid.UUID) -> HttpResponse:
    """It opens nothing any more."""
    row = access_read_token(request.actor, token_id)
    revoke_read_token(row, by=request.actor, at=request.now)
    messages.success(request, _("Revoked. It opens nothing any more."))
    return redirect("console:read_tokens")


def _page(request: DeskRequest, **more: Any) -> HttpResponse:  # Any: what the template shows
    page = {
        "tokens": read_tokens(request.actor),
        "read_at": request.now,
        "service": _service(request),
        **more,
    }
    return render(request, "console/connect/tokens.html", page, status=422 if more.get("problem") else 200)


def _service(request: DeskRequest) -> str:
    """The address that QGIS asks for; written out, because surfaces do not know each other's routes."""
    return request.build_absolute_uri("/api/sta/v1.1")
