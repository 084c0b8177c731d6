"""The verbs of lessons: somebody owes it until a day; due and overdue it is announced, until it is mended or dropped with words."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta
from typing import Any

from anlan.events.published import LessonDue
from anlan.incidents.models import Incident
from anlan.journal import clocks
from anlan.journal.services import announce
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.places.models import Division
from anlan.plans.models import Plan
from anlan.review.models import Lesson, Review, ReviewFinding
from anlan.review.refusals import DueInThePast, LessonNotOpen, WordsMissing

#: When in the morning a lesson is said to be due, local time, and how often an overdue one comes again. Engineering choices.
MORNING = time(8, 30)
AGAIN = timedelta(days=7)


def add_lesson(
    review: Review | None,
    owner: Division,
    words: str,
    due_on: date | None,
    owner_words: str = "",
    finding: ReviewFinding | None = None,
    *,
    plan: Plan | None = None,
    by: Actor,
    at: datetime,
) -> Lesson:
    """Something to be mended by `owner` until the local day `due_on`; without a day nobody is reminded. `plan` is to be revised."""
    what = _words(words)
    _check_due(due_on, at)
    row = Lesson(
        state="open",
        review=review,
        finding=finding,
        plan=plan,
        words=what,
        owner=owner,
        owner_words=owner_words.strip()[:60],
        due_on=due_on,
        remind_at=_first_morning(due_on, at),
        exercise_id=review.exercise_id if review is not None else clocks.default_exercise_id(),
    )
    return row.record(by=by, at=at, kind="opened")


def change_lesson(
    lesson: Lesson,
    *,
    owner: Division,
    words: str,
    due_on: date | None,
    plan: Plan | None,
    owner_words: str = "",
    by: Actor,
    at: datetime,
) -> Lesson:
    """Another owner, day, plan or wording; what was rung for the former day is silent."""
    _require_open(lesson)
    what = _words(words)
    if due_on != lesson.due_on:
        _check_due(due_on, at)
    fields: dict[str, Any] = {"owner": owner, "words": what, "due_on": due_on, "plan": plan, "owner_words": owner_words.strip()[:60]}  # fmt: skip
    if due_on != lesson.due_on or owner.pk != lesson.owner_id:
        fields["remind_at"] = _first_morning(due_on, at)
    lesson.change(by=by, at=at, kind="changed", fields=fields)
    if "remind_at" in fields:
        _tell(lesson, "closed", at)
    return lesson


def finish_lesson(lesson: Lesson, *, words: str, by: Actor, at: datetime) -> Lesson:
    """Mended; `words` say how."""
    _require_open(lesson)
    lesson.advance("done", by=by, at=at, done_at=at, done_words=_words(words)[:300], remind_at=None)
    _tell(lesson, "closed", at)
    return lesson


def drop_lesson(lesson: Lesson, *, why: str, by: Actor, at: datetime) -> Lesson:
    _require_open(lesson)
    lesson.advance("dropped", by=by, at=at, dropped_why=_words(why)[:300], remind_at=None)
    _tell(lesson, "closed", at)
    return lesson


def reopen_lesson(lesson: Lesson, *, by: Actor, at: datetime) -> Lesson:
    """It was not mended after all; an old day stays and is overdue at once."""
    if lesson.state == "open":
        return lesson
    return lesson.advance(
        "open", by=by, at=at, done_at=None, done_words="", dropped_why="", remind_at=_first_morning(lesson.due_on, at)
    )  # fmt: skip


def remind(lesson: Lesson, *, by: Actor, at: datetime) -> Lesson:
    """Its day has come, or is past: announce it. It comes again on the morning after the day, then every week."""
    due_on = lesson.due_on
    if due_on is None:
        return lesson.change(by=by, at=at, kind="reminded", remind_at=None)
    is_over = at.astimezone(SHANGHAI).date() > due_on
    following = at + AGAIN if is_over else _morning(due_on + timedelta(days=1))
    lesson.change(by=by, at=at, kind="overdue" if is_over else "reminded", remind_at=following)
    _tell(lesson, "overdue" if is_over else "due", at)
    return lesson


def is_overdue(lesson: Lesson, at: datetime) -> bool:
    """The day itself is not over yet."""
    return (
        lesson.state == "open"
        and lesson.due_on is not None
        and at.astimezone(SHANGHAI).date() > lesson.due_on
    )


def _tell(lesson: Lesson, what: str, at: datetime) -> None:
    announce(
        LessonDue(
            str(lesson.pk),
            words=_said(lesson),
            owner=lesson.owner.name,
            division=lesson.owner_id,
            what=what,
            exercise_id=_text(lesson.exercise_id),
        ),
        at=at,
        exercise_id=lesson.exercise_id,
    )


def _said(lesson: Lesson) -> str:
    """Of what a restricted incident taught, an alarm says the number alone: a desk hears it that may not read the incident."""
    return _closed_number(lesson.review) or f"{lesson.owner.name}：{lesson.words}"[:200]


def _closed_number(review: Review | None) -> str:
    """The number of the restricted incident, or of the drill with one in its run; "" where everything may be said."""
    if review is None:
        return ""
    if review.incident is not None:
        return review.incident.number if review.incident.is_restricted else ""
    run = review.drill.run_id if review.drill is not None else None
    is_closed = run is not None and Incident.objects.filter(exercise_id=run, is_restricted=True).exists()
    return review.drill.number if is_closed and review.drill is not None else ""


def _text(key: uuid.UUID | None) -> str | None:
    return None if key is None else str(key)


def _words(words: str) -> str:
    if not words.strip():
        raise WordsMissing
    return words.strip()[:4000]


def _check_due(due_on: date | None, at: datetime) -> None:
    if due_on is not None and due_on < at.astimezone(SHANGHAI).date():
        raise DueInThePast


def _first_morning(due_on: date | None, at: datetime) -> datetime | None:
    return None if due_on is None else max(_morning(due_on), at)


def _morning(day: date) -> datetime:
    return datetime.combine(day, MORNING, tzinfo=SHANGHAI)


def _require_open(lesson: Lesson) -> None:
    if lesson.state != "open":
        raise LessonNotOpen
