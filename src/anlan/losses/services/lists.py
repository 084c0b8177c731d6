"""The personal lists: dead and missing people, destroyed and damaged houses."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from anlan.accounts.access import require
from anlan.kernel.actor import Actor
from anlan.losses.models import CourseState, DamagedHouse, LossCourse, LostPerson
from anlan.losses.refusals import BadValue, NameOfPlaceMissing, ReasonMissing, TimesWrong
from anlan.losses.services.courses import check_state, part_of
from anlan.losses.types import HouseDetails, PersonDetails
from anlan.places.models import Division
from anlan.vocab.posts import Right

NEED = Right.FILE_DATA
_COUNTED = (CourseState.OPEN, CourseState.STABLE)
_OLDEST = 130
_MOST_ROOMS = 200
_LENGTHS = {"name": 60, "sex": 8, "identity": 24, "home": 120, "place_words": 120, "cause_words": 120}


def list_person(
    course: LossCourse, place: Division, state: str, details: PersonDetails, *, by: Actor, at: datetime
) -> LostPerson:
    """Somebody died or is missing. The name may follow: the line counts from now on."""
    _check(course, place, by)
    if state not in ("dead", "missing"):
        raise BadValue(name="状态", given=state)
    fields = _checked(details, at=at)
    return LostPerson(
        state=state,
        course=course,
        division=place,
        listed_at=at,
        listed_by=by.name or by.ref,
        exercise_id=course.exercise_id,
        **fields,
    ).record(by=by, at=at, kind="listed")


def describe_person(row: LostPerson, details: PersonDetails, *, by: Actor, at: datetime) -> LostPerson:
    """What is known of the person by now."""
    _check(row.course, row.division, by)
    return row.change(by=by, at=at, kind="described", fields=_checked(details, at=at))


def move_person(row: LostPerson, to: str, *, why: str, by: Actor, at: datetime) -> LostPerson:
    """失踪 turning 死亡, somebody found alive, or a line that was wrong. Always with a word."""
    _check(row.course, row.division, by)
    if not why.strip():
        raise ReasonMissing
    return row.advance(to, by=by, at=at, changed_why=why.strip()[:300])


def list_house(
    course: LossCourse, place: Division, details: HouseDetails, *, by: Actor, at: datetime
) -> DamagedHouse:
    _check(course, place, by)
    rooms = (details.rooms_collapsed, details.rooms_severe, details.rooms_slight)
    if not all(0 <= one <= _MOST_ROOMS for one in rooms) or not any(rooms):
        raise BadValue(name="间数", given="、".join(map(str, rooms)))
    if details.members is not None and not 0 <= details.members <= _MOST_ROOMS:
        raise BadValue(name="人口", given=str(details.members))
    if not details.head.strip():
        raise BadValue(name="户主", given="")
    fields = asdict(details) | {
        "head": details.head.strip()[:60],
        "structure": details.structure.strip()[:40],
    }
    return DamagedHouse(
        state="listed",
        course=course,
        division=place,
        listed_at=at,
        listed_by=by.name or by.ref,
        exercise_id=course.exercise_id,
        **fields,
    ).record(by=by, at=at, kind="listed")


def strike_house(row: DamagedHouse, *, why: str, by: Actor, at: datetime) -> DamagedHouse:
    _check(row.course, row.division, by)
    if not why.strip():
        raise ReasonMissing
    return row.advance("struck", by=by, at=at, changed_why=why.strip()[:300])


def _check(course: LossCourse, place: Division, by: Actor) -> None:
    if not place.path:
        raise NameOfPlaceMissing
    require(by, NEED, place.path)
    check_state(course, *_COUNTED)
    part_of(course, place)


def _checked(details: PersonDetails, *, at: datetime) -> dict[str, Any]:
    if details.age is not None and not 0 <= details.age <= _OLDEST:
        raise BadValue(name="年龄", given=str(details.age))
    if details.happened_at is not None and details.happened_at > at + timedelta(minutes=2):
        raise TimesWrong
    fields = asdict(details)
    return {
        name: value.strip()[: _LENGTHS[name]] if name in _LENGTHS else value for name, value in fields.items()
    }
