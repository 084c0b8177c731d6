"""Working groups: from the plan of an activation, from the county's table by level, or free."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from anlan.command.fieldgroups import groups_at
from anlan.command.models import CommandGroup
from anlan.command.refusals import AlreadyClosed, UnknownChoice
from anlan.command.services._common import check_room, said
from anlan.directory.models import Person
from anlan.incidents.models import Incident
from anlan.journal.services import record_all
from anlan.kernel.actor import Actor
from anlan.kernel.ids import uuid7
from anlan.places.models import Division
from anlan.plans.content import Address, AddressKind, Content, Group, read
from anlan.response.models import Activation

LEVELS = (1, 2, 3, 4)
_WORDS: Mapping[str, str] = {
    AddressKind.COUNTY: "县级",
    AddressKind.AFFECTED_TOWNSHIPS: "受影响乡镇",
    AddressKind.AFFECTED_VILLAGES: "受影响村",
    AddressKind.UNIT: "事发单位",
}


def open_group(
    incident: Incident,
    *,
    name: str,
    duties: str = "",
    unit: Division | None = None,
    lead: Person | None = None,
    lead_words: str = "",
    members: Sequence[str] = (),
    level: int | None = None,
    by: Actor,
    at: datetime,
) -> CommandGroup:
    """A free group. Sent twice with the same name, the form opens one."""
    check_room(incident)
    title = said(name, _("The name of the group"), most=80)
    same = CommandGroup.objects.filter(incident=incident, name=title, closed_at=None).first()
    if same is not None:
        return same
    return CommandGroup(
        incident=incident,
        key=f"free_{uuid7().hex[-12:]}",
        name=title,
        level=level,
        duties=duties.strip()[:2000],
        unit=unit,
        lead=lead,
        lead_words=lead_words.strip()[:80],
        members=_members(members),
        source="free",
        opened_at=at,
        exercise_id=incident.exercise_id,
    ).record(by=by, at=at, kind="opened")


def open_field_groups(incident: Incident, *, level: int, by: Actor, at: datetime) -> list[CommandGroup]:
    """The groups of the county's table for this level that are not open yet (F-12)."""
    check_room(incident)
    if level not in LEVELS:
        raise UnknownChoice(given=level)
    open_keys = _open_keys(incident)
    rows = [
        CommandGroup(
            incident=incident,
            key=one.key,
            name=one.name,
            level=one.from_level,
            duties=one.duties,
            lead_words=one.lead_words,
            members=list(one.members),
            source="table",
            opened_at=at,
            exercise_id=incident.exercise_id,
        )
        for one in groups_at(level)
        if one.key not in open_keys
    ]
    record_all(rows, by=by, at=at, kind="opened")
    return rows


def open_groups_of_plan(activation: Activation, *, by: Actor, at: datetime) -> list[CommandGroup]:
    """What the plan names for the present level and nobody opened yet. Repeating it opens nothing twice."""
    content = read(activation.plan_version.content)
    incident = activation.incident
    if incident.is_restricted:
        return []
    open_keys = _open_keys(incident)
    wanted = [
        one for one in content.groups if activation.level <= one.from_level and one.key not in open_keys
    ]
    places = _places(wanted, content)
    rows = [_of_plan(activation, one, content, places, at=at) for one in wanted]
    record_all(rows, by=by, at=at, kind="opened", cause=f"activation:{activation.pk}")
    return rows


def close_groups_of_plan(activation: Activation, *, by: Actor, at: datetime) -> int:
    """After a level was lowered or ended: only what this activation opened, and only what the level no longer needs."""
    rows = CommandGroup.objects.filter(
        incident_id=activation.incident_id, activation_id=activation.pk, closed_at=None
    )
    ended = activation.state != "active"
    gone = [one for one in rows if ended or (one.level is not None and one.level < activation.level)]
    for one in gone:
        one.change(by=by, at=at, kind="closed", cause=f"activation:{activation.pk}", closed_at=at)
    return len(gone)


def edit_group(
    group: CommandGroup,
    *,
    name: str,
    duties: str,
    lead_words: str,
    members: Sequence[str],
    unit: Division | None = None,
    lead: Person | None = None,
    by: Actor,
    at: datetime,
) -> CommandGroup:
    check_room(group.incident)
    _require_open(group)
    fields: dict[str, Any] = {
        "name": said(name, _("The name of the group"), most=80),
        "duties": duties.strip()[:2000],
        "lead_words": lead_words.strip()[:80],
        "members": _members(members),
        "unit_id": None if unit is None else unit.pk,
        "lead_id": None if lead is None else lead.pk,
    }
    changed = {field: value for field, value in fields.items() if getattr(group, field) != value}
    return group.change(by=by, at=at, kind="edited", fields=changed) if changed else group


def close_group(group: CommandGroup, *, by: Actor, at: datetime) -> CommandGroup:
    _require_open(group)
    return group.change(by=by, at=at, kind="closed", closed_at=at)


def _require_open(group: CommandGroup) -> None:
    if group.closed_at is not None:
        raise AlreadyClosed(what=group.name)


def _open_keys(incident: Incident) -> set[str]:
    rows = CommandGroup.objects.filter(incident=incident, closed_at=None)
    return set(rows.values_list("key", flat=True))


def _members(given: Sequence[str]) -> list[str]:
    return [tidy for one in given if (tidy := one.strip()[:80])][:60]


def _of_plan(
    activation: Activation, group: Group, content: Content, places: Mapping[str, Division], *, at: datetime
) -> CommandGroup:
    post = next((one for one in content.posts if one.key == group.lead), None)
    address = post.address if post is not None else group.members[0] if group.members else None
    return CommandGroup(
        incident=activation.incident,
        activation_id=activation.pk,
        key=group.key[:40],
        name=group.name[:80],
        level=group.from_level,
        duties=group.duties,
        unit=places.get(address.code) if address is not None else None,
        lead_words=(post.title if post is not None else _word(address, places))[:80],
        members=[_word(one, places) for one in group.members],
        source="plan",
        opened_at=at,
        exercise_id=activation.exercise_id,
    )


def _places(groups: Sequence[Group], content: Content) -> dict[str, Division]:
    """The divisions that the groups name, in one query."""
    codes = {one.code for group in groups for one in group.members if one.code}
    codes |= {one.address.code for one in content.posts if one.address.code}
    rows = Division.objects.filter(code__in=codes).defer("geometry") if codes else []
    return {one.code: one for one in rows}


def _word(address: Address | None, places: Mapping[str, Division]) -> str:
    if address is None:
        return ""
    known = places.get(address.code)
    return known.name if known is not None else address.name or _WORDS.get(address.kind, "")


def activation_of(activation_id: str) -> Activation | None:
    """The activation with what its groups need, None once it is gone."""
    rows = Activation.objects.select_related("incident", "incident__division", "plan_version")
    return rows.filter(pk=uuid.UUID(activation_id)).first()
