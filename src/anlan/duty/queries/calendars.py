"""Shifts for a calendar programme."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from anlan.directory.models import Shift
from anlan.duty.ical import CalendarEvent, calendar
from anlan.duty.manning import duty_table
from anlan.duty.models import CalendarFeed
from anlan.duty.services.rooms import digest
from anlan.vocab.posts import FACES, PostKind
from anlan.vocab.shifts import LABELS, ShiftKind

#: How far a calendar looks back and ahead. Engineering choice.
BACK, AHEAD = timedelta(days=60), timedelta(days=400)
MOST = 3_000


def feed_by_token(token: str) -> CalendarFeed | None:
    """The feed of a link that was not revoked."""
    rows = CalendarFeed.objects.filter(token_sha256=digest(token), revoked_at=None)
    return rows.select_related("room__division", "person").first()


def feed_calendar(feed: CalendarFeed, *, at: datetime) -> bytes:
    """The file. Cancelled shifts that were to come are in it as cancelled, so that programmes take them out."""
    if feed.room is not None:
        rule = duty_table().room(feed.room.division.level)
        kinds = [kind.value for kind in rule.all_posts] if rule is not None else []
        mine, name = Q(post__division_id=feed.room.division_id, post__kind__in=kinds), feed.room.name
    else:
        mine = Q(person_id=feed.person_id)
        name = f"{feed.person.name}值班" if feed.person is not None else ""
    near = Q(ends_at__gt=at - BACK, starts_at__lt=at + AHEAD)
    gone = Q(cancelled_at=None) | Q(cancelled_at__gt=at - BACK)
    rows = Shift.objects.filter(mine, near, gone).select_related("post__division", "person")
    shifts = rows.order_by("starts_at", "role", "id")[:MOST]
    return calendar(name, [_event(one, at, with_name=feed.room is not None) for one in shifts])


def uid_of(shift_id: uuid.UUID) -> str:
    return f"shift-{shift_id}@{settings.ANLAN_NODE}.anlan"


def _event(shift: Shift, at: datetime, *, with_name: bool) -> CalendarEvent:
    post = FACES[PostKind(shift.post.kind)].zh
    kind = LABELS[ShiftKind(shift.kind)][0]
    place = shift.post.division.name
    who = f"{shift.person.name} " if with_name else ""
    return CalendarEvent(
        uid=uid_of(shift.pk),
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        summary=f"{who}{place}{post}（{shift.role}）",
        stamp=shift.cancelled_at or min(shift.starts_at, at),
        description=kind,
        location=place,
        sequence=shift.version - 1,
        is_cancelled=shift.cancelled_at is not None,
    )
