"""值班日志: the journal of a room's place, with free notes and their corrections."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from anlan.accounts.access import require_somewhere
from anlan.console.context import subject_url
from anlan.console.journal_words import kind_word as entry_word
from anlan.console.moments import input_moment, parse_moment
from anlan.console.views.base import DeskRequest, desk
from anlan.console.views.duty.common import as_uuid, attempt, chosen_room, frame, rooms_of, run_now
from anlan.directory.models import Shift
from anlan.duty.access import access_room, visible_rooms
from anlan.duty.models import DutyRoom
from anlan.duty.queries import log_lines
from anlan.duty.services import handovers
from anlan.duty.services.logbook import write_note
from anlan.duty.services.planning import shifts_of
from anlan.vocab.posts import Right

ROWS = 300
#: Prefixes of kinds that people filter by.
FILTERS = (
    "log.",
    "incident.",
    "warning.",
    "callout.",
    "alarm.",
    "check_in.",
    "roll_call",
    "handover.",
    "shift",
    "room_link.",
    "chase_order.",
)


@desk
@require_http_methods(["GET", "POST"])
def log(request: DeskRequest) -> HttpResponse:
    require_somewhere(request.actor, Right.SEE)
    if request.method == "GET":
        return _page(request)
    room = access_room(request.actor, as_uuid(request.POST.get("room", "")))
    run, at = run_now()

    def act() -> HttpResponse:
        older = request.POST.get("corrects", "")
        write_note(
            room,
            request.POST.get("text", ""),
            corrects=as_uuid(older) if older else None,
            by=request.actor,
            at=at,
            exercise_id=run,
        )
        return redirect(f"{reverse('console:duty_log')}?room={room.pk}")

    return attempt(request, act, _page)


def _page(request: DeskRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    room = chosen_room(request)
    _run, at = run_now()
    start, end = _interval(request, at)
    kind = request.GET.get("kind", "") if request.GET.get("kind", "") in FILTERS else ""
    page = frame(
        request,
        "console:duty_log",
        room=room,
        rooms=rooms_of(request),
        phones=visible_rooms(request.actor).exclude(phone="")[:100],
        kind=kind,
        kinds=[(code, _filter_word(code)) for code in FILTERS],
        from_input=input_moment(start),
        to_input=input_moment(end),
        **more,
    )
    if room is not None:
        lines, is_cut = log_lines(
            room, start=start, end=end, actor=request.actor, kind=kind,
            only_notes=bool(request.GET.get("notes")), limit=ROWS,
        )  # fmt: skip
        page |= {
            "lines": [(line, entry_word(line.kind), subject_url(line.subject)) for line in reversed(lines)],
            "is_cut": is_cut,
            "only_notes": bool(request.GET.get("notes")),
            "shifts": _shifts(room, at),
            "may_write": handovers.may_sign(room, request.actor, at),
        }
    return render(request, "console/duty/log.html", page, status=status)


def _interval(request: DeskRequest, at: datetime) -> tuple[datetime, datetime]:
    """Of the form; else the last day."""
    given = request.GET
    start = parse_moment(given["from"]) if given.get("from") else at - timedelta(hours=24)
    end = parse_moment(given["to"]) if given.get("to") else max(at, start) + timedelta(minutes=1)
    return start, end


def _shifts(room: DutyRoom, at: datetime) -> list[dict[str, str]]:
    """The last shifts of the room, as bounds for the form."""
    rows: list[Shift] = list(
        shifts_of(room).filter(starts_at__lte=at).order_by("-starts_at", "role", "id")[:40]
    )
    found: dict[tuple[datetime, datetime], list[str]] = {}
    for one in rows:
        found.setdefault((one.starts_at, one.ends_at), []).append(one.person.name)
    return [
        {"from": input_moment(begin), "to": input_moment(finish), "names": "、".join(dict.fromkeys(names))}
        for (begin, finish), names in list(found.items())[:8]
    ]


def _filter_word(code: str) -> str:
    return {
        "log.": _("notes"),
        "incident.": _("incidents"),
        "warning.": _("warnings"),
        "callout.": _("call-outs"),
        "alarm.": _("alarms"),
        "check_in.": _("check-ins"),
        "roll_call": _("roll calls"),
        "handover.": _("handovers"),
        "shift": _("shifts"),
        "room_link.": _("video links"),
        "chase_order.": _("chase orders"),
    }[code]
