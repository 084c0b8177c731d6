"""Flagged readings to be judged, and maintenance windows to be asked for and granted."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.accounts.access import require_somewhere, within
from anlan.console.templatetags.anlan import is_chinese
from anlan.console.views.base import DeskRequest, back, desk
from anlan.kernel.refusals import NotFound
from anlan.sensing.access import access_station, visible_stations
from anlan.sensing.models import MaintenanceWindow
from anlan.sensing.queries import quality as shown
from anlan.sensing.services import quality as services
from anlan.vocab.posts import Right

#: Lengths of a maintenance window that can be chosen, hours.
HOURS = (1, 2, 4, 8, 24, 72)


def _page(request: DeskRequest) -> dict[str, Any]:
    lines = shown.flagged_lines(request.actor, at=request.now)
    askable = [
        one for one in visible_stations(request.actor) if services.may_ask(request.actor, one.division.path)
    ]
    chinese = is_chinese()
    return {
        "lines": [
            {
                "line": one,
                "reason": one.reason_zh if chinese else one.reason_en,
                "name": one.name_zh if chinese else one.name_en,
            }
            for one in lines
        ],
        "windows": shown.window_lines(request.actor, at=request.now),
        "states": _states(),
        "askable": askable,
        "hours": HOURS,
        "read_at": request.now,
    }


def _states() -> dict[str, str]:
    return {
        "asked": _("asked for"),
        "granted": _("granted"),
        "declined": _("declined"),
        "withdrawn": _("withdrawn"),
    }


@desk
@require_GET
def quality(request: DeskRequest) -> HttpResponse:
    """Flagged readings of the last two days and the maintenance windows around now."""
    require_somewhere(request.actor, Right.SEE)
    return render(request, "console/quality/quality.html", _page(request))


@desk
@require_GET
def quality_rows(request: DeskRequest) -> HttpResponse:
    """Only the list, which refreshes itself."""
    require_somewhere(request.actor, Right.SEE)
    return render(request, "console/quality/_rows.html", _page(request))


@desk
@require_POST
@transaction.atomic(durable=True)
def judge(request: DeskRequest, code: str) -> HttpResponse:
    """Accept or withdraw one reading, with a reason."""
    station = access_station(request.actor, code, need=Right.JUDGE_READINGS)
    services.judge_reading(
        station,
        quantity=request.POST.get("quantity", "")[:80],
        phenomenon_time=datetime.fromtimestamp(_number(request, "t"), UTC),
        value=_number(request, "value"),
        is_accepted=request.POST.get("verdict") == "accept",
        reason=request.POST.get("reason", ""),
        by=request.actor,
        at=request.now,
    )
    return redirect("console:quality")


@desk
@require_POST
@transaction.atomic(durable=True)
def ask_maintenance(request: DeskRequest, code: str) -> HttpResponse:
    """A window from now on, or from a given number of hours ahead."""
    return _ask(request, code)


@desk
@require_POST
@transaction.atomic(durable=True)
def ask_maintenance_of(request: DeskRequest) -> HttpResponse:
    """The same for the station named in the form."""
    return _ask(request, request.POST.get("station", "")[:40])


@desk
@require_POST
@transaction.atomic(durable=True)
def decide_maintenance(request: DeskRequest, window_id: uuid.UUID) -> HttpResponse:
    """Grant, decline or withdraw."""
    row = (
        MaintenanceWindow.objects.filter(within(request.actor, "station__division__path"), pk=window_id)
        .select_related("station__division")
        .first()
    )
    if row is None:
        raise NotFound
    verdict = request.POST.get("verdict", "")
    if verdict == "withdraw":
        services.withdraw_maintenance(row, by=request.actor, at=request.now)
    else:
        services.decide_maintenance(
            row,
            is_granted=verdict == "grant",
            decision=request.POST.get("decision", ""),
            by=request.actor,
            at=request.now,
        )
    return back(request, "console:quality")


def _ask(request: DeskRequest, code: str) -> HttpResponse:
    station = access_station(request.actor, code)
    starts_at = request.now + timedelta(hours=min(720, max(0, _number(request, "in_hours", 0))))
    services.ask_maintenance(
        station,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=min(720, max(0, _number(request, "hours", 1)))),
        reason=request.POST.get("reason", ""),
        by=request.actor,
        at=request.now,
    )
    return redirect("console:quality")


def _number(request: DeskRequest, name: str, default: int | None = None) -> int:
    text = request.POST.get(name, "")
    try:
        number = int(text) if text or default is None else default
    except ValueError:
        raise services.BadReading from None
    if abs(number) > 1 << 40:
        raise services.BadReading
    return number
