"""The roster of one room, a week or a month at a time: gaps, doubles, many shifts at once, and as a workbook."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.accounts.access import require_somewhere
from anlan.console.moments import input_moment, parse_moment
from anlan.console.refusals import NoSuchMoment
from anlan.console.views.base import DeskRequest, desk
from anlan.console.views.duty.common import (
    as_uuid,
    attempt,
    chosen_room,
    frame,
    kind_word,
    kinds,
    number,
    post_word,
    rooms_of,
    run_now,
    when,
)
from anlan.directory.access import access_post, visible_people, visible_posts
from anlan.directory.models import Person
from anlan.duty.access import access_room
from anlan.duty.models import DutyRoom
from anlan.duty.queries import roster_board
from anlan.duty.queries.planned import midnight
from anlan.duty.services import planning
from anlan.duty.services.planning import Planned, shifts_of
from anlan.kernel.clock import SHANGHAI
from anlan.vocab.posts import FACES, PostKind, Right
from anlan.vocab.shifts import LABELS, ShiftKind

WEEK, MONTH = 7, 31
#: Shifts of one workbook: a year of a room.
SHEET_MOST = 5_000


@desk
@require_GET
def roster(request: DeskRequest) -> HttpResponse:
    return _page(request)


def _page(request: DeskRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    require_somewhere(request.actor, Right.SEE)
    room = chosen_room(request)
    days = MONTH if request.GET.get("span") == "month" else WEEK
    _run, at = run_now()
    start = _start(request, at)
    page = frame(
        request,
        "console:duty_roster",
        room=room,
        rooms=rooms_of(request),
        days=days,
        day=start.strftime("%Y-%m-%d"),
        before=(start - timedelta(days=days)).strftime("%Y-%m-%d"),
        after=(start + timedelta(days=days)).strftime("%Y-%m-%d"),
        kinds=kinds(),
        shown_people=request.POST.getlist("people"),
        **more,
    )
    if room is not None:
        page |= _board(request, room, start, days)
    return render(request, "console/duty/roster.html", page, status=status)


def _board(request: DeskRequest, room: DutyRoom, start: datetime, days: int) -> dict[str, Any]:
    board = roster_board(room, start=start, days=days)
    may = request.actor.can(Right.MANAGE_DUTY, room.division.path)
    return {
        "heads": [post_word(kind) for kind in board.posts],
        "lines": [
            {
                "day": day,
                "cells": [
                    [(one, one.pk in board.away, kind_word(one.kind)) for one in day.shifts[kind]]
                    for kind in board.posts
                ],
                "periods": [(one, kind_word(one.kind)) for one in day.periods],
            }
            for day in board.days
        ],
        "gap_count": sum(len(day.gaps) for day in board.days),
        "doubles": board.doubles,
        "may": may,
        "posts": _posts(request, room) if may else [],
        "people": _people(request, room) if may else [],
        "first_input": input_moment(start + timedelta(hours=8)),
        "week_before": (start - timedelta(days=WEEK)).strftime("%Y-%m-%d"),
    }


@desk
@require_POST
def plan(request: DeskRequest) -> HttpResponse:
    """A list of people that takes turns."""
    require_somewhere(request.actor, Right.MANAGE_DUTY)
    post = access_post(request.actor, as_uuid(request.POST.get("post", "")), need=Right.MANAGE_DUTY)
    given = request.POST
    run, at = run_now()

    def act() -> HttpResponse:
        people = _chosen(request, given.getlist("people"))
        made = planning.rotate(
            post,
            people,
            first=when(request, "first"),
            each=timedelta(hours=number(given.get("hours", ""), 24, 168)),
            count=number(given.get("count", ""), 7, planning.MOST),
            at_once=number(given.get("at_once", ""), 1, 6),
            kind=given.get("kind", ShiftKind.DAILY),
            by=request.actor,
            at=at,
            exercise_id=run,
        )
        _say(request, made)
        return _back(request)

    return attempt(request, act, _page)


@desk
@require_POST
def copy(request: DeskRequest) -> HttpResponse:
    """Last week again."""
    require_somewhere(request.actor, Right.MANAGE_DUTY)
    room = access_room(request.actor, as_uuid(request.POST.get("room", "")), need=Right.MANAGE_DUTY)
    run, at = run_now()

    def act() -> HttpResponse:
        week = midnight(parse_moment(f"{request.POST.get('week', '')}T12:00"))
        into = midnight(parse_moment(f"{request.POST.get('day', '')}T12:00"))
        _say(
            request,
            planning.copy_week(room, week=week, into=into, by=request.actor, at=at, exercise_id=run),
        )
        return _back(request)

    return attempt(request, act, _page)


@desk
@require_GET
def sheet(request: DeskRequest, room_id: uuid.UUID) -> HttpResponse:
    """The roster as a workbook, in the form in which it is imported."""
    from openpyxl import Workbook

    room = access_room(request.actor, room_id)
    _run, at = run_now()
    start = _start(request, at)
    days = number(request.GET.get("days", ""), MONTH, 366)
    rows = shifts_of(room).filter(starts_at__gte=start, starts_at__lt=start + timedelta(days=days))
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = "值班表"
    page.append(["区划代码", "岗位", "角色", "姓名", "开始", "结束", "值班类别"])
    for one in rows.order_by("starts_at", "role", "id")[:SHEET_MOST]:
        page.append(
            [
                room.division_id,
                FACES[PostKind(one.post.kind)].zh,
                one.role,
                one.person.name,
                one.starts_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M"),
                one.ends_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M"),
                LABELS[ShiftKind(one.kind)][0],
            ]
        )
    kept = BytesIO()
    book.save(kept)
    media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    answer = HttpResponse(kept.getvalue(), content_type=media)
    answer["Content-Disposition"] = f'attachment; filename="roster-{room.division_id}-{start:%Y%m%d}.xlsx"'
    return answer


def _start(request: DeskRequest, at: datetime) -> datetime:
    given = request.GET.get("day", "") or request.POST.get("day", "")
    try:
        noon = parse_moment(f"{given[:10]}T12:00") if given else at
    except NoSuchMoment:
        if request.method != "POST":
            raise
        noon, given = at, ""  # the form that named it is shown again with what was typed
    start = midnight(noon)
    return start if given else start - timedelta(days=start.weekday())


def _posts(request: DeskRequest, room: DutyRoom) -> list[tuple[uuid.UUID, str]]:
    from anlan.duty.manning import duty_table

    rule = duty_table().room(room.division.level)
    kinds = rule.all_posts if rule is not None else []
    rows = visible_posts(request.actor).filter(division_id=room.division_id, kind__in=kinds)
    return [(one.pk, post_word(one.kind)) for one in rows.order_by("kind")]


def _people(request: DeskRequest, room: DutyRoom) -> list[Person]:
    """Of the room's own place first; the county may put anybody that it sees."""
    rows = visible_people(request.actor, at=request.now).order_by("division__path", "name")
    listed = list(rows.defer("division__geometry")[:600])
    return sorted(listed, key=lambda one: one.division_id != room.division_id)


def _chosen(request: DeskRequest, keys: list[str]) -> list[Person]:
    """In the order in which they stand in the form."""
    wanted = [as_uuid(key) for key in keys[:60]]
    found = {one.pk: one for one in visible_people(request.actor, at=request.now).filter(pk__in=wanted)}
    return [found[key] for key in wanted if key in found]


def _say(request: DeskRequest, made: Planned) -> None:
    messages.success(request, _("Planned shifts: %(n)s.") % {"n": len(made.shifts)})
    for one in made.skipped[:20]:
        start = one.starts_at.astimezone(SHANGHAI).strftime("%m-%d %H:%M")
        words = {"away": _("is away"), "twice": _("is planned already")}[one.why]
        messages.warning(
            request,
            _("Not planned: %(name)s, %(start)s, %(why)s.")
            % {"name": one.name, "start": start, "why": words},
        )


def _back(request: DeskRequest) -> HttpResponse:
    room, day = request.POST.get("room", ""), request.POST.get("day", "")[:10]
    return redirect(f"{reverse('console:duty_roster')}?room={room}&day={day}")
