"""The personal lists of the statistics: dead and missing people, destroyed and damaged houses. Full names only by right, each look journaled."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from anlan.accounts.access import require_somewhere
from anlan.console.losswords import said, words_of
from anlan.console.moments import parse_moment
from anlan.console.views.base import DeskRequest, desk
from anlan.journal import clocks as time
from anlan.kernel.refusals import NotFound, Refusal
from anlan.losses import services, wording
from anlan.losses.access import (
    access_course,
    access_house,
    access_part,
    access_person,
    houses_of,
    masked,
    may_read,
    note_look,
    people_of,
)
from anlan.losses.models import DamagedHouse, LossCourse, LostPerson
from anlan.losses.refusals import BadValue, NameOfPlaceMissing
from anlan.losses.types import HouseDetails, PersonDetails
from anlan.places.models import Division
from anlan.vocab.posts import Right


@desk
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: DeskRequest, course_id: uuid.UUID) -> HttpResponse:
    """因灾死亡失踪人口一览表."""
    row = access_course(request.actor, course_id)
    error = ""
    if request.method == "POST":
        require_somewhere(request.actor, Right.FILE_DATA)
        try:
            with transaction.atomic():
                _list_person(request, row)
            messages.success(request, _("The line counts from now on; what is missing may follow."))
            return redirect("console:loss_people", row.pk)
        except Refusal as refusal:
            error = said(refusal)
    rows = people_of(row, request.actor)
    is_full = _look(request, row, "people", rows)
    page = {
        **_frame(request, row, error),
        "rows": [_person_line(request, one, is_full=is_full) for one in rows],
        "is_full": is_full,
        "states": words_of(wording.PERSON_STATES),
        "may_show": any(may_read(request.actor, one.division.path) for one in rows),
    }
    return render(request, "console/losses/people.html", page, status=409 if error else 200)


def _person_line(request: DeskRequest, one: LostPerson, *, is_full: bool) -> dict[str, Any]:
    full = is_full and may_read(request.actor, one.division.path)
    return {
        "row": one,
        "name": (one.name if full else masked(one.name)) or _("name to follow"),
        "identity": one.identity if full else ("*" * 6 if one.identity else ""),
        "home": one.home if full else masked(one.home),
        "may_edit": request.actor.can(Right.FILE_DATA, one.division.path),
    }


def _list_person(request: DeskRequest, row: LossCourse) -> None:
    services.list_person(
        row,
        _place(request, row),
        request.POST.get("state", ""),
        _person_details(request),
        by=request.actor,
        at=time.now(row.exercise_id),
    )


def _person_details(request: DeskRequest) -> PersonDetails:
    given = request.POST
    when = given.get("happened_at", "")
    return PersonDetails(
        name=given.get("name", ""),
        sex=given.get("sex", ""),
        age=_number(given.get("age", ""), "年龄"),
        identity=given.get("identity", ""),
        home=given.get("home", ""),
        happened_at=parse_moment(when) if when else None,
        place_words=given.get("place_words", ""),
        cause_words=given.get("cause_words", ""),
    )


@desk
@require_POST
def act_on_person(request: DeskRequest, lost_person_id: uuid.UUID) -> HttpResponse:
    """What is known by now, found dead or alive, or struck off."""
    row = access_person(request.actor, lost_person_id)
    verb = request.POST.get("verb", "")
    do: dict[str, Any] = {"by": request.actor, "at": time.now(row.exercise_id)}
    with transaction.atomic():
        if verb == "describe":
            services.describe_person(row, _person_details(request), **do)
        elif verb in ("dead", "found", "missing", "struck"):
            services.move_person(row, verb, why=request.POST.get("reason", ""), **do)
        else:
            raise NotFound
    messages.success(request, _("Done; the record names you."))
    return redirect("console:loss_people", row.course_id)


@desk
@require_http_methods(["GET", "HEAD", "POST"])
def houses(request: DeskRequest, course_id: uuid.UUID) -> HttpResponse:
    """因灾倒塌损坏住房户一览表."""
    row = access_course(request.actor, course_id)
    error = ""
    if request.method == "POST":
        require_somewhere(request.actor, Right.FILE_DATA)
        try:
            with transaction.atomic():
                _list_house(request, row)
            messages.success(request, _("The household is on the list."))
            return redirect("console:loss_houses", row.pk)
        except Refusal as refusal:
            error = said(refusal)
    rows = houses_of(row, request.actor)
    is_full = _look(request, row, "houses", rows)
    listed = [one for one in rows if one.state == "listed"]
    page = {
        **_frame(request, row, error),
        "rows": [_house_line(request, one, is_full=is_full) for one in rows],
        "totals": [
            sum(getattr(one, name) for one in listed)
            for name in ("rooms_collapsed", "rooms_severe", "rooms_slight")
        ],
        "households": len(listed),
        "is_full": is_full,
        "may_show": any(may_read(request.actor, one.division.path) for one in rows),
    }
    return render(request, "console/losses/houses.html", page, status=409 if error else 200)


def _house_line(request: DeskRequest, one: DamagedHouse, *, is_full: bool) -> dict[str, Any]:
    full = is_full and may_read(request.actor, one.division.path)
    return {
        "row": one,
        "head": one.head if full else masked(one.head),
        "may_edit": request.actor.can(Right.FILE_DATA, one.division.path) and one.state == "listed",
    }


def _list_house(request: DeskRequest, row: LossCourse) -> None:
    given = request.POST
    details = HouseDetails(
        head=given.get("head", ""),
        members=_number(given.get("members", ""), "人口"),
        structure=given.get("structure", ""),
        is_rural=given.get("is_rural") == "1",
        rooms_collapsed=_number(given.get("rooms_collapsed", ""), "倒塌间数") or 0,
        rooms_severe=_number(given.get("rooms_severe", ""), "严重损坏间数") or 0,
        rooms_slight=_number(given.get("rooms_slight", ""), "一般损坏间数") or 0,
    )
    services.list_house(row, _place(request, row), details, by=request.actor, at=time.now(row.exercise_id))


@desk
@require_POST
def act_on_house(request: DeskRequest, damaged_house_id: uuid.UUID) -> HttpResponse:
    row = access_house(request.actor, damaged_house_id)
    with transaction.atomic():
        services.strike_house(
            row, why=request.POST.get("reason", ""), by=request.actor, at=time.now(row.exercise_id)
        )
    messages.success(request, _("Done; the record names you."))
    return redirect("console:loss_houses", row.course_id)


def _look(request: DeskRequest, row: LossCourse, what: str, rows: list[Any]) -> bool:
    """Whether full names were asked for and may be shown; the look itself is a journal entry."""
    if request.GET.get("show") != "1":
        return False
    count = sum(may_read(request.actor, one.division.path) for one in rows)
    if count:
        with transaction.atomic():
            note_look(row, what, count, by=request.actor, at=time.now(row.exercise_id))
    return bool(count)


def _frame(request: DeskRequest, row: LossCourse, error: str) -> dict[str, Any]:
    return {
        "course": row,
        "places": _places(request, row) if row.state in ("open", "stable") else [],
        "given": request.POST,
        "error": error,
        "read_at": request.now,
    }


def _places(request: DeskRequest, row: LossCourse) -> list[tuple[str, str]]:
    """Townships and villages of the course in which the reader files."""
    heads = [part.division.path for part in row.parts.select_related("division").order_by("division_id")]
    mine = list(request.actor.where(Right.FILE_DATA))
    rows = Division.objects.filter(level__in=("township", "village"), valid_to=None).order_by("path")
    if row.division.path:
        rows = rows.filter(path__startswith=row.division.path + "/")
    return [
        (code, name)
        for code, name, path in rows.values_list("code", "name", "path")
        if any(path == head or path.startswith(head + "/") for head in heads)
        and any(own == "" or path == own or path.startswith(own + "/") for own in mine)
    ]


def _place(request: DeskRequest, row: LossCourse) -> Division:
    code = request.POST.get("division", "")
    if not code:
        raise NameOfPlaceMissing
    return access_part(request.actor, row.pk, code, need=Right.FILE_DATA)[1]


def _number(text: str, name: str) -> int | None:
    words = text.strip()
    if not words:
        return None
    if not words.isdecimal() or len(words) > 4:
        raise BadValue(name=name, given=words[:20])
    return int(words)
