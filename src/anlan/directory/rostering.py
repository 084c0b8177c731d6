"""Writing the roster: who is on duty when, and who is away. Nothing is deleted; a mistake is cancelled and stays in the record."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from anlan.directory.models import Absence, HoldingRole, Person, Post, Shift
from anlan.directory.refusals import (
    AlreadyEnded,
    EndBeforeStart,
    OwnDeputy,
    ShiftTooLong,
    ShiftTwice,
    UnknownShiftKind,
)
from anlan.kernel.actor import Actor
from anlan.vocab.shifts import ShiftKind

#: Longer than this is a slip of the pen in a date, not a shift. Engineering choice.
LONGEST_SHIFT = timedelta(days=7)


def plan_shift(
    post: Post,
    person: Person,
    *,
    starts_at: datetime,
    ends_at: datetime,
    role: HoldingRole = HoldingRole.A,
    kind: str = ShiftKind.DAILY,
    exercise_id: uuid.UUID | None = None,
    cause: str = "",
    by: Actor,
    at: datetime,
) -> Shift:
    """Put a person on duty for a post; two people may share a shift, one person is not on it twice."""
    if kind not in set(ShiftKind):
        raise UnknownShiftKind(kind=kind)
    check_shift(post, person, starts_at=starts_at, ends_at=ends_at)
    return new_shift(
        post,
        person,
        role=role,
        kind=kind,
        starts_at=starts_at,
        ends_at=ends_at,
        exercise_id=exercise_id,
        by=by,
        at=at,
    ).record(by=by, at=at, cause=cause)


def new_shift(
    post: Post,
    person: Person,
    *,
    role: HoldingRole,
    kind: str,
    starts_at: datetime,
    ends_at: datetime,
    exercise_id: uuid.UUID | None,
    by: Actor,
    at: datetime,
) -> Shift:
    """A shift that is not stored yet. One that is over already is history: nobody is asked where he was."""
    return Shift(
        post=post,
        person=person,
        role=role.value,
        kind=kind,
        starts_at=starts_at,
        ends_at=ends_at,
        watch_at=starts_at if ends_at > at else None,
        exercise_id=exercise_id,
        changed_by=by.ref,
    )


def watched(shift: Shift, *, by: Actor, at: datetime) -> Shift:
    """Somebody looks after whether the person came; the shift itself waits for nothing more."""
    return shift.change(by=by, at=at, kind="begun", watch_at=None)


def check_shift(post: Post, person: Person, *, starts_at: datetime, ends_at: datetime) -> None:
    """Raise what is wrong with a shift before it is stored."""
    if ends_at <= starts_at:
        raise EndBeforeStart(start=starts_at.isoformat())
    if ends_at - starts_at > LONGEST_SHIFT:
        raise ShiftTooLong(days=LONGEST_SHIFT.days)
    overlapping = Shift.objects.filter(
        post=post, person=person, cancelled_at=None, starts_at__lt=ends_at, ends_at__gt=starts_at
    )
    if overlapping.exists():
        raise ShiftTwice(name=person.name)


def cancel_shift(shift: Shift, *, by: Actor, at: datetime) -> Shift:
    """Take a shift back; the holders of the post count again."""
    if shift.cancelled_at is not None:
        raise AlreadyEnded
    return shift.change(by=by, at=at, kind="cancelled", cancelled_at=at, watch_at=None, changed_by=by.ref)


def record_absence(
    person: Person,
    *,
    away_from: datetime,
    away_to: datetime,
    reason: str = "",
    deputy: Person | None = None,
    by: Actor,
    at: datetime,
) -> Absence:
    """A person is not called during the interval; the deputy, if any, is called instead on every post and shift."""
    if away_to <= away_from:
        raise EndBeforeStart(start=away_from.isoformat())
    if deputy is not None and deputy.pk == person.pk:
        raise OwnDeputy
    return Absence(
        person=person,
        away_from=away_from,
        away_to=away_to,
        reason=reason.strip()[:120],
        deputy=deputy,
        changed_by=by.ref,
    ).record(by=by, at=at)


def cancel_absence(absence: Absence, *, by: Actor, at: datetime) -> Absence:
    """The person is back, or never went."""
    if absence.cancelled_at is not None:
        raise AlreadyEnded
    return absence.change(by=by, at=at, kind="cancelled", cancelled_at=at, changed_by=by.ref)
