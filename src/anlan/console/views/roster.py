"""The roster: who is on duty for which post on a day, and who is away; it decides who is called, never who may do what."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from anlan.accounts.access import require_somewhere
from anlan.console.moments import input_moment, parse_moment
from anlan.console.refusals import NobodyChosen
from anlan.console.templatetags.anlan import is_chinese
from anlan.console.views.base import DeskRequest, desk
from anlan.directory import rostering
from anlan.directory.access import (
    access_absence,
    access_person,
    access_post,
    access_shift,
    visible_absences,
    visible_people,
    visible_posts,
    visible_shifts,
)
from anlan.directory.models import HoldingRole, Person
from anlan.kernel.clock import SHANGHAI
from anlan.kernel.refusals import NotAllowed, NotFound, Refusal
from anlan.vocab.posts import FACES, PostKind, Right

EDIT = Right.EDIT_DIRECTORY
SHOWN = 500


@desk
def roster(request: DeskRequest) -> HttpResponse:
    """One day: the shifts of each post, and who is away."""
    require_somewhere(request.actor, Right.SEE)
    return _page(request)


def _page(request: DeskRequest, *, error: Refusal | None = None, form: str = "") -> HttpResponse:
    """With `error`, the form ("shift" or "absence") that was refused and what was typed into it."""
    given = request.GET.get("day", "")
    noon = parse_moment(f"{given[:10]}T12:00") if given else request.now
    start = noon.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    end = start + timedelta(days=1)
    during = Q(starts_at__lt=end, ends_at__gt=start, cancelled_at=None)
    away = Q(away_from__lt=end, away_to__gt=start, cancelled_at=None)
    may_edit = request.actor.can_somewhere(EDIT)
    page = {
        "day": start.strftime("%Y-%m-%d"),
        "before": (start - timedelta(days=1)).strftime("%Y-%m-%d"),
        "after": (start + timedelta(days=1)).strftime("%Y-%m-%d"),
        "shifts": [
            (one, _title(one.post.kind), request.actor.can(EDIT, one.post.division.path))
            for one in visible_shifts(request.actor)
            .filter(during)
            .order_by("post__division__path", "post__kind", "starts_at", "role")[:SHOWN]
        ],
        "absences": [
            (one, request.actor.can(EDIT, one.person.division.path))
            for one in visible_absences(request.actor).filter(away).order_by("away_from")[:SHOWN]
        ],
        "may_edit": may_edit,
        "posts": _posts(request) if may_edit else (),
        "people": _people(request) if may_edit else (),
        "start_input": input_moment(start + timedelta(hours=8)),
        "end_input": input_moment(start + timedelta(hours=32)),
        "error": error,
        "was": {form: request.POST} if error is not None else {},
        "read_at": request.now,
    }
    return render(request, "console/roster/roster.html", page, status=200 if error is None else error.status)


def _attempt(request: DeskRequest, form: str, act: Callable[[], HttpResponse]) -> HttpResponse:
    """Do it; what is wrong with a time or a choice brings the page again with every word."""
    try:
        with transaction.atomic():
            return act()
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        return _page(request, error=refusal, form=form)


@desk
@require_POST
def add_shift(request: DeskRequest) -> HttpResponse:
    """Put somebody on duty."""
    require_somewhere(request.actor, EDIT)

    def act() -> HttpResponse:
        post = access_post(request.actor, _chosen(request, "post"), need=EDIT)
        person = _person(request, "person")
        role = HoldingRole.B if request.POST.get("role") == "B" else HoldingRole.A
        starts_at, ends_at = _interval(request)
        rostering.plan_shift(
            post, person, starts_at=starts_at, ends_at=ends_at, role=role, by=request.actor, at=request.now
        )
        messages.success(request, _("The shift is planned."))
        return _back(starts_at)

    return _attempt(request, "shift", act)


@desk
@require_POST
def add_absence(request: DeskRequest) -> HttpResponse:
    """Somebody is away; a deputy may stand in."""
    require_somewhere(request.actor, EDIT)

    def act() -> HttpResponse:
        person = access_person(request.actor, _chosen(request, "person"), at=request.now, need=EDIT)
        deputy = _person(request, "deputy") if request.POST.get("deputy") else None
        away_from, away_to = _interval(request)
        rostering.record_absence(
            person,
            away_from=away_from,
            away_to=away_to,
            reason=request.POST.get("reason", ""),
            deputy=deputy,
            by=request.actor,
            at=request.now,
        )
        messages.success(request, _("The absence is recorded."))
        return _back(away_from)

    return _attempt(request, "absence", act)


@desk
@require_POST
def cancel_shift(request: DeskRequest, shift_id: uuid.UUID) -> HttpResponse:
    found = access_shift(request.actor, shift_id, need=EDIT)
    with transaction.atomic():
        rostering.cancel_shift(found, by=request.actor, at=request.now)
    messages.success(request, _("The shift is cancelled."))
    return _back(found.starts_at)


@desk
@require_POST
def cancel_absence(request: DeskRequest, absence_id: uuid.UUID) -> HttpResponse:
    found = access_absence(request.actor, absence_id, need=EDIT)
    with transaction.atomic():
        rostering.cancel_absence(found, by=request.actor, at=request.now)
    messages.success(request, _("The absence is cancelled."))
    return _back(found.away_from)


def _posts(request: DeskRequest) -> list[tuple[Any, str]]:
    """Posts that the reader keeps, as options."""
    rows = visible_posts(request.actor).order_by("division__path", "kind")
    kept = [one for one in rows if request.actor.can(EDIT, one.division.path)]
    return [(one, f"{one.division.name} · {_title(one.kind)}") for one in kept]


def _people(request: DeskRequest) -> list[Person]:
    rows = visible_people(request.actor, at=request.now).order_by("division__path", "name")
    return [one for one in rows if request.actor.can(EDIT, one.division.path)]


def _person(request: DeskRequest, field: str) -> Person:
    return access_person(request.actor, _chosen(request, field), at=request.now, need=EDIT)


def _chosen(request: DeskRequest, field: str) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get(field, ""))
    except ValueError:
        raise NobodyChosen from None


def _interval(request: DeskRequest) -> tuple[datetime, datetime]:
    return parse_moment(request.POST.get("from", "")), parse_moment(request.POST.get("to", ""))


def _title(kind: str) -> str:
    face = FACES[PostKind(kind)]
    return face.zh if is_chinese() else face.en


def _back(moment: datetime) -> HttpResponse:
    day = moment.astimezone(SHANGHAI).strftime("%Y-%m-%d")
    return redirect(f"{reverse('console:roster')}?day={day}")
