"""Lessons: all of them, overdue first; one with what its owner or whoever writes the reviews may do."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from anlan.accounts.access import require_somewhere
from anlan.console import reviewforms as forms
from anlan.console.drillwords import word
from anlan.console.views.base import DeskRequest, desk
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.kernel.refusals import NotAllowed, NotFound, Refusal
from anlan.plans.access import visible_plans
from anlan.review import services
from anlan.review import stepwords as words
from anlan.review.access import (
    access_lesson,
    is_at_hand,
    may_manage,
    may_mend,
    require_manage,
    require_mend,
    visible_lessons,
    visible_reviews,
    written,
)
from anlan.review.models import Lesson
from anlan.vocab.posts import Right

PAGE_ROWS = 200
_CHIPS = {"open": "chip--waiting", "done": "chip--done", "dropped": ""}


def lesson_row(actor: Actor, row: Lesson, at: datetime) -> dict[str, Any]:
    """One line of a table of lessons."""
    is_late, is_here = services.is_overdue(row, at), is_at_hand(row)
    return {
        "row": row,
        "state": word(words.LESSON_STATES, row.state),
        "chip": "chip--unanswered" if is_late else _CHIPS[row.state],
        "is_late": is_late,
        "may_mend": is_here and row.state == "open" and may_mend(actor, row),
        "may_manage": is_here and may_manage(actor, row),
    }


def plans_seen(actor: Actor, rows: Iterable[Lesson]) -> set[uuid.UUID]:
    """Those of their plans that the reader sees; no statement where none names a plan."""
    named = {row.plan_id for row in rows if row.plan_id is not None}
    return set(visible_plans(actor).filter(pk__in=named).values_list("pk", flat=True)) if named else set()


@desk
@require_GET
def lessons(request: DeskRequest) -> HttpResponse:
    """Open ones, overdue on top, then by day; who owes how many."""
    require_somewhere(request.actor, Right.SEE)
    run = clocks.default_exercise_id()
    at = clocks.now(run)
    state, owner = request.GET.get("state", "open"), request.GET.get("owner", "")
    everything = visible_lessons(request.actor).filter(exercise_id=run)
    rows = everything.filter(state=state) if state in words.LESSON_STATES else everything
    if owner:
        rows = rows.filter(owner_id=owner)
    chosen = list(rows.order_by(F("due_on").asc(nulls_last=True), "pk")[:PAGE_ROWS])
    seen = set(visible_reviews(request.actor).filter(pk__in={row.review_id for row in chosen}).values_list("pk", flat=True))  # fmt: skip
    plans = plans_seen(request.actor, chosen)
    lines = [
        {
            **lesson_row(request.actor, row, at),
            "sees_review": row.review_id in seen,
            "sees_plan": row.plan_id in plans,
        }
        for row in chosen
    ]
    today = at.astimezone(SHANGHAI).date()
    owed = everything.filter(state="open").order_by().values("owner_id", "owner__name")
    page = {
        "lines": sorted(lines, key=lambda line: not line["is_late"]),
        "owed": list(
            owed.annotate(n=Count("pk"), late=Count("pk", filter=Q(due_on__lt=today))).order_by(
                "-late", "-n", "owner_id"
            )[:60]
        ),
        "state": state,
        "owner": owner,
        "states": forms.lesson_states(),
        "read_at": request.now,
    }
    return render(request, "console/reviews/lessons.html", page)


@desk
def lesson(request: DeskRequest, lesson_id: uuid.UUID) -> HttpResponse:
    """One lesson; what the pressed button names is done."""
    row = access_lesson(request.actor, lesson_id)
    error: Refusal | None = None
    if request.method == "POST":
        try:
            with written(row), transaction.atomic():
                _act(request, row, request.POST.get("verb", ""))
            return redirect("console:lesson", row.pk)
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            error, row = refusal, access_lesson(request.actor, lesson_id)
    seen = visible_reviews(request.actor).filter(pk__in=[row.review_id] if row.review_id else [])
    review = seen.defer("computed").first()
    line = lesson_row(request.actor, row, clocks.now(row.exercise_id))
    page = {
        **line,
        "sees_plan": bool(plans_seen(request.actor, [row])),
        "plans": forms.plans(request.actor) if line["may_manage"] else [],
        "review": review,
        "owners": forms.owners(request.actor) if line["may_manage"] else [],
        "error": error,
        "typed": forms.typed(request.POST) if error is not None else {},
        "read_at": request.now,
    }
    return render(request, "console/reviews/lesson.html", page, status=200 if error is None else error.status)


def _act(request: DeskRequest, row: Lesson, verb: str) -> None:
    given, by, at = request.POST, request.actor, clocks.now(row.exercise_id)
    if verb == "mended":
        require_mend(by, row)
        services.finish_lesson(row, words=given.get("words", ""), by=by, at=at)
        return
    require_manage(by, row)
    if verb == "drop":
        services.drop_lesson(row, why=given.get("words", ""), by=by, at=at)
    elif verb == "reopen":
        services.reopen_lesson(row, by=by, at=at)
    elif verb == "change":
        owner = forms.owner_of(by, given.get("owner", ""))
        services.change_lesson(
            row, owner=owner, words=given.get("words", ""), due_on=forms.day(given.get("due_on", "")),
            plan=forms.plan_of(by, given, row.plan), owner_words=given.get("owner_words", ""), by=by, at=at,
        )  # fmt: skip
    else:
        raise NotFound
