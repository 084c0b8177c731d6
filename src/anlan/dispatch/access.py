"""The one door to orders: the side of the incident, and whoever was ordered."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from anlan.accounts.access import require, within
from anlan.directory.models import Holding
from anlan.directory.queries import held_at
from anlan.dispatch.models import Instruction, OrderPack, Via
from anlan.dispatch.refusals import NameMissing, NotTheirs
from anlan.incidents.access import visible_incidents
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotFound
from anlan.places.models import Division
from anlan.vocab.posts import Right


def visible_orders(actor: Actor) -> QuerySet[Instruction]:
    """Orders about incidents that the actor sees, and those that went out to his places; what still waits is not theirs yet."""
    of_seen = Q(incident__in=visible_incidents(actor).values("pk"))
    to_us = within(actor, "addressee__path") & ~Q(state="waiting") & Q(incident__is_restricted=False)
    return with_all(Instruction.objects.filter(of_seen | to_us))


def with_all(rows: QuerySet[Instruction]) -> QuerySet[Instruction]:
    """What the verbs and pages of an order need, read together."""
    return rows.select_related("incident__division", "addressee", "team").defer(
        "incident__division__geometry", "addressee__geometry"
    )


def access_order(actor: Actor, order_id: uuid.UUID, *, need: Right = Right.SEE) -> Instruction:
    """One order; a right other than to look is asked for where the incident is."""
    row = visible_orders(actor).filter(pk=order_id).first()
    if row is None:
        raise NotFound
    if need is not Right.SEE:
        require(actor, need, row.incident.division.path)
    return row


def is_own(actor: Actor, row: Instruction, at: datetime) -> bool:
    """Whether the actor is who was ordered: he reports for that very place, holds the named post there, or leads the team."""
    if row.team is not None and actor.person_id is not None:
        return actor.person_id in (row.team.leader_id, row.team.deputy_id)
    if row.addressee.path in actor.where(Right.REPORT):
        return True
    if not row.post_kind or actor.person_id is None:
        return False
    held = Holding.objects.filter(held_at(at), person_id=actor.person_id, post__kind=row.post_kind)
    return held.filter(post__division=row.addressee_id).exists()


def own_orders(actor: Actor, at: datetime) -> QuerySet[Instruction]:
    """Orders that the actor is who was ordered; `is_own` for many."""
    ours = Q(addressee__path__in=actor.where(Right.REPORT), team=None)
    if actor.person_id is not None:
        ours |= Q(team__leader=actor.person_id) | Q(team__deputy=actor.person_id)
        held = Holding.objects.filter(held_at(at), person_id=actor.person_id)
        for place, kind in held.values_list("post__division_id", "post__kind"):
            ours |= Q(addressee=place, post_kind=kind, team=None)
    return with_all(Instruction.objects.filter(ours).exclude(state="waiting"))


def may_tick(actor: Actor, row: Instruction) -> bool:
    """Whether the actor may write down what the addressee said on the phone: the desk of the incident, or a place above it."""
    return any(
        actor.can(right, row.incident.division.path) for right in (Right.COMMAND, Right.TAKE_REPORTS)
    ) or (actor.can(Right.COMMAND, row.addressee.path))


def may_command(actor: Actor, row: Instruction) -> bool:
    """Whether the actor may remind, take back and ask again."""
    return actor.can(Right.COMMAND, row.incident.division.path)


def speaking(actor: Actor, row: Instruction, *, name: str, via: str, at: datetime) -> tuple[str, str]:
    """Who answers, and by which way. Raises `NotTheirs`, or `NameMissing` where the desk does not say whom it heard."""
    if is_own(actor, row, at):
        return actor.name, Via.PAGE
    if not may_tick(actor, row):
        raise NotTheirs
    if not name.strip():
        raise NameMissing
    return name.strip()[:60], Via.PHONE if via == Via.PHONE else Via.DESK


def holds_any(actor: Actor, kinds: Iterable[str], place: Division, at: datetime) -> bool:
    """Whether the actor holds a post of one of these kinds at the place or above it now."""
    if actor.person_id is None:
        return False
    held = Holding.objects.filter(held_at(at), person_id=actor.person_id, post__kind__in=list(kinds))
    return held.filter(post__division__in=place.path.split("/")).exists()


def visible_packs(actor: Actor) -> QuerySet[OrderPack]:
    """The county's own packs, for everybody of the county; they say nothing about anybody."""
    return OrderPack.objects.filter(retired_at=None).select_related("division")
