"""The one door to alarms."""

from __future__ import annotations

import uuid

from django.db.models import Q, QuerySet

from anlan.accounts.access import require, within
from anlan.duty.models import Alarm
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotFound
from anlan.vocab.posts import Right


def visible_alarms(actor: Actor) -> QuerySet[Alarm]:
    """Alarms of the actor's divisions; one without a place belongs to the desk of the county, which drafts."""
    place = within(actor, "division__path")
    if actor.can(Right.DRAFT):
        place |= Q(division=None)
    return Alarm.objects.filter(place).select_related("division", "leader_called", "confirmed_by_person")


def access_alarm(actor: Actor, alarm_id: uuid.UUID, need: Right = Right.CONFIRM_ALARM) -> Alarm:
    alarm = visible_alarms(actor).filter(pk=alarm_id).first()
    if alarm is None:
        raise NotFound
    require(actor, need)
    return alarm
