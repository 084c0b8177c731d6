"""Commands to a station, what it reported beside numbers, and its pictures."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.console.views.base import DeskRequest, desk
from anlan.kernel.refusals import NotFound
from anlan.sensing import queries, rights, services
from anlan.sensing.access import access_command, access_station
from anlan.sensing.queries import commands as shown
from anlan.sensing.types import Station
from anlan.vocab.happenings import SEVERITY_LABELS, Severity

#: How long a command may wait for its station, hours.
LIVES_H = (1, 24, 168)
PICTURES_SHOWN = 24
#: A conflict is shown for this long after it was last seen.
CONFLICT_SHOWN = timedelta(hours=24)
_CHIPS = {
    "proposed": "chip--waiting",
    "released": "chip--waiting",
    "sent": "chip--answered",
    "uncertain": "chip--unanswered",
    "answered": "chip--done",
    "failed": "chip--unanswered",
}
_SEVERITY_CHIPS = {Severity.ATTENTION: "chip--waiting", Severity.SEVERE: "chip--unanswered"}
#: Media types that a browser may show as a picture; anything else is handed out as a file.
_PICTURES = frozenset({"image/jpeg", "image/png"})


def state_words() -> dict[str, str]:
    return {
        "proposed": _("waits for a second person"),
        "released": _("waits for the station"),
        "sent": _("sent, no answer yet"),
        "uncertain": _("unknown whether it arrived"),
        "answered": _("answered"),
        "failed": _("failed"),
        "withdrawn": _("withdrawn"),
        "expired": _("expired unsent"),
    }


def reason_words() -> dict[str, str]:
    return {
        "no_answer": _("The station did not answer, though asked several times."),
        "never_answered": _("The station has not answered; whether the command arrived is not known."),
        "bad_arguments": _("The driver cannot make this command for the station."),
        "no_such_command": _("The protocol that the station speaks has no such command."),
        "not_released": _("No second person had released it."),
    }


def panel(request: DeskRequest, code: str) -> dict[str, Any]:
    """What the station page shows of all this; through the door."""
    station = access_station(request.actor, code)
    words, states, reasons = _in_language, state_words(), reason_words()
    conflict = shown.last_note(station, "station.address_conflict")
    clock = shown.last_note(station, "station.clock_offset")
    choices = shown.command_choices(station)
    return {
        "code": code,
        "station_name": station.name,
        "may_command": station.is_active and request.actor.can(rights.COMMAND_STATIONS, station.division.path),
        "simple": [one for one in choices if not one.arguments],
        "detailed": [{"command": one, "arguments": _said(one)} for one in choices if one.arguments],
        "lives": LIVES_H,
        "commands": [
            {"line": one, "title": words(one.zh, one.en), "state": states[one.state], "why": reasons.get(one.reason_code, ""), "chip": _CHIPS.get(one.state, "")}
            for one in shown.command_lines(station, request.actor)
        ],
        "happenings": [_happening(one) for one in shown.happening_lines(station)],
        "conflict": conflict if conflict and request.now - conflict.at < CONFLICT_SHOWN else None,
        "clock_offset_s": clock.payload.get("offset_s") if clock else None,
        "has_clock_command": any(one.name == "set_clock" for one in choices),
        "panel_read_at": request.now,
    }  # fmt: skip


def _in_language(zh: str, en: str) -> str:
    from anlan.console.templatetags.anlan import is_chinese

    return zh if is_chinese() else en


def _said(choice: shown.CommandChoice) -> list[tuple[str, str]]:
    """Name of each argument and what it is in the reader's language; drivers write "中文 / English"."""
    halves = [(name, what.partition(" / ")) for name, what in choice.arguments]
    return [(name, _in_language(zh, en or zh)) for name, (zh, _slash, en) in halves]


def _happening(line: shown.HappeningLine) -> dict[str, Any]:
    return {
        "line": line,
        "title": _in_language(line.kind.zh, line.kind.en),
        "severity": _in_language(*SEVERITY_LABELS[line.kind.severity]),
        "chip": _SEVERITY_CHIPS.get(line.kind.severity, ""),
    }


@desk
@require_GET
def commands(request: DeskRequest, code: str) -> HttpResponse:
    """The same on a page of its own, for the list that refreshes and for a phone."""
    return render(request, "console/commands/commands.html", panel(request, code))


@desk
@require_POST
def ask(request: DeskRequest, code: str) -> HttpResponse:
    """Want a command sent; the arguments are the fields that begin with "argument-"."""
    station: Station = access_station(request.actor, code, need=rights.COMMAND_STATIONS)
    hours = request.POST.get("hours", "")
    arguments = {
        name.removeprefix("argument-"): value[:400]
        for name, value in request.POST.items()
        if isinstance(value, str) and name.startswith("argument-")
    }
    with transaction.atomic(durable=True):
        services.ask_command(
            station,
            request.POST.get("command", "")[:40],
            arguments=arguments,
            life=timedelta(hours=int(hours) if hours.isdecimal() and int(hours) in LIVES_H else 24),
            by=request.actor,
            at=request.now,
        )
    return redirect("console:station", code)


@desk
@require_POST
def release(request: DeskRequest, command_id: uuid.UUID) -> HttpResponse:
    """The second person agrees."""
    row = access_command(request.actor, command_id, need=rights.COMMAND_STATIONS)
    with transaction.atomic(durable=True):
        services.release_command(row, by=request.actor, at=request.now)
    return redirect("console:station", row.station.code)


@desk
@require_POST
def withdraw(request: DeskRequest, command_id: uuid.UUID) -> HttpResponse:
    row = access_command(request.actor, command_id, need=rights.COMMAND_STATIONS)
    with transaction.atomic(durable=True):
        services.withdraw_command(row, by=request.actor, at=request.now)
    return redirect("console:station", row.station.code)


@desk
@require_GET
def pictures(request: DeskRequest, code: str) -> HttpResponse:
    """The newest pictures and files of a station."""
    station = access_station(request.actor, code)
    lines = queries.hot_reader().attachments(station.code, PICTURES_SHOWN)
    page = {
        "station": station,
        "files": [{"line": line, "is_picture": line.media_type in _PICTURES} for line in lines],
        "read_at": request.now,
    }
    return render(request, "console/commands/pictures.html", page)


@desk
@require_GET
def picture(request: DeskRequest, code: str, picture_id: str) -> HttpResponse:
    """The bytes of one, which a station sent: never run or shown as anything but a picture."""
    station = access_station(request.actor, code)
    found = queries.hot_reader().attachment(picture_id[:60])
    if found is None or found[0].station != station.code:
        raise NotFound
    line, data = found
    is_picture = line.media_type in _PICTURES
    answer = HttpResponse(data, content_type=line.media_type if is_picture else "application/octet-stream")
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, max-age=86400"
    if not is_picture:
        answer["Content-Disposition"] = "attachment"
    return answer
