"""Plotting (标绘) on the desk: what the room map shows, drawing on it by JSON, and the same as a table without scripts."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

import orjson
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.command import plotting
from anlan.command.access import may_write_scene, row_of
from anlan.command.models import PlotMark, Scene
from anlan.command.plotrefusals import NoGeometry
from anlan.command.services import place_scene
from anlan.console import plotlayers, plotwords
from anlan.console.plotform import typed_geometry, typed_text
from anlan.console.views.base import DeskRequest, desk, shared
from anlan.console.views.maps import answer_layer
from anlan.incidents.access import access_incident
from anlan.incidents.models import Incident
from anlan.journal import clocks
from anlan.kernel.ids import uuid7
from anlan.kernel.refusals import NotAllowed, NotFound, Refusal, fill
from anlan.sensing.maplayers import MapLayer
from anlan.vocab.posts import Right

#: More than the largest mark in JSON, bytes.
MOST_BODY = 300_000
FIELDS = ("verb", "symbol", "label", "mark", "version", "key")


@desk
@require_GET
def plot_json(request: DeskRequest, incident_id: uuid.UUID) -> HttpResponse:
    """Marks, teams, tracks and scenes of one incident; not sent again while nothing changed."""
    row = access_incident(request.actor, incident_id)

    def make() -> MapLayer:
        found = plotlayers.document(row, at=clocks.now(row.exercise_id))
        tag = orjson.dumps({name: part for name, part in found.items() if name != "read_at"})
        return MapLayer(orjson.dumps(found), hashlib.sha256(tag).hexdigest()[:32])

    return answer_layer(request, shared(request, f"plot:{row.pk}", make))


@desk
@require_POST
def plot_act(request: DeskRequest, incident_id: uuid.UUID) -> HttpResponse:
    """One verb of the map as JSON: place, move, relabel, remove. Answers the mark, or the refusal and the mark as it is now.

    `move_scene` puts a scene in its place and answers the scene; it asks whether the actor may write that scene.
    """
    row = access_incident(request.actor, incident_id)
    draws = request.actor.can(Right.COMMAND, row.division.path)
    if not draws and b"move_scene" not in request.body[:MOST_BODY]:
        raise NotAllowed
    given = _decoded(request)
    if given.get("verb") == "move_scene":
        return _move_scene(request, row, given)
    if not draws:
        raise NotAllowed
    try:
        with transaction.atomic():
            mark = _do(request, row, given)
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        return JsonResponse(_refused(refusal, row, given), status=refusal.status)
    return JsonResponse({"mark": plotlayers.mark_feature(mark)})


def _move_scene(request: DeskRequest, row: Incident, given: dict[str, Any]) -> JsonResponse:
    scene = row_of(Scene, row, given.get("scene"))
    if not may_write_scene(request.actor, scene):
        raise NotAllowed
    at, version = clocks.now(row.exercise_id), _version(given.get("version"))
    try:
        with transaction.atomic():
            place_scene(scene, geometry=given.get("geometry"), by=request.actor, at=at, version=version)
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        return JsonResponse({"refused": _sentence(refusal), "mark": None}, status=refusal.status)
    return JsonResponse({"mark": None, "scene": plotlayers.scene_feature(scene)})


def _sentence(refusal: Refusal) -> dict[str, str]:
    return {
        "code": refusal.code,
        "sentence": fill(_(refusal.text), refusal.data),
        "next_step": fill(_(refusal.next_step), refusal.data),
    }


def _decoded(request: DeskRequest) -> dict[str, Any]:
    """The body; what is no JSON object asks for nothing that exists."""
    if len(request.body) > MOST_BODY:
        raise NotFound
    try:
        given = orjson.loads(request.body or b"{}")
    except orjson.JSONDecodeError:
        raise NotFound from None
    if not isinstance(given, dict):
        raise NotFound
    return given


def _do(request: DeskRequest, row: Incident, given: dict[str, Any]) -> PlotMark:
    verb, at, by = given.get("verb"), clocks.now(row.exercise_id), request.actor
    label = str(given.get("label") or "")
    if verb == "place":
        return plotting.place_mark(
            row,
            symbol=str(given.get("symbol") or ""),
            geometry=given.get("geometry"),
            label=label,
            key=_key(given.get("key")),
            by=by,
            by_name=by.name,
            at=at,
        )
    mark = plotting.access_mark(by, row.pk, _key(given.get("mark")) or uuid.UUID(int=0))
    version = _version(given.get("version"))
    if verb == "move":
        return plotting.move_mark(mark, geometry=given.get("geometry"), by=by, at=at, version=version)
    if verb == "relabel":
        return plotting.relabel_mark(mark, label=label, by=by, at=at, version=version)
    if verb == "remove":
        return plotting.remove_mark(mark, by=by, by_name=by.name, at=at, version=version)
    raise NotFound


def _key(text: Any) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(text)) if text else None
    except ValueError:
        raise NotFound from None


def _version(given: Any) -> int | None:
    return int(given) if str(given).isdecimal() and len(str(given)) < 9 else None


def _refused(refusal: Refusal, row: Incident, given: dict[str, Any]) -> dict[str, Any]:
    key = _key(given.get("mark")) or uuid.UUID(int=0)
    mark = PlotMark.objects.filter(incident=row, pk=key, removed_at=None).first()
    return {
        "refused": _sentence(refusal),
        "mark": plotlayers.mark_feature(mark) if mark is not None else None,
    }


@desk
def plot(request: DeskRequest, incident_id: uuid.UUID) -> HttpResponse:
    """The map with its table; the form draws, changes and removes by typed coordinates."""
    row = access_incident(request.actor, incident_id)
    error: Refusal | None = None
    if request.method == "POST":
        row = access_incident(request.actor, incident_id, need=Right.COMMAND)
        try:
            with transaction.atomic():
                _do(request, row, _typed(request, row))
            messages.success(request, _("Stored."))
            return redirect("console:plot", row.pk)
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            error = refusal
    page = {
        **_table(request, row),
        "map_props": plotwords.room_map_props(request.actor, row, get_token(request)),
        "palette": plotwords.palette(),
        "error": error,
        "typed": request.POST if error is not None else _held(request, row),
    }
    return render(request, "console/plotting/plot.html", page, status=200 if error is None else error.status)


@desk
@require_GET
def plot_marks(request: DeskRequest, incident_id: uuid.UUID) -> HttpResponse:
    """The table alone, as it is refreshed."""
    row = access_incident(request.actor, incident_id)
    return render(request, "console/plotting/_marks.html", _table(request, row))


def _table(request: DeskRequest, row: Incident) -> dict[str, Any]:
    return {
        "incident": row,
        "rows": [
            {
                "mark": mark,
                "word": plotwords.symbol_word(mark.symbol),
                "picture": plotwords.symbol_picture(mark.symbol),
                "place": _short(orjson.loads(mark.geometry)),
                "since": mark.moved_at or mark.placed_at,
            }
            for mark in plotting.marks_of(row)
        ],
        "may_draw": request.actor.can(Right.COMMAND, row.division.path) and not row.is_restricted,
        "read_at": request.now,
    }


def _short(geometry: dict[str, Any]) -> str:
    text = typed_text(geometry)
    return text if len(text) <= 60 else f"{text[:56]} …"


def _typed(request: DeskRequest, row: Incident) -> dict[str, Any]:
    """The form as the JSON way in takes it."""
    form = request.POST
    given: dict[str, Any] = {name: form.get(name, "") for name in FIELDS}
    if given["verb"] in ("place", "move"):
        symbol = given["symbol"]
        if given["verb"] == "move":
            symbol = plotting.access_mark(
                request.actor, row.pk, _key(given["mark"]) or uuid.UUID(int=0)
            ).symbol
        if not form.get("place", "").strip():
            raise NoGeometry
        given["geometry"] = typed_geometry(symbol, form["place"])
    return given


def _held(request: DeskRequest, row: Incident) -> dict[str, Any]:
    """The mark that was chosen in the table, ready to be changed; else an empty form with a key of its own."""
    key = request.GET.get("mark", "")
    if key:
        mark = plotting.access_mark(request.actor, row.pk, _key(key) or uuid.UUID(int=0))
        place = typed_text(orjson.loads(mark.geometry))
        return {
            "mark": str(mark.pk),
            "version": mark.version,
            "symbol": mark.symbol,
            "label": mark.label,
            "place": place,
        }
    return {"key": str(uuid7())}
