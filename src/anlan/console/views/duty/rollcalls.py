"""点名: plan it, see who answered when, mark by voice or video."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from anlan.accounts.access import require_somewhere
from anlan.console.moments import input_moment
from anlan.console.refusals import NobodyChosen
from anlan.console.views.base import DeskRequest, desk
from anlan.console.views.duty.common import attempt, frame, number, post_word, rooms_of, run_now, when
from anlan.duty.access import access_roll_call, access_roll_seat, visible_roll_calls
from anlan.duty.manning import duty_table
from anlan.duty.models import DutyRoom, RollCall
from anlan.duty.services import rollcalls as services
from anlan.places.models import Division
from anlan.vocab.posts import Right

ROWS = 100


@desk
@require_http_methods(["GET", "POST"])
def roll_calls(request: DeskRequest) -> HttpResponse:
    require_somewhere(request.actor, Right.SEE)
    if request.method == "GET":
        return _page(request)
    require_somewhere(request.actor, Right.MANAGE_DUTY)
    run, at = run_now()
    given = request.POST

    def act() -> HttpResponse:
        rooms = _chosen(request)
        division = _caller(rooms, request)
        common: dict[str, Any] = {
            "title": given.get("title", ""),
            "answer_within_s": number(given.get("within", ""), duty_table().roll_call_answer_s, 3600),
            "by": request.actor,
            "at": at,
            "exercise_id": run,
        }
        if given.get("how") == "random":
            window: dict[str, Any] = {"window_from": when(request, "from"), "window_to": when(request, "to")}
            row = services.plan_random_roll_call(division, rooms, **window, **common)
        else:
            starts_at = at if given.get("how") == "now" else when(request, "from")
            again = _same_just_now(division, rooms, request, at) if given.get("how") == "now" else None
            if again is not None:  # pressed twice: the rooms ring once
                return redirect("console:duty_roll_call", again.pk)
            row = services.plan_roll_call(division, rooms, starts_at=starts_at, **common)
            if given.get("how") == "now":
                services.call_the_roll(row, at=at)
        messages.success(request, _("The roll call is planned."))
        return redirect("console:duty_roll_call", row.pk)

    return attempt(request, act, _page)


def _same_just_now(division: Division, rooms: Any, request: DeskRequest, at: datetime) -> RollCall | None:
    """The same person called the same rooms within the last half minute."""
    keys = sorted(str(room.pk) for room in rooms)
    rows = RollCall.objects.filter(
        division=division,
        planned_by=request.actor.ref,
        is_random=False,
        called_at__gt=at - timedelta(seconds=30),
        called_at__lte=at,
    )
    return next((row for row in rows if sorted(map(str, row.rooms)) == keys), None)


def _page(request: DeskRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    _run, at = run_now()
    page = frame(
        request,
        "console:duty_roll_calls",
        rows=[(row, words()[row.state]) for row in visible_roll_calls(request.actor)[:ROWS]],
        managed=rooms_of(request, Right.MANAGE_DUTY),
        within=duty_table().roll_call_answer_s,
        from_input=input_moment(at + timedelta(minutes=30)),
        to_input=input_moment(at + timedelta(hours=8)),
        **more,
    )
    return render(request, "console/duty/roll_calls.html", page, status=status)


@desk
@require_http_methods(["GET", "POST"])
def roll_call(request: DeskRequest, roll_call_id: uuid.UUID) -> HttpResponse:
    """One roll call: who answered after how long, who was late, who is absent."""
    if request.method == "GET":
        return _one_page(request, roll_call_id)
    row = access_roll_call(request.actor, roll_call_id, need=Right.MANAGE_DUTY)
    _run, at = run_now()
    verb, by = request.POST.get("verb", ""), request.actor

    def act() -> HttpResponse:
        match verb:
            case "cancel":
                services.cancel_roll_call(row, why=request.POST.get("why", ""), by=by, at=at)
            case "close":
                services.close_roll_call(row, by=by, at=at)
            case "settle":
                services.settle_absent(row, reason=request.POST.get("why", "") or "已核实", by=by, at=at)
            case _:
                raise NobodyChosen
        messages.success(request, _("Noted."))
        return redirect("console:duty_roll_call", roll_call_id)

    return attempt(request, act, lambda request, **more: _one_page(request, roll_call_id, **more))


def _one_page(
    request: DeskRequest, roll_call_id: uuid.UUID, *, status: int = 200, **more: Any
) -> HttpResponse:
    row = access_roll_call(request.actor, roll_call_id)
    seats = list(
        row.seats.select_related("room", "person").order_by("room__division__path", "called_at", "id")
    )
    states = [seat.state for seat in seats]
    page = frame(
        request,
        "console:duty_roll_calls",
        row=row,
        word=words()[row.state],
        seats=[(seat, post_word(seat.post_kind), seat_words()[seat.state]) for seat in seats],
        counts={name: states.count(name) for name in ("called", "answered", "late", "absent")},
        may=request.actor.can(Right.MANAGE_DUTY, row.division.path),
        room_names=list(
            DutyRoom.objects.filter(pk__in=row.rooms)
            .order_by("division__path")
            .values_list("name", flat=True)
        ),
        **more,
    )
    return render(request, "console/duty/roll_call.html", page, status=status)


@desk
@require_POST
def mark(request: DeskRequest, roll_seat_id: uuid.UUID) -> HttpResponse:
    """Answered by voice or video: whoever calls marks it."""
    seat = access_roll_seat(request.actor, roll_seat_id)
    _run, at = run_now()

    def act() -> HttpResponse:
        way, said = request.POST.get("way", ""), request.POST.get("words", "")
        services.mark_by_hand(seat, way=way, words=said, by=request.actor, at=at)
        return redirect("console:duty_roll_call", seat.roll_call_id)

    return attempt(request, act, lambda request, **more: _one_page(request, seat.roll_call_id, **more))


def words() -> dict[str, str]:
    return {
        "planned": _("planned"),
        "calling": _("being called"),
        "closed": _("closed"),
        "cancelled": _("cancelled"),
    }


def seat_words() -> dict[str, str]:
    return {
        "called": _("not answered yet"),
        "answered": _("answered in time"),
        "late": _("answered late"),
        "absent": _("absent"),
    }


def _chosen(request: DeskRequest) -> list[DutyRoom]:
    wanted = set(request.POST.getlist("rooms"))
    return [room for room in rooms_of(request, Right.MANAGE_DUTY) if str(room.pk) in wanted]


def _caller(rooms: list[DutyRoom], request: DeskRequest) -> Division:
    """The place in whose name it is called: where the caller manages duty, above every room."""
    own = sorted(request.actor.where(Right.MANAGE_DUTY), key=len)
    above = Division.objects.filter(path__in=own)
    by_path = {place.path: place for place in above}
    for path in own:
        if path in by_path and all(f"{room.division.path}/".startswith(f"{path}/") for room in rooms):
            return by_path[path]
    return rooms[0].division if rooms else next(iter(by_path.values()))
