"""The incident room: map, timeline and boards of one incident; its leader's page. Ten people share what one had made."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from anlan.command import leaders, queries, trail
from anlan.command.access import access_room, may_write
from anlan.command.guests import guest_room
from anlan.console import roomforms, roomtimeline
from anlan.console import roomwords as words
from anlan.console.fivestepwords import steps_of
from anlan.console.incidentwords import STATE_CHIPS, state_words
from anlan.console.mapprops import map_props
from anlan.console.plotwords import room_map_props
from anlan.console.roomboards import BOARDS, meetings_of
from anlan.console.slotsofcases import offered_html
from anlan.console.views.base import DeskRequest, desk, shared, shared_form, shared_text
from anlan.console.views.incidents import reader
from anlan.incidents.models import Incident
from anlan.journal import clocks
from anlan.kernel.refusals import NotFound, Refusal

#: Tab that is shown first.
FIRST = "orders"


@desk
@require_GET
def room(request: DeskRequest, incident_id: uuid.UUID) -> HttpResponse:
    """The whole page. Without scripts tabs, filters and pages are ordinary links."""
    try:
        row = access_room(request.actor, incident_id)
    except NotFound:
        return render(request, "console/command/scenes.html", guest_page(request, incident_id))
    return render(request, "console/command/room.html", page_of(request, row))


def guest_page(
    request: DeskRequest, incident_id: uuid.UUID, *, error: Refusal | None = None, verb: str = ""
) -> dict[str, Any]:
    """What whoever commands a scene, or mans the desk of its place, sees of an incident elsewhere: those scenes. Else `NotFound`."""
    row, scenes = guest_room(request.actor, incident_id)
    board = BOARDS["scenes"](row, clocks.now(row.exercise_id))
    keys = {one.pk for one in scenes}
    edited = roomforms.key_of(request.GET.get("edit", "") or request.POST.get("edit", ""))
    rows = [one for one in board["rows"] if one["scene"].pk in keys]
    return {
        "incident": row,
        "tab": "scenes",
        "rows": rows,
        "open": sum(one["scene"].state != "closed" for one in rows),
        "own_scenes": keys,
        "writes_scenes": True,
        "edited": next((one for one in scenes if one.pk == edited and one.state != "closed"), None),
        "lines": roomtimeline.of_scenes(row, scenes),
        "state": state_words()[row.state],
        "chip": STATE_CHIPS[row.state],
        "roles": [
            (words.role_words()[one.role], one)
            for one in queries.in_command(row).values()
            if one.scene_id is None
        ],
        "error": error,
        "error_verb": verb,
        "was": {verb: request.POST} if error is not None else {},
        "read_at": request.now,
    }


def page_of(
    request: DeskRequest, row: Incident, *, error: Refusal | None = None, verb: str = "", tab: str = ""
) -> dict[str, Any]:
    """Everything that the page shows; with `error`, the form that was refused and what was typed into it."""
    at = clocks.now(row.exercise_id)
    given = tab or request.GET.get("tab", "")
    tab = given if given in BOARDS else FIRST
    writes = may_write(request.actor, row) and not row.is_restricted
    forms = roomforms.choices(request, row, tab, at, writes=writes) if not row.is_restricted else {}
    return {
        "incident": row,
        "tab": tab,
        "tabs": words.tab_words().items(),
        "head": _head(request, row),
        "timeline": _timeline(request, row),
        "board": _board(request, row, tab),
        "chosen": _chosen(request),
        "number": _number(request),
        "map_props": _map(request, row),
        "like_cases": shared_text(
            request, f"room:cases:{row.pk}:{reader(request.actor)}", lambda: str(offered_html(request, row))
        ),
        "writes": writes,
        "error": error,
        "error_verb": verb,
        "was": {verb: request.POST} if error is not None else {},
        "read_at": request.now,
        **forms,
    }


@desk
@require_GET
def head(request: DeskRequest, incident_id: uuid.UUID) -> HttpResponse:
    return HttpResponse(_head(request, access_room(request.actor, incident_id)))


@desk
@require_GET
def timeline(request: DeskRequest, incident_id: uuid.UUID) -> HttpResponse:
    return HttpResponse(_timeline(request, access_room(request.actor, incident_id)))


@desk
@require_GET
def board(request: DeskRequest, incident_id: uuid.UUID, tab: str) -> HttpResponse:
    if tab not in BOARDS:
        raise NotFound
    return HttpResponse(_board(request, access_room(request.actor, incident_id), tab))


@desk
@require_GET
def leader(request: DeskRequest, incident_id: uuid.UUID) -> HttpResponse:
    """One screen and one printed sheet for whoever decides."""
    row = access_room(request.actor, incident_id)
    page = {"incident": row, "sheet": _leader(request, row), "read_at": request.now}
    return render(request, "console/command/leader.html", page)


@desk
@require_GET
def leader_fragment(request: DeskRequest, incident_id: uuid.UUID) -> HttpResponse:
    return HttpResponse(_leader(request, access_room(request.actor, incident_id)))


def _key(request: DeskRequest, row: Incident, part: str) -> str:
    return f"room:{part}:{row.pk}:{reader(request.actor) if row.is_restricted else ''}"


def _head(request: DeskRequest, row: Incident) -> SafeString:
    def make() -> str:
        at = clocks.now(row.exercise_id)
        page = leaders.leaders_page(row, at, subjects=_trail(request, row))
        found = {
            "incident": row,
            "page": page,
            "state": state_words()[row.state],
            "chip": STATE_CHIPS[row.state],
            "steps": steps_of(row),
            "meetings": [] if row.is_restricted else meetings_of(row),
            "roles": [(words.role_words()[one.role], one) for one in page.commanders],
            "read_at": at,
        }
        return render_to_string("console/command/_head.html", found)

    return shared_text(request, _key(request, row, "head"), make)


def _trail(request: DeskRequest, row: Incident) -> trail.Subjects:
    """What belongs to the incident, for head and timeline alike."""
    return shared(request, f"room:trail:{row.pk}", lambda: trail.subjects_of(row, with_messages=False))


def _timeline(request: DeskRequest, row: Incident) -> SafeString:
    chosen, number = _chosen(request), _number(request)

    def make() -> str:
        page = roomtimeline.timeline(
            request.actor, row, chosen=chosen, number=number, subjects=_trail(request, row)
        )
        found = {
            "incident": row,
            "page": page,
            "chosen": chosen,
            "filters": words.filter_words().items(),
            "read_at": clocks.now(row.exercise_id),
        }
        return render_to_string("console/command/_timeline.html", found)

    return shared_text(request, _key(request, row, f"timeline:{chosen}:{number}"), make)


def _board(request: DeskRequest, row: Incident, tab: str) -> SafeString:
    writes = may_write(request.actor, row) and not row.is_restricted
    scenes = roomforms.writable_scenes(request, row) if tab == "scenes" and not writes else frozenset()

    def make() -> dict[str, Any]:
        at = clocks.now(row.exercise_id)
        return {
            "incident": row,
            "writes": writes,
            "own_scenes": scenes,
            "read_at": at,
            **({} if row.is_restricted else BOARDS[tab](row, at)),
        }

    name = _key(request, row, f"board:{tab}:{writes}:{sorted(map(str, scenes))}")
    return shared_form(request, name, f"console/command/_board_{tab}.html", make)


def _leader(request: DeskRequest, row: Incident) -> SafeString:
    def make() -> str:
        at = clocks.now(row.exercise_id)
        page = leaders.leaders_page(row, at, subjects=_trail(request, row))
        people = [one for one in page.figures if one.code in leaders.ALWAYS]
        others = [one for one in page.figures if one.code not in leaders.ALWAYS]
        found = {
            "incident": row,
            "page": page,
            "steps": [] if row.is_restricted else steps_of(row),
            "people": people,
            "others": others,
            "roles": [(words.role_words()[one.role], one) for one in page.commanders],
            "read_at": at,
        }
        return render_to_string("console/command/_leader.html", found)

    return shared_text(request, _key(request, row, "leader"), make)


def _map(request: DeskRequest, row: Incident) -> dict[str, Any]:
    """The island of plotting with the address that its forms go to."""
    if row.is_restricted:
        return map_props(incident=row)
    return room_map_props(request.actor, row, get_token(request))


def _chosen(request: DeskRequest) -> str:
    given = request.GET.get("kind", "")
    return given if given in roomtimeline.FILTERS else ""


def _number(request: DeskRequest) -> int:
    given = request.GET.get("page", "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 6 else 1
