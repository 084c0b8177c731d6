"""The door to jobs and requests: whoever sees the incident, and whoever keeps the team or the place that asks."""

from __future__ import annotations

import uuid

from django.db.models import Q, QuerySet

from anlan.accounts.access import within
from anlan.dispatch.jobwords import GONE
from anlan.dispatch.models import SupplyRequest, TeamJob
from anlan.dispatch.refusals_teams import NotYourJob
from anlan.incidents.access import visible_incidents
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotAllowed, NotFound
from anlan.vocab.posts import Right


def visible_jobs(actor: Actor) -> QuerySet[TeamJob]:
    """Jobs at incidents that the actor sees, of teams in his divisions, and those that he leads."""
    leads = Q(pk__in=[])
    if actor.person_id is not None:
        leads = Q(team__leader_id=actor.person_id) | Q(team__deputy_id=actor.person_id)
    rows = TeamJob.objects.filter(
        Q(incident__in=visible_incidents(actor).values("pk")) | within(actor, "team__division__path") | leads
    )
    return rows.select_related(
        "incident__division", "team__division", "team__leader", "team__deputy", "division", "instruction"
    ).defer("incident__division__geometry", "team__division__geometry", "division__geometry")


def access_job(actor: Actor, job_id: uuid.UUID, *, need: Right = Right.SEE) -> TeamJob:
    """One job. Anything but looking needs the right where the incident is."""
    job = visible_jobs(actor).filter(pk=job_id).first()
    if job is None:
        raise NotFound
    if need is not Right.SEE and not actor.can(need, job.incident.division.path):
        raise NotAllowed
    return job


def may_speak_for(actor: Actor, job: TeamJob) -> bool:
    """The team's leader and deputy, whoever keeps the team, and the desk that sends."""
    leads = actor.person_id is not None and actor.person_id in (job.team.leader_id, job.team.deputy_id)
    keeps = actor.can(Right.DISPATCH, job.team.division.path) or actor.can(
        Right.EDIT_RESOURCES, job.team.division.path
    )
    return leads or keeps or actor.can(Right.DISPATCH, job.incident.division.path)


def my_team_jobs(actor: Actor, *, exercise_id: uuid.UUID | None) -> int:
    """How many jobs run of the teams that this person leads."""
    if actor.person_id is None:
        return 0
    leads = Q(team__leader_id=actor.person_id) | Q(team__deputy_id=actor.person_id)
    return TeamJob.objects.filter(leads, state__in=[*GONE, "done"], exercise_id=exercise_id).count()


def require_voice(actor: Actor, job: TeamJob) -> None:
    """Raise `NotYourJob` unless the actor may say where the team is."""
    if not may_speak_for(actor, job):
        raise NotYourJob


def visible_requests(actor: Actor) -> QuerySet[SupplyRequest]:
    """Requests at incidents that the actor sees, and those of his own places."""
    rows = SupplyRequest.objects.filter(
        Q(incident__in=visible_incidents(actor).values("pk")) | within(actor, "division__path")
    )
    return rows.select_related("incident__division", "division").defer(
        "incident__division__geometry", "division__geometry"
    )


def access_request(actor: Actor, request_id: uuid.UUID, *, need: Right = Right.SEE) -> SupplyRequest:
    """One request. To approve, refuse and send needs the right where the incident is."""
    row = visible_requests(actor).filter(pk=request_id).first()
    if row is None:
        raise NotFound
    if need is not Right.SEE and not actor.can(need, row.incident.division.path):
        raise NotAllowed
    return row


def may_receive(actor: Actor, row: SupplyRequest) -> bool:
    """Whoever reports for the place that asked, and the desk that sends."""
    return actor.can(Right.REPORT, row.division.path) or actor.can(Right.DISPATCH, row.incident.division.path)
