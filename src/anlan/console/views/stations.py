"""Stations: what each says now, how old that is, and on one page everything that its warnings rest on."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import orjson
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from anlan.accounts.access import require_somewhere
from anlan.console.downstream import downstream_view
from anlan.console.gatewaywords import refusals
from anlan.console.rules import rule_views
from anlan.console.templatetags.anlan import is_chinese
from anlan.console.views.base import DeskRequest, desk, shared, shared_text
from anlan.console.views.commands import panel
from anlan.console.views.journal import sees_node
from anlan.console.views.manual import manual_panel
from anlan.kernel.refusals import NotFound
from anlan.sensing import queries
from anlan.sensing.access import access_station, visible_stations
from anlan.sensing.maplayers import CONDITION_TEXTS
from anlan.sensing.types import Condition, FrameLine, LatestValue, Station, StationLine
from anlan.vocab.kinds import KINDS, kind_of
from anlan.vocab.posts import Right
from anlan.vocab.quality import LABELS, UNUSABLE, QualityFlag
from anlan.vocab.quantities import STATES, point_of, quantity_of

#: Spans of the chart that can be chosen, hours.
SPANS_H = (6, 24, 72)
DEFAULT_SPAN_H = 24

CHIPS = {
    Condition.OK: "chip--done",
    Condition.SILENT: "chip--unanswered",
    Condition.UNCERTAIN: "chip--waiting",
}


def kind_word(code: str) -> str:
    """What a kind of station is called in the reader's language."""
    known = kind_of(code)
    return known.zh if is_chinese() else known.en


def kind_words(request: DeskRequest) -> dict[str, str]:
    """The kinds that the reader has stations of, in the order of the catalogue."""
    present = set(visible_stations(request.actor).order_by().values_list("kind", flat=True).distinct())
    return {code: kind_word(code) for code in sorted(present, key=lambda one: (kind_order(one), one))}


def kind_order(code: str) -> int:
    return list(KINDS).index(code) if code in KINDS else len(KINDS)


@desk
def stations(request: DeskRequest) -> HttpResponse:
    """The list with its filters; the rows refresh themselves."""
    require_somewhere(request.actor, Right.SEE)
    chosen, query = _chosen(request), request.GET.urlencode()
    page: dict[str, Any] = {
        "chosen": chosen,
        "query": f"?{query}" if query else "",
        "rows": rows_text(request, chosen),
        "kinds": kind_words(request),
        "states": _states(),
    }
    page["refusals"] = refusals() if sees_node(request.actor) else None
    page["may_connect"] = request.actor.can_somewhere(Right.ADMINISTER)
    return render(request, "console/stations/stations.html", page)


@desk
def stations_fragment(request: DeskRequest) -> HttpResponse:
    """Only the rows, with the filters of the address."""
    require_somewhere(request.actor, Right.SEE)
    return HttpResponse(rows_text(request, _chosen(request)))


def _chosen(request: DeskRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "").strip()[:40] for name in ("q", "kind", "state")}


def rows_text(request: DeskRequest, chosen: dict[str, str]) -> str:
    """The rows as HTML; new readings change them although the journal stands still."""

    def make() -> str:
        return render_to_string("console/stations/_rows.html", _list(request, chosen))

    return shared_text(
        request, f"stations:{queries.hot_reader().changed_at()}:{sorted(chosen.items())}", make
    )


def _list(request: DeskRequest, chosen: dict[str, str]) -> dict[str, Any]:
    lines = queries.stations_for(request.actor, at=request.now)
    shown = [line for line in lines if _matches(line, chosen)]
    return {
        "lines": [_row(line) for line in shown],
        "total": len(lines),
        "read_at": request.now,
    }


def _matches(line: StationLine, chosen: dict[str, str]) -> bool:
    text, kind, state = chosen["q"].lower(), chosen["kind"], chosen["state"]
    if text and not any(text in field.lower() for field in (line.name, line.code, line.division_name)):
        return False
    if kind and line.kind != kind:
        return False
    if state == "over":
        return line.level is not None
    return not state or line.condition.value == state


def _states() -> dict[str, str]:
    return {
        "over": _("over a threshold"),
        **{condition.value: _(text) for condition, text in CONDITION_TEXTS.items()},
    }


def _row(line: StationLine) -> dict[str, Any]:
    return {
        "line": line,
        "kind": kind_word(line.kind),
        "condition": _(CONDITION_TEXTS[line.condition]),
        "chip": CHIPS.get(line.condition, ""),
        "newest": None if line.newest is None else value_view(line.newest),
    }


def value_view(value: LatestValue) -> dict[str, Any]:
    """A value with its name, flag words and whether it is struck through."""
    known, point = quantity_of(value.quantity), point_of(value.quantity)
    name = known.zh if is_chinese() else known.en
    return {
        "name": f"{name} · {point}" if point else name,
        "value": state_word(value),
        "unit": value.unit,
        "at": value.phenomenon_time,
        "received_at": value.received_at,
        "flags": flag_words(value.flag),
        "is_struck": bool(value.flag & UNUSABLE),
    }


def state_word(value: LatestValue) -> Decimal | str | None:
    """The words of a state ("lock: open"), the number of everything else."""
    words = STATES.get(value.quantity.partition("@")[0])
    if words is None or value.value is None or value.value not in (0, 1):
        return value.value
    return words[int(value.value)][0 if is_chinese() else 1]


def flag_words(flag: QualityFlag) -> list[str]:
    """Each mark on a reading in words; none for a good one."""
    return [LABELS[one][0 if is_chinese() else 1] for one in QualityFlag if one and one in flag]


@desk
def station(request: DeskRequest, code: str) -> HttpResponse:
    """One station."""
    hours = _span(request)
    name, content = shared(
        request,
        f"station:{queries.hot_reader().changed_at()}:{code}:{hours}",
        lambda: _station_text(request, code, hours),
    )
    return render(
        request,
        "console/stations/station.html",
        {"name": name, "content": mark_safe(content), **panel(request, code), **manual_panel(request, code)},  # noqa: S308 - rendered by a template, which escaped it
    )


def _station_text(request: DeskRequest, code: str, hours: int) -> tuple[str, str]:
    """The station's name and everything below it as HTML, through the door."""
    found = access_station(request.actor, code)
    detail = queries.station_page(found, request.actor, at=request.now)
    page = {
        "detail": detail,
        "row": _row(detail.line),
        "values": [value_view(value) for value in detail.latest],
        "rules": rule_views(detail),
        "downstream": downstream_view(found, request.actor),
        "frames": [frame_view(frame) for frame in detail.frames],
        "spans": SPANS_H,
        "hours": hours,
        "chart_props": _chart_props(code, hours),
        "facts": fact_views(found),
        "silent_minutes": round(detail.silent_after.total_seconds() / 60),
        "read_at": request.now,
    }
    return detail.line.name, render_to_string("console/stations/_station.html", page)


def fact_views(station: Station) -> list[tuple[str, str]]:
    """How the station is known on the wire and the facts of its kind, as words."""
    wire = [(_("Protocol"), station.protocol), (_("Address on the wire"), station.address)]
    known = {one.code: one for one in kind_of(station.kind).facts}
    facts = [
        (
            known[code].zh if is_chinese() else known[code].en,
            f"{_number_text(value)} {known[code].unit}".strip(),
        )
        for code, value in station.attributes.items()
        if code in known
    ]
    return [(name, text) for name, text in (*wire, *facts) if text]


def _number_text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _chart_props(code: str, hours: int) -> dict[str, Any]:
    return {
        "seriesUrl": f"{reverse('console:station_series', args=[code])}?hours={hours}",
        "refreshSeconds": 30,
        "text": {
            "flagged": _("doubtful readings"),
            "failed": _("The chart could not be loaded."),
            "empty": _("No readings in this time."),
        },
    }


@desk
def series(request: DeskRequest, code: str) -> HttpResponse:
    """What the chart draws, up to now."""
    found = access_station(request.actor, code)
    end = request.now
    # A reading on the very minute still belongs to the picture.
    data = queries.chart(found, end - timedelta(hours=_span(request)), end + timedelta(seconds=1))
    return HttpResponse(orjson.dumps(data), content_type="application/json")


def _span(request: DeskRequest) -> int:
    asked = request.GET.get("hours", "")
    return int(asked) if asked.isdecimal() and int(asked) in SPANS_H else DEFAULT_SPAN_H


@desk
def station_by_id(request: DeskRequest, station_id: uuid.UUID) -> HttpResponse:
    """Alarms and warnings know the id; the page's address is the code."""
    code = visible_stations(request.actor).filter(pk=station_id).values_list("code", flat=True).first()
    if code is None:
        raise NotFound
    return redirect("console:station", code)


def frame_view(frame: FrameLine) -> dict[str, Any]:
    """A raw frame with its fields as text; frames of a source are JSON and shown as they came."""
    fields = [
        (name, _plain(value)) for name, value in frame.fields.items() if value not in (None, "", [], {})
    ]
    text = "" if frame.fields else frame.data[:2000].decode("utf-8", "replace")
    return {"at": frame.received_at, "source": frame.source, "hex": frame.hex, "fields": fields, "text": text}


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
