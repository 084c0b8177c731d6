"""The one door to alarms."""

from __future__ import annotations

import uuid

from django.db.models import F, Q, QuerySet

from anlan.accounts.access import find, narrow, within
from anlan.duty.models import Alarm, Outage
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotAllowed, NotFound
from anlan.vocab.posts import Right


def visible_alarms(actor: Actor) -> QuerySet[Alarm]:
    """Alarms of the actor's divisions; one without a place belongs to the desk of the county, which drafts."""
    place = within(actor, "division__path")
    if actor.can_somewhere(Right.DRAFT):
        place |= Q(division=None)
    rows = Alarm.objects.filter(place).select_related("division", "leader_called", "confirmed_by_person")
    return rows.defer("division__geometry")


def access_alarm(actor: Actor, alarm_id: uuid.UUID, need: Right = Right.CONFIRM_ALARM) -> Alarm:
    alarm = visible_alarms(actor).filter(pk=alarm_id).first()
    if alarm is None:
        raise NotFound
    if not may_confirm(actor, alarm, need):
        raise NotAllowed
    return alarm


def may_confirm(actor: Actor, alarm: Alarm, need: Right = Right.CONFIRM_ALARM) -> bool:
    """One without a place is confirmed where the right to draft is held too: at a desk of the county."""
    places = actor.where(Right.DRAFT) if alarm.division is None else (alarm.division.path,)
    return any(actor.can(need, place) for place in places)


def visible_outages(actor: Actor) -> QuerySet[Outage]:
    """What is or was cut in the jurisdiction: open ones first, then the latest."""
    rows = narrow(Outage.objects.select_related("division").defer("division__geometry"), actor)
    return rows.order_by(F("until").desc(nulls_first=True), "-since")


def access_outage(actor: Actor, outage_id: uuid.UUID, *, need: Right = Right.CONFIRM_ALARM) -> Outage:
    return find(Outage.objects.select_related("division"), actor, outage_id, need=need)
