"""Forecasts as they were issued: which counts now, how old it is, how far it reaches, and one entered at the desk."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from anlan.accounts.access import require_somewhere
from anlan.console.templatetags.anlan import is_chinese
from anlan.console.views.base import DeskRequest, desk
from anlan.kernel.clock import SHANGHAI
from anlan.kernel.refusals import NotAllowed, NotFound, Refusal, fill
from anlan.places.access import visible
from anlan.places.models import Division
from anlan.sensing.access import access_forecast, visible_stations
from anlan.sensing.models import ForecastIssue, Station
from anlan.sensing.queries.forecasts import ForecastLine, forecast_lines, in_force, line_of
from anlan.sensing.services.forecasts import RAIN, BadForecast, Issue, take_forecast, values_of
from anlan.sensing.services.manual import BadValue, read_number
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import Right
from anlan.vocab.quantities import QUANTITIES

#: Quantities that the desk's own form offers; a token or a workbook may bring any.
OFFERED = (RAIN, "stage", "discharge", "inflow", "air_temperature", "wind_speed", "relative_humidity")
_LINES = 400
_ABOVE = (DivisionLevel.VILLAGE, DivisionLevel.TOWNSHIP, DivisionLevel.COUNTY)


def quantity_name(code: str) -> str:
    if code == RAIN:
        return _("rain of each interval")
    known = QUANTITIES.get(code)
    return code if known is None else (known.zh if is_chinese() else known.en)


def forecast_view(line: ForecastLine) -> dict[str, Any]:
    row = line.row
    target = row.station.name if row.station is not None else row.division.name  # type: ignore[union-attr]  # one of the two is there
    return {
        "line": line,
        "row": row,
        "target": target,
        "quantity": quantity_name(row.quantity),
        "lead_h": round(line.lead.total_seconds() / 3600, 1),
        "reach_h": round(line.reach.total_seconds() / 3600, 1),
    }


@desk
@require_GET
def forecasts(request: DeskRequest) -> HttpResponse:
    """The newest issues; those that count now first."""
    require_somewhere(request.actor, Right.SEE)
    lines = forecast_lines(request.actor, at=request.now)
    page = {
        "rows": [
            forecast_view(line) for line in lines if line.is_in_force and line.row.valid_to >= request.now
        ],
        "older": [
            forecast_view(line) for line in lines if not line.is_in_force or line.row.valid_to < request.now
        ],
        "may_enter": request.actor.can_somewhere(Right.JUDGE_READINGS),
        "read_at": request.now,
    }
    return render(request, "console/forecasts/forecasts.html", page)


@desk
@require_GET
def forecast(request: DeskRequest, forecast_id: uuid.UUID) -> HttpResponse:
    """One issue with its values, and what else its source said."""
    row = access_forecast(request.actor, forecast_id)
    same = ForecastIssue.objects.filter(series_key=row.series_key, exercise_id=row.exercise_id)
    newest = {one.pk for one in in_force(same, request.now)}
    others = same.exclude(pk=row.pk).order_by("-issued_at", "-recorded_at")[:20]
    page = {
        **forecast_view(line_of(row, is_in_force=row.pk in newest)),
        "values": values_of(row),
        "others": others,
        "read_at": request.now,
    }
    return render(request, "console/forecasts/forecast.html", page)


@desk
@require_http_methods(["GET", "HEAD", "POST"])
def new_forecast(request: DeskRequest) -> HttpResponse:
    """A forecast typed or pasted at the desk: one interval a line."""
    require_somewhere(request.actor, Right.JUDGE_READINGS)
    if request.method != "POST":
        return render(request, "console/forecasts/new.html", _form(request))
    try:
        with transaction.atomic():
            row = _take(request)
    except (BadForecast, BadValue) as refusal:
        page = {**_form(request), "error": _sentence(refusal), "given": request.POST}
        return render(request, "console/forecasts/new.html", page, status=refusal.status)
    return redirect("console:forecast", row.pk)


def _take(request: DeskRequest) -> ForecastIssue:
    given = request.POST
    station, division = _target(request, given.get("target", "")[:60])
    issued = _moment(given.get("issued_at", ""))
    if issued is None:
        raise BadForecast(why=_("the time of issue is missing"))
    issue = Issue(
        given.get("source", "")[:60], given.get("quantity", "")[:40], issued, _lines(given.get("values", ""))
    )
    return take_forecast(issue, station=station, division=division, by=request.actor, at=request.now)[0]


def _target(request: DeskRequest, text: str) -> tuple[Station | None, Division | None]:
    """What the form names, where the reader may enter forecasts; what cannot be seen does not exist."""
    kind, _colon, code = text.partition(":")
    if kind == "station":
        row = visible_stations(request.actor).filter(code=code).first()
        path = "" if row is None else row.division.path
    else:
        row = None
        place = visible(request.actor).filter(pk=code).first()
        path = "" if place is None else place.path
    if not path:
        raise NotFound
    if not request.actor.can(Right.JUDGE_READINGS, path):
        raise NotAllowed
    return (row, None) if kind == "station" else (None, place)


def _lines(text: str) -> list[tuple[datetime, datetime, Decimal]]:
    """`from, to, value` a line, separated by commas, tabs or semicolons; local times."""
    found = []
    for number, line in enumerate(text.splitlines()[:_LINES], start=1):
        if not line.strip():
            continue
        cells = [
            cell.strip() for cell in line.replace("，", ",").replace("\t", ",").replace(";", ",").split(",")
        ]
        moments = [_moment(cell) for cell in cells[:2]]
        if len(cells) != 3 or moments[0] is None or moments[1] is None:
            raise BadForecast(why=_("line %(number)s is not “from, to, value”") % {"number": number})
        found.append((moments[0], moments[1], read_number(cells[2])))
    return found


def _form(request: DeskRequest) -> dict[str, Any]:
    actor = request.actor
    stations = [one for one in visible_stations(actor) if actor.can(Right.JUDGE_READINGS, one.division.path)]
    return {
        "stations": stations[:500],
        "places": visible(actor, Right.JUDGE_READINGS)
        .filter(level__in=_ABOVE)
        .defer("geometry")
        .order_by("path")[:400],
        "quantities": [(code, quantity_name(code)) for code in OFFERED],
        "now_field": f"{request.now.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}",
        "given": {},
    }


def _sentence(refusal: Refusal) -> str:
    return fill(_(refusal.text), refusal.data)


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.strip().replace("/", "-")[:19])
    except ValueError:
        return None
    return found.replace(tzinfo=SHANGHAI) if found.tzinfo is None and found.year > 1970 else None
