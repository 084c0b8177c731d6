"""Giving orders: one, or the two hundred of an activation with a handful of statements."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from anlan.dispatch.links import digest, token_for
from anlan.dispatch.models import Instruction, InstructionStep, StepKind, TeamJob, Via
from anlan.dispatch.parameters import parameters
from anlan.dispatch.preconditions import Known, by_key, is_free
from anlan.dispatch.refusals import IncidentIsOver, NoOrderTitle, TeamIsGone
from anlan.dispatch.services import orderalarms
from anlan.dispatch.services.ordertelling import send, tell, words_of_new
from anlan.dispatch.types import NewInstruction
from anlan.incidents.models import Incident
from anlan.incidents.numbering import next_numbers
from anlan.incidents.refusals import OnlyTheCount, Words
from anlan.journal.services import record_all
from anlan.kernel.actor import Actor
from anlan.kernel.ids import uuid7
from anlan.places.models import Division
from anlan.resources.models import Team

#: A team in one of these is on its way or at work.
AWAY = ("told", "left", "arrived", "working")


def issue_instruction(
    *,
    incident: Incident,
    title: str,
    words: str,
    addressee: Division,
    origin: str,
    by: Actor,
    by_name: str,
    at: datetime,
    post_kind: str = "",
    ack_limit_min: int | None = None,
    limit_min: int | None = None,
    activation_id: uuid.UUID | None = None,
    task_key: str = "",
    level: int | None = None,
    group_key: str = "",
    after: Sequence[str] = (),
    needs_proof: bool = False,
    authority: str = "",
    pack: str = "",
    scene_id: uuid.UUID | None = None,
    team: Team | None = None,
) -> Instruction:
    """Give one order. Raises what `issue_many` raises."""
    row = NewInstruction(
        title=title, words=words, addressee=addressee, origin=origin, post_kind=post_kind,
        ack_limit_min=ack_limit_min, limit_min=limit_min, activation_id=activation_id, task_key=task_key,
        level=level, group_key=group_key, after=tuple(after), needs_proof=needs_proof, authority=authority,
        pack=pack, scene_id=scene_id, team=team,
    )  # fmt: skip
    return issue_many([row], incident=incident, by=by, by_name=by_name, at=at)[0]


def issue_many(
    rows: Sequence[NewInstruction], *, incident: Incident, by: Actor, by_name: str, at: datetime
) -> list[Instruction]:
    """Give orders about one incident, in the order of `rows`; those whose `after` is not finished wait.

    Each addressee gets one message for all of them. The number of statements does not depend on the number of orders.
    Raises `NoOrderTitle`, `TeamIsGone`, `IncidentIsOver`, or `OnlyTheCount` for a restricted incident; then nothing is written.
    """
    _check(rows, incident)
    rows = _new_ones(rows)
    if not rows:
        return []
    waits = _waiting(rows)
    numbers = next_numbers("instruction", at, len(rows), form="令{year}-{serial:05d}")
    made = [
        _row(new, number, incident, is_waiting=is_waiting, by=by, by_name=by_name, at=at)
        for new, number, is_waiting in zip(rows, numbers, waits, strict=True)
    ]
    record_all([row for row in made if row.state == "waiting"], by=by, at=at, kind="waiting")
    issued = [row for row in made if row.state == "issued"]
    record_all(issued, by=by, at=at, kind="issued")
    went_out(issued, by=by, by_name=by_name, at=at)
    return made


def went_out(rows: Sequence[Instruction], *, by: Actor, by_name: str, at: datetime) -> None:
    """What follows once orders are issued: the step, the announcement, the message."""
    if not rows:
        return
    record_all(
        [_step(row, by=by, by_name=by_name, at=at) for row in rows], by=by, at=at, kind=StepKind.ISSUED.value
    )
    tell(rows, "issued", at=at)
    unreached = send(rows, words_of_new, by=by, at=at)
    tell(unreached, "unreached", at=at)
    orderalarms.ring_unreached(unreached, by=by, at=at)


def issued_fields(ack_limit_min: int | None, limit_min: int | None, at: datetime) -> dict[str, Any]:
    """The deadlines of an order that goes out now."""
    ack_min = parameters().ack_min if ack_limit_min is None else ack_limit_min
    acknowledge_by = at + timedelta(minutes=ack_min) if ack_min else None
    due_at = at + timedelta(minutes=limit_min) if limit_min else None
    return {
        "issued_at": at,
        "acknowledge_by": acknowledge_by,
        "due_at": due_at,
        "rise_at": min((one for one in (acknowledge_by, due_at) if one is not None), default=None),
        "risen": 0,
    }


def _row(
    new: NewInstruction,
    number: str,
    incident: Incident,
    *,
    is_waiting: bool,
    by: Actor,
    by_name: str,
    at: datetime,
) -> Instruction:
    row = Instruction(
        id=new.key or uuid7(),
        state="waiting" if is_waiting else "issued",
        number=number,
        incident=incident,
        activation_id=new.activation_id,
        scene_id=new.scene_id,
        origin=new.origin,
        task_key=new.task_key,
        level=new.level,
        group_key=new.group_key,
        title=new.title.strip()[:160],
        words=new.words.strip(),
        addressee=new.addressee,
        post_kind=new.post_kind,
        team=new.team,
        after=list(new.after),
        needs_proof=new.needs_proof,
        authority=new.authority[:60],
        pack=new.pack[:40],
        issued_by=by.ref,
        issued_by_name=by_name[:60],
        planned_at=at,
        ack_limit_min=new.ack_limit_min,
        limit_min=new.limit_min or None,
        token_digest=digest(token_for(incident.pk, new.addressee.pk, new.team.pk if new.team else None)),
        exercise_id=incident.exercise_id,
    )
    if not is_waiting:
        for name, value in issued_fields(new.ack_limit_min, new.limit_min, at).items():
            setattr(row, name, value)
    return row


def _step(row: Instruction, *, by: Actor, by_name: str, at: datetime) -> InstructionStep:
    via = Via.PAGE if by.person_id is not None else Via.RULE
    return InstructionStep(
        instruction=row, step=StepKind.ISSUED, happened_at=at, recorded_at=at, by_ref=by.ref, by_name=by_name[:60],
        via=via, exercise_id=row.exercise_id,
    )  # fmt: skip


def _check(rows: Sequence[NewInstruction], incident: Incident) -> None:
    if incident.is_restricted:
        raise OnlyTheCount
    if incident.state in ("closed", "not_true", "merged"):
        raise IncidentIsOver(number=incident.number)
    if any(not row.title.strip() for row in rows):
        raise NoOrderTitle
    check_teams([row.team for row in rows if row.team is not None], incident)


def check_teams(teams: Sequence[Team], incident: Incident) -> None:
    """A team that is struck off, or at work for another incident, takes no order of this one. Raises `TeamIsGone`."""
    for team in teams:
        if team.retired_at is not None:
            raise TeamIsGone(team=team.name, why=Words("已从名册撤销", "it is struck off the register"))
    if not teams:
        return
    jobs = TeamJob.objects.filter(team__in=teams, state__in=AWAY).exclude(incident=incident)
    away = jobs.select_related("team", "incident").order_by("told_at").first()
    if away is not None:
        number = away.incident.number
        why = Words(f"已派往{number}", f"it was sent to {number}")
        raise TeamIsGone(team=away.team.name, why=why)


def _new_ones(rows: Sequence[NewInstruction]) -> list[NewInstruction]:
    """Without those that a form sent before."""
    keys = [row.key for row in rows if row.key is not None]
    known = set(Instruction.objects.filter(pk__in=keys).values_list("pk", flat=True)) if keys else set()
    return [row for row in rows if row.key is None or row.key not in known]


def _waiting(rows: Sequence[NewInstruction]) -> list[bool]:
    """For each new order whether it must wait. One query where any of them has a predecessor."""
    activations = {row.activation_id for row in rows if row.after and row.activation_id is not None}
    if not activations:
        return [False] * len(rows)
    known = {one: by_key([*known_of(one), *_new_of(rows, one)]) for one in activations}
    return [
        row.activation_id is not None
        and bool(row.after)
        and not is_free(row.after, row.addressee.pk, known[row.activation_id])
        for row in rows
    ]


def _new_of(rows: Iterable[NewInstruction], activation_id: uuid.UUID) -> list[Known]:
    return [
        Known(row.task_key, row.addressee.pk, "issued") for row in rows if row.activation_id == activation_id
    ]


def known_of(activation_id: uuid.UUID) -> list[Known]:
    """The orders of an activation as the preconditions see them."""
    rows = Instruction.objects.filter(activation_id=activation_id).exclude(task_key="")
    return [Known(*values) for values in rows.values_list("task_key", "addressee_id", "state")]
