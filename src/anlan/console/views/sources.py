"""Those who post readings over HTTP: the list, one more, a new token, no token any more. A token is shown once."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from anlan.accounts.access import require_somewhere
from anlan.console.views.base import DeskRequest, desk
from anlan.kernel.refusals import NotFound, Refusal
from anlan.sensing.access import access_source
from anlan.sensing.models import IngestSource
from anlan.sensing.refusals import SourceNameTaken
from anlan.sensing.services import create_source, renew_source_token, revoke_source
from anlan.vocab.posts import Right

MOST = 500


@desk
@require_http_methods(["GET", "POST"])
def sources(request: DeskRequest) -> HttpResponse:
    """The list, and one more."""
    require_somewhere(request.actor, Right.ADMINISTER)
    if request.method == "GET":
        return _page(request)
    typed = {
        name: request.POST.get(name, "").replace("\0", "").strip()[:2_000] for name in ("name", "stations")
    }
    stations = typed["stations"].replace(",", " ").replace("，", " ").replace("、", " ").split() or ["*"]
    try:
        with transaction.atomic(durable=True):
            token = create_source(typed["name"], stations=stations, by=request.actor, at=request.now)
    except IntegrityError:  # the same form twice in this moment
        return _page(request, error=SourceNameTaken(name=typed["name"]), typed=typed)
    except Refusal as refusal:
        return _page(request, error=refusal, typed=typed)
    return _shown_once(request, typed["name"], token)


@desk
@require_POST
@transaction.atomic(durable=True)
def act_on_source(request: DeskRequest, ingest_source_id: uuid.UUID) -> HttpResponse:
    """A new token in place of the former one, or none any more."""
    row = access_source(request.actor, ingest_source_id)
    verb = request.POST.get("verb", "")
    if verb == "renew":
        return _shown_once(request, row.name, renew_source_token(row, by=request.actor, at=request.now))
    if verb != "revoke":
        raise NotFound
    revoke_source(row, by=request.actor, at=request.now)
    messages.success(request, _("Revoked. What it sends is refused from now on."))
    return redirect("console:sources")


def _shown_once(request: DeskRequest, name: str, token: str) -> HttpResponse:
    answer = _page(request, made=name, token=token)
    answer["Cache-Control"] = "no-store"
    return answer


def _page(request: DeskRequest, **more: Any) -> HttpResponse:  # Any: what the template shows
    rows = IngestSource.objects.order_by("-is_active", "name")[:MOST]
    error = more.get("error")
    page = {"rows": list(rows), "read_at": request.now, **more}
    return render(
        request, "console/connect/sources.html", page, status=200 if error is None else error.status
    )
