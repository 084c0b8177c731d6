"""Many shifts at once: last week copied, or a list of people that takes turns. What cannot be planned is named, not guessed."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from anlan.accounts.access import require
from anlan.directory import rostering
from anlan.directory.models import Absence, HoldingRole, Person, Post, Shift
from anlan.directory.refusals import ShiftTwice
from anlan.duty.manning import duty_table
from anlan.duty.models import DutyRoom
from anlan.duty.refusals import NothingToPlan, TooMuchAtOnce
from anlan.kernel.actor import Actor
from anlan.vocab.posts import Right
from anlan.vocab.shifts import ShiftKind

#: Half a year of three rooms; more is a slip of the pen. Engineering choice.
MOST = 600
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Skipped:
    """One shift that was not planned: "away" or "twice"."""

    name: str
    starts_at: datetime
    why: str


@dataclass(slots=True)
class Planned:
    """What became of a plan."""

    shifts: list[Shift] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


def rotate(
    post: Post,
    people: Sequence[Person],
    *,
    first: datetime,
    each: timedelta,
    count: int,
    at_once: int = 1,
    kind: str = ShiftKind.DAILY,
    by: Actor,
    at: datetime,
    exercise_id: uuid.UUID | None = None,
) -> Planned:
    """`count` shifts one after the other, `at_once` people on each, by turns; the second of a shift has the B role."""
    require(by, Right.MANAGE_DUTY, post.division.path)
    if not people or count < 1 or at_once < 1 or each <= timedelta(0):
        raise NothingToPlan
    if count * at_once > MOST:
        raise TooMuchAtOnce(most=MOST)
    made = Planned()
    with transaction.atomic(savepoint=False):
        for turn in range(count):
            start = first + turn * each
            for seat in range(min(at_once, len(people))):
                person = people[(turn * at_once + seat) % len(people)]
                role = HoldingRole.A if seat == 0 else HoldingRole.B
                _plan(made, post, person, start, start + each, role, kind, exercise_id, by, at)
    return made


def copy_week(
    room: DutyRoom,
    *,
    week: datetime,
    into: datetime,
    by: Actor,
    at: datetime,
    exercise_id: uuid.UUID | None = None,
) -> Planned:
    """The shifts that begin in the seven days from `week`, again from `into`; what is there already is not doubled."""
    require(by, Right.MANAGE_DUTY, room.division.path)
    rows = shifts_of(room).filter(starts_at__gte=week, starts_at__lt=week + WEEK)
    made, by_days = Planned(), into - week
    with transaction.atomic(savepoint=False):
        for row in rows.order_by("starts_at", "role", "id")[:MOST]:
            _plan(
                made, row.post, row.person, row.starts_at + by_days, row.ends_at + by_days,
                HoldingRole(row.role), row.kind, exercise_id, by, at,
            )  # fmt: skip
    if not made.shifts and not made.skipped:
        raise NothingToPlan
    return made


def shifts_of(room: DutyRoom) -> QuerySet[Shift]:
    """Shifts that man this room and were not cancelled."""
    rule = duty_table().room(room.division.level)
    kinds = [kind.value for kind in rule.all_posts] if rule else []
    rows = Shift.objects.filter(post__division_id=room.division_id, post__kind__in=kinds, cancelled_at=None)
    return rows.select_related("post__division", "person")


def _plan(
    made: Planned,
    post: Post,
    person: Person,
    starts_at: datetime,
    ends_at: datetime,
    role: HoldingRole,
    kind: str,
    exercise_id: uuid.UUID | None,
    by: Actor,
    at: datetime,
) -> None:
    gone = Absence.objects.filter(
        person=person, cancelled_at=None, away_from__lt=ends_at, away_to__gt=starts_at, deputy=None
    )
    if gone.exists():
        made.skipped.append(Skipped(person.name, starts_at, "away"))
        return
    try:
        shift = rostering.plan_shift(
            post, person, starts_at=starts_at, ends_at=ends_at, role=role, kind=kind,
            exercise_id=exercise_id, by=by, at=at,
        )  # fmt: skip
    except ShiftTwice:
        made.skipped.append(Skipped(person.name, starts_at, "twice"))
        return
    made.shifts.append(shift)
