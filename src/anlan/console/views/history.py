"""History: a station's past as charts and tables, its events over one another, and readings out."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from django.http import FileResponse, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from anlan.accounts.access import require_somewhere
from anlan.console.views.base import DeskRequest, desk
from anlan.console.views.manual import readings_of
from anlan.kernel.clock import SHANGHAI
from anlan.sensing.access import access_station, visible_stations
from anlan.sensing.history import charts, events
from anlan.sensing.history.export import MOST_ROWS, Exported, NothingToExport, Wanted, export_readings
from anlan.sensing.history.spoken import quantity_word
from anlan.sensing.history.types import HistoryTooSlow, HistoryUnavailable
from anlan.sensing.models import Station
from anlan.vocab.posts import Right

#: Spans that can be chosen, days by their name in the address.
SPANS = {"1d": 1, "3d": 3, "14d": 14, "1y": 365}
DEFAULT_SPAN = "3d"
#: Stations in one export.
MOST_STATIONS = 200


@desk
def history(request: DeskRequest) -> HttpResponse:
    """Every station with its history, and readings of several out at once."""
    require_somewhere(request.actor, Right.SEE)
    text = request.GET.get("q", "").strip()[:40]
    rows = visible_stations(request.actor)
    found = [
        one
        for one in rows
        if not text or text.lower() in f"{one.name} {one.code} {one.division.name}".lower()
    ]
    quantities = sorted({code for one in found[:MOST_STATIONS] for code in charts.quantities_of(one)})
    page = {
        "stations": found[:500],
        "total": len(found),
        "q": text,
        "quantities": [(code, quantity_word(code)) for code in quantities],
        "formats": list(MOST_ROWS),
        "day_ago": _field(request.now - timedelta(days=1)),
        "now_field": _field(request.now),
        "read_at": request.now,
    }
    return render(request, "console/history/history.html", page)


@desk
def station_history(request: DeskRequest, station_code: str) -> HttpResponse:
    """One station over a span, as a chart and as a table that needs no script."""
    station = access_station(request.actor, station_code)
    span, start, end = _span(request.GET, request.now)
    problem, rows = "", []
    try:
        rows = charts.history_table(station, start, end)
    except (HistoryUnavailable, HistoryTooSlow) as refusal:
        problem = said(refusal)
    page = {
        "station": station,
        "span": span,
        "spans": [(name, _words()[name]) for name in SPANS],
        "start": start,
        "end": end,
        "start_field": _field(start),
        "end_field": _field(end),
        "rows": rows[: charts.TABLE_ROWS],
        "hand_readings": readings_of(station, start, end),
        "problem": problem,
        "is_raw": charts.resolution(start, end) == "raw",
        "chart_props": _props(reverse("console:history_series", args=[station.code]), start, end),
        "quantities": [(code, quantity_word(code)) for code in charts.quantities_of(station)],
        "formats": list(MOST_ROWS),
        "read_at": request.now,
    }
    return render(request, "console/history/station.html", page)


@desk
def history_series(request: DeskRequest, station_code: str) -> HttpResponse:
    """What the chart of the span draws."""
    station = access_station(request.actor, station_code)
    _name, start, end = _span(request.GET, request.now)
    return _json(charts.history_chart(station, start, end))


@desk
def station_events(request: DeskRequest, station_code: str) -> HttpResponse:
    """Past events of a station, up to three of them over one another."""
    station = access_station(request.actor, station_code)
    problem, found = "", []
    try:
        found = events.find_events(station, request.now)
    except (HistoryUnavailable, HistoryTooSlow) as refusal:
        problem = said(refusal)
    compared = _compared(request.GET, found)
    is_start = request.GET.get("align") == "start"
    query = QueryDict(mutable=True)
    query.setlist("event", [event.key for event in compared])
    query["align"] = "start" if is_start else "peak"
    address = f"{reverse('console:history_events_series', args=[station.code])}?{query.urlencode()}"
    page = {
        "station": station,
        "problem": problem,
        "events": [_event_row(event, compared) for event in found],
        "compared": [_event_row(event, compared) for event in compared],
        "is_start": is_start,
        "chart_props": {"seriesUrl": address, "text": _chart_words()},
        "overlay": _overlay_table(station, compared, is_start=is_start) if compared else None,
        "read_at": request.now,
    }
    return render(request, "console/history/events.html", page)


@desk
def events_series(request: DeskRequest, station_code: str) -> HttpResponse:
    """What the comparison draws."""
    station = access_station(request.actor, station_code)
    compared = _compared(request.GET, events.find_events(station, request.now))
    is_start = request.GET.get("align") == "start"
    return _json(events.overlay(station, compared, align_at_start=is_start))


@desk
@require_POST
def export_station(request: DeskRequest, station_code: str) -> HttpResponseBase:
    """Readings of one station out; the reader's name and the number of rows go into the journal."""
    station = access_station(request.actor, station_code)
    return _hand_out(export_readings(_wanted(request, [station]), by=request.actor, at=request.now))


@desk
@require_POST
def export_list(request: DeskRequest) -> HttpResponseBase:
    """Readings of several stations out; codes that one may not see are as if they did not exist."""
    require_somewhere(request.actor, Right.SEE)
    codes = request.POST.getlist("station")[:MOST_STATIONS]
    stations = list(visible_stations(request.actor).filter(code__in=codes))
    return _hand_out(export_readings(_wanted(request, stations), by=request.actor, at=request.now))


def _wanted(request: DeskRequest, stations: list[Station]) -> Wanted:
    start, end = _moment(request.POST.get("from", "")), _moment(request.POST.get("to", ""))
    kind = request.POST.get("format", "csv")
    known = {code for station in stations for code in charts.quantities_of(station)}
    quantities = [code for code in request.POST.getlist("quantity") if code in known] or sorted(known)
    if start is None or end is None or kind not in MOST_ROWS:
        raise NothingToExport
    return Wanted(stations, quantities, max(start, end - timedelta(days=3660)), end, kind)


def _hand_out(made: Exported) -> FileResponse:
    """The open file; its name on disk is gone at once, so nothing is left behind."""
    file = Path(made.path).open("rb")  # noqa: SIM115 - the response closes it
    made.path.unlink()
    response = FileResponse(file, as_attachment=True, filename=made.name, content_type=made.content_type)
    response["X-Anlan-Rows"] = str(made.rows)
    return response


def said(refusal: HistoryUnavailable | HistoryTooSlow) -> str:
    """The refusal in the reader's language, its reason included."""
    data = {
        name: _(value) if isinstance(value, str) and value else value for name, value in refusal.data.items()
    }
    return _(refusal.text) % data


def _span(given: QueryDict, now: datetime) -> tuple[str, datetime, datetime]:
    """The chosen span up to now, or the one that was typed; at most a year."""
    start, end = _moment(given.get("from", "")), _moment(given.get("to", ""))
    if start is not None and end is not None and start < end:
        return "", max(start, end - charts.LONGEST), end
    name = given.get("span", DEFAULT_SPAN)
    name = name if name in SPANS else DEFAULT_SPAN
    # A reading on the very minute still belongs to the picture.
    return name, now - timedelta(days=SPANS[name]), now + timedelta(seconds=1)


def _moment(text: str) -> datetime | None:
    """A local time as a browser's field gives it."""
    try:
        found = datetime.fromisoformat(text[:19])
    except ValueError:
        return None
    return found.replace(tzinfo=SHANGHAI) if found.tzinfo is None and found.year > 1970 else None


def _field(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}"


def _words() -> dict[str, str]:
    return {"1d": _("1 day"), "3d": _("3 days"), "14d": _("14 days"), "1y": _("1 year")}


def _props(url: str, start: datetime, end: datetime) -> dict[str, Any]:
    query = QueryDict(mutable=True)
    local = {"from": start, "to": end}
    query.update({name: f"{value.astimezone(SHANGHAI):%Y-%m-%dT%H:%M:%S}" for name, value in local.items()})
    return {"seriesUrl": f"{url}?{query.urlencode()}", "text": _chart_words()}


def _chart_words() -> dict[str, str]:
    return {
        "flagged": _("doubtful readings"),
        "failed": _("The chart could not be loaded."),
        "empty": _("No readings in this time."),
    }


def _compared(given: QueryDict, found: list[events.Event]) -> list[events.Event]:
    return events.chosen(found, given.getlist("event")[:20])


def _event_row(event: events.Event, compared: list[events.Event]) -> dict[str, Any]:
    return {
        "event": event,
        "quantity": quantity_word(event.quantity),
        "name": events.event_name(event),
        "hours": round((event.end - event.start) / timedelta(hours=1)),
        "is_chosen": event in compared,
    }


def _overlay_table(station: Station, compared: list[events.Event], *, is_start: bool) -> dict[str, Any]:
    """The comparison as a table: hours from the peak or the start, one column an event."""
    drawn = events.overlay(station, compared, align_at_start=is_start)["series"]
    columns = [{time // 3_600_000: value for time, value, _flag in one["points"]} for one in drawn]
    hours = sorted({hour for column in columns for hour in column})
    rows = [(f"{hour:+d} h", [column.get(hour) for column in columns]) for hour in hours]
    return {"heads": [one["label"] for one in drawn], "rows": rows[:500]}


def _json(data: Any) -> HttpResponse:
    return HttpResponse(orjson.dumps(data), content_type="application/json")
