"""The one door to reviews and lessons.

A review is read by whoever may read all that it is about: its incident, or its drill and every incident of the run. One that is
being written is read by those alone who write reviews there. A lesson is also read by the desk that has to mend it.

From inside a drill nobody writes the review or the lesson of a real incident. What is about a drill itself is work of reality
and may be written from anywhere, also from inside.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.db.models import Exists, OuterRef, Q, QuerySet

from anlan.accounts.access import require, within
from anlan.drills.access import visible_drills
from anlan.incidents.access import visible_incidents
from anlan.incidents.models import Incident
from anlan.journal import clocks
from anlan.journal.refusals import OfAnotherRun
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotAllowed, NotFound
from anlan.review.models import Lesson, Review
from anlan.vocab.posts import Right


def _readable(actor: Actor) -> QuerySet[Review]:
    """Reviews of what the actor may read, whatever their state."""
    incidents = visible_incidents(actor).order_by().values("pk")
    drills = visible_drills(actor).order_by().values("pk")
    closed = Incident.objects.filter(exercise_id=OuterRef("drill__run_id"), is_restricted=True)
    free = ~Exists(closed) | within(actor, "division__path", Right.SEE_RESTRICTED)
    about_drill = Q(incident=None, drill__in=drills) & (Q(drill__run=None) | free)
    return Review.objects.filter(Q(incident__in=incidents) | about_drill)


def visible_reviews(actor: Actor) -> QuerySet[Review]:
    """Final ones, and drafts where the actor writes reviews."""
    rows = _readable(actor).filter(within(actor, "division__path"))
    rows = rows.filter(Q(state="final") | within(actor, "division__path", Right.REVIEW_INCIDENTS))
    return rows.select_related("division", "incident", "drill").defer("division__geometry")


def access_review(actor: Actor, review_id: uuid.UUID, *, need: Right = Right.SEE) -> Review:
    row = visible_reviews(actor).filter(pk=review_id).first()
    if row is None:
        raise NotFound
    if need is not Right.SEE:
        require(actor, need, row.division.path)
    return row


def is_at_hand(row: Review | Lesson) -> bool:
    """Whether it may be written from where the reader is: in reality all of them, in a drill its own and those about drills."""
    review = row if isinstance(row, Review) else row.review
    is_about_drill = review is not None and review.drill_id is not None
    return is_about_drill or not clocks.is_out_of_reach(row.exercise_id)


@contextmanager
def written(row: Review | Lesson) -> Iterator[None]:
    """Inside, the run of the row was entered; refused where it is not at hand."""
    if not is_at_hand(row):
        raise OfAnotherRun
    with clocks.entered(row.exercise_id):
        yield


def visible_lessons(actor: Actor) -> QuerySet[Lesson]:
    """Those that the actor's places have to mend, and those of reviews of his places; of a restricted incident only to its readers."""
    here = within(actor, "owner__path") | within(actor, "review__division__path")
    restricted = Q(review__incident__is_restricted=True)
    readable = Q(review__incident__in=visible_incidents(actor).order_by().values("pk"))
    drilled = Incident.objects.filter(exercise_id=OuterRef("review__drill__run_id"), is_restricted=True)
    secret = Q(review__drill__run__isnull=False) & Exists(drilled)
    free = ~secret | within(actor, "review__division__path", Right.SEE_RESTRICTED)
    rows = Lesson.objects.filter(here & (Q(review=None) | ~restricted | readable) & (Q(review=None) | free))
    rows = rows.select_related(
        "owner", "plan", "review", "review__division", "review__incident", "review__drill"
    )
    return rows.defer("owner__geometry", "review__division__geometry", "review__computed")


def may_manage(actor: Actor, lesson: Lesson) -> bool:
    """Whoever writes the reviews there changes owner, day and words, and drops it."""
    where = lesson.review.division.path if lesson.review is not None else lesson.owner.path
    return actor.can(Right.REVIEW_INCIDENTS, where)


def may_mend(actor: Actor, lesson: Lesson) -> bool:
    """The owner's desk says that it is mended; so does whoever manages it."""
    return may_manage(actor, lesson) or actor.can(Right.REPORT, lesson.owner.path)


def access_lesson(actor: Actor, lesson_id: uuid.UUID) -> Lesson:
    row = visible_lessons(actor).filter(pk=lesson_id).first()
    if row is None:
        raise NotFound
    return row


def require_mend(actor: Actor, lesson: Lesson) -> None:
    if not may_mend(actor, lesson):
        raise NotAllowed


def require_manage(actor: Actor, lesson: Lesson) -> None:
    if not may_manage(actor, lesson):
        raise NotAllowed
