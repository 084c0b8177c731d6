"""A team stays silent, or is late again and again: first its leader, then its deputy (`dispatch`), then whoever commands.

The commander of the scene is called first, at the next silence the commander of the incident. Each call stands in the timeline.
"""

from __future__ import annotations

import dataclasses
import uuid
from datetime import datetime

from anlan.command.models import RoomCall, Scene
from anlan.command.queries import in_command
from anlan.command.services.calling import call_person
from anlan.directory.models import Person
from anlan.dispatch.jobparameters import team_table
from anlan.dispatch.jobwords import GONE
from anlan.dispatch.models import TeamJob
from anlan.dispatch.services.ordertelling import commanders_of_place
from anlan.dissemination.services import reach_person
from anlan.events.published import TeamJobMoved
from anlan.incidents.models import IncidentState
from anlan.journal.reactions import react
from anlan.kernel.actor import system

#: The program calls in its own name; pages say so by leaving the caller empty.
_BY = dataclasses.replace(system("command"), name="")
_SILENT = frozenset({"late", "check_missed", "check_missed_again"})


@react("command.team_silent", TeamJobMoved)
def on_team_silent(event: TeamJobMoved, at: datetime) -> None:
    """Once for each of the two commanders; who was heard meanwhile, or is back, calls nobody."""
    rung = event.times - team_table().commander_after
    if event.what not in _SILENT or rung not in (0, 1):
        return
    rows = TeamJob.objects.select_related("incident__division", "team").defer("incident__division__geometry")
    job = rows.filter(pk=uuid.UUID(event.job_id), state__in=GONE).first()
    if job is None or job.incident.is_restricted or job.incident.state == IncidentState.MERGED:
        return
    if (job.risen if event.what == "late" else job.checks_missed) < event.times:
        return
    _rise(job, rung, event, at)


def _rise(job: TeamJob, rung: int, event: TeamJobMoved, at: datetime) -> None:
    """The commander of this rung; where nobody has the lower one, the incident's is called at once."""
    scene, person = _commander(job) if rung == 0 else (None, None)
    person = person or _of_incident(job, at)
    words = _words(job, event)
    if person is None or _called_before(job, person, words):
        return
    call = call_person(job.incident, person, subject=words, team=job.team, scene=scene, by=_BY, at=at)
    mark = "" if job.exercise_id is None else "【演练】"
    reach_person(
        person_id=person.pk,
        subject=f"room_call:{call.pk}",
        text=f"{mark}【队伍失联】{job.incident.title}：{words}，地点{job.division.name}{job.place_words}。请立即联系。",
        channels=("sms",),
        role="room_call",
        by=_BY,
        at=at,
        exercise_id=job.exercise_id,
    )


def _words(job: TeamJob, event: TeamJobMoved) -> str:
    if event.what != "late":
        return f"{job.team.name[:50]}连续{event.times}次未报平安"
    return f"{job.team.name[:50]}{'尚未出发' if job.state == 'told' else '尚未到达'}，已催{event.times}次"


def _commander(job: TeamJob) -> tuple[Scene | None, Person | None]:
    """Who commands the scene of the job, else the field."""
    held = in_command(job.incident)
    if job.scene_id is not None and (holder := held.get(("scene_commander", job.scene_id))) is not None:
        return holder.scene, holder.person
    field = held.get(("field_commander", None))
    return None, None if field is None else field.person


def _of_incident(job: TeamJob, at: datetime) -> Person | None:
    """The incident's commander, else the deputy, else the leader on duty of its county."""
    held = in_command(job.incident)
    for role in ("commander", "deputy"):
        holder = held.get((role, None))
        if holder is not None and holder.person is not None:
            return holder.person
    found = commanders_of_place(job.incident.division.path, at)
    return Person.objects.filter(pk=found[0].person_id).first() if found else None


def _called_before(job: TeamJob, person: Person, words: str) -> bool:
    """One person may have both roles, and an event may be told twice."""
    calls = RoomCall.objects.filter(incident=job.incident, team=job.team, person=person)
    return calls.filter(called_by_name="", called_at__gte=job.told_at, subject=words).exists()
