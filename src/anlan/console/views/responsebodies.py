"""Coordinating bodies with their members, duties and secretariat; joint duty with its seats."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from anlan.accounts.access import require, require_somewhere
from anlan.console import incidentwords
from anlan.console import responsewords as words
from anlan.console.incidentforms import moment
from anlan.console.incidentpage import key_from
from anlan.console.moments import input_moment
from anlan.console.views.base import DeskRequest, desk
from anlan.directory.models import Holding, Person
from anlan.directory.queries import held_at
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotAllowed, NotFound, Refusal
from anlan.places import queries as places
from anlan.places.access import visible
from anlan.places.models import Division
from anlan.response import queries, services
from anlan.response.access import (
    access_body,
    access_duty,
    access_member,
    access_seat,
    visible_bodies,
    visible_duties,
)
from anlan.response.models import Activation, CoordinatingBody, JointDuty
from anlan.response.services.bodies import templates
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.incidents import TYPES
from anlan.vocab.posts import Right

#: Units that a body or a joint duty may have.
_UNITS = (DivisionLevel.COUNTY, DivisionLevel.DEPARTMENT, DivisionLevel.TOWNSHIP)
MOST_PEOPLE = 400
MOST_DUTIES = 40


def units_for(actor: Actor) -> list[Division]:
    rows = visible(actor).filter(level__in=_UNITS, valid_to=None).defer("geometry")
    return list(rows.order_by("level", "code"))


def people_for(actor: Actor, at: datetime) -> list[tuple[uuid.UUID, str]]:
    """Who holds a post in one of those units, with the unit's name."""
    codes = [one.pk for one in units_for(actor)]
    rows = Holding.objects.filter(held_at(at), post__division_id__in=codes)
    found = rows.order_by("post__division_id", "person__name").values_list(
        "person_id", "person__name", "post__division__name"
    )
    return [(key, f"{name}（{unit}）") for key, name, unit in found[:MOST_PEOPLE]]


def _chosen(actor: Actor, code: str) -> Division | None:
    return visible(actor).filter(pk=code).first() if code else None


def _person(actor: Actor, text: str) -> Person | None:
    key = key_from(text)
    if key is None:
        return None
    from anlan.accounts.access import narrow

    return narrow(Person.objects.all(), actor).filter(pk=key).first()


def _try(request: DeskRequest, verb: Callable[[], Any]) -> Refusal | None:
    """Run a verb in one transaction; what it refuses is shown on the page that asked."""
    try:
        with transaction.atomic():
            verb()
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        return refusal
    return None


@desk
def bodies(request: DeskRequest) -> HttpResponse:
    """Standing bodies, and the templates that a county begins with."""
    require_somewhere(request.actor, Right.SEE)
    error: Refusal | None = None
    county = places.county()
    if request.method == "POST":
        require_somewhere(request.actor, Right.EDIT_PLANS)
        if county is None:
            raise NotFound
        require(request.actor, Right.EDIT_PLANS, county.path)
        error = _try(request, lambda: _form(request, county))
        if error is None:
            messages.success(request, _("Formed."))
            return redirect("console:response_bodies")
    rows = list(visible_bodies(request.actor))
    known = {row.code for row in rows}
    may_edit = county is not None and request.actor.can(Right.EDIT_PLANS, county.path)
    page = {
        "rows": [(row, queries.members_of(row), _types(row)) for row in rows if row.dissolved_at is None],
        "templates": [one for one in templates().values() if one.code not in known] if may_edit else [],
        "may_edit": may_edit,
        "error": error,
        "typed": request.POST,
        "read_at": request.now,
    }
    return render(
        request, "console/responses/bodies.html", page, status=200 if error is None else error.status
    )


def _types(row: CoordinatingBody) -> str:
    return "、".join(incidentwords.type_word(code) for code in row.event_types if code in TYPES)


def _form(request: DeskRequest, county: Division) -> None:
    given, at = request.POST, request.now
    template = given.get("template", "")
    if template:
        services.form_from_template(template, county, by=request.actor, at=at)
        return
    name = given.get("name", "")
    code = f"body-{uuid.uuid4().hex[:8]}" if name.strip() else ""
    services.form_body(
        code=code, name=name, division=county, duties=given.get("duties", ""), by=request.actor, at=at
    )


@desk
def body(request: DeskRequest, body_id: uuid.UUID) -> HttpResponse:
    row = access_body(request.actor, body_id)
    error: Refusal | None = None
    if request.method == "POST":
        require(request.actor, Right.EDIT_PLANS, row.division.path)
        error = _try(request, lambda: _act_on_body(request, row))
        if error is None:
            messages.success(request, _("Stored."))
            return redirect("console:response_body", row.pk)
        row = access_body(request.actor, body_id)
    path = row.division.path
    page = {
        "body": row,
        "members": [(one, words.role_words()[one.role]) for one in queries.members_of(row)],
        "former": row.members.exclude(left_at=None)
        .select_related("unit", "person")
        .order_by("-left_at")[:50],
        "types": _types(row),
        "all_types": [(code, incidentwords.type_word(code), code in row.event_types) for code in TYPES],
        "may_edit": request.actor.can(Right.EDIT_PLANS, path) and row.dissolved_at is None,
        "may_confirm": request.actor.can(Right.APPROVE_PLANS, path) and row.dissolved_at is None,
        "roles": words.role_words(),
        "units": units_for(request.actor),
        "people": people_for(request.actor, request.now),
        "error": error,
        "typed": request.POST if error is not None else {},
        "read_at": request.now,
    }
    return render(request, "console/responses/body.html", page, status=200 if error is None else error.status)


def _act_on_body(request: DeskRequest, row: CoordinatingBody) -> None:
    given, by, at = request.POST, request.actor, request.now
    match given.get("verb", ""):
        case "add":
            services.add_member(
                row, unit=_chosen(by, given.get("unit", "")), unit_words=given.get("unit_words", ""),
                person=_person(by, given.get("person", "")), title=given.get("title", ""), role=given.get("role", ""),
                duties=given.get("duties", ""), group_words=given.get("group_words", ""), by=by, at=at,
            )  # fmt: skip
        case "leave":
            member = access_member(by, key_from(given.get("member", "")) or uuid.UUID(int=0))
            if member.body_id != row.pk:
                raise NotFound
            services.member_leaves(member, by=by, at=at)
        case "describe":
            services.change_body(
                row, name=given.get("name", "").strip()[:120], duties=given.get("duties", "").strip(),
                secretariat_words=given.get("secretariat_words", "").strip()[:120],
                event_types=[code for code in given.getlist("event_type") if code in TYPES], by=by, at=at,
            )  # fmt: skip
        case "confirm":
            services.confirm_body(row, by=by, at=at)
        case "dissolve":
            services.dissolve_body(row, by=by, at=at)
        case _:
            raise NotFound


@desk
def duties(request: DeskRequest) -> HttpResponse:
    """Joint duties of this run, those that go on first; and the form that starts one."""
    require_somewhere(request.actor, Right.SEE)
    run = clocks.default_exercise_id()
    at = clocks.now(run)
    error: Refusal | None = None
    if request.method == "POST":
        require_somewhere(request.actor, Right.MANAGE_DUTY)
        made: list[JointDuty] = []
        error = _try(request, lambda: made.append(_start(request, at)))
        if error is None:
            messages.success(request, _("Joint duty started."))
            return redirect("console:joint_duty", made[0].pk)
    rows = visible_duties(request.actor).filter(exercise_id=run)
    page = {
        "running": [(one, _count(one)) for one in rows.filter(ends_at=None).order_by("starts_at")],
        "over": rows.exclude(ends_at=None).order_by("-ends_at")[:MOST_DUTIES],
        "may_start": request.actor.can_somewhere(Right.MANAGE_DUTY),
        "places": visible(request.actor, Right.MANAGE_DUTY).filter(level__in=_UNITS).defer("geometry"),
        "active": Activation.objects.filter(
            state="active", exercise_id=run, division__path__in=_own(request.actor)
        ).select_related("plan"),
        "starts": input_moment(at),
        "error": error,
        "typed": request.POST if error is not None else {},
        "read_at": request.now,
    }
    return render(
        request, "console/responses/duties.html", page, status=200 if error is None else error.status
    )


def _own(actor: Actor) -> list[str]:
    return list(actor.where(Right.MANAGE_DUTY))


def _count(duty: JointDuty) -> tuple[int, int]:
    """Seats that are taken, of all that are open."""
    rows = duty.seats.filter(left_at=None)
    return rows.exclude(taken_at=None).count(), rows.count()


def _start(request: DeskRequest, at: datetime) -> JointDuty:
    given = request.POST
    division = visible(request.actor, Right.MANAGE_DUTY).filter(pk=given.get("division", "")).first()
    if division is None:
        raise NotFound
    key = key_from(given.get("activation", ""))
    activation = Activation.objects.filter(pk=key, division=division, state="active").first() if key else None
    return services.start_joint_duty(
        title=given.get("title", ""),
        division=division,
        place_words=given.get("place_words", ""),
        starts_at=moment(given.get("starts_at", "")) or at,
        activation=activation,
        by=request.actor,
        at=at,
        exercise_id=clocks.default_exercise_id(),
    )


@desk
def duty(request: DeskRequest, joint_duty_id: uuid.UUID) -> HttpResponse:
    row = access_duty(request.actor, joint_duty_id)
    at = clocks.now(row.exercise_id)
    error: Refusal | None = None
    if request.method == "POST":
        require(request.actor, Right.MANAGE_DUTY, row.division.path)
        error = _try(request, lambda: _act_on_duty(request, row, at))
        if error is None:
            messages.success(request, _("Stored."))
            return redirect("console:joint_duty", row.pk)
        row = access_duty(request.actor, joint_duty_id)
    seats = list(row.seats.select_related("unit", "person").order_by("name", "taken_at", "id"))
    page = {
        "duty": row,
        "open": [one for one in seats if one.left_at is None],
        "left": [one for one in seats if one.left_at is not None],
        "may_act": request.actor.can(Right.MANAGE_DUTY, row.division.path) and row.ends_at is None,
        "units": units_for(request.actor),
        "people": people_for(request.actor, request.now),
        "error": error,
        "typed": request.POST if error is not None else {},
        "read_at": request.now,
    }
    return render(request, "console/responses/duty.html", page, status=200 if error is None else error.status)


def _act_on_duty(request: DeskRequest, row: JointDuty, at: datetime) -> None:
    given, by = request.POST, request.actor
    verb = given.get("verb", "")
    if verb == "add":
        services.add_seat(
            row, name=given.get("name", ""), unit=_chosen(by, given.get("unit", "")), duties=given.get("duties", ""),
            by=by, at=at,
        )  # fmt: skip
        return
    if verb == "end":
        services.end_joint_duty(row, why=given.get("why", ""), by=by, at=at)
        return
    seat = access_seat(by, key_from(given.get("seat", "")) or uuid.UUID(int=0))
    if seat.joint_duty_id != row.pk or verb not in ("take", "leave"):
        raise NotFound
    when = moment(given.get("moment", "")) or at
    if verb == "take":
        person = _person(by, given.get("person", ""))
        services.take_seat(
            seat, person=person, words=given.get("person_words", ""), taken_at=when, by=by, at=at
        )
    else:
        services.leave_seat(seat, left_at=when, by=by, at=at)
