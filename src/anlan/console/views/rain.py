"""Rain and water: what fell since an hour or in a day, on whom, and which rivers and reservoirs stand too high."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from anlan.accounts.access import require_somewhere
from anlan.console.views.base import DeskRequest, desk
from anlan.console.views.history import _field, _hand_out, _moment, said
from anlan.kernel.clock import SHANGHAI
from anlan.sensing.history import processes
from anlan.sensing.history.processes import Span
from anlan.sensing.history.report import export_situation, span_words
from anlan.sensing.history.types import HistoryTooSlow, HistoryUnavailable
from anlan.vocab.posts import Right

TOP_STATIONS = 20


@desk
def rain(request: DeskRequest) -> HttpResponse:
    """The situation of the chosen span."""
    require_somewhere(request.actor, Right.SEE)
    span = _span(request, request.GET)
    problem, found = "", None
    try:
        found = processes.situation(request.actor, span, now=request.now)
    except (HistoryUnavailable, HistoryTooSlow) as refusal:
        problem = said(refusal)
    page = {
        "span": span,
        "words": span_words(span),
        "found": found,
        "problem": problem,
        "top": found.rain[:TOP_STATIONS] if found else (),
        "rest": found.rain[TOP_STATIONS:] if found else (),
        "over_limit": [one for one in found.reservoirs if one.is_over] if found else [],
        "kinds": [
            ("since", _("since an hour")),
            ("hydro", _("hydrological day 08–08")),
            ("weather", _("weather day 20–20")),
        ],
        "since_field": _field(span.start),
        "day_field": span.end.astimezone(SHANGHAI).date().isoformat() if span.kind != "since" else "",
        "read_at": request.now,
    }
    return render(request, "console/rain/rain.html", page)


@desk
@require_POST
def export_rain(request: DeskRequest) -> HttpResponseBase:
    """The same as a workbook."""
    require_somewhere(request.actor, Right.SEE)
    span = _span(request, request.POST)
    found = processes.situation(request.actor, span, now=request.now)
    return _hand_out(export_situation(found, by=request.actor, at=request.now))


def _span(request: DeskRequest, given: QueryDict) -> Span:
    """By default the running hydrological day; what cannot be read falls back to it."""
    kind = given.get("kind", "hydro")
    if kind == "since":
        since: datetime | None = _moment(given.get("since", ""))
        return processes.span_since(since or request.now - timedelta(hours=24), request.now)
    kind = kind if kind in ("hydro", "weather") else "hydro"
    try:
        day = date.fromisoformat(given.get("day", ""))
    except ValueError:
        day = processes.running_day(kind, request.now)
    day = min(max(day, date(1971, 1, 1)), processes.running_day(kind, request.now))
    return processes.span_of_day(kind, day, request.now)
