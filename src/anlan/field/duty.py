"""The duty of a township or village on a phone: check in, answer the roll, write into the log, see who is on duty."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from anlan.directory.models import Shift
from anlan.duty.access import access_room, own_room, seat_by_token, visible_rooms
from anlan.duty.manning import duty_table
from anlan.duty.models import CheckIn, RollCallSeat
from anlan.duty.queries import log_lines, on_duty_now
from anlan.duty.refusals import NotYourShift
from anlan.duty.services import checkins, handovers, rollcalls
from anlan.duty.services.logbook import write_note
from anlan.field import limits
from anlan.field.links import sentence
from anlan.field.views import FieldRequest
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotFound, Refusal

ROOMS, NOTES, SHIFTS = 60, 30, 20


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def duty(request: FieldRequest) -> HttpResponse:
    """One page: my shift, my roll call, my room."""
    if request.method != "POST":
        return _page(request)
    run = clocks.default_exercise_id()
    at, given, by = clocks.now(run), request.POST, request.actor
    try:
        with transaction.atomic():
            match given.get("verb", ""):
                case "check_in":
                    checkins.check_in(_own_shift(request, given.get("shift", "")), way="phone", by=by, at=at)
                case "answer":
                    rollcalls.answer_roll_call(
                        _own_seat(request, given.get("seat", "")), way="page", by=by, at=at
                    )
                case "note":
                    room = access_room(by, _key(given.get("room", "")))
                    write_note(room, given.get("text", ""), by=by, at=at, exercise_id=run)
                case _:
                    raise NotFound
    except Refusal as refused:
        if refused.status in (403, 404):
            raise
        return _page(request, error=sentence(refused), text=given.get("text", ""), status=refused.status)
    return redirect("field:duty")


def _page(request: FieldRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    run = clocks.default_exercise_id()
    at, actor = clocks.now(run), request.actor
    room = own_room(actor)
    page: dict[str, Any] = {"shifts": _shifts(request, at), "seats": _seats(actor), "room": room, **more}
    if room is not None:
        lines, _more = log_lines(
            room,
            start=at - timedelta(days=2),
            end=at + timedelta(minutes=1),
            actor=actor,
            only_notes=True,
            limit=NOTES,
        )
        page |= {
            "there": on_duty_now(room.division, at=at),
            "notes": list(reversed(lines)),
            "may_write": handovers.may_sign(room, actor, at),
            "phones": list(visible_rooms(actor).exclude(phone="")[:ROOMS]),
        }
    return render(request, "field/duty.html", page, status=status)


@csrf_exempt  # the link is the capability; no cookie is read
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def roll(request: HttpRequest, token: str) -> HttpResponse:
    """Behind the link in a message: one button. Looking answers nothing, only pressing does."""
    seat = seat_by_token(token)
    if seat is None:
        return render(request, "field/gone.html", status=404)
    if not (limits.posts if request.method == "POST" else limits.looks).allows(token):
        return render(request, "field/slow.html", status=429)
    error, status = "", 200
    if request.method == "POST":
        person = seat.person
        by = Actor(
            ref=f"roll_call_seat:{seat.pk}",
            name=person.name if person is not None else seat.room.name,
            person_id=seat.person_id,
        )
        try:
            with transaction.atomic():
                rollcalls.answer_roll_call(seat, way="link", by=by, at=clocks.now(seat.exercise_id))
        except Refusal as refused:
            error, status = sentence(refused), refused.status
    page = {"seat": seat, "error": error, "exercise": seat.exercise_id is not None}
    return render(request, "field/roll.html", page, status=status)


def _me(request: FieldRequest) -> uuid.UUID:
    """The person who reads; an account without a person is nobody's id."""
    return request.actor.person_id or uuid.UUID(int=0)


def _shifts(request: FieldRequest, at: Any) -> list[dict[str, Any]]:  # Any: a moment; what the template shows
    rows = Shift.objects.filter(
        person_id=_me(request),
        cancelled_at=None,
        ends_at__gt=at,
        post__kind__in=duty_table().post_kinds(),
    ).select_related("post__division")
    shifts = list(rows.order_by("starts_at")[:SHIFTS]) if request.actor.person_id is not None else []
    checks = {one.shift_id: one for one in CheckIn.objects.filter(shift__in=shifts)}
    opens = duty_table().check_in_opens
    return [
        {
            "shift": one,
            "check": checks.get(one.pk),
            "is_open": one.starts_at - at <= opens
            and (one.pk not in checks or checks[one.pk].state in ("expected", "missing")),
        }
        for one in shifts
    ]


def _seats(actor: Actor) -> list[RollCallSeat]:
    if actor.person_id is None:
        return []
    rows = RollCallSeat.objects.filter(person_id=actor.person_id, state="called", roll_call__state="calling")
    return list(rows.select_related("roll_call", "room")[:5])


def _own_shift(request: FieldRequest, text: str) -> Shift:
    rows = Shift.objects.filter(pk=_key(text), person_id=_me(request))
    shift = rows.select_related("post__division", "person").first()
    if shift is None or request.actor.person_id is None:
        raise NotYourShift
    return shift


def _own_seat(request: FieldRequest, text: str) -> RollCallSeat:
    rows = RollCallSeat.objects.filter(pk=_key(text), person_id=_me(request))
    seat = rows.select_related("roll_call", "room__division").first()
    if seat is None or request.actor.person_id is None:
        raise NotFound
    return seat


def _key(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound from None
