"""Duty rooms, their phones, and links for calendar programmes."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from datetime import datetime
from typing import Any

from django.db import transaction

from anlan.directory.models import Person
from anlan.duty.manning import duty_table
from anlan.duty.models import CalendarFeed, DutyRoom
from anlan.duty.refusals import RoomLevelWrong, WordsMissing
from anlan.duty.services.clock import watch_clock
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.places.queries import below
from anlan.vocab.divisions import DivisionLevel

#: Levels whose rooms are opened together; villages keep one where they want to.
_TOGETHER = (DivisionLevel.COUNTY, DivisionLevel.TOWNSHIP, DivisionLevel.DEPARTMENT)


def open_room(
    division: Division,
    *,
    name: str = "",
    phone: str = "",
    by: Actor,
    at: datetime,
    exercise_id: uuid.UUID | None = None,
) -> DutyRoom:
    """One room a place; opened again it is the same room."""
    rule = duty_table().room(division.level)
    if rule is None:
        raise RoomLevelWrong(division=division.name)
    watch_clock(by=by, at=at, exercise_id=exercise_id)
    known = DutyRoom.objects.filter(division=division).select_related("division").first()
    if known is not None:
        if known.closed_at is None:
            return known
        return known.change(by=by, at=at, kind="opened_again", closed_at=None)
    room = DutyRoom(
        division=division,
        name=name.strip()[:80] or f"{division.name}值班室",
        phone=phone.strip()[:40],
        checks_in=rule.checks_in,
        opened_at=at,
        exercise_id=exercise_id,
    )
    return room.record(by=by, at=at, kind="opened")


def open_rooms(
    county: Division, *, by: Actor, at: datetime, exercise_id: uuid.UUID | None = None
) -> list[DutyRoom]:
    """A room for the county and each of its townships and departments."""
    places = below(county.path).filter(level__in=_TOGETHER).order_by("path")
    with transaction.atomic(savepoint=False):
        return [open_room(place, by=by, at=at, exercise_id=exercise_id) for place in places]


def describe_room(
    room: DutyRoom, *, name: str, phone: str, checks_in: bool, by: Actor, at: datetime
) -> DutyRoom:
    """Name, 24-hour phone, and whether absences are called; a new number has not been tried yet."""
    if not name.strip():
        raise WordsMissing
    fields: dict[str, Any] = {"name": name.strip()[:80], "checks_in": checks_in}
    if phone.strip()[:40] != room.phone:
        fields |= {
            "phone": phone.strip()[:40],
            "phone_tested_at": None,
            "phone_works": None,
            "phone_words": "",
        }
    return room.change(by=by, at=at, kind="described", fields=fields)


def close_room(room: DutyRoom, *, by: Actor, at: datetime) -> DutyRoom:
    """The place keeps no room any more; its record stays."""
    return room.change(by=by, at=at, kind="closed", closed_at=at)


def note_phone_test(room: DutyRoom, *, works: bool, words: str = "", by: Actor, at: datetime) -> DutyRoom:
    """Somebody rang the 24-hour phone: it was answered, or not."""
    return room.change(
        by=by,
        at=at,
        kind="phone_tested",
        phone_tested_at=at,
        phone_works=works,
        phone_words=words.strip()[:120],
    )


def create_feed(
    *,
    room: DutyRoom | None = None,
    person: Person | None = None,
    by: Actor,
    at: datetime,
    exercise_id: uuid.UUID | None = None,
) -> tuple[CalendarFeed, str]:
    """A link to the shifts of one room or one person. The token is returned once; only its digest is kept."""
    token = secrets.token_urlsafe(32)
    feed = CalendarFeed(
        room=room,
        person=person,
        token_sha256=digest(token),
        made_for_id=by.person_id,
        made_at=at,
        exercise_id=exercise_id,
    )
    feed.record(by=by, at=at, kind="made")
    return feed, token


def revoke_feed(feed: CalendarFeed, *, by: Actor, at: datetime) -> CalendarFeed:
    """The link opens nothing any more, from the next request on."""
    if feed.revoked_at is not None:
        return feed
    return feed.change(by=by, at=at, kind="revoked", revoked_at=at)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
