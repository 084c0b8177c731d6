"""The year of drills: what is planned and was held each month, and what the year still asks for."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from anlan.accounts.access import require_somewhere
from anlan.console import drillwords as words
from anlan.console.views.base import DeskRequest, desk
from anlan.console.views.drills import standing_lines
from anlan.drills.access import visible_drills
from anlan.drills.duties import duties
from anlan.drills.files import counts
from anlan.drills.models import Drill
from anlan.journal import clocks
from anlan.kernel.clock import SHANGHAI
from anlan.vocab.posts import Right

#: Drills of one year on one page; a county with its townships and enterprises holds a few hundred.
MOST, MOST_DUTIES = 1_000, 300


@desk
@require_GET
def calendar(request: DeskRequest) -> HttpResponse:
    require_somewhere(request.actor, Right.SEE)
    today = clocks.wall_now().astimezone(SHANGHAI).date()
    text = request.GET.get("year", "")
    year = int(text) if text.isdecimal() and 2000 <= int(text) <= 2100 else today.year
    in_year = Q(held_on__year=year) | Q(held_on=None, planned_on__year=year)
    rows = list(visible_drills(request.actor).filter(in_year).exclude(state="cancelled")[:MOST])
    undated = list(_undated(request)) if year == today.year else []
    files = counts([*rows, *undated])
    page = {
        "year": year,
        "before": year - 1,
        "after": year + 1,
        "is_this_year": year == today.year,
        "months": [_month(month, rows, files, today) for month in range(1, 13)],
        "undated": [_line(row, None, files, today) for row in undated],
        "held": sum(row.state == "held" for row in rows),
        "planned": sum(row.state == "planned" for row in (*rows, *undated)),
        "standings": standing_lines(duties(request.actor, today=today)[:MOST_DUTIES], today),
        "may_run": request.actor.can_somewhere(Right.RUN_DRILLS),
        "read_at": request.now,
    }
    return render(request, "console/drills/calendar.html", page)


def _undated(request: DeskRequest) -> QuerySet[Drill]:
    """Planned without a day: they stand in no month, and are still to be held."""
    rows = visible_drills(request.actor).filter(planned_on=None, held_on=None, state="planned")
    return rows.order_by("number")[:MOST]


def _month(month: int, rows: list[Drill], files: Counter[uuid.UUID], today: date) -> dict[str, Any]:
    dated = [(on, row) for row in rows if (on := row.held_on or row.planned_on) and on.month == month]
    ordered = sorted(dated, key=lambda one: (one[0], one[1].number))
    return {"month": month, "lines": [_line(row, on, files, today) for on, row in ordered]}


def _line(row: Drill, on: date | None, files: Counter[uuid.UUID], today: date) -> dict[str, Any]:
    return {
        "row": row,
        "on": on,
        "kind": words.word(words.KINDS, row.kind),
        "state": words.word(words.STATES, row.state),
        "files": files[row.pk],
        "is_late": row.state == "planned" and on is not None and on < today,
    }
