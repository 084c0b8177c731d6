"""The one door to messages, rings and senders.

A message is read by the desks above its place (`TAKE_REPORTS`), by whoever sent it, and by the place that was asked to find
out about it. Of one about public health or security the desk needs `SEE_RESTRICTED` as well.
"""

from __future__ import annotations

import uuid

from django.db.models import Q, QuerySet

from anlan.accounts.access import find, narrow, require, within
from anlan.intake.models import Intake, IntakeSender, Landmark, RingEvent
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotFound
from anlan.vocab.posts import Right


def visible_intakes(actor: Actor) -> QuerySet[Intake]:
    """Narrowed; without an order."""
    own = Q(reporter_person_id=actor.person_id) if actor.person_id is not None else Q(pk__in=[])
    at_desk = within(actor, "path", Right.TAKE_REPORTS)
    asked = ~Q(asked_path="") & within(actor, "asked_path", Right.REPORT)
    restricted = Q(is_restricted=False) | within(actor, "path", Right.SEE_RESTRICTED)
    rows = Intake.objects.filter(own | ((at_desk | asked) & restricted))
    return rows.select_related("division", "incident").defer("division__geometry")


def desk_intakes(actor: Actor) -> QuerySet[Intake]:
    """Those that the actor's desk keeps."""
    restricted = Q(is_restricted=False) | within(actor, "path", Right.SEE_RESTRICTED)
    rows = Intake.objects.filter(within(actor, "path", Right.TAKE_REPORTS) & restricted)
    return rows.select_related("division", "incident").defer("division__geometry")


def access_intake(actor: Actor, intake_id: uuid.UUID, *, need: Right = Right.SEE) -> Intake:
    """One message. Every right but looking is asked for where the message is kept."""
    intake = visible_intakes(actor).filter(pk=intake_id).first()
    if intake is None:
        raise NotFound
    if need is not Right.SEE:
        require(actor, need, intake.path)
    return intake


def access_asked(actor: Actor, intake_id: uuid.UUID) -> Intake:
    """A message that somebody may give a finding on: the place that was asked, or the desk that keeps it."""
    intake = access_intake(actor, intake_id)
    if not actor.can(Right.TAKE_REPORTS, intake.path):
        require(actor, Right.REPORT, intake.asked_path or intake.path)
        if not intake.asked_path:
            require(actor, Right.TAKE_REPORTS, intake.path)
    return intake


def sees_numbers(actor: Actor, intake: Intake) -> bool:
    return actor.can(Right.SEE_NUMBERS, intake.path)


def visible_rings(actor: Actor) -> QuerySet[RingEvent]:
    """Calls on the lines of the actor's desks."""
    rows = narrow(
        RingEvent.objects.select_related("line", "division", "intake"), actor, need=Right.TAKE_REPORTS
    )
    return rows.defer("division__geometry")


def access_ring(actor: Actor, ring_id: uuid.UUID) -> RingEvent:
    ring = visible_rings(actor).filter(pk=ring_id).first()
    if ring is None:
        raise NotFound
    return ring


def visible_senders(actor: Actor) -> QuerySet[IntakeSender]:
    rows = narrow(IntakeSender.objects.select_related("division"), actor, need=Right.TAKE_REPORTS)
    rows |= narrow(IntakeSender.objects.select_related("division"), actor, need=Right.ADMINISTER)
    return rows.defer("division__geometry").order_by("kind", "name")


def access_sender(actor: Actor, sender_id: uuid.UUID) -> IntakeSender:
    """For changing it."""
    if not visible_senders(actor).filter(pk=sender_id).exists():
        raise NotFound
    rows = IntakeSender.objects.select_related("division")
    return find(rows, actor, sender_id, need=Right.ADMINISTER)


def visible_landmarks(actor: Actor) -> QuerySet[Landmark]:
    return narrow(Landmark.objects.filter(is_active=True).select_related("division"), actor).defer(
        "division__geometry"
    )
