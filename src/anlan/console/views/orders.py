"""Orders on the desk: the list, the board of one incident, one order."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from anlan.accounts.access import require_somewhere
from anlan.attachments.models import Attachment
from anlan.console.incidentwords import said
from anlan.console.views.base import DeskRequest, desk, shared_text
from anlan.console.views.incidents import reader
from anlan.dispatch import orderwords
from anlan.dispatch.access import access_order, is_own, may_command, may_tick, own_orders, visible_orders
from anlan.dispatch.fivesteps import five_steps, times_of
from anlan.dispatch.models import Instruction
from anlan.dispatch.orderboard import (
    RUNNING,
    OrderRow,
    count,
    orders_of,
    progress_by_group,
    progress_by_unit,
    row_of,
    urgency,
)
from anlan.dispatch.receipts import best_of, receipts_of
from anlan.dispatch.services.orderalarms import late
from anlan.incidents.access import access_incident, sees_incident
from anlan.incidents.models import Incident
from anlan.journal import clocks
from anlan.kernel.refusals import Refusal
from anlan.vocab.posts import Right

PAGE_ROWS = 200
#: Tabs of the list.
SHOWS = ("open", "mine", "given", "late", "all")


@desk
@require_GET
def orders(request: DeskRequest) -> HttpResponse:
    """Orders of the present run: those that go on, mine to answer, given by me, late ones."""
    require_somewhere(request.actor, Right.SEE)
    given = {name: request.GET.get(name, "").strip()[:60] for name in ("show", "state", "unit", "q")}
    if given["show"] not in SHOWS:
        given["show"] = "open"
    name = f"orders:{request.actor.ref}:{reader(request.actor)}:{sorted(given.items())}"
    page = {
        "given": given,
        "tabs": list(_tabs().items()),
        "states": [(code, said(pair)) for code, pair in orderwords.STATES.items()],
        "rows": shared_text(request, name, lambda: _rows_text(request, given)),
        "may_command": request.actor.can_somewhere(Right.COMMAND),
        "read_at": request.now,
    }
    template = (
        "console/orders/_list.html" if request.headers.get("HX-Request") else "console/orders/orders.html"
    )
    return render(request, template, page)


def _tabs() -> dict[str, str]:
    return {
        "open": pgettext("orders", "going on"),
        "mine": pgettext("orders", "mine to answer"),
        "given": pgettext("orders", "given by me"),
        "late": pgettext("orders", "late"),
        "all": pgettext("orders", "all"),
    }


def _rows_text(request: DeskRequest, given: dict[str, str]) -> str:
    from django.template.loader import render_to_string

    at = clocks.now(clocks.default_exercise_id())
    found = list(_chosen(request, given, at)[: PAGE_ROWS + 1])
    page = {
        "rows": lines(request, found[:PAGE_ROWS], at),
        "has_more": len(found) > PAGE_ROWS,
        "most": PAGE_ROWS,
    }
    return render_to_string("console/orders/_rows.html", page)


def _chosen(request: DeskRequest, given: dict[str, str], at: Any) -> QuerySet[Instruction]:
    """What the tab and the filters leave, the next limit first."""
    show, actor = given["show"], request.actor
    rows = own_orders(actor, at) if show == "mine" else visible_orders(actor)
    rows = rows.filter(exercise_id=clocks.default_exercise_id())
    if show in ("open", "mine"):
        rows = rows.filter(state__in=[*RUNNING, "could_not"] if show == "open" else RUNNING)
    elif show == "given":
        rows = rows.filter(issued_by=actor.ref)
    elif show == "late":
        rows = rows.filter(late(at))
    if given["state"] in orderwords.STATES:
        rows = rows.filter(state=given["state"])
    if given["unit"]:
        rows = rows.filter(Q(addressee=given["unit"]) | Q(addressee__name__icontains=given["unit"]))
    if given["q"]:
        rows = rows.filter(Q(number__icontains=given["q"]) | Q(title__icontains=given["q"]))
    return (
        rows.order_by("-planned_at", "-number")
        if show == "all"
        else rows.order_by("rise_at", "due_at", "number")
    )


def lines(request: DeskRequest, rows: list[Instruction], at: Any) -> list[dict[str, Any]]:
    """Orders as lines of a list, late ones first, with what became of their messages."""
    told = best_of(rows)
    known = {row.pk: row for row in rows}
    faces = sorted((row_of(row, at) for row in rows), key=urgency)
    return [
        {
            **face_words(face),
            "incident": known[face.id].incident
            if sees_incident(request.actor, known[face.id].incident)
            else None,
            "told": _told_word(told.get(str(face.id), "")),
        }
        for face in faces
    ]


def face_words(face: OrderRow) -> dict[str, Any]:
    """One order of a board with its words."""
    return {
        "one": face,
        "state": said(orderwords.STATES[face.state]),
        "chip": orderwords.CHIPS[face.state],
        "origin": said(orderwords.ORIGINS[face.origin]),
    }


def _told_word(state: str) -> str:
    return said(orderwords.DELIVERIES[state]) if state else ""


@desk
@require_GET
def room_orders(request: DeskRequest, incident_id: uuid.UUID) -> HttpResponse:
    """The board of one incident: the five steps, counts by unit, every order with late ones first."""
    incident = access_incident(request.actor, incident_id)
    unit = request.GET.get("unit", "")[:40]
    name = f"room_orders:{incident.pk}:{reader(request.actor)}:{unit}"
    from django.template.loader import render_to_string

    board = shared_text(
        request, name, lambda: render_to_string("console/orders/_board.html", board_page(incident, unit))
    )
    page = {
        "incident": incident,
        "board": board,
        "may_command": request.actor.can(Right.COMMAND, incident.division.path),
        "read_at": request.now,
    }
    is_part = request.headers.get("HX-Request")
    return render(request, "console/orders/_room.html" if is_part else "console/orders/room.html", page)


def board_page(incident: Incident, unit: str = "") -> dict[str, Any]:
    """What `_board.html` shows; the room uses the same."""
    at = clocks.now(incident.exercise_id)
    rows = orders_of(incident, at)
    told = best_of(Instruction.objects.filter(incident=incident).select_related("addressee", "team"))
    shown = [row for row in rows if not unit or row.addressee_code == unit]
    return {
        "incident": incident,
        "steps": five_steps(times_of(incident)),
        "counts": count(rows),
        "units": progress_by_unit(rows),
        "groups": progress_by_group(rows),
        "unit": unit,
        "rows": [
            {**face_words(one), "told": _told_word(told.get(str(one.id), ""))} for one in shown[:PAGE_ROWS]
        ],
        "more": max(0, len(shown) - PAGE_ROWS),
        "at": at,
    }


@desk
@require_GET
def order(request: DeskRequest, order_id: uuid.UUID) -> HttpResponse:
    """One order with its steps, the receipts of its messages, and what this reader may do."""
    row = access_order(request.actor, order_id)
    return render(request, "console/orders/order.html", order_page(request, row))


def order_page(
    request: DeskRequest, row: Instruction, *, error: Refusal | None = None, verb: str = ""
) -> dict[str, Any]:
    """With `error`, the form that was refused and what was typed into it."""
    actor, at = request.actor, clocks.now(row.exercise_id)
    own = is_own(actor, row, at)
    return {
        **face_words(row_of(row, at)),
        "row": row,
        "sees_incident": sees_incident(actor, row.incident),
        "steps": _steps(row),
        "told": [(one, said(orderwords.DELIVERIES[one.state])) for one in receipts_of(row)],
        "is_open": row.state in RUNNING,
        "is_own": own,
        "may_tick": not own and may_tick(actor, row),
        "may_command": may_command(actor, row),
        "jobs": list(row.jobs.select_related("team").order_by("told_at")[:20]),
        "before": _before(row),
        "typed": request.POST if error is not None else {},
        "error": error,
        "error_verb": verb,
        "read_at": request.now,
    }


def _steps(row: Instruction) -> list[dict[str, Any]]:
    steps = list(row.steps.order_by("recorded_at", "pk"))
    files: dict[str, list[Attachment]] = {}
    for file in Attachment.objects.filter(subject__in=[f"instruction_step:{one.pk}" for one in steps]):
        files.setdefault(file.subject.partition(":")[2], []).append(file)
    return [
        {
            "step": one,
            "word": said(orderwords.STEPS[one.step]),
            "way": said(orderwords.WAYS[one.via]),
            "who": one.by_name or _("the program"),
            "files": files.get(str(one.pk), []),
        }
        for one in steps
    ]


def _before(row: Instruction) -> list[Instruction]:
    """What it waits or waited for."""
    if not row.after or row.activation_id is None:
        return []
    rows = Instruction.objects.filter(activation_id=row.activation_id, task_key__in=row.after)
    return list(rows.select_related("addressee").order_by("number")[:60])
