"""The one door to incidents: first the jurisdiction, then restricted reading."""

from __future__ import annotations

import uuid

from django.db.models import Q, QuerySet

from anlan.accounts.access import require, within
from anlan.incidents.models import ChaseOrder, Incident
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotFound
from anlan.vocab.posts import Right


def visible_incidents(actor: Actor) -> QuerySet[Incident]:
    """Incidents of the actor's divisions and of his enterprise; restricted ones only with the right, or when he entered them."""
    rows = Incident.objects.filter(_seen(actor))
    return rows.select_related("division").defer("division__geometry")


def _seen(actor: Actor, before: str = "") -> Q:
    """The condition for an incident, or with `before` for a row that leads to one."""
    own = (
        Q(**{f"{before}opened_by_person_id": actor.person_id})
        if actor.person_id is not None
        else Q(pk__in=[])
    )
    readable = Q(**{f"{before}is_restricted": False}) | own
    readable |= within(actor, f"{before}division__path", Right.SEE_RESTRICTED)
    here = within(actor, f"{before}division__path") | within(actor, f"{before}unit__path")
    return here & readable


def access_incident(actor: Actor, incident_id: uuid.UUID, *, need: Right = Right.SEE) -> Incident:
    """One incident. Whoever sees it through the enterprise alone may read it and nothing else.

    Read by its key and judged here: each fragment of a room comes through this door, and the statement of
    `visible_incidents` takes five times as long to put together.
    """
    rows = Incident.objects.select_related("division", "unit")
    incident = rows.defer("division__geometry", "unit__geometry").filter(pk=incident_id).order_by().first()
    if incident is None or not sees_incident(actor, incident):
        raise NotFound
    if need is not Right.SEE:
        require(actor, need, incident.division.path)
    return incident


def visible_chases(actor: Actor) -> QuerySet[ChaseOrder]:
    """Orders addressed to the actor's divisions or about his incidents."""
    about_seen = Q(incident__isnull=False) & _seen(actor, "incident__")
    rows = ChaseOrder.objects.filter(within(actor, "division__path") | about_seen)
    return rows.select_related("incident", "incident__division", "division").defer(
        "division__geometry", "incident__division__geometry"
    )


def access_chase(actor: Actor, chase_id: uuid.UUID) -> ChaseOrder:
    chase = visible_chases(actor).filter(pk=chase_id).first()
    if chase is None:
        raise NotFound
    return chase


def sees_incident(actor: Actor, incident: Incident) -> bool:
    """Whether somebody who was shown a row about it may read the incident itself."""
    if not (
        actor.sees(incident.division.path) or (incident.unit is not None and actor.sees(incident.unit.path))
    ):
        return False
    if not incident.is_restricted or actor.can(Right.SEE_RESTRICTED, incident.division.path):
        return True
    return actor.person_id is not None and incident.opened_by_person_id == actor.person_id


def may_answer_chase(actor: Actor, chase: ChaseOrder) -> bool:
    """Whoever reports for the place that the order is addressed to; the desk writes down what it hears on the phone."""
    return actor.can(Right.REPORT, chase.division.path)


def may_close_chase(actor: Actor, chase: ChaseOrder) -> bool:
    """Who gave the order, or a leader above the addressee: nobody closes what was asked of himself."""
    if chase.issued_by == actor.ref:
        return True
    above = chase.division.path.rpartition("/")[0] or chase.division.path
    return actor.can(Right.REMARK, above)
