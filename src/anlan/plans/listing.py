"""Plans in force that answer an event, and the cards of one person."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.plans.access import naming, visible_plans, words_of
from anlan.plans.content import Address, AddressKind, PostSlot, read
from anlan.plans.models import Plan
from anlan.plans.queries import of_run
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import FACES, PostKind

#: A page stays readable and quick; a county has some dozen plans for one kind of event.
MOST = 40
#: Cards on one phone.
MOST_CARDS = 60
_ANY_OF_LEVEL = {
    AddressKind.COUNTY: DivisionLevel.COUNTY,
    AddressKind.AFFECTED_TOWNSHIPS: DivisionLevel.TOWNSHIP,
    AddressKind.AFFECTED_VILLAGES: DivisionLevel.VILLAGE,
    AddressKind.UNIT: DivisionLevel.ENTERPRISE,
}


def plans_for_event(actor: Actor, event_type: str, exercise_id: uuid.UUID | None) -> list[Plan]:
    """Plans in force for a kind of event that the actor sees, the widest first, at most `MOST`."""
    rows = visible_plans(actor).annotate(types_text=Cast("event_types", TextField()))
    rows = rows.filter(
        of_run(exercise_id), state="in_force", current__isnull=False, types_text__contains=f'"{event_type}"'
    )
    return list(rows.order_by("division__path", "number")[:MOST])


@dataclass(frozen=True, slots=True)
class HeldPost:
    """A post that somebody holds: its kind and its place."""

    kind: str
    code: str
    level: str


def holds(slot: PostSlot, held: HeldPost) -> bool:
    """Whether who holds that post fills this post of a plan, as its holder or deputy."""
    return any(one is not None and _is_held(one, held) for one in (slot.address, slot.deputy))


def _is_held(address: Address, held: HeldPost) -> bool:
    if address.post != held.kind and (address.post or not _is_duty_room(held)):
        return False
    level = _ANY_OF_LEVEL.get(address.kind)
    return held.level == level if level is not None else bool(address.code) and held.code == address.code


def _is_duty_room(held: HeldPost) -> bool:
    """The room that an address without a post means: the duty post of the place's level."""
    return held.kind in _DUTY.get(held.level, frozenset())


_DUTY: dict[str, frozenset[str]] = {
    DivisionLevel.COUNTY: frozenset({PostKind.COUNTY_DUTY.value}),
    DivisionLevel.TOWNSHIP: frozenset({PostKind.TOWNSHIP_DUTY.value}),
    DivisionLevel.DEPARTMENT: frozenset({PostKind.DEPARTMENT_DUTY.value}),
    DivisionLevel.VILLAGE: frozenset({PostKind.INFORMATION_OFFICER.value, PostKind.VILLAGE_SECRETARY.value}),
    DivisionLevel.ENTERPRISE: frozenset({PostKind.ENTERPRISE_SAFETY_MANAGER.value}),
}


def held_posts(pairs: Iterable[tuple[str, str]]) -> list[HeldPost]:
    """From (kind of post, code of the division); one statement."""
    listed = list(pairs)
    levels = dict(
        Division.objects.filter(pk__in={code for _kind, code in listed}).values_list("code", "level")
    )
    return [HeldPost(kind, code, levels.get(code, "")) for kind, code in listed if kind in set(FACES)]


def posts_of(
    actor: Actor, held: Iterable[HeldPost], exercise_id: uuid.UUID | None
) -> list[tuple[Plan, PostSlot]]:
    """The posts of plans in force that these held posts fill, plan by plan. Narrowed by what plans name before one is read."""
    listed = list(held)
    rows = _naming_any(actor, listed, exercise_id)
    found = [
        (row, slot)
        for row in rows
        for slot in read(_content(row)).posts
        if any(holds(slot, one) for one in listed)
    ]
    return found[:MOST_CARDS]


def _naming_any(
    actor: Actor, held: list[HeldPost], exercise_id: uuid.UUID | None
) -> QuerySet[Plan] | list[Plan]:
    words = {word for one in held for word in words_of(one.code, one.level)}
    if not words:
        return []
    rows = visible_plans(actor).filter(of_run(exercise_id), state="in_force", current__isnull=False)
    return naming(rows, sorted(words)).order_by("kind", "number")[:MOST_CARDS]


def _content(row: Plan) -> dict[str, Any]:
    return row.current.content if row.current is not None else {}
