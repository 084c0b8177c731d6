"""点名: scheduled or at a moment that nobody who is called can know; everybody on duty in the chosen rooms answers.

The moment of a random call is drawn once, from a seed that the journal keeps, so that afterwards anybody can draw it again.
"""

from __future__ import annotations

import random
import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from anlan.accounts.access import require
from anlan.dissemination import services as dissemination
from anlan.duty.manning import duty_table
from anlan.duty.models import DutyRoom, RollCall, RollCallSeat
from anlan.duty.onduty import on_duty
from anlan.duty.parameters import alarms
from anlan.duty.refusals import (
    BadInterval,
    NoRoomChosen,
    RollCallInThePast,
    RollCallIsOver,
    UnknownWay,
    WordsMissing,
)
from anlan.duty.services.ringing import clear_subject, raise_alarm
from anlan.journal.services import record_all
from anlan.kernel.actor import Actor, system
from anlan.kernel.clock import SHANGHAI
from anlan.places.models import Division
from anlan.vocab.posts import Right

BY = system("duty")
#: How somebody answers himself, and how another one marks him.
OWN_WAYS, BY_HAND = frozenset({"link", "page", "sms"}), frozenset({"voice", "video"})


def plan_roll_call(
    division: Division,
    rooms: Sequence[DutyRoom],
    *,
    starts_at: datetime,
    title: str = "",
    answer_within_s: int | None = None,
    by: Actor,
    at: datetime,
    exercise_id: uuid.UUID | None = None,
) -> RollCall:
    """Call these rooms at this moment; now is a moment too."""
    _check(division, rooms, by)
    if starts_at < at:
        raise RollCallInThePast
    fields = _fields(division, rooms, starts_at, title or "定时点名", answer_within_s, by, exercise_id)
    return RollCall(**fields).record(by=by, at=at, kind="planned")


def plan_random_roll_call(
    division: Division,
    rooms: Sequence[DutyRoom],
    *,
    window_from: datetime,
    window_to: datetime,
    title: str = "",
    answer_within_s: int | None = None,
    seed: str = "",
    by: Actor,
    at: datetime,
    exercise_id: uuid.UUID | None = None,
) -> RollCall:
    """Call them once in the window; the seed is given in tests and rehearsals only."""
    _check(division, rooms, by)
    if window_to <= window_from:
        raise BadInterval
    if window_to <= at:
        raise RollCallInThePast
    drawn = seed or secrets.token_hex(16)
    begin = max(window_from, at)
    fields = _fields(
        division,
        rooms,
        moment_of(drawn, begin, window_to),
        title or "随机点名",
        answer_within_s,
        by,
        exercise_id,
    )
    row = RollCall(**fields, is_random=True, window_from=begin, window_to=window_to, seed=drawn)
    return row.record(by=by, at=at, kind="planned")


def moment_of(seed: str, window_from: datetime, window_to: datetime) -> datetime:
    """The moment that a seed draws from a window, to the second."""
    seconds = max(1, int((window_to - window_from).total_seconds()))
    return window_from + timedelta(seconds=random.Random(seed).randrange(seconds))


def cancel_roll_call(roll_call: RollCall, *, why: str, by: Actor, at: datetime) -> RollCall:
    require(by, Right.MANAGE_DUTY, roll_call.division.path)
    if not why.strip():
        raise WordsMissing
    return roll_call.advance("cancelled", by=by, at=at, cancelled_why=why.strip()[:200], next_at=None)


def call_the_roll(roll_call: RollCall, *, at: datetime) -> RollCall:
    """Its moment has come: one seat for each person on duty, each called at once. A room without anybody is a seat too."""
    rooms = list(DutyRoom.objects.filter(pk__in=roll_call.rooms, closed_at=None).select_related("division"))
    there = on_duty([room.division for room in rooms], at=at)
    seats = [
        seat
        for room in sorted(rooms, key=lambda one: one.division.path)
        for seat in _seats(roll_call, room, there[room.division_id], at)
    ]
    with transaction.atomic(savepoint=False):
        for seat in seats:
            seat.reached = _reach(seat, roll_call, at)
        record_all(seats, by=BY, at=at, kind="called")
        following = at + timedelta(seconds=roll_call.absent_after_s)
        return roll_call.advance("calling", by=BY, at=at, called_at=at, next_at=following)


def answer_roll_call(
    seat: RollCallSeat, *, way: str, words: str = "", by: Actor, at: datetime
) -> RollCallSeat:
    """The person is there. In time or late by the moment of the call; the first answer counts."""
    if way not in OWN_WAYS | BY_HAND:
        raise UnknownWay(way=way)
    if seat.state != "called" or seat.roll_call.state != "calling":
        raise RollCallIsOver
    took = max(0, int((at - seat.called_at).total_seconds()))
    state = "answered" if at - seat.called_at <= timedelta(seconds=seat.roll_call.answer_within_s) else "late"
    return seat.advance(
        state,
        by=by,
        at=at,
        answered_at=at,
        answered_s=took,
        way=way,
        words=words.strip()[:200],
        marked_by=by.ref,
    )


def mark_by_hand(seat: RollCallSeat, *, way: str, words: str = "", by: Actor, at: datetime) -> RollCallSeat:
    """Whoever calls the roll by voice or video marks who answered."""
    require(by, Right.MANAGE_DUTY, seat.roll_call.division.path)
    if way not in BY_HAND:
        raise UnknownWay(way=way)
    return answer_roll_call(seat, way=way, words=words, by=by, at=at)


def close_roll_call(roll_call: RollCall, *, by: Actor = BY, at: datetime) -> RollCall:
    """Whoever has not answered is absent; that rings once for the whole roll call."""
    left = list(roll_call.seats.filter(state="called").select_related("room__division", "person"))
    for seat in left:
        seat.advance("absent", by=by, at=at)
    roll_call.advance("closed", by=by, at=at, closed_at=at, next_at=None)
    if left:
        _ring(roll_call, left, at)
    return roll_call


def settle_absent(roll_call: RollCall, *, reason: str, by: Actor, at: datetime) -> int:
    """The absent were spoken to; the bell stops."""
    return clear_subject(f"roll_call:{roll_call.pk}", reason=reason, by=by, at=at)


def _check(division: Division, rooms: Sequence[DutyRoom], by: Actor) -> None:
    require(by, Right.MANAGE_DUTY, division.path)
    if not rooms:
        raise NoRoomChosen
    for room in rooms:
        require(by, Right.MANAGE_DUTY, room.division.path)


def _fields(
    division: Division,
    rooms: Sequence[DutyRoom],
    starts_at: datetime,
    title: str,
    answer_within_s: int | None,
    by: Actor,
    exercise_id: uuid.UUID | None,
) -> dict[str, object]:
    table = duty_table()
    within = answer_within_s or table.roll_call_answer_s
    return {
        "state": "planned",
        "division": division,
        "title": title.strip()[:80],
        "rooms": sorted(str(room.pk) for room in rooms),
        "starts_at": starts_at,
        "next_at": starts_at,
        "answer_within_s": within,
        "absent_after_s": max(within, table.roll_call_absent_s),
        "planned_by": by.ref,
        "exercise_id": exercise_id,
    }


def _seats(roll_call: RollCall, room: DutyRoom, there: Sequence[object], at: datetime) -> list[RollCallSeat]:
    from anlan.duty.types import OnDuty

    people: list[OnDuty | None] = [one for one in there if isinstance(one, OnDuty)] or [None]
    return [
        RollCallSeat(
            state="called",
            roll_call=roll_call,
            room=room,
            post_kind="" if one is None else one.post_kind,
            person_id=None if one is None else one.person_id,
            token=secrets.token_urlsafe(24),
            called_at=at,
            exercise_id=roll_call.exercise_id,
        )
        for one in people
    ]


def _reach(seat: RollCallSeat, roll_call: RollCall, at: datetime) -> bool:
    if seat.person_id is None:
        return False
    mark = "【演练】" if seat.exercise_id is not None else ""
    time, within = at.astimezone(SHANGHAI).strftime("%H:%M:%S"), roll_call.answer_within_s
    said = f"{mark}【值班点名】{roll_call.title}，{time}点名，请{seat.room.name}在{within}秒内应答"
    return bool(
        dissemination.reach_person(
            person_id=seat.person_id,
            subject=f"roll_call_seat:{seat.pk}",
            text=f"{said}，点开链接或回复1：{settings.ANLAN_BASE_URL}/f/roll/{seat.token}/",
            voice_text=f"{said}，请打开短信中的链接应答。",
            role=seat.post_kind,
            by=BY,
            at=at,
            exercise_id=seat.exercise_id,
            cause=f"roll_call:{roll_call.pk}",
        )
    )


def _ring(roll_call: RollCall, left: Sequence[RollCallSeat], at: datetime) -> None:
    kind = alarms().of("roll_call_absent")
    names = "、".join(
        f"{seat.room.division.name}{seat.person.name if seat.person is not None else '无人值班'}"
        for seat in left[:6]
    )
    more = f"等{len(left)}人" if len(left) > 6 else ""
    raise_alarm(
        "roll_call_absent",
        subject=f"roll_call:{roll_call.pk}",
        text_zh=kind.zh.format(what=f"{roll_call.title}，{names}{more}"),
        text_en=kind.en.format(what=f"{len(left)} absent, {names}"),
        level=None,
        division=roll_call.division,
        by=BY,
        at=at,
        exercise_id=roll_call.exercise_id,
        cause=f"roll_call:{roll_call.pk}",
    )
