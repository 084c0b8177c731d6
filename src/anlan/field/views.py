"""Phone pages: one question a page, complete without scripts, and a form that arrives twice counts once."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from anlan.accounts.access import narrow
from anlan.datacalls.queries import waiting_for as asked_data
from anlan.directory.models import Holding, Person
from anlan.directory.queries import held_at
from anlan.dispatch.access import own_orders
from anlan.dispatch.access_teams import my_team_jobs
from anlan.dispatch.orderboard import RUNNING
from anlan.dissemination.access import access_seat
from anlan.dissemination.models import Callout, CalloutSeat
from anlan.dissemination.types import Via
from anlan.field.answers import read_answer, take
from anlan.field.links import QUEUE_HEADER, questions, step_of
from anlan.field.refusals import NotYourSeat
from anlan.intake import queries as intake
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.losses.access import files_losses
from anlan.reporting import queries as reporting
from anlan.sensing.queries.enterprise import waiting_for
from anlan.vocab.posts import Right
from anlan.warning import queries as warnings
from anlan.warning import services as warning_services
from anlan.warning.access import access_warning

_SHOWN_SEATS = 300


class FieldRequest(HttpRequest):
    """A request that passed the middleware."""

    actor: Actor
    now: datetime


def _seat_page(seat: CalloutSeat, callout: Callout) -> dict[str, Any]:
    is_over = callout.state == "closed" or seat.state == "released"
    return {
        **questions(),
        "seat": seat,
        "callout": callout,
        "text": callout.text,
        "is_over": is_over,
        "step": step_of(seat),
        "owes": seat.claimed_done_at is not None and seat.state != "done",
    }


def _taken(request: HttpRequest, route: str, *args: object) -> HttpResponse:
    if request.headers.get(QUEUE_HEADER):
        return HttpResponse(status=204)
    response = redirect(route, *args)
    response.status_code = 303
    return response


@login_required
@never_cache
def home(request: FieldRequest) -> HttpResponse:
    """Villages of the jurisdiction that are being called, whoever still owes an answer first."""
    rows = narrow(_open_seats(), request.actor)
    seats = sorted(rows[:_SHOWN_SEATS], key=lambda seat: (_ORDER.get(seat.state, 9), seat.waiting_since))
    own = _own_divisions(request)
    page = {
        "seats": [
            {
                "seat": seat,
                "word": _state_words()[seat.state],
                "step": step_of(seat),
                "is_own": seat.division_id in own,
                "can_tick": request.actor.can(Right.RUN_CALLOUT, seat.division.path),
                "key": uuid.uuid4(),
            }
            for seat in seats
        ],
        "drafts": warnings.drafts_for(request.actor) if request.actor.can_somewhere(Right.SIGN_OFF) else [],
        "reports_to_sign": reporting.to_sign(request.actor),
        "can_report_up": request.actor.can_somewhere(Right.TAKE_REPORTS),
        "can_tick": request.actor.can_somewhere(Right.RUN_CALLOUT),
        "can_edit": request.actor.can_somewhere(Right.EDIT_DIRECTORY),
        "can_record": request.actor.can_somewhere(Right.RECORD_READINGS),
        "can_report": request.actor.can_somewhere(Right.REPORT),
        "waiting_reports": _waiting_reports(request),
        "to_answer": waiting_for(request.actor),
        "asked": asked_data(request.actor, exercise_id=clocks.default_exercise_id(), limit=20),
        "team_jobs": my_team_jobs(request.actor, exercise_id=clocks.default_exercise_id()),
        "my_orders": own_orders(request.actor, request.now)
        .filter(exercise_id=clocks.default_exercise_id(), state__in=RUNNING)
        .count(),
        "answers_alarms": request.actor.can_somewhere(Right.ANSWER_FOR_ENTERPRISE),
        "counts_losses": files_losses(request.actor, exercise_id=clocks.default_exercise_id()),
    }
    return render(request, "field/home.html", page)


_ORDER = {"unanswered": 0, "lost_contact": 0, "waiting": 1, "answered": 2, "acting": 3}


def _open_seats() -> QuerySet[CalloutSeat]:
    rows = CalloutSeat.objects.filter(callout__state="open", exercise_id=clocks.default_exercise_id())
    return rows.select_related("callout", "division").order_by("waiting_since", "pk")


def _waiting_reports(request: FieldRequest) -> int:
    """Messages that this person is asked about, or must sign."""
    if not request.actor.can_somewhere(Right.REPORT):
        return 0
    mine = intake.my_items(request.actor)
    return len(mine.asked) + len(mine.to_sign)


def _own_divisions(request: FieldRequest) -> set[str]:
    """Where the reader holds a post now and so answers in person."""
    if request.actor.person_id is None:
        return set()
    held = Holding.objects.filter(held_at(request.now), person_id=request.actor.person_id)
    return set(held.values_list("post__division_id", flat=True))


def _state_words() -> dict[str, str]:
    return {
        "waiting": _("waiting"),
        "unanswered": _("unanswered"),
        "lost_contact": _("lost contact"),
        "answered": _("answered"),
        "acting": _("acting"),
        "done": _("done"),
        "resolved": _("resolved by a person"),
        "released": _("all-clear given"),
    }


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer_seat(request: FieldRequest, seat_id: uuid.UUID) -> HttpResponse:
    """The same questions for somebody signed in: for one's own village, or ticked for another with words on how it was heard."""
    seat = access_seat(request.actor, seat_id)
    is_own = seat.division_id in _own_divisions(request)
    if request.method != "POST":
        page = {
            **_seat_page(seat, seat.callout),
            "is_own": is_own,
            "can_tick": request.actor.can(Right.RUN_CALLOUT, seat.division.path),
        }
        return render(request, "field/seat.html", page)
    said = read_answer(request.POST)
    if not is_own:
        _check_tick(request, seat, said.words)
    at = clocks.now(seat.exercise_id)
    person = Person.objects.filter(pk=request.actor.person_id).first() if request.actor.person_id else None
    take([(seat, None)], said, via=Via.PAGE if is_own else Via.TICK, person=person, by=request.actor, at=at)
    return _taken(request, "field:answer_seat", seat.pk)


def _check_tick(request: FieldRequest, seat: CalloutSeat, words: str) -> None:
    """Answering for others needs the right and a word on how it was heard."""
    from anlan.dissemination.refusals import WordsNeeded

    if not request.actor.can(Right.RUN_CALLOUT, seat.division.path):
        raise NotYourSeat
    if not words:
        raise WordsNeeded


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: FieldRequest, warning_id: uuid.UUID) -> HttpResponse:
    """A draft on a phone: why, where, which words; sign it off or return it with a reason."""
    draft = access_warning(request.actor, warning_id, need=Right.SIGN_OFF)
    if request.method != "POST":
        detail = warnings.warning_detail(request.actor, warning_id)
        why_not = _(detail.why_not) if detail.why_not else ""
        return render(request, "field/review.html", {"detail": detail, "warning": draft, "why_not": why_not})
    verb, at = request.POST.get("verb"), clocks.now(draft.exercise_id)
    # Sent twice, or decided by somebody else meanwhile: the page shows what became of it.
    if draft.state == "draft":
        with transaction.atomic():
            if verb == "sign":
                warning_services.sign_off(draft, by=request.actor, at=at)
            elif verb == "return":
                reason = request.POST.get("reason", "").strip()[:500]
                warning_services.return_draft(draft, reason=reason, by=request.actor, at=at)
    return redirect("field:review", warning_id)
