"""Cameras: the register with its filters, one camera, its view on the map, and catalogues of video platforms read from files."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from anlan.accounts.access import require_somewhere
from anlan.console.mapprops import map_props
from anlan.console.refusals import WorkbookTooLarge
from anlan.console.templatetags.anlan import is_chinese
from anlan.console.views.base import DeskRequest, desk
from anlan.console.views.boards import tabs
from anlan.documents.gb28181 import MAX_BYTES, Catalogue, read_catalogues
from anlan.journal.services import note
from anlan.kernel.clock import SHANGHAI
from anlan.kernel.refusals import NotFound
from anlan.places.access import visible
from anlan.sensing import rights, services
from anlan.sensing.access import access_camera, visible_cameras
from anlan.sensing.refusals import NoCatalogue
from anlan.sensing.types import Camera
from anlan.vocab.cameras import (
    AGREEMENT_NOTICE_DAYS,
    ASSUMED_ANGLE_DEG,
    ASSUMED_RANGE_M,
    CAMERA_STATES,
    HAZARD_AREAS,
)
from anlan.vocab.posts import Right
from anlan.vocab.trades import TRADES

#: Rows of the list at once; the filters find the rest.
SHOWN = 500
_CHIPS = {"online": "chip--done", "offline": "chip--unanswered"}
_FILES_AT_ONCE = 200


@desk
def cameras(request: DeskRequest) -> HttpResponse:
    """The register, filtered by text, hazard area, trade, state and agreement."""
    require_somewhere(request.actor, Right.SEE)
    today = request.now.astimezone(SHANGHAI).date()
    chosen = {
        name: request.GET.get(name, "").strip()[:40] for name in ("q", "area", "trade", "state", "sharing")
    }
    every = list(visible_cameras(request.actor))
    found = [camera for camera in every if _matches(camera, chosen, today)]
    page = {
        "rows": [_row(camera, today) for camera in found[:SHOWN]],
        "matching": len(found),
        "total": len(every),
        "online": sum(camera.state == "online" for camera in every),
        "ending": sum(_agreement(camera, today) in {"ends", "ended"} for camera in every),
        "unplaced": sum(camera.lon is None for camera in every),
        "chosen": chosen,
        "areas": _words(HAZARD_AREAS),
        "trades": _words(TRADES),
        "states": _words(CAMERA_STATES),
        "may_edit": request.actor.can_somewhere(rights.MANAGE_STATIONS),
        "map_props": _map_props(),
        "notice_days": AGREEMENT_NOTICE_DAYS,
        "tabs": tabs("console:cameras"),
        "read_at": request.now,
    }
    return render(request, "console/boards/cameras.html", page)


@desk
def camera(request: DeskRequest, code: str) -> HttpResponse:
    """One camera with everything that is known about it."""
    found = access_camera(request.actor, code)
    today = request.now.astimezone(SHANGHAI).date()
    page = {
        "row": _row(found, today),
        "assumed_range": found.range_m is None,
        "assumed_angle": found.angle_deg is None,
        "range": found.range_m or ASSUMED_RANGE_M,
        "angle": ASSUMED_ANGLE_DEG if found.angle_deg is None else found.angle_deg,
        "read_at": request.now,
    }
    return render(request, "console/boards/camera.html", page)


@desk
@require_POST
def read_catalogue(request: DeskRequest) -> HttpResponse:
    """Saved answers of a video platform (GB/T 28181 Catalog, XML): registered and brought up to date at once."""
    require_somewhere(request.actor, rights.MANAGE_STATIONS)
    files = [one for one in request.FILES.getlist("files") if isinstance(one, UploadedFile)][:_FILES_AT_ONCE]
    if sum(one.size or 0 for one in files) > MAX_BYTES:
        raise WorkbookTooLarge(limit_mb=MAX_BYTES // 2**20)
    catalogue = read_catalogues((one.name or "", one.read()) for one in files)
    if not catalogue.messages:
        raise NoCatalogue
    division = visible(request.actor, rights.MANAGE_STATIONS).defer("geometry").order_by("path").first()
    if division is None:
        raise NotFound
    with transaction.atomic():
        report = services.take_catalogue(catalogue, division=division, by=request.actor, at=request.now)
        _journal(request, catalogue, report, division.path)
    messages.success(request, _sentence(report))
    for name, problem, what in catalogue.problems[:20]:
        messages.error(request, f"{name}: {_problem_word(problem.value)} {what}".strip())
    if report.missing:
        words = ngettext(
            "%(number)s device was announced and is in no file; ask the platform again.",
            "%(number)s devices were announced and are in no file; ask the platform again.",
            report.missing,
        )
        messages.error(request, words % {"number": report.missing})
    return redirect("console:cameras")


def _journal(request: DeskRequest, catalogue: Catalogue, report: Any, path: str) -> None:
    payload = {name: getattr(report, name) for name in type(report).__dataclass_fields__}
    payload["messages"] = catalogue.messages
    note(
        kind="camera.catalogue_read", subject=("camera_catalogue", ""), payload=payload, by=request.actor,
        at=request.now, path=path,
    )  # fmt: skip


def _sentence(report: services.cameras.CatalogueReport) -> str:
    return _(
        "%(created)s new, %(changed)s changed, %(unchanged)s unchanged; %(others)s other devices, %(misplaced)s without a usable place."
    ) % {name: getattr(report, name) for name in ("created", "changed", "unchanged", "others", "misplaced")}


def _problem_word(code: str) -> str:
    return {
        "not_xml": _("holds no readable message"),
        "not_a_catalogue": _("is no catalogue but"),
        "too_big": _("is larger than"),
        "bad_id": _("has a device without a usable id:"),
        "no_sum": _("does not say how many devices there are"),
    }[code]


def _matches(camera: Camera, chosen: dict[str, str], today: date) -> bool:
    text = chosen["q"].lower()
    if text and not any(
        text in field.lower() for field in (camera.name, camera.code, camera.division.name, camera.owner)
    ):
        return False
    if chosen["area"] and chosen["area"] not in camera.hazard_areas:
        return False
    if chosen["trade"] and camera.trade != chosen["trade"]:
        return False
    if chosen["sharing"] == "ending" and _agreement(camera, today) not in {"ends", "ended"}:
        return False
    return not chosen["state"] or camera.state == chosen["state"]


def _row(camera: Camera, today: date) -> dict[str, Any]:
    return {
        "camera": camera,
        "state": _word(CAMERA_STATES, camera.state),
        "chip": _CHIPS.get(camera.state, "chip--waiting"),
        "areas": [_word(HAZARD_AREAS, code) for code in camera.hazard_areas],
        "trade": _word(TRADES, camera.trade) if camera.trade else "",
        "agreement": _agreement(camera, today),
    }


def _agreement(camera: Camera, today: date) -> str:
    """none, open (without an end), runs, ends (soon) or ended."""
    if camera.shared_until is None:
        return "open" if camera.shared_with else "none"
    if camera.shared_until < today:
        return "ended"
    return "ends" if camera.shared_until <= today + timedelta(days=AGREEMENT_NOTICE_DAYS) else "runs"


def _map_props() -> dict[str, Any]:
    """The county with its cameras; call-outs have their own map."""
    props = map_props()
    words = {name: word for name, word in props["text"]["layers"].items() if name != "callout"}
    props["text"]["layers"] = {**words, "cameras": _("Cameras and what they see")}
    return {**props, "camerasUrl": reverse("console:map_cameras"), "calloutUrl": None}


def _word(table: dict[str, tuple[str, str]], code: str) -> str:
    zh, en = table.get(code, (code, code))
    return zh if is_chinese() else en


def _words(table: dict[str, tuple[str, str]]) -> dict[str, str]:
    return {code: _word(table, code) for code in table}
