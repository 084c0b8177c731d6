"""A village that stays silent: last contact, signs, satellite phones, who is near, and the order to go and look."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.attachments import services as attachments
from anlan.console import words
from anlan.console.views.base import DeskRequest, desk
from anlan.dissemination import services
from anlan.dissemination.access import access_seat
from anlan.dissemination.queries import people_for_seat
from anlan.dissemination.refusals import NotThisPerson
from anlan.dissemination.services import losing, threes
from anlan.duty.losing import open_outages, signs_of
from anlan.journal import clocks
from anlan.sensing.access import visible_stations
from anlan.vocab.posts import Right


@desk
@require_GET
def silence(request: DeskRequest, seat_id: uuid.UUID) -> HttpResponse:
    """Everything one looks up before declaring contact lost, on one page."""
    found = access_seat(request.actor, seat_id, need=Right.SEE)
    at = clocks.now(found.exercise_id)
    path = found.division.path
    stations = visible_stations(request.actor).filter(division__path__startswith=path).order_by("code")
    page = {
        "seat": found,
        "callout": found.callout,
        "last": losing.last_heard(found),
        "signs": signs_of(found, at=at),
        "outages": open_outages(found.division, exercise_id=found.exercise_id),
        "stations": list(stations[:10]),
        "satellite": losing.satellite_phones(
            found, at=at, sees_numbers=request.actor.can(Right.SEE_NUMBERS, path)
        ),
        "near": losing.near_by(found),
        "people": people_for_seat(found, request.actor),
        "seat_words": words.seat_words(),
        "chips": words.SEAT_CHIPS,
        "can_run": request.actor.can(Right.RUN_CALLOUT, path) and found.callout.state == "open",
        "is_silent": found.state in {"waiting", "unanswered", "lost_contact"},
        "read_at": request.now,
    }
    return render(request, "console/followup/silence.html", page)


@desk
@require_POST
def reassign(request: DeskRequest, seat_id: uuid.UUID) -> HttpResponse:
    """Give the village to somebody else; he is called at once."""
    found = access_seat(request.actor, seat_id, need=Right.RUN_CALLOUT)
    with transaction.atomic():
        services.reassign_seat(
            found,
            person_id=_person(request),
            reason=request.POST.get("reason", ""),
            by=request.actor,
            at=clocks.now(found.exercise_id),
        )
    messages.success(request, _("Reassigned; the person is being called."))
    return redirect("console:seat", seat_id)


@desk
@require_POST
def order(request: DeskRequest, seat_id: uuid.UUID) -> HttpResponse:
    """Somebody goes there and looks; a chosen person is told by voice and SMS."""
    found = access_seat(request.actor, seat_id, need=Right.RUN_CALLOUT)
    person = request.POST.get("person", "")
    with transaction.atomic():
        services.order_to_go(
            found,
            words=request.POST.get("words", ""),
            person_id=_person(request) if person else None,
            by=request.actor,
            at=clocks.now(found.exercise_id),
        )
    messages.success(request, _("The order stands in the record."))
    return redirect("console:silence", seat_id)


@desk
@require_POST
def settle_task(request: DeskRequest, seat_id: uuid.UUID) -> HttpResponse:
    """One of the 3个一 was done by a person, with words and perhaps a picture, or is not needed for a reason."""
    found = access_seat(request.actor, seat_id, need=Right.RUN_CALLOUT)
    at = clocks.now(found.exercise_id)
    kind, said = request.POST.get("kind", ""), request.POST.get("words", "")
    upload = request.FILES.get("file")
    with transaction.atomic():
        if request.POST.get("verb") == "waive":
            threes.waive_task(found, kind, reason=said, by=request.actor, at=at)
        else:
            evidence = None
            if upload is not None:
                evidence = attachments.keep(
                    upload.chunks(),
                    subject=f"seat:{found.pk}",
                    division=found.division,
                    name=upload.name or "",
                    sender=request.actor.name,
                    by=request.actor,
                    at=at,
                    exercise_id=found.exercise_id,
                ).pk
            threes.settle_task(found, kind, words=said, evidence_id=evidence, by=request.actor, at=at)
    messages.success(request, _("Noted; the journal names you."))
    return redirect("console:seat", seat_id)


def _person(request: DeskRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("person", ""))
    except ValueError:
        raise NotThisPerson(name="") from None
