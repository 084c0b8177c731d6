"""Calling from the room: a person, a team's leader, whoever commands a scene; who answered stands in the timeline."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from anlan.command.models import RoomCall, Scene
from anlan.command.queries import in_command
from anlan.command.refusals import UnknownChoice
from anlan.command.services._common import check_room, said
from anlan.directory.models import Person
from anlan.dissemination.services import reach_person
from anlan.incidents.models import Incident
from anlan.kernel.actor import Actor
from anlan.resources.models import Team

OUTCOMES = ("answered", "no_answer", "busy", "refused")


def call_person(
    incident: Incident,
    person: Person,
    *,
    subject: str,
    by_hand: bool = False,
    team: Team | None = None,
    scene: Scene | None = None,
    by: Actor,
    at: datetime,
) -> RoomCall:
    """One click: the voice channel says the words. Without a number, or by hand, a person dials and writes the outcome down."""
    check_room(incident)
    words = subject.strip()[:80] or incident.title[:80]
    call = RoomCall(
        incident=incident,
        person=person,
        team=team,
        scene=scene,
        name=person.name[:60],
        way="hand" if by_hand else "voice",
        subject=words,
        called_at=at,
        called_by_name=by.name[:60],
        exercise_id=incident.exercise_id,
    )
    call.record(by=by, at=at, kind="made")
    if not by_hand and not _dial(call, words, by=by, at=at):
        call.change(by=by, at=at, kind="made", way="hand")
    return call


def call_team(incident: Incident, team: Team, *, subject: str, by: Actor, at: datetime) -> RoomCall:
    """The leader of a team, or its deputy where nobody leads."""
    person = team.leader or team.deputy
    if person is None:
        return note_call(incident, name=team.name, subject=subject, team=team, by=by, at=at)
    return call_person(incident, person, subject=subject, team=team, by=by, at=at)


def call_scene(scene: Scene, *, subject: str, by: Actor, at: datetime) -> RoomCall:
    """Whoever commands the scene now; without a known person the call is only noted."""
    held = in_command(scene.incident)
    holder = held.get(("scene_commander", scene.pk)) or held.get(("field_commander", None))
    if holder is None or holder.person is None:
        name = scene.name if holder is None else holder.name
        return note_call(scene.incident, name=name, subject=subject, scene=scene, by=by, at=at)
    return call_person(scene.incident, holder.person, subject=subject, scene=scene, by=by, at=at)


def note_call(
    incident: Incident,
    *,
    name: str,
    subject: str,
    words: str = "",
    outcome: str = "",
    team: Team | None = None,
    scene: Scene | None = None,
    by: Actor,
    at: datetime,
) -> RoomCall:
    """Somebody was called on an ordinary telephone or met in a video meeting."""
    check_room(incident)
    if outcome and outcome not in OUTCOMES:
        raise UnknownChoice(given=outcome)
    return RoomCall(
        incident=incident,
        team=team,
        scene=scene,
        name=said(name, _("Who was called"), most=60),
        way="hand",
        subject=subject.strip()[:80],
        called_at=at,
        called_by_name=by.name[:60],
        outcome=outcome,
        outcome_at=at if outcome else None,
        words=words.strip()[:300],
        exercise_id=incident.exercise_id,
    ).record(by=by, at=at, kind="made")


def record_outcome(
    call: RoomCall, outcome: str, *, words: str = "", by: Actor, at: datetime, cause: str = ""
) -> RoomCall:
    """What came of it; a later word takes the place of an earlier one."""
    if outcome not in OUTCOMES:
        raise UnknownChoice(given=outcome)
    return call.change(
        by=by, at=at, kind="outcome", cause=cause, outcome=outcome, outcome_at=at, words=words.strip()[:300]
    )


def _dial(call: RoomCall, words: str, *, by: Actor, at: datetime) -> bool:
    incident = call.incident
    made = reach_person(
        person_id=call.person_id,  # type: ignore[arg-type]  # a call by voice always has a person
        subject=f"room_call:{call.pk}",
        text=f"【指挥室呼叫】{incident.title}：{words}。请听到后按1键，并回电指挥室。",
        channels=("voice",),
        role="room_call",
        by=by,
        at=at,
        exercise_id=call.exercise_id,
    )
    return bool(made)
