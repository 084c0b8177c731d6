"""Who is on duty now in every room, who has come, whose link is up; and the rooms themselves."""

from __future__ import annotations

import uuid
from collections import defaultdict
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.accounts.access import require_somewhere
from anlan.console.views.base import DeskRequest, back, desk
from anlan.console.views.duty.common import ROOMS, attempt, frame, me, number, rooms_of, run_now
from anlan.directory.access import access_shift
from anlan.directory.models import Shift
from anlan.duty.access import access_link, access_room, visible_rooms
from anlan.duty.manning import duty_table
from anlan.duty.models import CheckIn, RoomLink
from anlan.duty.queries import clock_sync, duty_statistics, on_duty
from anlan.duty.services import checkins, links, rooms
from anlan.places.access import access_division, visible
from anlan.places.queries import county
from anlan.vocab.posts import Right


@desk
@require_GET
def board(request: DeskRequest) -> HttpResponse:
    """One line a room."""
    require_somewhere(request.actor, Right.SEE)
    _run, at = run_now()
    listed = list(visible_rooms(request.actor)[:ROOMS])
    there = on_duty([room.division for room in listed], at=at)
    linked = _links([room.pk for room in listed])
    missing = _missing([room.pk for room in listed], at)
    lines = []
    for room in listed:
        people = there[room.division_id]
        leaders, needed = duty_table().need("daily", room.division.level)
        lines.append(
            {
                "room": room,
                "leaders": [one for one in people if one.is_leader],
                "others": [one for one in people if not one.is_leader],
                "short": sum(one.is_leader for one in people) < leaders
                or sum(not one.is_leader for one in people) < needed,
                "missing": missing[room.pk],
                "links": linked[room.pk],
                "phone_old": _is_old(room.phone_tested_at, at),
                "may": request.actor.can(Right.MANAGE_DUTY, room.division.path),
            }
        )
    sync, since = clock_sync()
    page = frame(
        request, "console:duty_board", lines=lines, sync=sync, sync_since=since, mine=_my_shift(request, at)
    )
    return render(request, "console/duty/board.html", page)


@desk
@require_POST
def check_in(request: DeskRequest, shift_id: uuid.UUID) -> HttpResponse:
    """One's own, or another's with words on how it is known."""
    own = Shift.objects.filter(pk=shift_id, person_id=me(request))
    shift = own.select_related("post__division", "person").first() or access_shift(
        request.actor, shift_id, need=Right.SEE
    )
    is_own = shift.person_id == request.actor.person_id
    _run, at = run_now()
    with transaction.atomic():
        checkins.check_in(
            shift,
            way="page" if is_own else "hand",
            words=request.POST.get("words", ""),
            by=request.actor,
            at=at,
        )
    messages.success(request, _("Checked in."))
    return back(request, "console:duty_board")


@desk
@require_GET
def room_list(request: DeskRequest) -> HttpResponse:
    return _rooms_page(request)


def _rooms_page(request: DeskRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    require_somewhere(request.actor, Right.SEE)
    listed = list(visible_rooms(request.actor)[:ROOMS])
    known = {room.division_id for room in listed}
    levels = [one.level for one in duty_table().rooms]
    places = visible(request.actor, Right.MANAGE_DUTY).filter(level__in=levels).exclude(pk__in=known)
    linked = _links([room.pk for room in listed])
    _run, at = run_now()
    page = frame(
        request,
        "console:duty_rooms",
        lines=[
            {
                "room": room,
                "links": linked[room.pk],
                "phone_old": _is_old(room.phone_tested_at, at),
                "may": request.actor.can(Right.MANAGE_DUTY, room.division.path),
                "may_look": request.actor.can(Right.REPORT, room.division.path),
            }
            for room in listed
        ],
        places=list(places.order_by("path").values_list("code", "name")[:400]),
        managed=rooms_of(request, Right.MANAGE_DUTY),
        every_s=duty_table().link_every_s,
        **more,
    )
    return render(request, "console/duty/rooms.html", page, status=status)


@desk
@require_POST
def open_room(request: DeskRequest) -> HttpResponse:
    """A room for one place, or for the county and everything that has one."""
    require_somewhere(request.actor, Right.MANAGE_DUTY)
    run, at = run_now()
    place = access_division(request.actor, request.POST.get("division", ""), need=Right.MANAGE_DUTY)

    def act() -> HttpResponse:
        if request.POST.get("every") and place == county():
            rooms.open_rooms(place, by=request.actor, at=at, exercise_id=run)
        else:
            phone = request.POST.get("phone", "")
            rooms.open_room(place, phone=phone, by=request.actor, at=at, exercise_id=run)
        messages.success(request, _("The room is open."))
        return redirect("console:duty_rooms")

    return attempt(request, act, _rooms_page)


@desk
@require_POST
def act_on_room(request: DeskRequest, room_id: uuid.UUID) -> HttpResponse:
    """Describe it, note a test of its phone, watch a link."""
    room = access_room(request.actor, room_id, need=Right.MANAGE_DUTY)
    run, at = run_now()
    by, given = request.actor, request.POST
    verb = given.get("verb", "")

    def act() -> HttpResponse:
        if verb in ("phone_works", "phone_dead"):
            rooms.note_phone_test(
                room, works=verb == "phone_works", words=given.get("words", ""), by=by, at=at
            )
        elif verb == "link":
            every = number(given.get("every_s", ""), duty_table().link_every_s, links.LONGEST_S)
            link, token = links.register_link(
                room, name=given.get("name", ""), every_s=every, by=by, at=at, exercise_id=run
            )
            answer = _rooms_page(request, made=link, token=token)
            answer["Cache-Control"] = "no-store"
            return answer
        elif verb == "close":
            rooms.close_room(room, by=by, at=at)
        else:
            name, phone = given.get("name", ""), given.get("phone", "")
            rooms.describe_room(
                room, name=name, phone=phone, checks_in=bool(given.get("checks_in")), by=by, at=at
            )
        messages.success(request, _("Noted."))
        return redirect("console:duty_rooms")

    return attempt(request, act, _rooms_page)


@desk
@require_POST
def act_on_link(request: DeskRequest, link_id: uuid.UUID) -> HttpResponse:
    """Looked at by a person: a picture was there, or not; or it is watched no more."""
    link = access_link(request.actor, link_id)
    _run, at = run_now()
    verb = request.POST.get("verb", "")
    with transaction.atomic():
        if verb == "end":
            links.end_link(link, by=request.actor, at=at)
        else:
            words = request.POST.get("words", "")
            links.check_link(link, works=verb == "works", words=words, by=request.actor, at=at)
    messages.success(request, _("Noted."))
    return back(request, "console:duty_rooms")


@desk
@require_GET
def statistics(request: DeskRequest) -> HttpResponse:
    """How well each room kept its duty over some days."""
    require_somewhere(request.actor, Right.SEE)
    _run, at = run_now()
    days = number(request.GET.get("days", ""), 30, 366)
    seen: dict[uuid.UUID, Any] = {}
    for room in list(visible_rooms(request.actor)[:ROOMS])[:1]:
        rows = duty_statistics(room.division, start=at - timedelta(days=days), end=at, actor=request.actor)
        seen.update({row.room_id: row for row in rows})
    page = frame(request, "console:duty_statistics", rows=list(seen.values()), days=days)
    return render(request, "console/duty/statistics.html", page)


def _links(keys: list[uuid.UUID]) -> dict[uuid.UUID, list[RoomLink]]:
    found: dict[uuid.UUID, list[RoomLink]] = defaultdict(list)
    for link in RoomLink.objects.filter(room_id__in=keys).exclude(state="ended").order_by("name", "id"):
        found[link.room_id].append(link)
    return found


def _missing(keys: list[uuid.UUID], at: Any) -> dict[uuid.UUID, list[CheckIn]]:  # Any: a moment
    found: dict[uuid.UUID, list[CheckIn]] = defaultdict(list)
    rows = CheckIn.objects.filter(
        room_id__in=keys, state__in=("expected", "missing"), shift__ends_at__gt=at
    ).select_related("person", "shift__post")
    for check in rows.order_by("expected_at", "id"):
        found[check.room_id].append(check)
    return found


def _my_shift(
    request: DeskRequest, at: Any
) -> dict[str, Any] | None:  # Any: a moment; what the template shows
    """The shift that the reader is on or comes to within the hour, unless he checked in."""
    if request.actor.person_id is None:
        return None
    rows = Shift.objects.filter(
        person_id=request.actor.person_id,
        cancelled_at=None,
        ends_at__gt=at,
        starts_at__lte=at + duty_table().check_in_opens,
        post__kind__in=duty_table().post_kinds(),
    )
    shift = rows.select_related("post__division").order_by("starts_at").first()
    if shift is None:
        return None
    check = CheckIn.objects.filter(shift=shift).first()
    return {
        "shift": shift,
        "check": check,
        "is_open": check is None or check.state in ("expected", "missing"),
    }


def _is_old(tested_at: Any, at: Any) -> bool:  # Any: moments
    return tested_at is None or at - tested_at > timedelta(days=duty_table().phone_test_days)
