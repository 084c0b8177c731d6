"""Boards of what is connected: by owner and kind, what arrives, where nobody looks, who must be connected, enterprises."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from anlan.accounts.access import require_somewhere
from anlan.console.templatetags.anlan import is_chinese
from anlan.console.views.base import DeskRequest, desk, shared
from anlan.console.views.stations import kind_word
from anlan.directory import queries as directory
from anlan.kernel.clock import SHANGHAI
from anlan.places.enterprises import visible_enterprises
from anlan.risk.access import visible_zones
from anlan.sensing import queries
from anlan.sensing.access import visible_cameras, visible_stations
from anlan.sensing.queries import hot_reader
from anlan.vocab.kinds import FAMILY_LABELS, kind_of
from anlan.vocab.mandatory import mandatory_rule
from anlan.vocab.posts import PostKind, Right
from anlan.vocab.trades import TRADES

#: Days that the arrival board shows at once.
SPANS_DAYS = (1, 7, 30)
#: Distances that the coverage board can be asked with, kilometres; the first is the default. Assumptions, not verified.
DISTANCES_KM = (5, 3, 10, 20)


def tabs(here: str) -> list[tuple[str, str, bool]]:
    """(route, words, whether one is here) of the boards."""
    found = (
        ("console:boards", _("Connection")),
        ("console:board_arrival", _("Arrival and delay")),
        ("console:board_coverage", _("Coverage")),
        ("console:board_mandatory", _("Must be connected")),
        ("console:enterprises", _("Enterprises")),
        ("console:enterprise_alarms", _("Alarms of enterprises")),
        ("console:cameras", _("Cameras")),
        ("console:fire_buildings", _("Fire devices")),
        ("console:vehicles", _("Vehicles")),
    )
    return [(route, words, route == here) for route, words in found]


@desk
def boards(request: DeskRequest) -> HttpResponse:
    """Owners by kinds: how many are connected, silent, never heard, and when the last one was heard."""
    require_somewhere(request.actor, Right.SEE)
    made = shared(
        request, f"board_matrix:{hot_reader().changed_at()}", lambda: queries.connection_matrix(request.actor)
    )
    kinds = [
        {"code": code, "word": kind_word(code), "family": _pair(FAMILY_LABELS[kind_of(code).family])}
        for code in made.kinds
    ]
    rows = [{"row": row, "cells": [(code, row.cells.get(code)) for code in made.kinds]} for row in made.rows]
    page = {"kinds": kinds, "rows": rows, "tabs": tabs("console:boards"), "read_at": request.now}
    return render(request, "console/boards/matrix.html", page)


@desk
def arrival(request: DeskRequest) -> HttpResponse:
    """By owner and day: the share of expected readings that came, and how late; one day and owner opens its stations."""
    require_somewhere(request.actor, Right.SEE)
    today = request.now.astimezone(SHANGHAI).date()
    asked = request.GET.get("days", "")
    days = int(asked) if asked.isdecimal() and int(asked) in SPANS_DAYS else SPANS_DAYS[1]
    lines = queries.arrival_lines(request.actor, first=today - timedelta(days=days - 1), last=today)
    page: dict[str, Any] = {
        "lines": [{"line": line, **_arrival_words(line)} for line in lines],
        "days": days,
        "spans": SPANS_DAYS,
        "tabs": tabs("console:board_arrival"),
        "counted_at": max((line.counted_at for line in lines), default=None),
    }
    owner, day = request.GET.get("owner", "")[:120], _day(request.GET.get("day", ""))
    if owner and day is not None:
        stations = queries.station_arrivals(request.actor, day=day, owner=owner)
        page |= {
            "owner": owner,
            "day": day,
            "stations": [
                {"one": one, "kind": kind_word(one.kind), **_arrival_words(one.line)} for one in stations
            ],
        }
    return render(request, "console/boards/arrival.html", page)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _arrival_words(line: Any) -> dict[str, Any]:
    """The rate in percent with a word for it, and the delays as words."""
    rate = None if line.rate is None else 100 * line.rate
    chip = (
        ""
        if rate is None
        else "chip--done"
        if rate >= 95
        else "chip--waiting"
        if rate >= 80
        else "chip--unanswered"
    )
    return {"percent": rate, "chip": chip, "p50": _delay(line.delay_p50), "p95": _delay(line.delay_p95)}


def _delay(delay: timedelta | None) -> str:
    """An upper bound in words: a histogram knows no exact median."""
    if delay is None:
        return "—"
    if delay == timedelta.max:
        return _("over a day")
    seconds = int(delay.total_seconds())
    if seconds < 120:
        return f"≤ {seconds} s"
    return f"≤ {seconds // 60} min" if seconds < 7200 else f"≤ {seconds // 3600} h"


@desk
def coverage(request: DeskRequest) -> HttpResponse:
    """Stations a hundred square kilometres, places far from any gauge, danger zones that no camera sees."""
    require_somewhere(request.actor, Right.SEE)
    asked = request.GET.get("km", "")
    km = int(asked) if asked.isdecimal() and int(asked) in DISTANCES_KM else DISTANCES_KM[0]
    zones = list(visible_zones(request.actor))
    middle = {
        zone.code: ((zone.min_lon + zone.max_lon) / 2, (zone.min_lat + zone.max_lat) / 2) for zone in zones
    }
    dark = set(queries.unseen(request.actor, [(code, lon, lat) for code, (lon, lat) in middle.items()]))
    page = {
        "density": queries.density(request.actor),
        "spots": queries.blind_spots(request.actor, within_km=km),
        "km": km,
        "distances": sorted(DISTANCES_KM),
        "zones": [zone for zone in zones if zone.code in dark],
        "zone_count": len(zones),
        "tabs": tabs("console:board_coverage"),
        "read_at": request.now,
    }
    return render(request, "console/boards/coverage.html", page)


@desk
def mandatory(request: DeskRequest) -> HttpResponse:
    """Who must be connected and is not, with the rule and its source."""
    require_somewhere(request.actor, Right.SEE)
    rule = mandatory_rule()
    words = {row.id: row.zh if is_chinese() else row.en for row in rule.rows}
    words |= {f"trade_{code}": _("enterprise without a registered installation") for code in TRADES}
    lines = queries.mandatory_lines(request.actor)
    standings = _standings()
    shown = [
        {
            "line": line,
            "rule": words[line.rule],
            "standing": standings[line.standing][0],
            "chip": standings[line.standing][1],
        }
        for line in lines
    ]
    counted = Counter(line.standing for line in lines if line.is_mandatory)
    page = {
        "lines": shown,
        "counts": [(word, counted[code], chip) for code, (word, chip) in standings.items() if counted[code]],
        "rule": rule,
        "title": rule.title_zh if is_chinese() else rule.title_en,
        "rows": [
            {
                "row": row,
                "words": words[row.id],
                "kind": kind_word(row.kind),
                "note": _pair((row.note_zh, row.note_en)),
            }
            for row in rule.rows
        ],
        "trades_note": _pair((rule.trades_note_zh, rule.trades_note_en)),
        "tabs": tabs("console:board_mandatory"),
        "read_at": request.now,
    }
    return render(request, "console/boards/mandatory.html", page)


def _standings() -> dict[str, tuple[str, str]]:
    return {
        "never": (_("not connected"), "chip--unanswered"),
        "silent": (_("silent"), "chip--unanswered"),
        "not_registered": (_("nothing registered"), "chip--waiting"),
        "unknown_fact": (_("cannot be judged: the fact was not entered"), "chip--waiting"),
        "connected": (_("connected"), "chip--done"),
    }


@desk
def enterprises(request: DeskRequest) -> HttpResponse:
    """Enterprises with their trade, stations by standing, cameras and safety managers."""
    require_somewhere(request.actor, Right.SEE)
    trade = request.GET.get("trade", "")[:20]
    places = [
        one for one in visible_enterprises(request.actor).defer("geometry") if not trade or one.trade == trade
    ]
    stations: dict[str, Counter[str]] = {}
    heard = hot_reader().heard()
    for station in visible_stations(request.actor).filter(division__level="enterprise"):
        is_heard = station.code in heard or station.state == "reporting"
        state = "silent" if station.state == "silent" else "connected" if is_heard else "never"
        stations.setdefault(station.division_id, Counter())[state] += 1
    cameras = Counter(visible_cameras(request.actor).values_list("division_id", flat=True))
    managers = directory.holders(
        PostKind.ENTERPRISE_SAFETY_MANAGER.value, [one.code for one in places], request.now
    )
    rows = [
        {
            "place": one,
            "above": one.parent.name if one.parent and request.actor.sees(one.parent.path) else "",
            "trade": _pair(TRADES.get(one.trade, (one.trade, one.trade))),
            "stations": stations.get(one.code, Counter()),
            "cameras": cameras[one.code],
            "managers": "、".join(holder.name for holder in managers[one.code]),
        }
        for one in places
    ]
    page = {
        "rows": rows,
        "trade": trade,
        "trades": {code: _pair(pair) for code, pair in TRADES.items()},
        "tabs": tabs("console:enterprises"),
        "read_at": request.now,
    }
    return render(request, "console/boards/enterprises.html", page)


def _pair(pair: tuple[str, str]) -> str:
    return pair[0] if is_chinese() else pair[1]
