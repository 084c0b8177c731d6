"""The one door to the room of an incident: the incident's own. Writing needs the right to command, or command of that scene."""

from __future__ import annotations

import uuid
from typing import TypeVar

from django.db import models

from anlan.accounts.access import within
from anlan.command.models import CommandRole, Consultation, ExpertCall, Scene, SituationReport
from anlan.command.queries import in_command
from anlan.incidents.access import access_incident, visible_incidents
from anlan.incidents.models import Incident
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotAllowed, NotFound
from anlan.resources.models import Expert
from anlan.vocab.posts import Right

M = TypeVar("M", bound=models.Model)

#: Roles that speak for every scene of an incident.
OF_ALL_SCENES = frozenset({CommandRole.COMMANDER, CommandRole.FIELD_COMMANDER, CommandRole.COORDINATOR})


def access_room(actor: Actor, incident_id: uuid.UUID, *, need: Right = Right.SEE) -> Incident:
    """The incident whose room it is. A stranger and one who may not see it get the same answer."""
    return access_incident(actor, incident_id, need=need)


def may_write(actor: Actor, incident: Incident) -> bool:
    """Whether the actor may command in the whole incident."""
    return actor.can(Right.COMMAND, incident.division.path)


def may_write_scene(actor: Actor, scene: Scene) -> bool:
    """Also the desk of the place where the scene lies, and whoever commands it or coordinates the field now."""
    if may_write(actor, scene.incident) or actor.can(Right.COMMAND, scene.division.path):
        return True
    if actor.person_id is None:
        return False
    for (role, scene_id), one in in_command(scene.incident).items():
        speaks = scene_id == scene.pk or (scene_id is None and role in OF_ALL_SCENES)
        if speaks and one.person_id == actor.person_id:
            return True
    return False


def access_scene(actor: Actor, scene_id: uuid.UUID) -> Scene:
    """A scene that the actor may write; seen through its incident."""
    row = _seen(Scene, actor, scene_id)
    if not may_write_scene(actor, row):
        raise NotAllowed
    return row


def access_consultation(actor: Actor, consultation_id: uuid.UUID, *, need: Right = Right.SEE) -> Consultation:
    return _of_incident(Consultation, actor, consultation_id, need)


def access_situation(actor: Actor, situation_id: uuid.UUID, *, need: Right = Right.SEE) -> SituationReport:
    return _of_incident(SituationReport, actor, situation_id, need)


def access_expert_call(actor: Actor, call_id: uuid.UUID, *, need: Right = Right.SEE) -> ExpertCall:
    return _of_incident(ExpertCall, actor, call_id, need)


def visible_experts(actor: Actor) -> models.QuerySet[Expert]:
    """Experts of the bank of the actor's divisions who were not retired."""
    rows = Expert.objects.filter(within(actor, "person__division__path"), retired_at=None)
    return rows.select_related("person").order_by("unit_words", "person__name", "pk")


def row_of(model: type[M], incident: Incident, pk: object) -> M:
    """A row of one incident whose door was passed already."""
    try:
        key = uuid.UUID(str(pk))
    except ValueError:
        raise NotFound from None
    row = model._default_manager.filter(pk=key, incident=incident).first()
    if row is None:
        raise NotFound
    row.incident = incident  # type: ignore[attr-defined]  # every row of the room has one
    return row


def _of_incident(model: type[M], actor: Actor, pk: uuid.UUID, need: Right) -> M:
    row = _seen(model, actor, pk)
    if need is not Right.SEE and not actor.can(need, row.incident.division.path):  # type: ignore[attr-defined]
        raise NotAllowed
    return row


def _seen(model: type[M], actor: Actor, pk: uuid.UUID) -> M:
    seen = visible_incidents(actor).order_by().values("pk")
    rows = model._default_manager.filter(pk=pk, incident__in=seen)
    row = rows.select_related("incident", "incident__division").first()
    if row is None:
        raise NotFound
    return row
