"""What drills have for the first page of whoever may run them: planned ones whose day comes or is past, and minimums that run out."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from anlan.accounts.access import within
from anlan.console import drillwords as words
from anlan.console.mine import Item, url_of, waiting
from anlan.drills.access import visible_drills
from anlan.drills.duties import duties
from anlan.drills.models import Drill
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.vocab.posts import Right

MOST = 30
#: How long before its day a drill is shown, and a minimum before its end. Engineering choices.
DAYS_BEFORE, MINIMUM_BEFORE = timedelta(days=7), timedelta(days=60)


@waiting("drills", is_personal=False, among=lambda: [Drill.objects.filter(state="planned")])
def drills(actor: Actor, now: datetime, run: uuid.UUID | None) -> Iterator[Item]:
    """In reality alone: a drill is planned outside of the one that somebody looks at."""
    if run != clocks.folder_exercise_id() or not actor.can_somewhere(Right.RUN_DRILLS):
        return
    today = now.astimezone(SHANGHAI).date()
    rows = visible_drills(actor).filter(within(actor, "division__path", Right.RUN_DRILLS), state="planned")
    for row in rows.filter(planned_on__lte=today + DAYS_BEFORE).order_by("planned_on")[:MOST]:
        assert row.planned_on is not None
        is_late = row.planned_on < today
        yield Item(
            what=_("drill was not held") if is_late else _("drill to be held"),
            title=f"{row.number} {row.title}",
            url=url_of("console:drill", row.pk),
            due_at=_end_of(row.planned_on),
            level=1 if is_late else None,
            chip="chip--unanswered" if is_late else "chip--waiting",
        )


@waiting("drill minimums", is_personal=False)
def minimums(actor: Actor, now: datetime, run: uuid.UUID | None) -> Iterator[Item]:
    """Yearly minimums that are not reached, once their end comes near."""
    if run != clocks.folder_exercise_id() or not actor.can_somewhere(Right.RUN_DRILLS):
        return
    today = now.astimezone(SHANGHAI).date()
    near = [
        one
        for one in duties(actor, today=today, need=Right.RUN_DRILLS)
        if one.until <= today + MINIMUM_BEFORE and not (one.is_covered and one.until >= today)
    ]
    for one in near[:MOST]:
        is_late = one.until < today
        minimum = one.standing.minimum
        yield Item(
            what=pgettext("mine", "drill overdue") if is_late else pgettext("mine", "drill still owed"),
            title=f"{one.owner.name}：{words.word({'': (minimum.zh, minimum.en)}, '')}",
            url=url_of("console:drill_calendar"),
            due_at=_end_of(one.until),
            level=1 if is_late else None,
            chip="chip--unanswered" if is_late else "chip--waiting",
            note="" if minimum.is_verified else _("to be confirmed"),
        )


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time(23, 59), tzinfo=SHANGHAI)
