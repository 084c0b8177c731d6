"""The roster of a room for some days: shifts by day and post, gaps, doubles, and the period that applies."""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from anlan.directory.models import Absence, Shift
from anlan.duty.board import Double, Gap, Slot, doubles, gaps
from anlan.duty.manning import duty_table
from anlan.duty.models import DutyRoom, SpecialPeriod
from anlan.kernel.clock import SHANGHAI
from anlan.places.models import Division
from anlan.vocab.shifts import ShiftKind


@dataclass(frozen=True, slots=True)
class RosterDay:
    """One day, from midnight to midnight in Shanghai. `periods` are those that hold on it."""

    starts_at: datetime
    shifts: dict[str, list[Shift]]
    gaps: list[Gap]
    periods: list[SpecialPeriod]


@dataclass(frozen=True, slots=True)
class RosterBoard:
    """Some days of one room. `posts` are the codes of its columns, leaders first."""

    room: DutyRoom
    posts: list[str]
    days: list[RosterDay]
    doubles: list[Double]
    #: Shifts of somebody who is away then, without a deputy.
    away: set[uuid.UUID]
    is_cut: bool


#: Shifts of one board; a month of a room with three people by turns of eight hours is 300.
MOST = 1_500


def roster_board(room: DutyRoom, *, start: datetime, days: int) -> RosterBoard:
    """A handful of queries, whatever the number of days."""
    end = start + timedelta(days=days)
    rule = duty_table().room(room.division.level)
    posts = [kind.value for kind in rule.all_posts] if rule is not None else []
    leaders = {kind.value for kind in rule.leader_posts} if rule is not None else set()
    rows = Shift.objects.filter(
        post__division_id=room.division_id,
        post__kind__in=posts,
        cancelled_at=None,
        starts_at__lt=end,
        ends_at__gt=start,
    ).select_related("post", "person")
    shifts = list(rows.order_by("starts_at", "role", "id")[: MOST + 1])
    away = _away(shifts, start, end)
    slots = [_slot(one, leaders, away) for one in shifts[:MOST]]
    elsewhere = _elsewhere(shifts, room, start, end)
    periods = periods_of(room.division, start, end)
    level = room.division.level
    edges = [moment for one in periods for moment in (one.starts_at, _end(one))]

    def need(moment: datetime) -> tuple[int, int]:
        return duty_table().need(_kind(periods, moment), level)

    by_day = []
    for number in range(days):
        begin = start + timedelta(days=number)
        finish = begin + timedelta(days=1)
        by_day.append(
            RosterDay(
                begin,
                _by_post([one for one in shifts if begin <= one.starts_at < finish], posts),
                gaps(slots, need, begin, finish, edges),
                [one for one in periods if one.starts_at < finish and _end(one) > begin],
            )
        )
    return RosterBoard(room, posts, by_day, doubles([*slots, *elsewhere]), away, len(shifts) > MOST)


def period_at(division: Division, at: datetime) -> SpecialPeriod | None:
    """The approved period that holds in a place at a moment; the one that began last where two overlap."""
    found = periods_of(division, at, at + timedelta(seconds=1))
    return max(found, key=lambda one: one.starts_at) if found else None


def periods_of(division: Division, start: datetime, end: datetime) -> list[SpecialPeriod]:
    """Approved periods of the place and of those above it, and joint ones that it sits in."""
    rows = SpecialPeriod.objects.filter(
        state__in=("approved", "stopped"), starts_at__lt=end, ends_at__gt=start
    )
    above = rows.filter(division_id__in=division.path.split("/"))
    found = [one for one in above.order_by("starts_at", "id") if _end(one) > start]
    return [one for one in found if one.kind != ShiftKind.JOINT or _sits_in(one, division)]


def midnight(moment: datetime) -> datetime:
    """The beginning of the day in Shanghai."""
    return moment.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)


def _sits_in(period: SpecialPeriod, division: Division) -> bool:
    return division.code == period.division_id or division.code in period.departments


def _end(period: SpecialPeriod) -> datetime:
    return period.ends_at if period.stopped_at is None else min(period.ends_at, period.stopped_at)


def _kind(periods: list[SpecialPeriod], moment: datetime) -> str:
    now = [one for one in periods if one.starts_at <= moment < _end(one)]
    return now[-1].kind if now else ShiftKind.DAILY


def _by_post(shifts: list[Shift], posts: list[str]) -> dict[str, list[Shift]]:
    found: dict[str, list[Shift]] = {post: [] for post in posts}
    for one in shifts:
        found[one.post.kind].append(one)
    return found


def _slot(shift: Shift, leaders: set[str], away: set[uuid.UUID]) -> Slot:
    return Slot(
        shift.pk, shift.person_id, shift.person.name, shift.post.kind, shift.post.kind in leaders, shift.role,
        shift.starts_at, shift.ends_at, shift.pk in away,
    )  # fmt: skip


def _away(shifts: list[Shift], start: datetime, end: datetime) -> set[uuid.UUID]:
    """Shifts that overlap with an absence in which nobody stands in."""
    people = {one.person_id for one in shifts}
    rows = Absence.objects.filter(
        person_id__in=people, cancelled_at=None, deputy=None, away_from__lt=end, away_to__gt=start
    )
    gone: dict[uuid.UUID, list[tuple[datetime, datetime]]] = defaultdict(list)
    for person, since, until in rows.values_list("person_id", "away_from", "away_to"):
        gone[person].append((since, until))
    return {
        one.pk
        for one in shifts
        if any(since < one.ends_at and until > one.starts_at for since, until in gone[one.person_id])
    }


def _elsewhere(shifts: list[Shift], room: DutyRoom, start: datetime, end: datetime) -> list[Slot]:
    """Shifts of the same people for posts of other places: a person cannot sit in two rooms."""
    people = {one.person_id for one in shifts}
    rows = Shift.objects.filter(
        ~Q(post__division_id=room.division_id),
        person_id__in=people,
        cancelled_at=None,
        starts_at__lt=end,
        ends_at__gt=start,
    )
    return [
        _slot(one, set(), set()) for one in rows.select_related("post", "person").order_by("starts_at")[:MOST]
    ]
