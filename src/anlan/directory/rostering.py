"""Writing the roster: who is on duty when, and who is away. Nothing is deleted; a mistake is cancelled and stays in the record."""

from __future__ import annotations

from datetime import datetime, timedelta

from anlan.directory.models import Absence, HoldingRole, Person, Post, Shift
from anlan.directory.refusals import AlreadyEnded, EndBeforeStart, OwnDeputy, ShiftTooLong, ShiftTwice
from anlan.kernel.actor import Actor

#: Longer than this is a slip of the pen in a date, not a shift. Engineering choice.
LONGEST_SHIFT = timedelta(days=7)


def plan_shift(
    post: Post,
    person: Person,
    *,
    starts_at: datetime,
    ends_at: datetime,
    role: HoldingRole = HoldingRole.A,
    by: Actor,
    at: datetime,
) -> Shift:
    """Put a person on duty for a post; two people may share a shift, one person is not on it twice."""
    check_shift(post, person, starts_at=starts_at, ends_at=ends_at)
    return Shift(
        post=post, person=person, role=role.value, starts_at=starts_at, ends_at=ends_at, changed_by=by.ref
    ).record(by=by, at=at)


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
    return shift.change(by=by, at=at, kind="cancelled", cancelled_at=at, changed_by=by.ref)


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
