"""Working on orders: give, answer, remind, take back, ask again. A refusal keeps what was typed."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from anlan.accounts.access import require_somewhere
from anlan.attachments.uploading import bounded_uploads
from anlan.console import orderforms as forms
from anlan.console.incidentpage import key_from
from anlan.console.views.base import DeskRequest, desk
from anlan.console.views.orders import order_page
from anlan.dispatch import services
from anlan.dispatch.access import access_order, may_command, speaking
from anlan.dispatch.models import Instruction, Via
from anlan.incidents.access import access_incident, visible_incidents
from anlan.incidents.models import Incident
from anlan.journal import clocks
from anlan.kernel.ids import uuid7
from anlan.kernel.refusals import NotAllowed, NotFound, Refusal
from anlan.vocab.posts import Right


@desk
def new(request: DeskRequest) -> HttpResponse:
    """A free order to several places and teams at once. Sent twice, the form gives each order once."""
    require_somewhere(request.actor, Right.COMMAND)
    error: Refusal | None = None
    if request.method == "POST":
        try:
            return _give(request)
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            error = refusal
    given = request.POST if error is not None else request.GET
    page = {
        "key": request.POST.get("key") or str(uuid7()),
        "typed": given,
        "chosen": set(given.getlist("to")) | set(given.getlist("team")),
        "incidents": open_incidents(request),
        "choices": forms.choices(request.actor),
        "error": error,
        "read_at": request.now,
    }
    return render(request, "console/orders/new.html", page, status=200 if error is None else error.status)


def open_incidents(request: DeskRequest) -> list[tuple[str, str]]:
    """Incidents about which the reader may give orders."""
    rows = visible_incidents(request.actor).filter(
        state__in=("received", "verified"), is_restricted=False, exercise_id=clocks.default_exercise_id()
    )
    return [
        (str(row.pk), f"{row.number} {row.title}")
        for row in rows.order_by("-known_at")[:100]
        if request.actor.can(Right.COMMAND, row.division.path)
    ]


def incident_of(request: DeskRequest, text: str) -> Incident:
    """The incident that a form names. Raises `NotFound`."""
    return access_incident(request.actor, key_from(text) or uuid.UUID(int=0), need=Right.COMMAND)


def _give(request: DeskRequest) -> HttpResponse:
    incident = incident_of(request, request.POST.get("incident", ""))
    actor, at = request.actor, clocks.now(incident.exercise_id)
    rows = forms.new_orders(request.POST, actor)
    with transaction.atomic():
        made = services.issue_many(rows, incident=incident, by=actor, by_name=actor.name, at=at)
    say_given(request, len(made))
    return redirect("console:room_orders", incident.pk)


def say_given(request: DeskRequest, number: int) -> None:
    text = ngettext("%(n)s order given.", "%(n)s orders given.", number) % {"n": number}
    messages.success(request, text)


Verb = Callable[[DeskRequest, Instruction, Any], None]


@bounded_uploads
@desk
@require_POST
def act(request: DeskRequest, order_id: uuid.UUID) -> HttpResponse:
    """One of the verbs of an order. Refused, the page comes back with the sentence and the words."""
    row = access_order(request.actor, order_id)
    verb = request.POST.get("verb", "")
    if verb not in _VERBS:
        raise NotFound
    if verb in _OF_COMMAND and not may_command(request.actor, row):
        raise NotAllowed
    try:
        with transaction.atomic():
            _VERBS[verb](request, row, clocks.now(row.exercise_id))
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        page = order_page(request, access_order(request.actor, order_id), error=refusal, verb=verb)
        return render(request, "console/orders/order.html", page, status=refusal.status)
    messages.success(request, _("Kept."))
    return redirect("console:order", row.pk)


def _said(request: DeskRequest, row: Instruction, at: Any) -> dict[str, Any]:
    """Who says it, and by which way: the addressee, or the desk for whoever is named."""
    given = request.POST
    name, via = speaking(request.actor, row, name=given.get("who", ""), via=given.get("via", ""), at=at)
    words = given.get("words", "")[:2000]
    return {"by": request.actor, "by_name": name, "via": via, "at": at, "words": words}


def _acknowledge(request: DeskRequest, row: Instruction, at: Any) -> None:
    services.acknowledge_instruction(row, **_said(request, row, at))


def _start(request: DeskRequest, row: Instruction, at: Any) -> None:
    services.start_instruction(row, **_said(request, row, at))


def _report(request: DeskRequest, row: Instruction, at: Any) -> None:
    told = _said(request, row, at)
    done = forms.progress(request.POST.get("progress", ""))
    services.report_instruction(row, **told, progress=done, files=forms.proofs(request))


def _finish(request: DeskRequest, row: Instruction, at: Any) -> None:
    services.finish_instruction(row, **_said(request, row, at), files=forms.proofs(request))


def _could_not(request: DeskRequest, row: Instruction, at: Any) -> None:
    services.could_not_instruction(row, **_said(request, row, at))


def _own(request: DeskRequest, at: Any) -> dict[str, Any]:
    words = request.POST.get("words", "")[:2000]
    return {"by": request.actor, "by_name": request.actor.name, "via": Via.PAGE, "at": at, "words": words}


def _withdraw(request: DeskRequest, row: Instruction, at: Any) -> None:
    services.withdraw_instruction(row, **_own(request, at))


def _reopen(request: DeskRequest, row: Instruction, at: Any) -> None:
    services.reopen_instruction(row, **_own(request, at))


def _remind(request: DeskRequest, row: Instruction, at: Any) -> None:
    services.remind_instruction(row, **_own(request, at))


def _issue_now(request: DeskRequest, row: Instruction, at: Any) -> None:
    services.issue_now(row, by=request.actor, by_name=request.actor.name, at=at)


_VERBS: dict[str, Verb] = {
    "acknowledge": _acknowledge,
    "start": _start,
    "report": _report,
    "finish": _finish,
    "could_not": _could_not,
    "withdraw": _withdraw,
    "reopen": _reopen,
    "remind": _remind,
    "issue_now": _issue_now,
}
_OF_COMMAND = frozenset({"withdraw", "reopen", "remind", "issue_now"})
