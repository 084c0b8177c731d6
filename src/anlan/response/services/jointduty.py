"""Joint duty (联合值守): it starts, seats are taken and left, it ends; with names and times."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from anlan.accounts.access import require
from anlan.directory.models import Person
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.response.models import Activation, DutySeat, JointDuty
from anlan.response.refusals import BadPeriod, NameMissing, NotOpen, ReasonMissing, SeatTaken
from anlan.vocab.posts import Right

#: Clocks of people and machine differ a little. Engineering choice.
_SLACK = timedelta(minutes=2)


def start_joint_duty(
    *,
    title: str,
    division: Division,
    place_words: str = "",
    starts_at: datetime,
    activation: Activation | None = None,
    by: Actor,
    at: datetime,
    exercise_id: uuid.UUID | None = None,
) -> JointDuty:
    require(by, Right.MANAGE_DUTY, division.path)
    if not title.strip():
        raise NameMissing
    return JointDuty(
        title=title.strip()[:120],
        activation=activation,
        division=division,
        place_words=place_words.strip()[:120],
        starts_at=starts_at,
        exercise_id=activation.exercise_id if activation is not None else exercise_id,
    ).record(by=by, at=at, kind="started")


def add_seat(
    duty: JointDuty, *, name: str, unit: Division | None = None, duties: str = "", by: Actor, at: datetime
) -> DutySeat:
    """A seat (席位) that a unit fills; the same name twice is one seat."""
    require(by, Right.MANAGE_DUTY, duty.division.path)
    if duty.ends_at is not None:
        raise NotOpen
    words = name.strip() or (unit.name if unit is not None else "")
    if not words:
        raise NameMissing
    known = duty.seats.filter(name=words[:80], left_at=None).first()
    if known is not None:
        return known
    return DutySeat(
        joint_duty=duty, unit=unit, name=words[:80], duties=duties.strip()[:300], exercise_id=duty.exercise_id
    ).record(by=by, at=at, kind="added")


def take_seat(
    seat: DutySeat,
    *,
    person: Person | None = None,
    words: str = "",
    taken_at: datetime,
    by: Actor,
    at: datetime,
) -> DutySeat:
    """Somebody sits down: a person of the directory, or a name in words for somebody from elsewhere."""
    require(by, Right.MANAGE_DUTY, seat.joint_duty.division.path)
    if seat.joint_duty.ends_at is not None:
        raise NotOpen
    if seat.taken_at is not None and seat.left_at is None:
        raise SeatTaken(who=who_sits(seat))
    if person is None and not words.strip():
        raise NameMissing
    if taken_at > at + _SLACK:
        raise BadPeriod
    if seat.left_at is None:
        return seat.change(
            by=by, at=at, kind="taken", person=person, person_words=words.strip()[:60], taken_at=taken_at
        )
    # Each sitting is a row of its own, so that nobody who sat here is written over.
    return DutySeat(
        joint_duty=seat.joint_duty,
        unit=seat.unit,
        name=seat.name,
        duties=seat.duties,
        person=person,
        person_words=words.strip()[:60],
        taken_at=taken_at,
        exercise_id=seat.exercise_id,
    ).record(by=by, at=at, kind="taken")


def leave_seat(seat: DutySeat, *, left_at: datetime, by: Actor, at: datetime) -> DutySeat:
    require(by, Right.MANAGE_DUTY, seat.joint_duty.division.path)
    if seat.left_at is not None:
        return seat
    if seat.taken_at is not None and left_at < seat.taken_at:
        raise BadPeriod
    return seat.change(by=by, at=at, kind="left", left_at=left_at)


def end_joint_duty(duty: JointDuty, *, why: str, by: Actor, at: datetime) -> JointDuty:
    """Everybody who still sits there leaves with it."""
    require(by, Right.MANAGE_DUTY, duty.division.path)
    if duty.ends_at is not None:
        return duty
    if not why.strip():
        raise ReasonMissing
    for seat in duty.seats.filter(left_at=None, taken_at__isnull=False):
        seat.change(by=by, at=at, kind="left", left_at=at)
    return duty.change(
        by=by, at=at, kind="ended", ends_at=max(at, duty.starts_at), ended_why=why.strip()[:300]
    )


def who_sits(seat: DutySeat) -> str:
    return seat.person.name if seat.person is not None else seat.person_words
