"""The phone page of what is asked of one's place: every figure once, small, sent once."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from anlan.accounts.access import require_somewhere
from anlan.datacalls import pages, queries
from anlan.datacalls.values import expected, number_text
from anlan.field.links import sentence
from anlan.field.views import FieldRequest, _taken
from anlan.journal import clocks
from anlan.kernel.refusals import NotFound, Refusal
from anlan.vocab.posts import Right


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def data(request: FieldRequest) -> HttpResponse:
    """Fill in, report nil, or confirm what was given to others; a form that arrives twice counts once."""
    require_somewhere(request.actor, Right.FILE_DATA)
    if request.method != "POST":
        return render(request, "field/data.html", _page(request))
    run = clocks.default_exercise_id()
    form = pages.read_form(request.POST)
    try:
        with transaction.atomic():
            pages.take(request.actor, form, way="field", at=clocks.now(run), exercise_id=run)
    except NotFound:
        raise
    except Refusal as refusal:
        page = {**_page(request), "error": sentence(refusal)}
        return render(request, "field/data.html", page, status=refusal.status)
    return _taken(request, "field:data")


def _page(request: FieldRequest) -> dict[str, Any]:
    run = clocks.default_exercise_id()
    at = clocks.now(run)
    return {
        "places": [
            {
                "page": one,
                "key": uuid.uuid4(),
                "nil": [(seat, uuid.uuid4()) for seat in one.seats if seat.call.allows_nil],
                "fields": [
                    {
                        "line": line,
                        "name": f"f-{line.figure.pk}",
                        "value": _typed(request, one.division.code, f"f-{line.figure.pk}", line.prefilled),
                        "summed": number_text(line.summed),
                        "expected": expected(line.figure),
                    }
                    for line in one.figures
                ],
            }
            for one in pages.pages_of(request.actor, at=at, exercise_id=run)
        ],
        "recent": queries.recent_of(request.actor, at, exercise_id=run, limit=5),
        "why": request.POST.get("why", ""),
    }


def _typed(request: FieldRequest, place: str, name: str, prefilled: str) -> str:
    """What was typed before a refusal stays in the field."""
    if request.POST.get("place") != place:
        return prefilled
    return str(request.POST.get(name, prefilled))
