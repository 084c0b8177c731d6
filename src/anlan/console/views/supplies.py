"""Requests for supplies: asked, approved, sent, received, with the quantity of each step beside the one before."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.accounts.access import require_somewhere
from anlan.console import forceforms as forms
from anlan.console import forcewords as words
from anlan.console.incidentforms import moment, places_for
from anlan.console.views.base import DeskRequest, desk, shared
from anlan.console.views.forces import tabs
from anlan.dispatch import services
from anlan.dispatch.access_teams import access_request, may_receive, visible_requests
from anlan.dispatch.boards import request_row
from anlan.dispatch.models import SupplyRequest
from anlan.incidents.access import access_incident, sees_incident
from anlan.incidents.models import Incident
from anlan.journal import clocks
from anlan.kernel.refusals import NotAllowed, NotFound, Refusal
from anlan.places.access import access_division
from anlan.vocab.posts import Right

MOST = 200
OPEN = ("asked", "approved", "sent")
#: The column of each step, in order.
COLUMNS = ("asked", "approved", "sent", "received")
#: What a verb fills, and the column that it starts from.
_FILLS = {"approve": ("approved", "asked"), "send": ("sent", "approved"), "receive": ("received", "sent")}


@desk
@require_GET
def requests(request: DeskRequest) -> HttpResponse:
    """Open requests, late ones first; all of them on demand."""
    require_somewhere(request.actor, Right.SEE)
    run = clocks.default_exercise_id()
    which = "all" if request.GET.get("show") == "all" else "open"
    rows = visible_requests(request.actor).filter(exercise_id=run).prefetch_related("lines")
    rows = rows.order_by("-asked_at") if which == "all" else rows.filter(state__in=OPEN).order_by("asked_at")
    listed = [_face(row) for row in rows[:MOST]]
    listed.sort(key=lambda one: not one["row"].is_late)
    page = {
        "rows": listed,
        "show": which,
        "tabs": tabs("console:supply_requests"),
        "read_at": clocks.now(run),
    }
    name = (
        "console/forces/_requests.html"
        if request.headers.get("HX-Request")
        else "console/forces/requests.html"
    )
    return render(request, name, page)


def _face(row: SupplyRequest) -> dict[str, Any]:
    board = request_row(row)
    return {
        "supply": row,
        "row": board,
        "word": words.request_word(row.state),
        "chip": words.REQUEST_CHIPS[row.state],
        "lines": [
            {"name": line.name, "unit": line.unit, "note": line.note, "missing": line.missing,
             "cells": [words.plain(getattr(line, column)) for column in COLUMNS]}
            for line in board.lines
        ],
    }  # fmt: skip


@desk
def new(request: DeskRequest, incident_id: uuid.UUID) -> HttpResponse:
    """Ask for things at a place of the incident."""
    incident = access_incident(request.actor, incident_id)
    error: Refusal | None = None
    if not request.actor.can_somewhere(Right.REPORT):
        raise NotAllowed
    if request.method == "POST":
        try:
            with transaction.atomic():
                made = _ask(request, incident)
            messages.success(request, _("Asked as %(number)s.") % {"number": made.number})
            return redirect("console:supply_request", made.pk)
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            error = refusal
    actor, given = request.actor, request.POST
    fields = ("item", "name", "quantity", "unit", "note")
    page = {
        "incident": incident,
        "items": words.items(),
        "places": shared(request, "places_below:REPORT", lambda: places_for(actor, Right.REPORT)),
        "lines": [
            {"index": index, **{name: given.get(f"{name}-{index}", "") for name in fields}}
            for index in range(forms.LINES)
        ],
        "typed": given if error is not None else {"division": incident.division_id},
        "error": error,
        "tabs": tabs("console:supply_requests"),
    }
    return render(
        request, "console/forces/request_new.html", page, status=200 if error is None else error.status
    )


def _ask(request: DeskRequest, incident: Incident) -> SupplyRequest:
    given, by = request.POST, request.actor
    return services.ask_supplies(
        incident=incident,
        lines=forms.wanted_of(given),
        division=access_division(by, given.get("division", ""), need=Right.REPORT),
        why=given.get("why", ""),
        place_words=given.get("place_words", ""),
        needed_by=moment(given.get("needed_by", "")),
        by=by,
        by_name=by.name,
        at=clocks.now(incident.exercise_id),
    )


@desk
@require_GET
def request_page(request: DeskRequest, request_id: uuid.UUID) -> HttpResponse:
    """One request with a column of quantities for each step, and the next step as a form."""
    row = access_request(request.actor, request_id)
    return render(request, "console/forces/request.html", _page(request, row))


def _page(request: DeskRequest, row: SupplyRequest, error: Refusal | None = None) -> dict[str, Any]:
    actor = request.actor
    may_grant = actor.can(Right.DISPATCH, row.incident.division.path)
    verbs = [
        verb
        for verb in _verbs(row)
        if (may_receive(actor, row) if verb in ("receive", "again") else may_grant)
    ]
    step = next((verb for verb in verbs if verb in _FILLS), "")
    return {
        **_face(row),
        "verbs": verbs,
        "step": step,
        "step_label": {
            "approve": _("Approve"),
            "send": _("Send out"),
            "receive": _("Received as counted"),
        }.get(step, ""),
        "entries": _entries(request, row, step, error),
        "may_send_more": step == "receive" and "send" in verbs,
        "columns": [words.request_word(column) for column in COLUMNS],
        "sees_incident": sees_incident(actor, row.incident),
        "error": error,
        "typed": request.POST if error is not None else {},
        "tabs": tabs("console:supply_requests"),
        "read_at": clocks.now(row.exercise_id),
    }


def _verbs(row: SupplyRequest) -> tuple[str, ...]:
    return {
        "asked": ("approve", "refuse", "cancel"),
        "approved": ("send", "cancel"),
        "sent": ("receive", "send"),
        "refused": ("again",),
    }.get(row.state, ())


def _entries(
    request: DeskRequest, row: SupplyRequest, step: str, error: Refusal | None
) -> list[dict[str, Any]]:
    """A field for each line, filled with the quantity of the step before."""
    if not step:
        return []
    column, before = _FILLS[step]
    found = []
    for line in row.lines.order_by("id"):
        former = getattr(line, before)
        rest = former - (getattr(line, column) or 0) if former is not None and step == "send" else former
        typed = request.POST if error is not None else {}
        value = typed.get(f"q-{line.pk}", "" if rest is None else words.plain(max(rest, 0)))
        found.append({"line": line, "value": value, "why": typed.get(f"why-{line.pk}", "")})
    return found


@desk
@require_POST
def act(request: DeskRequest, request_id: uuid.UUID) -> HttpResponse:
    """The next step. Refused, the page comes back with the sentence and the numbers as typed."""
    row = access_request(request.actor, request_id)
    verb = request.POST.get("verb", "")
    if verb in ("receive", "again"):
        if not may_receive(request.actor, row):
            raise NotAllowed
    else:
        access_request(request.actor, request_id, need=Right.DISPATCH)
    try:
        with transaction.atomic():
            _do(request, row, verb)
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        row = access_request(request.actor, request_id)
        return render(
            request, "console/forces/request.html", _page(request, row, refusal), status=refusal.status
        )
    messages.success(request, _("Written down: %(step)s.") % {"step": words.request_word(row.state)})
    return redirect("console:supply_request", row.pk)


def _do(request: DeskRequest, row: SupplyRequest, verb: str) -> None:
    given, by, at = request.POST, request.actor, clocks.now(row.exercise_id)
    who = given.get("who", "").strip() or by.name
    amounts = forms.amounts_of(given, list(row.lines.values_list("pk", flat=True)))
    if verb == "approve":
        services.approve_request(row, amounts, by=by, by_name=who, at=at)
    elif verb == "refuse":
        services.refuse_request(row, why=given.get("why", ""), by=by, by_name=who, at=at)
    elif verb == "send":
        services.send_supplies(
            row, amounts, from_words=given.get("from_words", ""), by=by, by_name=who, at=at
        )
    elif verb == "receive":
        services.receive_supplies(row, amounts, by=by, by_name=who, at=at)
    elif verb == "again":
        services.ask_again(row, why=given.get("why", ""), by=by, at=at)
    elif verb == "cancel":
        services.cancel_request(row, why=given.get("why", ""), by=by, at=at)
    else:
        raise NotFound
