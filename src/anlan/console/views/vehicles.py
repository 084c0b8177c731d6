"""Vehicles now: a list and a layer of the map. An old position says where a vehicle was, and is called old."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse

from anlan.accounts.access import require_somewhere
from anlan.console.mapprops import map_props
from anlan.console.views.base import DeskRequest, desk, shared, shared_text
from anlan.console.views.boards import tabs
from anlan.console.views.maps import answer_layer
from anlan.console.views.stations import kind_word
from anlan.sensing import maplayers, queries
from anlan.sensing.maplayers import MapLayer
from anlan.sensing.queries.vehicles import STALE_AFTER, VehicleLine, vehicles_now
from anlan.vocab.posts import Right

_COMPASS = (("北", "N"), ("东北", "NE"), ("东", "E"), ("东南", "SE"), ("南", "S"), ("西南", "SW"), ("西", "W"), ("西北", "NW"))  # fmt: skip


@desk
def vehicles(request: DeskRequest) -> HttpResponse:
    """The list beside the map; the rows refresh themselves."""
    require_somewhere(request.actor, Right.SEE)
    page = {"rows": rows_text(request), "map_props": map_props(), "tabs": tabs("console:vehicles")}
    return render(request, "console/vehicles/vehicles.html", page)


@desk
def vehicles_fragment(request: DeskRequest) -> HttpResponse:
    require_somewhere(request.actor, Right.SEE)
    return HttpResponse(rows_text(request))


@desk
def map_vehicles(request: DeskRequest) -> HttpResponse:
    """Vehicles at their last position, as GeoJSON."""

    def make() -> MapLayer:
        return maplayers.vehicles(
            request.actor, at=request.now, url_of=lambda code: reverse("console:station", args=[code])
        )

    return answer_layer(request, shared(request, _name(request, "map_vehicles"), make))


def _name(request: DeskRequest, what: str) -> str:
    """Positions grow old by themselves, so a minute is part of what a shared value depends on."""
    return f"{what}:{queries.hot_reader().changed_at()}:{int(request.now.timestamp()) // 60}"


def rows_text(request: DeskRequest) -> str:
    """The rows as HTML."""

    def make() -> str:
        page = {
            "lines": [_row(line) for line in vehicles_now(request.actor, at=request.now)],
            "stale_min": round(STALE_AFTER.total_seconds() / 60),
            "read_at": request.now,
        }
        return render_to_string("console/vehicles/_rows.html", page)

    return shared_text(request, _name(request, "vehicles"), make)


def _row(line: VehicleLine) -> dict[str, Any]:
    direction = None if line.direction_deg is None else _COMPASS[round(line.direction_deg / 45) % 8]
    return {"line": line, "kind": kind_word(line.kind), "direction": direction}
