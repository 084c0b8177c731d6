"""The door of a scene: who commands it, or mans the desk of its place, comes in although the incident is elsewhere.

Such a guest sees and writes those scenes, and of the incident only what its head says. Restricted incidents have no such door.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q

from anlan.accounts.access import within
from anlan.command.access import OF_ALL_SCENES
from anlan.command.models import CommandTransfer, Scene
from anlan.command.queries import Role, newest, transfers_of
from anlan.incidents.models import Incident
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotFound
from anlan.vocab.posts import Right


def guest_room(actor: Actor, incident_id: uuid.UUID) -> tuple[Incident, list[Scene]]:
    """The incident and the scenes that the actor may write, by priority, closed ones last. Raises `NotFound` where there is none."""
    rows = Incident.objects.filter(pk=incident_id, is_restricted=False)
    incident = rows.select_related("division").defer("division__geometry").first()
    if incident is None:
        raise NotFound
    scenes = list(_scenes([incident.pk]))
    held = newest(transfers_of(incident))
    mine = [one for one in scenes if _may_write(actor, one, held)]
    if not mine:
        raise NotFound
    for one in mine:
        one.incident = incident
    return incident, sorted(mine, key=lambda one: (one.state == "closed", one.priority, one.number))


def writable_scenes(actor: Actor, incident: Incident) -> set[uuid.UUID]:
    """Scenes of an incident that somebody without command of the whole may write. Two queries."""
    if incident.is_restricted:
        return set()
    held = newest(transfers_of(incident))
    return {one.pk for one in _scenes([incident.pk]) if _may_write(actor, one, held)}


def scenes_elsewhere(actor: Actor, run: uuid.UUID | None, *, most: int) -> list[Scene]:
    """Open scenes that the actor may write of open incidents that are not of his places. Two queries, however many."""
    named = Q(pk__in=[])
    if actor.person_id is not None:
        of_mine = CommandTransfer.objects.filter(person=actor.person_id).order_by()
        named = Q(pk__in=of_mine.filter(scene__isnull=False).values("scene"))
        named |= Q(incident__in=of_mine.filter(scene=None, role__in=OF_ALL_SCENES).values("incident"))
    rows = Scene.objects.filter(
        named | within(actor, "division__path", Right.COMMAND),
        incident__state__in=("received", "verified"),
        incident__is_restricted=False,
        exercise_id=run,
    )
    rows = rows.exclude(state="closed").exclude(within(actor, "incident__division__path"))
    scenes = list(rows.select_related("incident__division", "division")[:most])
    held = _held({one.incident_id for one in scenes})
    return [one for one in scenes if _may_write(actor, one, held[one.incident_id])]


def _scenes(incidents: Iterable[uuid.UUID]) -> Iterable[Scene]:
    rows = Scene.objects.filter(incident__in=list(incidents))
    return rows.select_related("division").defer("division__geometry")


def _held(incidents: Iterable[uuid.UUID]) -> dict[uuid.UUID, dict[Role, CommandTransfer]]:
    """Who has each role of these incidents now."""
    rows = CommandTransfer.objects.filter(incident__in=list(incidents)).order_by(
        "-happened_at", "-recorded_at", "-pk"
    )
    by_incident: dict[uuid.UUID, list[CommandTransfer]] = defaultdict(list)
    for row in rows:
        by_incident[row.incident_id].append(row)
    return defaultdict(dict, {key: newest(some) for key, some in by_incident.items()})


def _may_write(actor: Actor, scene: Scene, held: dict[Role, CommandTransfer]) -> bool:
    if actor.can(Right.COMMAND, scene.division.path):
        return True
    if actor.person_id is None:
        return False
    roles: list[Role] = [("scene_commander", scene.pk), *((role.value, None) for role in OF_ALL_SCENES)]
    return any(role in held and held[role].person_id == actor.person_id for role in roles)
