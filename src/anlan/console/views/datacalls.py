"""Data calls (收数): the list, the form, the live board, what is asked of one's own place, one seat with its history."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.accounts.access import require_somewhere
from anlan.console import datacallforms as forms
from anlan.console.templatetags.anlan import is_chinese
from anlan.console.views.base import DeskRequest, back, desk
from anlan.datacalls import access, pages, queries, services, sheets
from anlan.datacalls.models import CallState, DataCall, DataSeat, FigureDefinition, FigureKind
from anlan.datacalls.values import expected, number_text, shown
from anlan.journal import clocks
from anlan.kernel.clock import SHANGHAI
from anlan.kernel.refusals import NotFound, Refusal, fill
from anlan.places.access import visible
from anlan.places.departments import visible_departments
from anlan.places.models import Division
from anlan.vocab.posts import Right

LISTED = 100
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@desk
@require_GET
def data_calls(request: DeskRequest) -> HttpResponse:
    """Calls of one's county or department with how many have filed, and what is asked of one's own place."""
    require_somewhere(request.actor, Right.SEE)
    rows = list(access.visible_calls(request.actor)[:LISTED])
    progress = queries.progress(rows)
    page = {
        "calls": [(call, *progress.get(call.pk, (0, 0, 0))) for call in rows],
        "mine": queries.waiting_for(request.actor, exercise_id=clocks.default_exercise_id()),
        "states": _call_words(),
        "can_ask": request.actor.can_somewhere(Right.CALL_FOR_DATA),
        "read_at": request.now,
    }
    return render(request, "console/datacalls/list.html", page)


@desk
@require_http_methods(["GET", "HEAD", "POST"])
def new_data_call(request: DeskRequest) -> HttpResponse:
    """The form, complete without scripts; "more rows" comes back with what was typed."""
    require_somewhere(request.actor, Right.CALL_FOR_DATA)
    run = clocks.default_exercise_id()
    if request.method != "POST":
        return _form(request, _preset(request, clocks.now(run)), forms.ROWS)
    count = forms.shown_rows(request.POST)
    if request.POST.get("verb") == "more":
        return _form(request, request.POST, count)
    try:
        with transaction.atomic():
            details = forms.read_call(request.POST, asker=_asker(request), places=_places(request))
            call = services.open_call(details, by=request.actor, at=clocks.now(run), exercise_id=run)
    except Refusal as refusal:
        return _form(request, request.POST, count, refusal)
    messages.success(request, _("Asked. The messages are on their way."))
    return redirect("console:data_call", call.pk)


@desk
@require_GET
def data_call(request: DeskRequest, data_call_id: uuid.UUID) -> HttpResponse:
    """The board of one round: who has not filed, the live sums, former rounds, the export."""
    call = access.access_call(request.actor, data_call_id)
    number = _round(request, call)
    page = {
        **_board_page(request, call, number),
        "rounds": range(call.round, 0, -1)[:60],
        "can_end": call.state == CallState.OPEN
        and request.actor.can(Right.CALL_FOR_DATA, call.division.path),
        "state": _call_words()[call.state],
    }
    return render(request, "console/datacalls/call.html", page)


@desk
@require_GET
def data_call_board(request: DeskRequest, data_call_id: uuid.UUID) -> HttpResponse:
    """The part of the board that comes again by itself."""
    call = access.access_call(request.actor, data_call_id)
    page = _board_page(request, call, _round(request, call))
    return render(request, "console/datacalls/_board.html", page)


@desk
@require_GET
def data_call_table(request: DeskRequest, data_call_id: uuid.UUID) -> HttpResponse:
    call = access.access_call(request.actor, data_call_id)
    number = _round(request, call)
    body = sheets.workbook(queries.table_content(call, number))
    response = HttpResponse(body, content_type=_XLSX)
    response["Content-Disposition"] = (
        f'attachment; filename="data-call-{call.opened_at:%Y%m%d}-{number}.xlsx"'
    )
    return response


@desk
@require_POST
def end_data_call(request: DeskRequest, data_call_id: uuid.UUID) -> HttpResponse:
    call = access.access_call(request.actor, data_call_id, need=Right.CALL_FOR_DATA)
    at = clocks.now(call.exercise_id)
    with transaction.atomic():
        if request.POST.get("verb") == "cancel":
            services.cancel_call(
                call, why=request.POST.get("why", "").replace("\x00", ""), by=request.actor, at=at
            )
        else:
            services.end_call(call, by=request.actor, at=at)
    messages.success(request, _("Nobody is asked any more."))
    return redirect("console:data_call", call.pk)


@desk
@require_http_methods(["GET", "HEAD", "POST"])
def data_asked(request: DeskRequest) -> HttpResponse:
    """Asked of me: every open question of one's own place, each figure once, answered for all calls together."""
    require_somewhere(request.actor, Right.FILE_DATA)
    run = clocks.default_exercise_id()
    at = clocks.now(run)
    if request.method != "POST":
        return _asked(request, at, run)
    form = pages.read_form(request.POST)
    try:
        with transaction.atomic():
            pages.take(request.actor, form, way="page", at=at, exercise_id=run)
    except NotFound:
        raise
    except Refusal as refusal:
        return _asked(request, at, run, refusal)
    messages.success(request, _("Filed."))
    return redirect("console:data_asked")


@desk
@require_http_methods(["GET", "HEAD", "POST"])
def data_seat(request: DeskRequest, data_seat_id: uuid.UUID) -> HttpResponse:
    """One place in one round: its values with every former one; file, correct, or write down what was said by phone."""
    if request.method != "POST":
        return _seat(request, access.access_seat(request.actor, data_seat_id))
    seat = access.access_seat(request.actor, data_seat_id, need=Right.FILE_DATA)
    form, at = pages.read_form(request.POST), clocks.now(seat.exercise_id)
    is_own = seat.division.path in request.actor.where(Right.FILE_DATA)
    said: dict[str, Any] = {"why": form.why, "way": "page" if is_own else "phone", "key": form.key}
    try:
        with transaction.atomic():
            if form.verb == "nil":
                services.file_nil([seat], **said, by=request.actor, at=at)
            else:
                services.file_values([seat], form.values, **said, by=request.actor, at=at)
    except Refusal as refusal:
        return _seat(request, access.access_seat(request.actor, data_seat_id), refusal)
    messages.success(request, _("Filed."))
    return redirect("console:data_seat", seat.pk)


@desk
@require_POST
def remind_data_seat(request: DeskRequest, data_seat_id: uuid.UUID) -> HttpResponse:
    seat = access.access_chased_seat(request.actor, data_seat_id)
    with transaction.atomic():
        if seat.is_open:
            services.chase(seat, by=request.actor, at=clocks.now(seat.exercise_id))
    messages.success(request, _("Reminded by message."))
    return back(request, "console:data_seat", seat.pk)


@desk
@require_POST
def pass_on_data_seat(request: DeskRequest, data_seat_id: uuid.UUID) -> HttpResponse:
    seat = access.access_seat(request.actor, data_seat_id, need=Right.FILE_DATA)
    with transaction.atomic():
        made = services.pass_on(
            seat,
            by=request.actor,
            at=clocks.now(seat.exercise_id),
            due_at=forms.moment(request.POST.get("due_at", "")),
        )
    messages.success(request, _("Villages asked: %(count)s.") % {"count": len(made)})
    return redirect("console:data_seat", seat.pk)


@desk
@require_POST
def sign_data_seat(request: DeskRequest, data_seat_id: uuid.UUID) -> HttpResponse:
    """The township signs what its villages add up to."""
    seat = access.access_seat(request.actor, data_seat_id, need=Right.FILE_DATA)
    try:
        with transaction.atomic():
            services.sign_villages(
                seat,
                why=request.POST.get("why", "").replace("\x00", ""),
                by=request.actor,
                at=clocks.now(seat.exercise_id),
            )
    except Refusal as refusal:
        return _seat(request, access.access_seat(request.actor, data_seat_id), refusal)
    messages.success(request, _("Signed off; the sum counts now."))
    return redirect("console:data_seat", seat.pk)


@desk
@require_GET
def data_figures(request: DeskRequest) -> HttpResponse:
    """The register: one thing counted has one name, so that it is asked once."""
    require_somewhere(request.actor, Right.CALL_FOR_DATA)
    page = {
        "figures": [
            (one, _kind_words()[one.kind], _bounds(one))
            for one in access.visible_figures(request.actor)[:500]
        ],
        "read_at": request.now,
    }
    return render(request, "console/datacalls/figures.html", page)


@desk
@require_POST
def retire_data_figure(request: DeskRequest, figure_id: uuid.UUID) -> HttpResponse:
    figure = access.access_figure(request.actor, figure_id)
    with transaction.atomic():
        services.retire_figure(figure, by=request.actor, at=clocks.now(clocks.default_exercise_id()))
    messages.success(request, _("No new call asks it; what was filed stays."))
    return redirect("console:data_figures")


def _board_page(request: DeskRequest, call: DataCall, number: int) -> dict[str, Any]:
    found = queries.board(call, number)
    return {
        "call": call,
        "round": number,
        "board": found,
        "lines": [
            (line, [(cell, shown(cell)) for cell in line.cells], access.late_since(line.seat, request.now))
            for line in found.lines
        ],
        "sums": [(one, queries.sum_text(one)) for one in found.sums],
        "seat_words": _seat_words(),
        "can_ask": request.actor.can(Right.CALL_FOR_DATA, call.division.path),
        "read_at": request.now,
    }


def _asked(
    request: DeskRequest, at: datetime, run: uuid.UUID | None, refusal: Refusal | None = None
) -> HttpResponse:
    page = {
        "places": [
            (one, _fields(one, request.POST), uuid.uuid4())
            for one in pages.pages_of(request.actor, at=at, exercise_id=run)
        ],
        "recent": queries.recent_of(request.actor, at, exercise_id=run),
        "error": _sentence(refusal),
        "error_place": request.POST.get("place", ""),
        "why": request.POST.get("why", ""),
        "seat_words": _seat_words(),
        "at": at,
        "read_at": request.now,
    }
    status = 200 if refusal is None else refusal.status
    return render(request, "console/datacalls/asked.html", page, status=status)


def _fields(page: Any, given: QueryDict) -> list[dict[str, Any]]:
    is_here = given.get("place") == page.division.code
    return [
        {
            "line": line,
            "name": f"f-{line.figure.pk}",
            "value": given.get(f"f-{line.figure.pk}", line.prefilled) if is_here else line.prefilled,
            "summed": number_text(line.summed),
            "expected": expected(line.figure),
        }
        for line in page.figures
    ]


def _seat(request: DeskRequest, seat: DataSeat, refusal: Refusal | None = None) -> HttpResponse:
    figures = queries.figures_of(seat.call)
    latest = {pk: row for (_seat_id, pk), row in queries.latest_filings([seat.pk]).items()}
    villages = list(
        seat.villages.select_related("division").defer("division__geometry").order_by("division_id")
    )
    cells = queries.latest_filings(one.pk for one in villages)
    can_file = request.actor.can(Right.FILE_DATA, seat.division.path)
    page = {
        "seat": seat,
        "call": seat.call,
        "late_since": access.late_since(seat, request.now),
        "fields": [
            {
                "figure": one,
                "name": f"f-{one.pk}",
                "shown": shown(latest.get(one.pk)),
                "value": request.POST.get(f"f-{one.pk}", shown(latest.get(one.pk))),
                "expected": expected(one),
            }
            for one in figures
        ],
        "history": [(row, shown(row), shown(row.replaces)) for row in queries.history_of(seat)],
        "figures": figures,
        "villages": [(one, [shown(cells.get((one.pk, f.pk))) for f in figures]) for one in villages],
        "sums": [(figure, number_text(total)) for figure, total in queries.village_sums(seat)]
        if villages
        else [],
        "can_file": can_file and seat.state not in ("missed", "released") and seat.call.state != "cancelled",
        "is_own": seat.division.path in request.actor.where(Right.FILE_DATA),
        "can_pass_on": can_file
        and seat.is_open
        and seat.parent_id is None
        and seat.division.level == "township",
        "can_chase": seat.is_open and _may_chase(request, seat),
        "can_see_call": request.actor.sees(seat.call.division.path),
        "seat_words": _seat_words(),
        "way_words": _way_words(),
        "error": _sentence(refusal),
        "why": request.POST.get("why", ""),
        "key": uuid.uuid4(),
        "read_at": request.now,
    }
    return render(request, "console/datacalls/seat.html", page, status=refusal.status if refusal else 200)


def _may_chase(request: DeskRequest, seat: DataSeat) -> bool:
    try:
        access.access_chased_seat(request.actor, seat.pk)
    except Refusal:
        return False
    return True


def _form(request: DeskRequest, given: Any, count: int, refusal: Refusal | None = None) -> HttpResponse:
    is_sent = isinstance(given, QueryDict)
    page = {
        "given": given,
        "rows": forms.row_values(given, count),
        "count": count,
        "kinds": list(_kind_words().items()),
        "register": [
            (str(one.pk), f"{one.name} {one.unit}".strip())
            for one in access.visible_figures(request.actor).filter(retired_at=None)[:300]
        ],
        "askers": access.may_ask(request.actor),
        "places": _places(request),
        "chosen": set(given.getlist("target")) if is_sent else set(),
        "error": _sentence(refusal),
        "read_at": request.now,
    }
    return render(request, "console/datacalls/new.html", page, status=refusal.status if refusal else 200)


def _preset(request: DeskRequest, at: datetime) -> dict[str, str]:
    """An hour from now; with `?preset=nil` the daily nil report of hazards found (requirement D-24)."""
    local = at.astimezone(SHANGHAI)
    due = local + timedelta(hours=1)
    given = {"due_at": f"{due - timedelta(minutes=due.minute % 5):%Y-%m-%dT%H:%M}"}
    if request.GET.get("preset") == "nil":
        until = local + timedelta(days=30)
        given |= {
            "title": "隐患排查“零报告”",
            "allows_nil": "1",
            "repeat_hours": "24",
            "repeat_until": f"{until:%Y-%m-%dT%H:%M}",
            "name-0": "发现隐患",
            "unit-0": "处",
            "name-1": "已整改隐患",
            "unit-1": "处",
        }
    return given


def _asker(request: DeskRequest) -> Division:
    code = request.POST.get("asker", "")
    found = [one for one in access.may_ask(request.actor) if not code or one.code == code]
    if not found:
        raise NotFound
    return found[0]


def _places(request: DeskRequest) -> dict[str, list[Division]]:
    """Townships and departments that may be asked."""
    townships = visible(request.actor, Right.CALL_FOR_DATA).filter(level="township", valid_to=None)
    departments = visible_departments(request.actor, Right.CALL_FOR_DATA).filter(valid_to=None)
    return {
        "townships": list(townships.defer("geometry").order_by("code")),
        "departments": list(departments),
    }


def _round(request: DeskRequest, call: DataCall) -> int:
    text = request.GET.get("round", "")
    number = int(text) if text.isdecimal() and len(text) < 6 else call.round
    return number if 1 <= number <= call.round else call.round


def _sentence(refusal: Refusal | None) -> str:
    if refusal is None:
        return ""
    step = fill(_(refusal.next_step), refusal.data) if refusal.next_step else ""
    return f"{fill(_(refusal.text), refusal.data)} {step}".strip()


def _bounds(figure: FigureDefinition) -> str:
    if figure.kind == FigureKind.CHOICE:
        return "、".join(figure.choices)
    if figure.minimum is None and figure.maximum is None:
        return ""
    return f"{number_text(figure.minimum) or '0'} – {number_text(figure.maximum) or '∞'}"


def _seat_words() -> dict[str, str]:
    return {state: (zh if is_chinese() else en) for state, (zh, en) in queries.STATES.items()}


def _call_words() -> dict[str, str]:
    return {"open": _("running"), "ended": _("Ended"), "cancelled": _("cancelled")}


def _way_words() -> dict[str, str]:
    return {
        "page": _("on the page"),
        "field": _("from the phone page"),
        "phone": _("by telephone, written down by the desk"),
        "villages": _("sum of the villages"),
    }


def _kind_words() -> dict[str, str]:
    return {
        "integer": _("whole number"),
        "decimal": _("number with decimals"),
        "choice": _("choice"),
        "text": _("text"),
    }
