"""Fire devices by building: what each says now, alarms first, and which of them have fallen silent."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from anlan.accounts.access import require_somewhere
from anlan.console.templatetags.anlan import is_chinese
from anlan.console.views.base import DeskRequest, desk, shared_text
from anlan.console.views.boards import tabs
from anlan.sensing import queries
from anlan.sensing.queries.fire import Building, FireCondition, FireDeviceLine, fire_buildings
from anlan.vocab.posts import Right

WORDS: dict[FireCondition, str] = {
    FireCondition.ALARM: gettext_noop("fire alarm"),
    FireCondition.FAULT: gettext_noop("fault"),
    FireCondition.SHIELDED: gettext_noop("shielded"),
    FireCondition.ACTIVE: gettext_noop("in action"),
    FireCondition.UNKNOWN: gettext_noop("nothing said yet"),
    FireCondition.NORMAL: gettext_noop("normal"),
}
CHIPS: dict[FireCondition, str] = {
    FireCondition.ALARM: "chip--red",
    FireCondition.FAULT: "chip--orange",
    FireCondition.SHIELDED: "chip--yellow",
    FireCondition.ACTIVE: "chip--blue",
    FireCondition.UNKNOWN: "",
    FireCondition.NORMAL: "chip--done",
}


@desk
def buildings(request: DeskRequest) -> HttpResponse:
    """All buildings, or with ?show=open only what is not at rest; the rows refresh themselves."""
    require_somewhere(request.actor, Right.SEE)
    page = {
        "rows": rows_text(request),
        "only_open": _only_open(request),
        "tabs": tabs("console:fire_buildings"),
    }
    return render(request, "console/fire/buildings.html", page)


@desk
def buildings_fragment(request: DeskRequest) -> HttpResponse:
    require_somewhere(request.actor, Right.SEE)
    return HttpResponse(rows_text(request))


def _only_open(request: DeskRequest) -> bool:
    return request.GET.get("show") == "open"


def rows_text(request: DeskRequest) -> str:
    """The buildings as HTML; new readings change them although the journal stands still."""
    only_open = _only_open(request)

    def make() -> str:
        found = fire_buildings(request.actor, only_open=only_open)
        page = {
            "buildings": [_building(building) for building in found],
            "only_open": only_open,
            "read_at": request.now,
        }
        return render_to_string("console/fire/_buildings.html", page)

    return shared_text(request, f"fire:{queries.hot_reader().changed_at()}:{only_open}", make)


def _building(building: Building) -> dict[str, Any]:
    counts = [(_(WORDS[one]), building.count(one), CHIPS[one]) for one in FireCondition]
    return {
        "name": building.name,
        "place": building.place,
        "place_code": building.place_code,
        "is_silent": building.is_silent,
        "counts": [(word, count, chip) for word, count, chip in counts if count],
        "devices": [_device(line) for line in building.devices],
    }


def _device(line: FireDeviceLine) -> dict[str, Any]:
    language = 0 if is_chinese() else 1
    return {
        "line": line,
        "kind": line.kind[language],
        "condition": _(WORDS[line.condition]),
        "chip": CHIPS[line.condition],
        "states": [pair[language] for pair in line.states],
    }
