"""Coordinating bodies of the demo county with their members. No standing consent: every level waits for a person."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from anlan.accounts.actors import actor_for
from anlan.accounts.models import User
from anlan.directory.models import Holding
from anlan.directory.queries import held_at
from anlan.kernel.actor import Actor
from anlan.places import queries as places
from anlan.places.models import Division
from anlan.response import services
from anlan.response.models import CoordinatingBody
from anlan.response.services.bodies import templates

#: Post of the demo county to the role in each standing body.
_CHIEFS = (("commander", "chief"), ("duty_leader", "deputy"))


def build(*, by: Actor, at: datetime, exercise_id: uuid.UUID | None) -> int:
    """Every template of a body, formed and confirmed by the commander, who leads the five standing ones. Returns how many.

    Bodies belong to no run: a drill commands with the same ones, so `exercise_id` and `by` are taken for likeness only.
    """
    county = places.county()
    holding = None if county is None else _holder("commander", county.pk, at)
    user = None if holding is None else User.objects.filter(person=holding.person).first()
    if county is None or user is None:
        raise SystemExit("the demo has no commander with an account")
    commander = actor_for(user, at=at)
    with transaction.atomic():
        for code in templates():
            body = services.form_from_template(code, county, by=commander, at=at)
            if code != "joint_command_1833":
                _people(body, county, by=commander, at=at)
                services.confirm_body(body, by=commander, at=at)
    return CoordinatingBody.objects.count()


def _people(body: CoordinatingBody, county: Division, *, by: Actor, at: datetime) -> None:
    """Chief and deputy by name; the duty officer of each department that is a member."""
    for kind, role in _CHIEFS:
        holding = _holder(kind, county.pk, at)
        if holding is not None:
            services.add_member(body, person=holding.person, unit=county, role=role, by=by, at=at)
    for member in list(
        body.members.filter(left_at=None, person=None).exclude(unit=None).select_related("unit")
    ):
        holding = _holder("department_duty", str(member.unit_id), at)
        if holding is None:
            continue
        services.member_leaves(member, by=by, at=at)
        services.add_member(
            body, unit=member.unit, person=holding.person, title=member.title, role=member.role, duties=member.duties,
            by=by, at=at,
        )  # fmt: skip


def _holder(kind: str, code: str, at: datetime) -> Holding | None:
    rows = Holding.objects.filter(held_at(at), post__kind=kind, post__division_id=code, role="A")
    return rows.select_related("person").order_by("held_from", "id").first()
