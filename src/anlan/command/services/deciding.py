"""Who commands, and what was decided or has yet to be."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from anlan.command.models import CommandRole, CommandTransfer, Decision, Scene
from anlan.command.queries import in_command
from anlan.command.refusals import (
    AlreadyClosed,
    NotBefore,
    NothingSaid,
    NotInThePast,
    NotOfThisIncident,
    UnknownChoice,
)
from anlan.command.services._common import check_room, said
from anlan.directory.models import Person
from anlan.incidents.models import Incident
from anlan.kernel.actor import Actor
from anlan.response.models import Activation, BodyMember, BodyRole

#: A minute of the form that was filled while the next one began is not the future.
_SLACK = timedelta(minutes=2)


def transfer_command(
    incident: Incident,
    *,
    role: str,
    name: str,
    title: str = "",
    person: Person | None = None,
    scene: Scene | None = None,
    why: str,
    happened_at: datetime | None = None,
    by_name: str = "",
    by: Actor,
    at: datetime,
) -> CommandTransfer:
    """From now on this person has the role, until the next transfer; whoever had it before is kept in words."""
    check_room(incident)
    if role not in CommandRole.values:
        raise UnknownChoice(given=role)
    if scene is not None and scene.incident_id != incident.pk:
        raise NotOfThisIncident(what=scene.name)
    if role == CommandRole.SCENE_COMMANDER and scene is None:
        raise NothingSaid(what=_("The scene"))
    when = happened_at or at
    if when > at + _SLACK:
        raise NotBefore
    who = said(name or (person.name if person is not None else ""), _("Who takes over"), most=60)
    former = in_command(incident).get((role, None if scene is None else scene.pk))
    if former is not None and former.name == who and former.title == title.strip()[:80]:
        return former  # the form was sent twice
    return CommandTransfer(
        incident=incident,
        scene=scene,
        role=role,
        from_words="" if former is None else f"{former.name} {former.title}".strip()[:80],
        person=person,
        name=who,
        title=title.strip()[:80],
        happened_at=min(when, at),
        recorded_at=at,
        why=why.strip()[:300],
        by_name=(by_name or by.name)[:60],
        exercise_id=incident.exercise_id,
    ).record(by=by, at=at, kind="made")


def command_by_plan(activation: Activation, *, by: Actor, at: datetime) -> CommandTransfer | None:
    """Whoever leads the body that the plan names commands, until somebody takes over; nothing where somebody commands already."""
    incident = activation.incident
    if activation.body_id is None or activation.division_id != incident.division_id or incident.is_restricted:
        return None
    if (CommandRole.COMMANDER.value, None) in in_command(incident):
        return None
    rows = BodyMember.objects.filter(body=activation.body_id, role=BodyRole.CHIEF, person__isnull=False)
    chief = (
        rows.filter(Q(left_at=None) | Q(left_at__gt=at), joined_at__lte=at).select_related("person").first()
    )
    if chief is None or chief.person is None:
        return None
    return transfer_command(
        incident,
        role=CommandRole.COMMANDER,
        name=chief.person.name,
        title=chief.title,
        person=chief.person,
        why=activation.plan.title,
        by=by,
        at=at,
    )


def ask_decision(
    incident: Incident, *, words: str, needed_by: datetime | None, by: Actor, at: datetime
) -> Decision:
    """The next decision that the command has to take, and by when."""
    check_room(incident)
    what = said(words, _("The decision"))
    if needed_by is not None and needed_by <= at:
        raise NotInThePast(what=_("The time by which it is needed"))
    same = Decision.objects.filter(incident=incident, words=what, made_at=None, dropped_why="").first()
    if same is not None:
        return same
    return Decision(
        incident=incident, words=what, needed_by=needed_by, exercise_id=incident.exercise_id
    ).record(by=by, at=at, kind="asked")


def make_decision(
    incident: Incident, *, words: str, why: str = "", by_name: str = "", by: Actor, at: datetime
) -> Decision:
    """A decision that nobody had asked for beforehand."""
    check_room(incident)
    return Decision(
        incident=incident,
        words=said(words, _("The decision")),
        made_at=at,
        made_by_name=(by_name.strip() or by.name)[:60],
        why=why.strip()[:2000],
        exercise_id=incident.exercise_id,
    ).record(by=by, at=at, kind="made")


def decide(
    decision: Decision, *, words: str = "", why: str = "", by_name: str = "", by: Actor, at: datetime
) -> Decision:
    """What was asked for is decided; other words than those of the question take their place."""
    _require_open(decision)
    return decision.change(
        by=by,
        at=at,
        kind="made",
        words=words.strip()[:4000] or decision.words,
        made_at=at,
        made_by_name=(by_name.strip() or by.name)[:60],
        why=why.strip()[:2000],
    )


def drop_decision(decision: Decision, *, why: str, by: Actor, at: datetime) -> Decision:
    """It is no longer needed."""
    _require_open(decision)
    reason = said(why, _("Why it is no longer needed"), most=300)
    return decision.change(by=by, at=at, kind="dropped", dropped_why=reason)


def _require_open(decision: Decision) -> None:
    if decision.made_at is not None or decision.dropped_why:
        raise AlreadyClosed(what=decision.words[:40])
