"""换班, special periods and calendar links."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from anlan.accounts.access import require_somewhere
from anlan.console.moments import input_moment
from anlan.console.refusals import NobodyChosen
from anlan.console.views.base import DeskRequest, desk
from anlan.console.views.duty.common import (
    as_uuid,
    attempt,
    frame,
    kind_word,
    kinds,
    me,
    post_word,
    rooms_of,
    run_now,
    when,
)
from anlan.directory.access import access_shift, visible_people, visible_shifts
from anlan.directory.models import Person, Shift
from anlan.duty.access import (
    access_feed,
    access_period,
    access_room,
    access_swap,
    visible_feeds,
    visible_periods,
    visible_swaps,
)
from anlan.duty.manning import duty_table
from anlan.duty.services import periods as period_services
from anlan.duty.services import rooms as room_services
from anlan.duty.services import swaps as swap_services
from anlan.kernel.refusals import NotFound
from anlan.places.access import access_division, visible
from anlan.vocab.posts import Right

ROWS = 100


@desk
@require_http_methods(["GET", "POST"])
def swaps(request: DeskRequest) -> HttpResponse:
    """What was asked, what waits for whom; and asking for one."""
    require_somewhere(request.actor, Right.SEE)
    if request.method == "GET":
        return _swap_page(request)
    run, at = run_now()
    shift = _own_or_visible(request, as_uuid(request.POST.get("shift", "")))
    colleague = Person.objects.filter(pk=as_uuid(request.POST.get("colleague", ""))).first()
    if colleague is None:
        raise NotFound
    other = request.POST.get("other_shift", "")

    def act() -> HttpResponse:
        swap_services.ask_swap(
            shift,
            colleague,
            reason=request.POST.get("reason", ""),
            other_shift=_own_or_visible(request, as_uuid(other), of=colleague) if other else None,
            by=request.actor,
            at=at,
            exercise_id=run,
        )
        messages.success(request, _("Asked; the colleague must accept, then a chief approves."))
        return redirect("console:duty_swaps")

    return attempt(request, act, _swap_page)


def _swap_page(request: DeskRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    _run, at = run_now()
    mine_id = me(request)
    rows = visible_swaps(request.actor).order_by("-asked_at", "-id")[:ROWS]
    shifts = Shift.objects.filter(cancelled_at=None, ends_at__gt=at, starts_at__lt=at + timedelta(days=60))
    kinds_on = duty_table().post_kinds()
    mine = shifts.filter(person_id=mine_id, post__kind__in=kinds_on).select_related(
        "post__division", "person"
    )
    ahead = visible_shifts(request.actor).filter(
        cancelled_at=None, ends_at__gt=at, starts_at__lt=at + timedelta(days=60), post__kind__in=kinds_on
    )
    managed = [
        one
        for one in ahead.order_by("starts_at")[:300]
        if request.actor.can(Right.MANAGE_DUTY, one.post.division.path)
    ]
    listed = {one.pk: one for one in [*mine.order_by("starts_at")[:60], *managed]}
    page = frame(
        request,
        "console:duty_swaps",
        rows=[
            {
                "swap": one,
                "word": _swap_words()[one.state],
                "post": post_word(one.shift.post.kind),
                "may_answer": one.state == "asked" and one.colleague_id == mine_id,
                "may_decide": one.state == "accepted"
                and mine_id not in (one.asker_id, one.colleague_id)
                and request.actor.can(Right.MANAGE_DUTY, one.shift.post.division.path),
                "may_withdraw": one.state in swap_services.OPEN and one.asker_id == mine_id,
            }
            for one in rows
        ],
        shifts=[(one, post_word(one.post.kind)) for one in listed.values()],
        others=[(one, post_word(one.post.kind)) for one in ahead.order_by("starts_at")[:300]],
        people=list(visible_people(request.actor, at=request.now).order_by("division__path", "name")[:600]),
        **more,
    )
    return render(request, "console/duty/swaps.html", page, status=status)


@desk
@require_POST
def act_on_swap(request: DeskRequest, swap_id: uuid.UUID) -> HttpResponse:
    swap = access_swap(request.actor, swap_id)
    _run, at = run_now()
    verb, why, by = request.POST.get("verb", ""), request.POST.get("why", ""), request.actor

    def act() -> HttpResponse:
        match verb:
            case "accept":
                swap_services.accept_swap(swap, by=by, at=at)
            case "decline":
                swap_services.decline_swap(swap, why=why, by=by, at=at)
            case "approve":
                swap_services.approve_swap(swap, by=by, at=at)
            case "refuse":
                swap_services.refuse_swap(swap, why=why, by=by, at=at)
            case "withdraw":
                swap_services.withdraw_swap(swap, by=by, at=at)
            case _:
                raise NobodyChosen
        messages.success(request, _("Noted."))
        return redirect("console:duty_swaps")

    return attempt(request, act, _swap_page)


@desk
@require_http_methods(["GET", "POST"])
def periods(request: DeskRequest) -> HttpResponse:
    """Holidays, special and joint periods."""
    require_somewhere(request.actor, Right.SEE)
    if request.method == "GET":
        return _period_page(request)
    require_somewhere(request.actor, Right.MANAGE_DUTY)
    division = access_division(request.actor, request.POST.get("division", ""), need=Right.MANAGE_DUTY)
    run, at = run_now()
    given = request.POST

    def act() -> HttpResponse:
        seen = visible(request.actor).filter(pk__in=given.getlist("departments")[:200])
        period_services.propose_period(
            division,
            kind=given.get("kind", ""),
            title=given.get("title", ""),
            starts_at=when(request, "from"),
            ends_at=when(request, "to"),
            reason=given.get("reason", ""),
            departments=list(seen.values_list("pk", flat=True)),
            by=request.actor,
            at=at,
            exercise_id=run,
        )
        messages.success(request, _("Proposed; somebody else approves it."))
        return redirect("console:duty_periods")

    return attempt(request, act, _period_page)


def _period_page(request: DeskRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    _run, at = run_now()
    places = visible(request.actor, Right.MANAGE_DUTY).filter(level__in=("county", "township"))
    joined = visible(request.actor).filter(level__in=("township", "department")).order_by("path")
    names = dict(joined.values_list("code", "name")[:400])
    rows = [
        {
            "period": one,
            "kind": kind_word(one.kind),
            "word": _period_words()[one.state],
            "departments": [names[code] for code in one.departments if code in names],
            "is_now": one.state == "approved" and one.starts_at <= at < one.ends_at,
            "may": request.actor.can(Right.MANAGE_DUTY, one.division.path),
            "is_own": one.proposed_by_person_id == request.actor.person_id,
        }
        for one in visible_periods(request.actor)[:ROWS]
    ]
    page = frame(
        request,
        "console:duty_periods",
        rows=rows,
        places=list(places.order_by("path").values_list("code", "name")[:200]),
        joined=list(names.items()),
        kinds=[pair for pair in kinds() if pair[0] != "daily"],
        from_input=input_moment(at),
        to_input=input_moment(at + timedelta(days=3)),
        **more,
    )
    return render(request, "console/duty/periods.html", page, status=status)


@desk
@require_POST
def act_on_period(request: DeskRequest, period_id: uuid.UUID) -> HttpResponse:
    period = access_period(request.actor, period_id)
    _run, at = run_now()
    verb, why, by = request.POST.get("verb", ""), request.POST.get("why", ""), request.actor

    def act() -> HttpResponse:
        match verb:
            case "approve":
                period_services.approve_period(period, by=by, at=at)
            case "refuse":
                period_services.refuse_period(period, why=why, by=by, at=at)
            case "withdraw":
                period_services.withdraw_period(period, by=by, at=at)
            case "stop":
                period_services.stop_period(period, why=why, by=by, at=at)
            case _:
                raise NobodyChosen
        messages.success(request, _("Noted."))
        return redirect("console:duty_periods")

    return attempt(request, act, _period_page)


@desk
@require_http_methods(["GET", "POST"])
def feeds(request: DeskRequest) -> HttpResponse:
    """Links for calendar programmes: one's own shifts, or those of a room."""
    require_somewhere(request.actor, Right.SEE)
    if request.method == "GET":
        return _feed_page(request)
    run, at = run_now()
    given = request.POST.get("room", "")
    room = access_room(request.actor, as_uuid(given), need=Right.MANAGE_DUTY) if given else None
    person = None if room is not None else Person.objects.filter(pk=me(request)).first()
    if room is None and person is None:
        raise NobodyChosen
    with transaction.atomic():
        feed, token = room_services.create_feed(
            room=room, person=person, by=request.actor, at=at, exercise_id=run
        )
    address = request.build_absolute_uri(f"/api/duty/v1/calendar/{token}.ics")
    answer = _feed_page(request, made=feed, address=address)
    answer["Cache-Control"] = "no-store"
    return answer


def _feed_page(request: DeskRequest, **more: Any) -> HttpResponse:
    page = frame(
        request,
        "console:duty_feeds",
        rows=visible_feeds(request.actor)[:ROWS],
        managed=rooms_of(request, Right.MANAGE_DUTY),
        **more,
    )
    return render(request, "console/duty/feeds.html", page)


@desk
@require_POST
def revoke_feed(request: DeskRequest, calendar_id: uuid.UUID) -> HttpResponse:
    feed = access_feed(request.actor, calendar_id)
    _run, at = run_now()
    with transaction.atomic():
        room_services.revoke_feed(feed, by=request.actor, at=at)
    messages.success(request, _("Revoked. It opens nothing any more."))
    return redirect("console:duty_feeds")


def _own_or_visible(request: DeskRequest, shift_id: uuid.UUID, of: Person | None = None) -> Shift:
    rows = Shift.objects.filter(pk=shift_id, person_id=me(request) if of is None else of.pk)
    found = rows.select_related("post__division", "person").first()
    return found if found is not None else access_shift(request.actor, shift_id, need=Right.SEE)


def _swap_words() -> dict[str, str]:
    return {
        "asked": _("waits for the colleague"),
        "accepted": _("waits for approval"),
        "approved": _("approved"),
        "refused": _("refused"),
        "declined": _("declined"),
        "withdrawn": _("withdrawn"),
    }


def _period_words() -> dict[str, str]:
    return {
        "proposed": _("waits for approval"),
        "approved": _("approved"),
        "refused": _("refused"),
        "withdrawn": _("withdrawn"),
        "stopped": _("stopped early"),
    }
