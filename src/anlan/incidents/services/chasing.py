"""Leaders' remarks (批示) and chase orders (督办) that ring until they are answered."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from anlan.events.published import ChaseOrderMoved
from anlan.incidents.models import ChaseOrder, Incident, Remark
from anlan.incidents.numbering import next_number
from anlan.incidents.refusals import DueInThePast, InTheFuture, OnlyTheCount, ReasonMissing
from anlan.journal.services import announce
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.places.models import Division

#: An overdue order is said again after this time until somebody answers. Engineering choice.
AGAIN = timedelta(minutes=30)
#: The same words of the same leader within this time are one remark. Engineering choice.
SAME_WORDS = timedelta(minutes=2)


def record_remark(
    incident: Incident,
    *,
    leader: str,
    leader_post: str,
    words: str,
    said_at: datetime,
    way: str = "written",
    by: Actor,
    at: datetime,
) -> Remark:
    """What a leader wrote, or said on the phone and the duty officer wrote down."""
    if incident.is_restricted:
        raise OnlyTheCount
    if not words.strip() or not leader.strip():
        raise ReasonMissing
    if said_at > at + timedelta(minutes=2):
        raise InTheFuture(what=f"{said_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}")
    again = Remark.objects.filter(
        incident=incident,
        leader=leader.strip()[:60],
        words=words.strip(),
        said_at__gte=said_at - SAME_WORDS,
        said_at__lte=said_at + SAME_WORDS,
    ).first()
    if again is not None:  # the form was sent twice
        return again
    return Remark(
        incident=incident,
        leader=leader.strip()[:60],
        leader_post=leader_post.strip()[:80],
        words=words.strip(),
        way=way,
        said_at=said_at,
        recorded_by=by.ref,
        exercise_id=incident.exercise_id,
    ).record(by=by, at=at, kind="made")


def issue_chase(
    *,
    incident: Incident | None,
    addressee: str,
    division: Division,
    task: str,
    due_at: datetime,
    remark: Remark | None = None,
    by: Actor,
    at: datetime,
    exercise_id: uuid.UUID | None = None,
) -> ChaseOrder:
    """Order somebody to do something and to say so by `due_at`."""
    if incident is not None and incident.is_restricted:
        raise OnlyTheCount
    if not task.strip() or not addressee.strip():
        raise ReasonMissing
    if due_at <= at:
        raise DueInThePast
    same = ChaseOrder.objects.filter(incident=incident, division=division, task=task.strip(), due_at=due_at)
    twice = same.filter(issued_by=by.ref, state="issued").first()
    if twice is not None:  # the form was sent twice
        return twice
    chase = ChaseOrder(
        state="issued",
        number=next_number("chase", at, form="督{year}-{serial:03d}"),
        incident=incident,
        remark=remark,
        addressee=addressee.strip()[:120],
        division=division,
        task=task.strip(),
        issued_at=at,
        issued_by=by.ref,
        due_at=due_at,
        remind_at=due_at,
        exercise_id=incident.exercise_id if incident is not None else exercise_id,
    ).record(by=by, at=at, kind="issued")
    _tell(chase, "issued", at)
    return chase


def acknowledge_chase(chase: ChaseOrder, *, by: Actor, at: datetime) -> ChaseOrder:
    """The addressee has read it."""
    chase.advance("acknowledged", by=by, at=at, acknowledged_at=at, acknowledged_by=by.ref)
    _tell(chase, "acknowledged", at)
    return chase


def answer_chase(chase: ChaseOrder, *, answer: str, by: Actor, at: datetime) -> ChaseOrder:
    """The addressee says what was done; late is late for good."""
    if not answer.strip():
        raise ReasonMissing
    late = chase.is_late or at > chase.due_at
    chase.advance(
        "answered",
        by=by,
        at=at,
        answer=answer.strip(),
        answered_at=at,
        answered_by=by.ref,
        remind_at=None,
        is_late=late,
    )
    _tell(chase, "answered", at)
    return chase


def close_chase(chase: ChaseOrder, *, by: Actor, at: datetime) -> ChaseOrder:
    """Whoever ordered it is content."""
    chase.advance("closed", by=by, at=at, closed_at=at, remind_at=None)
    _tell(chase, "closed", at)
    return chase


def remind(chase: ChaseOrder, *, at: datetime, by: Actor) -> ChaseOrder:
    """Its time is over and nobody answered: mark it late, say so again later."""
    chase.change(by=by, at=at, kind="overdue", is_late=True, remind_at=at + AGAIN)
    _tell(chase, "overdue", at)
    return chase


def _tell(chase: ChaseOrder, what: str, at: datetime) -> None:
    is_restricted = chase.incident is not None and chase.incident.is_restricted
    event = ChaseOrderMoved(
        str(chase.pk),
        what=what,
        number=chase.number,
        addressee=chase.addressee,
        task="" if is_restricted else chase.task[:120],
        division=chase.division_id,
        exercise_id=None if chase.exercise_id is None else str(chase.exercise_id),
    )
    announce(event, at=at, exercise_id=chase.exercise_id)
