"""Where a drill's script comes from: the library, a former drill, a file; and how it leaves as one."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from anlan.accounts.access import require_somewhere
from anlan.console import drillforms as forms
from anlan.console import drillwords as words
from anlan.console.templatetags.anlan import is_chinese
from anlan.console.views.base import DeskRequest, desk
from anlan.drills import script as scripts
from anlan.drills import services
from anlan.drills.access import access_drill, reads_script, visible_drills
from anlan.drills.casting import script_of
from anlan.drills.library import CODES, NOTICE, DrillPack, pack, packs
from anlan.drills.models import Drill
from anlan.drills.refusals import NoScriptFile, ScriptWrong
from anlan.drills.scriptfile import MOST_BYTES, read_json, read_xlsx, write_json, write_xlsx
from anlan.journal import clocks
from anlan.kernel.refusals import NotAllowed, NotFound, Refusal
from anlan.places.models import Division
from anlan.plans.packs import starter_pack
from anlan.vocab.incidents import TYPES
from anlan.vocab.posts import Right
from anlan.vocab.quantities import quantity_of

_LEVELS = ("county", "township", "village", "enterprise", "department")
MOST_FORMER = 100
_TYPES = {
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@desk
@require_GET
def library(request: DeskRequest) -> HttpResponse:
    """All scripts that a county begins with."""
    require_somewhere(request.actor, Right.RUN_DRILLS)
    page = {"rows": [_face(one) for one in packs()], "notice": NOTICE}
    return render(request, "console/drills/library.html", page)


def _face(one: DrillPack) -> dict[str, Any]:
    types = [words.word({code: (TYPES[code].zh, TYPES[code].en)}, code) for code in one.event_types]
    return {
        "one": one,
        "kind": words.word(words.KINDS, one.drill_kind),
        "types": "、".join(types) if is_chinese() else ", ".join(types),
        "plan": starter_pack(one.plan).title,
        "steps": sum(len(line.steps) for line in one.lines),
        "hours": f"{one.minutes / 60:.1f}",
    }


@desk
@require_GET
def library_script(request: DeskRequest, drill_pack: str) -> HttpResponse:
    """One script as it would be played in a place, with the county's own names and stations."""
    require_somewhere(request.actor, Right.RUN_DRILLS)
    if drill_pack not in CODES:
        raise NotFound
    one, places = pack(drill_pack), _places(request)
    place = next((row for row in places if row.code == request.GET.get("division")), None)
    place = place or (places[0] if places else None)
    if place is None:
        raise NotFound
    seed = forms.seed(request.GET.get("seed", ""))
    script, chosen = script_of(one, place, seed=seed)
    page = {
        **_face(one), "places": places, "place": place, "seed": seed, "next_seed": seed + 1, "missing": chosen.missing,
        "lines": preview(script, {one.code: one.name for one in chosen.stations.values()}), "background": script.background, "notice": NOTICE,
    }  # fmt: skip
    return render(request, "console/drills/library_script.html", page)


def _places(request: DeskRequest) -> list[Division]:
    rows = Division.objects.filter(level__in=_LEVELS).order_by("code")
    rows = rows.only("code", "name", "level", "path", "parent_id")
    return [one for one in rows if request.actor.can(Right.RUN_DRILLS, one.path)]


def preview(script: scripts.Script, station_names: dict[str, str]) -> list[dict[str, Any]]:
    """Lines with what the players get and the steps in words; stations by their names."""
    return [
        {
            "line": line,
            "kind": words.word(words.INJECTS, line.kind),
            "says": line.payload.get("text") or line.payload.get("words") or "",
            "station": _reading(line.payload, station_names),
            "steps": line.expects,
        }
        for line in script.lines
    ]


def _reading(payload: dict[str, Any], station_names: dict[str, str]) -> str:
    if "station" not in payload:
        return ""
    face = quantity_of(payload["quantity"])
    name = station_names.get(payload["station"], payload["station"])
    return f"{name} {face.zh if is_chinese() else face.en} {payload['values']} {face.unit}"


@desk
@require_http_methods(["GET", "POST"])
def script_source(request: DeskRequest, drill_id: uuid.UUID) -> HttpResponse:
    """Put a whole script into a planned drill; what stood there before is replaced."""
    row = access_drill(request.actor, drill_id, need=Right.RUN_DRILLS)
    error: Refusal | None = None
    if request.method == "POST":
        try:
            with transaction.atomic():
                _take(request, row)
            messages.success(request, _("The script is in the drill. Check each line before you start."))
            return redirect("console:drill", row.pk)
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            error = refusal
    page = {
        "row": row,
        "error": error,
        "packs": packs(),
        "notice": NOTICE,
        "has_lines": bool(row.script.get("lines")),
        "former": _former(request, row),
    }
    return render(request, "console/drills/script.html", page, status=200 if error is None else error.status)


def _former(request: DeskRequest, row: Drill) -> list[Drill]:
    """Other drills with a script that the reader may know."""
    rows = visible_drills(request.actor).exclude(pk=row.pk).exclude(script={}).order_by("-made_at")
    return [one for one in rows[:MOST_FORMER] if reads_script(request.actor, one)]


def _take(request: DeskRequest, row: Drill) -> None:
    verb, at = request.POST.get("verb", ""), clocks.wall_now()
    if verb == "library":
        seed = forms.seed(request.POST.get("seed", ""))
        services.take_pack(row, request.POST.get("library", ""), seed=seed, by=request.actor, at=at)
    elif verb == "copy":
        services.copy_script(row, _chosen(request), by=request.actor, at=at)
    elif verb == "import":
        services.write_script(row, _uploaded(request), by=request.actor, at=at)
    else:
        raise NotFound


def _chosen(request: DeskRequest) -> Drill:
    try:
        former = access_drill(request.actor, uuid.UUID(request.POST.get("former", "")))
    except ValueError:
        raise NotFound from None
    if not reads_script(request.actor, former):
        raise NotFound
    return former


def _uploaded(request: DeskRequest) -> scripts.Script:
    file = request.FILES.get("file")
    if file is None or isinstance(file, list):
        raise NoScriptFile(why=_("no file was chosen"))
    data = file.read(MOST_BYTES + 1)
    return read_xlsx(data) if data[:2] == b"PK" else read_json(data)


@desk
@require_GET
def script_file(request: DeskRequest, drill_id: uuid.UUID, script_form: str) -> HttpResponse:
    """The script as JSON or as a workbook, for those who may read it."""
    row = access_drill(request.actor, drill_id)
    if script_form not in _TYPES or not reads_script(request.actor, row):
        raise NotFound
    try:
        script = scripts.read(row.script) if row.script else scripts.Script()
    except scripts.BadScript as error:
        raise ScriptWrong(why=str(error)) from None
    answer = HttpResponse(
        write_json(script) if script_form == "json" else write_xlsx(script), content_type=_TYPES[script_form]
    )
    answer["Content-Disposition"] = f'attachment; filename="drill-{row.number}.{script_form}"'
    return answer
