"""The call-out board: unanswered first, then longest waiting; what a person does about a seat."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from anlan.accounts.access import narrow
from anlan.console import words
from anlan.console.mapprops import map_props
from anlan.console.views.base import DeskRequest, cached_fragment, desk
from anlan.dissemination import queries, services
from anlan.dissemination.access import access_callout, access_seat
from anlan.dissemination.models import Callout, CalloutSeat, Delivery
from anlan.journal import clocks
from anlan.vocab.posts import Right

ROWS = 100


@desk
def callouts(request: DeskRequest) -> HttpResponse:
    """Running call-outs first, then the newest closed ones."""
    rows = narrow(Callout.objects.all(), request.actor) | own_village_callouts(request)
    shown = rows.distinct().order_by("-state", "-started_at")[:ROWS]
    page = {"rows": [(callout, words.progress(callout)) for callout in shown], "read_at": request.now}
    return render(request, "console/callouts/list.html", page)


def own_village_callouts(request: DeskRequest) -> Any:
    """Call-outs of the county that have a seat in the actor's own jurisdiction: a township follows its villages."""
    seats = narrow(CalloutSeat.objects.all(), request.actor)
    return Callout.objects.filter(pk__in=seats.values("callout_id"))


@desk
def callout(request: DeskRequest, callout_id: uuid.UUID) -> HttpResponse:
    """The board of one call-out."""
    found = access_callout(request.actor, callout_id, need=Right.SEE)
    page = {**board_of(request, found), "map_props": map_props(found.pk)}
    return render(request, "console/callouts/callout.html", page)


@desk
def board_fragment(request: DeskRequest, callout_id: uuid.UUID) -> HttpResponse:
    """The part of the board that changes; shared by everybody with the same jurisdiction."""
    found = access_callout(request.actor, callout_id, need=Right.SEE)

    def make() -> str:
        return render_to_string("console/callouts/_board.html", board_of(request, found), request)

    return cached_fragment(request, f"board:{callout_id}", make)


def board_of(request: DeskRequest, found: Callout) -> dict[str, Any]:
    """What the board's template needs."""
    board = queries.board(found, request.actor)
    township = request.GET.get("township", "")
    rows = [row for row in board.rows if not township or row.township_code == township]
    counts = words.Counter(board.progress.by_state)
    progress = words.progress_of(counts)
    return {
        "callout": found,
        "rows": rows,
        "progress": progress,
        "townships": [
            (tab, words.progress_of(words.Counter(tab.progress.by_state))) for tab in board.townships
        ],
        "township": township,
        "seat_words": words.seat_words(),
        "chips": words.SEAT_CHIPS,
        "can_run": request.actor.can(Right.RUN_CALLOUT),
        "can_close": request.actor.can(Right.RUN_CALLOUT) and found.state == "open",
        "silent": progress.silent,
        "subject_url": _subject_url(found.subject),
        "read_at": board.at,
    }


def _subject_url(subject: str) -> str:
    from anlan.console.context import subject_url

    return subject_url(subject)


@desk
def seat(request: DeskRequest, seat_id: uuid.UUID) -> HttpResponse:
    """One village: everything tried, everything that came back, and what a person can do now."""
    found = access_seat(request.actor, seat_id, need=Right.SEE)
    deliveries = Delivery.objects.filter(seat=found).select_related("person").order_by("-pk")
    page = {
        "seat": found,
        "callout": found.callout,
        "deliveries": [(row, queries.shown_address(row, request.actor)) for row in deliveries],
        "facts": found.acknowledgements.select_related("person").order_by("-answered_at"),
        "people": queries.people_for_seat(found, request.actor),
        "seat_words": words.seat_words(),
        "chips": words.SEAT_CHIPS,
        "can_run": request.actor.can(Right.RUN_CALLOUT),
        "is_silent": found.state in {"waiting", "unanswered", "lost_contact"},
        "read_at": request.now,
    }
    return render(request, "console/callouts/seat.html", page)


@desk
@require_POST
def act_on_seat(request: DeskRequest, seat_id: uuid.UUID) -> HttpResponse:
    """One of the verbs that a person has for a seat, named by the pressed button."""
    found = access_seat(request.actor, seat_id, need=Right.RUN_CALLOUT)
    verb = request.POST.get("verb", "")
    at = clocks.now(found.exercise_id)
    text = request.POST.get("text", "").strip()[:300]
    with transaction.atomic():
        message = _act(found, verb, text, request, at)
    if message:
        messages.success(request, message)
    return redirect("console:seat", seat_id)


def _act(found: CalloutSeat, verb: str, text: str, request: DeskRequest, at: Any) -> str:
    by = request.actor
    if verb in {"answered", "acting", "done"}:
        households, people = _number(request, "households"), _number(request, "people")
        services.acknowledge(
            found, meaning=verb, via="tick", words=text, households=households, people=people, by=by, at=at
        )
        return _("Ticked for the village; the journal names you.")
    if verb == "resolve":
        services.resolve_seat(found, reason=text, by=by, at=at)
        return _("Resolved with your reason.")
    if verb == "lost":
        services.mark_lost_contact(found, last_contact=text, by=by, at=at)
        return _("Marked as lost contact.")
    if verb == "call":
        person = request.POST.get("person", "")
        services.call_now(
            found,
            person_id=uuid.UUID(person) if person else None,
            channel=request.POST.get("channel") or None,
            by=by,
            at=at,
        )
        return _("The call is queued.")
    if verb == "note" and text:
        services.add_note(found, text=text, by=by, at=at)
        return _("Noted.")
    return ""


def _number(request: DeskRequest, name: str) -> int | None:
    text = request.POST.get(name, "").strip()
    return int(text) if text.isdigit() and len(text) < 7 else None


@desk
@require_POST
def close_callout(request: DeskRequest, callout_id: uuid.UUID) -> HttpResponse:
    """Close the call-out; with a silent seat only for a reason that a person gives."""
    found = access_callout(request.actor, callout_id, need=Right.RUN_CALLOUT)
    reason = request.POST.get("reason", "").strip()[:500]
    with transaction.atomic():
        services.close_callout(found, reason=reason, by=request.actor, at=clocks.now(found.exercise_id))
    messages.success(request, _("The call-out is closed."))
    return redirect("console:callout", callout_id)
