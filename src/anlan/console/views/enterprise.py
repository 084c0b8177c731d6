"""Alarms of enterprises: the regulator's board and the enterprise's own page are the same, narrowed to what one sees."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.accounts.access import require_somewhere
from anlan.console.templatetags.anlan import is_chinese
from anlan.console.views.base import DeskRequest, back, desk
from anlan.console.views.boards import tabs
from anlan.console.views.quality import HOURS
from anlan.console.views.stations import kind_word
from anlan.journal.models import Entry
from anlan.kernel.clock import SHANGHAI
from anlan.sensing import rights
from anlan.sensing.access import access_enterprise_alarm, access_station, visible_stations
from anlan.sensing.enterprise_limits import limits
from anlan.sensing.journal_kinds import JOURNAL_KINDS
from anlan.sensing.models import EnterpriseAlarm, MaintenanceWindow
from anlan.sensing.queries import enterprise as shown
from anlan.sensing.queries.quality import window_lines
from anlan.sensing.services import enterprise as services
from anlan.sensing.services import quality
from anlan.vocab.posts import Right

_CHIPS = {
    "open": "chip--unanswered",
    "acknowledged": "chip--waiting",
    "explained": "chip--answered",
    "restored": "chip--done",
}


def state_words() -> dict[str, str]:
    return {
        "open": _("not acknowledged"),
        "acknowledged": _("acknowledged, not explained"),
        "explained": _("explained"),
        "restored": _("restored"),
        "closed": _("closed"),
    }


def row_view(line: shown.AlarmLine) -> dict[str, Any]:
    """One alarm in the reader's language."""
    row = line.alarm
    return {
        "line": line,
        "alarm": row,
        "text": row.text_zh if is_chinese() else row.text_en,
        "state": state_words()[row.state],
        "chip": _CHIPS.get(row.state, ""),
        "kind": kind_word(row.station.kind),
    }


def _page(request: DeskRequest) -> dict[str, Any]:
    return {
        "rows": [row_view(line) for line in shown.alarm_lines(request.actor)],
        "read_at": request.now,
    }


@desk
@require_GET
def board(request: DeskRequest) -> HttpResponse:
    """What is open, the late ones first; maintenance windows; what was closed."""
    actor = request.actor
    require_somewhere(actor, Right.SEE)
    askable = [
        one for one in visible_stations(actor) if actor.can(rights.ANSWER_FOR_ENTERPRISE, one.division.path)
    ]
    page = {
        **_page(request),
        "closed": [row_view(shown.alarm_line(row, actor)) for row in shown.closed_alarms(actor)],
        "windows": [one for one in window_lines(actor, at=request.now) if _is_of_enterprise(one.window)],
        "window_states": _window_states(),
        "askable": askable,
        "hours": HOURS,
        "limits": limits(),
        "tabs": tabs("console:enterprise_alarms"),
    }
    return render(request, "console/enterprise/board.html", page)


@desk
@require_GET
def rows(request: DeskRequest) -> HttpResponse:
    """Only the list, which refreshes itself."""
    require_somewhere(request.actor, Right.SEE)
    return render(request, "console/enterprise/_rows.html", _page(request))


@desk
@require_GET
def alarm(request: DeskRequest, enterprise_alarm_id: uuid.UUID) -> HttpResponse:
    """One alarm with its next step, and everything that was said about it."""
    row = access_enterprise_alarm(request.actor, enterprise_alarm_id)
    page = {
        **row_view(shown.alarm_line(row, request.actor)),
        "limit": limits().of(row.station.kind, row.level),
        "is_verified": limits().is_verified,
        "steps": _steps(row),
        "now_field": f"{request.now.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}",
        "read_at": request.now,
    }
    return render(request, "console/enterprise/alarm.html", page)


def _steps(row: EnterpriseAlarm) -> list[dict[str, Any]]:
    entries = Entry.objects.filter(subject_type="enterprise_alarm", subject_id=str(row.pk)).order_by(
        "at", "id"
    )
    return [
        {"at": one.at, "word": JOURNAL_KINDS[one.kind][0 if is_chinese() else 1], "actor": one.actor}
        for one in entries
        if one.kind in JOURNAL_KINDS
    ]


@desk
@require_POST
@transaction.atomic(durable=True)
def act(request: DeskRequest, enterprise_alarm_id: uuid.UUID) -> HttpResponse:
    """Acknowledge, explain, report as restored; the regulator closes."""
    verb = request.POST.get("verb", "")
    need = Right.SUPERVISE_ENTERPRISES if verb == "close" else Right.ANSWER_FOR_ENTERPRISE
    row = access_enterprise_alarm(request.actor, enterprise_alarm_id, need=need)
    given, by, at = request.POST, request.actor, request.now
    if verb == "acknowledge":
        services.acknowledge_alarm(row, by=by, at=at)
    elif verb == "explain":
        services.explain_alarm(
            row,
            cause=given.get("cause", ""),
            measure=given.get("measure", ""),
            restored_at=_moment(given.get("restored_at", "")),
            by=by,
            at=at,
        )
    elif verb == "restore":
        services.restore_alarm(row, restored_at=_moment(given.get("restored_at", "")) or at, by=by, at=at)
    elif verb == "close":
        services.close_alarm(row, reason=given.get("reason", ""), by=by, at=at)
    return back(request, "console:enterprise_alarm", row.pk)


@desk
@require_POST
@transaction.atomic(durable=True)
def ask_maintenance(request: DeskRequest) -> HttpResponse:
    """The enterprise asks for a window at one of its stations."""
    station = access_station(
        request.actor, request.POST.get("station", "")[:40], need=Right.ANSWER_FOR_ENTERPRISE
    )
    given = request.POST
    starts_at = _moment(given.get("starts_at", "")) or request.now
    hours = given.get("hours", "")
    quality.ask_maintenance(
        station,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=int(hours) if hours.isdecimal() and int(hours) in HOURS else 0),
        reason=given.get("reason", ""),
        by=request.actor,
        at=request.now,
    )
    return redirect("console:enterprise_alarms")


def _is_of_enterprise(window: MaintenanceWindow) -> bool:
    return window.station.division.level == "enterprise"


def _window_states() -> dict[str, str]:
    return {
        "asked": _("asked for"),
        "granted": _("granted"),
        "declined": _("declined"),
        "withdrawn": _("withdrawn"),
    }


def _moment(text: str) -> datetime | None:
    """A local time as a browser's field gives it; None where it was left empty or is none."""
    try:
        found = datetime.fromisoformat(text[:19])
    except ValueError:
        return None
    return found.replace(tzinfo=SHANGHAI) if found.tzinfo is None and found.year > 1970 else None
