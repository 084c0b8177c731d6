"""Coordinating bodies: form them (from a template), change them, let members join and leave, dissolve them."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from anlan.accounts.access import require
from anlan.directory.models import Person
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.response.models import BodyMember, BodyRole, CoordinatingBody
from anlan.response.refusals import NameMissing
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import Right


class Seat(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A member of a template: a unit by the end of its name, or words alone."""

    unit: str = ""
    title: str = ""
    role: str = "member"
    duties: str = ""
    group: str = ""


class BodyTemplate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A body that a county begins with; every word is to be confirmed and may be changed."""

    code: str
    name: str
    event_types: tuple[str, ...]
    duties: str
    secretariat: str
    source: str
    members: tuple[Seat, ...]


@functools.cache
def templates() -> dict[str, BodyTemplate]:
    """Templates by code: 安委会, 减灾委, 防指, 森防指, 抗震指 and the 1833 joint command (R30: its split was not found)."""
    path = Path(__file__).parents[1] / "data" / "bodies.json"
    rows = msgspec.convert(json.loads(path.read_text(encoding="utf-8")), list[BodyTemplate])
    return {row.code: row for row in rows}


def form_body(
    *,
    code: str,
    name: str,
    division: Division,
    event_types: Sequence[str] = (),
    duties: str = "",
    secretariat: Division | None = None,
    secretariat_words: str = "",
    template: str = "",
    by: Actor,
    at: datetime,
) -> CoordinatingBody:
    """One body a code; forming it again returns the known one."""
    require(by, Right.EDIT_PLANS, division.path)
    if not name.strip() or not code.strip():
        raise NameMissing
    known = CoordinatingBody.objects.filter(code=code).first()
    if known is not None:
        return known
    return CoordinatingBody(
        code=code.strip()[:40],
        name=name.strip()[:120],
        division=division,
        event_types=list(event_types),
        duties=duties.strip(),
        secretariat=secretariat,
        secretariat_words=secretariat_words.strip()[:120],
        template=template[:40],
        formed_at=at,
    ).record(by=by, at=at, kind="formed")


def form_from_template(code: str, division: Division, *, by: Actor, at: datetime) -> CoordinatingBody:
    """A template's body with its seats; units that the county knows by name are named, the others stand in words."""
    found = templates().get(code)
    if found is None:
        raise NameMissing
    known = CoordinatingBody.objects.filter(code=code).first()
    if known is not None:
        return known
    units = list(
        Division.objects.filter(level=DivisionLevel.DEPARTMENT, parent=division, valid_to=None).defer(
            "geometry"
        )
    )
    secretariat = _unit(units, found.secretariat)
    body = form_body(
        code=code,
        name=f"{division.name}{found.name}",
        division=division,
        event_types=found.event_types,
        duties=found.duties,
        secretariat=secretariat,
        secretariat_words="" if secretariat is not None else found.secretariat,
        template=code,
        by=by,
        at=at,
    )
    for seat in found.members:
        unit = _unit(units, seat.unit)
        add_member(
            body,
            unit=unit,
            unit_words=seat.unit if unit is None else "",
            title=seat.title,
            role=seat.role,
            duties=seat.duties,
            group_words=seat.group,
            by=by,
            at=at,
        )
    return body


def _unit(units: Sequence[Division], name: str) -> Division | None:
    return next((one for one in units if name and one.name.endswith(name)), None)


def change_body(body: CoordinatingBody, *, by: Actor, at: datetime, **fields: Any) -> CoordinatingBody:
    """Name, duties, event types, secretariat."""
    require(by, Right.EDIT_PLANS, body.division.path)
    if not str(fields.get("name", body.name)).strip():
        raise NameMissing
    different = {name: value for name, value in fields.items() if getattr(body, name) != value}
    return body.change(by=by, at=at, kind="described", fields=different) if different else body


def confirm_body(body: CoordinatingBody, *, by: Actor, at: datetime) -> CoordinatingBody:
    """The county has looked at the template: it is a template no more."""
    require(by, Right.APPROVE_PLANS, body.division.path)
    return body if body.confirmed_at else body.change(by=by, at=at, kind="confirmed", confirmed_at=at)


def dissolve_body(body: CoordinatingBody, *, by: Actor, at: datetime) -> CoordinatingBody:
    require(by, Right.APPROVE_PLANS, body.division.path)
    return body if body.dissolved_at else body.change(by=by, at=at, kind="dissolved", dissolved_at=at)


def add_member(
    body: CoordinatingBody,
    *,
    unit: Division | None = None,
    unit_words: str = "",
    person: Person | None = None,
    title: str = "",
    role: str = "member",
    duties: str = "",
    group_words: str = "",
    by: Actor,
    at: datetime,
) -> BodyMember:
    """A unit, a person or both. The form sent twice makes one."""
    require(by, Right.EDIT_PLANS, body.division.path)
    if unit is None and person is None and not (unit_words.strip() or title.strip()):
        raise NameMissing
    fields: dict[str, Any] = {
        "unit": unit, "unit_words": unit_words.strip()[:120], "person": person, "title": title.strip()[:80],
        "role": role if role in BodyRole.values else BodyRole.MEMBER.value, "group_words": group_words.strip()[:80],
    }  # fmt: skip
    known = BodyMember.objects.filter(body=body, left_at=None, **fields).first()
    if known is not None:
        return known
    return BodyMember(body=body, duties=duties.strip(), joined_at=at, **fields).record(
        by=by, at=at, kind="joined"
    )


def member_leaves(member: BodyMember, *, by: Actor, at: datetime) -> BodyMember:
    require(by, Right.EDIT_PLANS, member.body.division.path)
    return member if member.left_at else member.change(by=by, at=at, kind="left", left_at=at)
