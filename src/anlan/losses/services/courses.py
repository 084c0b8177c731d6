"""Open a course, say which hazards and townships belong to it, call it stable, close it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from anlan.accounts.access import require
from anlan.incidents.models import Incident
from anlan.incidents.numbering import next_number
from anlan.journal.services import record_all
from anlan.kernel.actor import Actor
from anlan.losses import hazards
from anlan.losses.limits import limits_at
from anlan.losses.models import CoursePart, CourseReport, CourseState, LossCourse
from anlan.losses.refusals import (
    AlreadyCounted,
    CourseIsOver,
    CourseTitleMissing,
    NotInCourse,
    NotOfThisIncident,
    NoTownships,
    ReasonMissing,
    ReportWaits,
    StateForbids,
    TimesWrong,
)
from anlan.losses.services import clocks
from anlan.losses.types import CourseDetails
from anlan.places.models import Division
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.incidents import EventClass
from anlan.vocab.posts import Right

NEED = Right.TAKE_REPORTS
_SLACK = timedelta(minutes=2)
STATE_WORDS: dict[str, tuple[str, str]] = {
    "open": ("统计中", "open"),
    "stable": ("灾情稳定", "stable"),
    "verified": ("已核报", "verified"),
    "closed": ("已归档", "closed"),
    "withdrawn": ("已撤销", "withdrawn"),
}
_WAITING = ("draft", "review", "reviewed")


def open_course(
    details: CourseDetails, *, by: Actor, at: datetime, exercise_id: uuid.UUID | None = None
) -> LossCourse:
    """A disaster begins to be counted: the clocks of its first reports run from `known_at`."""
    county = details.county
    require(by, NEED, county.path)
    title = details.title.strip()
    if not title:
        raise CourseTitleMissing
    subs, main, first = hazards.main_of(details.sub_hazards, details.main_hazard)
    _check_times(details, at=at)
    _check_townships(county, details.townships)
    _check_incident(county, details.incident)
    _check_single(county, first, details.separate_why, exercise_id)
    limits = limits_at(at, path=county.path, exercise_id=exercise_id)
    course = LossCourse(
        state=CourseState.OPEN,
        number=next_number("losses", at, form="灾{year}-{serial:03d}"),
        title=title[:120],
        division=county,
        sub_hazards=subs,
        main_hazard=main,
        first_hazard=first,
        began_at=details.began_at,
        known_at=details.known_at,
        incident=details.incident,
        separate_why=details.separate_why.strip()[:300],
        round_at=clocks.first_round(first, details.known_at, limits),
        exercise_id=exercise_id,
    ).record(by=by, at=at, kind="opened")
    _join(course, details.townships, since=details.known_at, by=by, at=at)
    return course


def add_townships(course: LossCourse, townships: Sequence[Division], *, by: Actor, at: datetime) -> int:
    """More townships are hit; their first clock starts now. Returns how many are new."""
    require(by, NEED, course.division.path)
    check_state(course, CourseState.OPEN)
    _check_townships(course.division, townships)
    known = set(course.parts.values_list("division_id", flat=True))
    fresh = [one for one in townships if one.pk not in known]
    _join(course, fresh, since=at, by=by, at=at)
    return len(fresh)


def change_hazards(
    course: LossCourse, subs: Iterable[str], main: str, *, by: Actor, at: datetime
) -> LossCourse:
    """Another hazard joined: one course with a main hazard. A course never becomes a drought or stops being one."""
    require(by, NEED, course.division.path)
    check_state(course, CourseState.OPEN, CourseState.STABLE)
    listed, chosen, first = hazards.main_of(subs, main)
    if (first == "drought") != clocks.is_drought(course):
        raise StateForbids(state=hazards.FIRST[course.first_hazard][0])
    return course.change(
        by=by, at=at, kind="changed", sub_hazards=listed, main_hazard=chosen, first_hazard=first
    )


def link_incident(course: LossCourse, incident: Incident | None, *, by: Actor, at: datetime) -> LossCourse:
    require(by, NEED, course.division.path)
    check_state(course, CourseState.OPEN, CourseState.STABLE, CourseState.VERIFIED)
    _check_incident(course.division, incident)
    return course.change(by=by, at=at, kind="changed", incident_id=None if incident is None else incident.pk)


def mark_stable(course: LossCourse, *, reason: str, by: Actor, at: datetime) -> LossCourse:
    """No new losses are expected: daily reports end, the clock of the verification starts."""
    require(by, NEED, course.division.path)
    check_state(course, CourseState.OPEN)
    _need_words(reason)
    course.advance(
        CourseState.STABLE, by=by, at=at, stable_at=at, round_at=None, ended_why=reason.strip()[:300]
    )
    daily = [
        kind for kind in clocks.KIND_WORDS if kind not in ("county_first", "county_direct", "county_verify")
    ]
    clocks.drop(course, daily, by=by, at=at)
    clocks.open_verification(course, stable_at=at, by=by, at=at)
    return course


def reopen_course(course: LossCourse, *, reason: str, by: Actor, at: datetime) -> LossCourse:
    """It was not over after all: reports go on from the next round."""
    require(by, NEED, course.division.path)
    check_state(course, CourseState.STABLE)
    _need_words(reason)
    waiting = CourseReport.objects.filter(course=course, kind="verify", state__in=_WAITING)
    if waiting.exists():
        raise ReportWaits
    course.advance(
        CourseState.OPEN,
        by=by,
        at=at,
        stable_at=None,
        round_at=clocks.first_round(course.first_hazard, at, clocks.limits_of(course, at)),
        ended_why=reason.strip()[:300],
    )
    clocks.drop(course, ["county_verify"], by=by, at=at)
    return course


def close_course(course: LossCourse, *, by: Actor, at: datetime) -> LossCourse:
    """Verified, and nobody needs it on the desk any more."""
    require(by, NEED, course.division.path)
    check_state(course, CourseState.VERIFIED)
    return course.advance(CourseState.CLOSED, by=by, at=at, ended_at=at)


def withdraw_course(course: LossCourse, *, reason: str, by: Actor, at: datetime) -> LossCourse:
    """It was opened by mistake. Once something was signed upward there is no way back."""
    require(by, NEED, course.division.path)
    check_state(course, CourseState.OPEN)
    _need_words(reason)
    if CourseReport.objects.filter(course=course).exclude(state="dropped").exists():
        raise ReportWaits
    course.advance(
        CourseState.WITHDRAWN, by=by, at=at, ended_at=at, round_at=None, ended_why=reason.strip()[:300]
    )
    clocks.drop(course, None, by=by, at=at)
    return course


def part_of(course: LossCourse, place: Division) -> CoursePart:
    """The township of a place, if it takes part."""
    codes = place.path.split("/")
    part = course.parts.filter(division_id__in=codes).select_related("division").first()
    if part is None:
        raise NotInCourse(place=place.name)
    return part


def check_state(course: LossCourse, *allowed: str) -> None:
    if course.state not in {str(one) for one in allowed}:
        if course.state in (CourseState.VERIFIED, CourseState.CLOSED):
            raise CourseIsOver(title=course.title)
        raise StateForbids(state=STATE_WORDS[course.state][0])


def _join(
    course: LossCourse, townships: Sequence[Division], *, since: datetime, by: Actor, at: datetime
) -> None:
    rows = [
        CoursePart(course=course, division=one, joined_at=since, exercise_id=course.exercise_id)
        for one in townships
    ]
    record_all(rows, by=by, at=at, kind="joined")
    if rows:
        clocks.open_first(course, townships, since=since, by=by, at=at)


def _need_words(reason: str) -> None:
    if not reason.strip():
        raise ReasonMissing


def _check_times(details: CourseDetails, *, at: datetime) -> None:
    if not details.began_at <= details.known_at <= at + _SLACK:
        raise TimesWrong


def _check_townships(county: Division, townships: Sequence[Division]) -> None:
    if not townships:
        raise NoTownships
    for one in townships:
        if one.level != DivisionLevel.TOWNSHIP or not one.path.startswith(county.path + "/"):
            raise NotInCourse(place=one.name)


def _check_incident(county: Division, incident: Incident | None) -> None:
    if incident is None:
        return
    is_here = incident.division.path == county.path or incident.division.path.startswith(county.path + "/")
    if incident.event_class != EventClass.NATURAL or not is_here:
        raise NotOfThisIncident


def _check_single(county: Division, first: str, why: str, exercise_id: uuid.UUID | None) -> None:
    """One entrance, one course a disaster (K-22): a second open one of the same kind needs a word."""
    if why.strip():
        return
    other = LossCourse.objects.filter(
        division=county, first_hazard=first, state=CourseState.OPEN, exercise_id=exercise_id
    )
    found = other.order_by("-known_at", "-id").first()
    if found is not None:
        raise AlreadyCounted(title=found.title)
