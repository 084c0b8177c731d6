"""Lessons on the first page: what my place has to mend, and drafts of reviews that I began."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from django.utils.translation import pgettext

from anlan.accounts.access import within
from anlan.console.mine import Item, followed, url_of, waiting
from anlan.console.mineproviders import MOST, URGENT
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.review.access import visible_lessons, visible_reviews
from anlan.review.models import Lesson, Review
from anlan.review.services import is_overdue
from anlan.vocab.posts import Right

#: A lesson waits on the first page so long before its day. Engineering choice.
AHEAD = timedelta(days=7)


@waiting("lessons", is_personal=False, among=lambda: [Lesson.objects.filter(state="open")])
def lessons(actor: Actor, now: datetime, run: uuid.UUID | None) -> Iterator[Item]:
    """Those that the desk of a place owes, the oldest day first."""
    if not actor.can_somewhere(Right.REPORT):
        return
    until = (now + AHEAD).astimezone(SHANGHAI).date()
    rows = visible_lessons(actor).filter(
        within(actor, "owner__path", Right.REPORT), state="open", due_on__lte=until, exercise_id=run
    )
    for row in rows.order_by("due_on", "pk")[:MOST]:
        is_late = is_overdue(row, now)
        end = datetime.combine(row.due_on, time(23, 59), tzinfo=SHANGHAI)  # type: ignore[arg-type]  # filtered above
        yield Item(
            what=pgettext("mine", "lesson overdue") if is_late else pgettext("mine", "lesson to be mended"),
            title=f"{row.owner.name} {row.owner_words}：{row.words}"[:120],
            url=url_of("console:lesson", row.pk),
            due_at=end.astimezone(UTC),
            level=1 if is_late else None,
            chip=URGENT if is_late else "chip--waiting",
        )


@followed("reviews", among=lambda: [Review.objects.filter(state="draft")])
def reviews(actor: Actor, now: datetime, run: uuid.UUID | None) -> Iterator[Item]:
    """Reviews that I began and that are not final."""
    if not actor.can_somewhere(Right.REVIEW_INCIDENTS) or not actor.name:
        return
    rows = visible_reviews(actor).filter(state="draft", made_by_name=actor.name, exercise_id=run)
    for row in rows.defer("computed", "summary").order_by("-made_at")[:MOST]:
        yield Item(
            what=pgettext("mine", "review being written"),
            title=row.title[:120],
            url=url_of("console:review", row.pk),
            since=row.made_at,
        )
