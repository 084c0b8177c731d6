"""The replay: an incident or the incident of a drill as it stood at a minute that is past."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from anlan.command.access import access_room
from anlan.console import replaypage
from anlan.console import replaywords as words
from anlan.console.mine import url_of
from anlan.console.moments import input_moment, parse_moment
from anlan.console.refusals import NoSuchMoment
from anlan.console.views.base import DeskRequest, desk
from anlan.incidents.models import Incident
from anlan.journal import clocks
from anlan.kernel.clock import SHANGHAI


@desk
@require_GET
def replay(request: DeskRequest, incident_id: uuid.UUID) -> HttpResponse:
    """The page of one moment. Without scripts the slider and the field are forms, and each change is a link."""
    row = access_room(request.actor, incident_id)
    fold, span, at = replaypage.past(row, _asked(request, row))
    back = request.GET.get("from", "")[:40]
    page = replaypage.moment_page(request.actor, row, fold, span, at)
    drawn = page["map"]
    return render(request, "console/replay/replay.html", {
        **page,
        "from": back,
        "back_url": url_of("console:review", key) if (key := _key(back)) else "",
        "is_drill": row.exercise_id is not None,
        "is_inside": row.exercise_id == clocks.default_exercise_id(),
        "span": span,
        "first_input": input_moment(span.first),
        "last_input": input_moment(span.last + timedelta(minutes=1)),
        "at_input": input_moment(at),
        "bars": span.bars(),
        "speeds": words.SPEEDS,
        "map_props": None if drawn is None else words.past_map_props(request.actor, row, drawn),
        "bar_props": words.bar_props(row, span.first, span.last, at, back),
    })  # fmt: skip


@desk
@require_GET
def moment(request: DeskRequest, incident_id: uuid.UUID) -> HttpResponse:
    """The parts of the page that change, of one moment."""
    row = access_room(request.actor, incident_id)
    fold, span, at = replaypage.past(row, _asked(request, row))
    page = replaypage.moment_page(request.actor, row, fold, span, at)
    return render(request, "console/replay/_moment.html", {**page, "from": request.GET.get("from", "")[:40]})


def _asked(request: DeskRequest, row: Incident) -> datetime | None:
    """`at` is a moment; `second`, of the slider without scripts, counts from `since`."""
    given = request.GET.get("second", "")
    if given:
        if not (given.isascii() and given.isdecimal() and len(given) < 9):
            raise NoSuchMoment(value=given[:40])
        since: Any = request.GET.get("since", "")
        return parse_moment(since) + timedelta(seconds=int(given))
    text = request.GET.get("at", "").strip()
    if not text:
        return None
    if len(text) == 5 and text[2] == ":":  # an hour and a minute, of the day on which it became known
        text = f"{row.known_at.astimezone(SHANGHAI):%Y-%m-%d}T{text}"
    return parse_moment(text)


def _key(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
