"""交接班: the sheet as it is now, signed by the one who leaves and by the one who comes; and what stays to be done."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth import authenticate
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from anlan.accounts.access import require_somewhere
from anlan.accounts.actors import actor_for
from anlan.accounts.models import User
from anlan.console.context import subject_url
from anlan.console.moments import input_moment, parse_moment
from anlan.console.refusals import NobodyChosen
from anlan.console.views.base import DeskRequest, desk, shared
from anlan.console.views.duty.common import as_uuid, attempt, chosen_room, frame, rooms_of, run_now, when
from anlan.duty.access import access_carried_note, access_handover, access_room
from anlan.duty.models import CarriedNote, DutyRoom, Handover
from anlan.duty.queries import clock_sync, current_shift, groups_of, handover_content
from anlan.duty.refusals import PasswordWrong
from anlan.duty.services import handovers as services
from anlan.duty.types import HandoverGroup
from anlan.kernel.actor import Actor
from anlan.vocab.posts import Right

ROWS = 60
#: Lines of one heading on a page.
LINES = 200


@desk
@require_http_methods(["GET", "POST"])
def handover(request: DeskRequest) -> HttpResponse:
    """The sheet of a room, composed now; signing it hands over."""
    require_somewhere(request.actor, Right.SEE)
    if request.method == "GET":
        return _page(request)
    room = access_room(request.actor, as_uuid(request.POST.get("room", "")))
    run, at = run_now()

    def act() -> HttpResponse:
        row = services.offer_handover(
            room,
            shift_from=when(request, "from"),
            shift_to=when(request, "to"),
            summary=request.POST.get("summary", ""),
            by=request.actor,
            at=at,
            exercise_id=run,
        )
        messages.success(request, _("Handed over; the next person takes over by signing too."))
        return redirect("console:duty_sheet", row.pk)

    return attempt(request, act, _page)


def _page(request: DeskRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    room = chosen_room(request)
    run, at = run_now()
    page = frame(request, "console:duty_handover", room=room, rooms=rooms_of(request), **more)
    if room is not None:
        sheet = shared(request, f"handover:{room.pk}", lambda: services.compose(room, at=at, exercise_id=run))
        shift = current_shift(request.actor, at=at)
        begin = shift.starts_at if shift is not None else at - timedelta(hours=24)
        end = shift.ends_at if shift is not None else at
        seq, chain_hash = services.chain_head()
        sees = _sees(request.actor, room)
        page |= {
            "groups": with_links(groups_of(sheet.items, sees_restricted=sees)),
            "count": len(sheet.items),
            "done": groups_of(sheet.done, sees_restricted=sees),
            "waiting": Handover.objects.filter(room=room, state="offered").select_related("given_by").first(),
            "sheets": Handover.objects.filter(room=room)
            .select_related("given_by", "taken_by")
            .order_by("-serial")[:ROWS],
            "notes": CarriedNote.objects.filter(room=room, state="open").order_by("written_at"),
            "may": services.may_sign(room, request.actor, at),
            "from_input": input_moment(begin),
            "to_input": input_moment(end),
            "seq": seq,
            "chain_hash": chain_hash,
            "sync": clock_sync()[0],
        }
    return render(request, "console/duty/handover.html", page, status=status)


@sensitive_post_parameters("password")
@desk
@require_http_methods(["GET", "POST"])
def sheet(request: DeskRequest, handover_id: uuid.UUID) -> HttpResponse:
    """One sheet, as it was signed. The one who comes signs in his own session, or with account and password at this desk."""
    if request.method == "GET":
        return _sheet_page(request, handover_id)
    row = access_handover(request.actor, handover_id)
    _run, at = run_now()
    verb, why = request.POST.get("verb", ""), request.POST.get("why", "")

    def act() -> HttpResponse:
        match verb:
            case "take":
                services.take_handover(row, words=why, by=_signer(request), at=at)
                messages.success(request, _("Taken over."))
            case "return":
                services.return_handover(row, why=why, by=_signer(request), at=at)
                messages.success(request, _("Returned."))
            case "withdraw":
                services.withdraw_handover(row, why=why, by=request.actor, at=at)
                messages.success(request, _("Withdrawn."))
            case _:
                raise NobodyChosen
        return redirect("console:duty_sheet", row.pk)

    return attempt(request, act, lambda request, **more: _sheet_page(request, handover_id, **more))


def _sheet_page(
    request: DeskRequest, handover_id: uuid.UUID, *, status: int = 200, **more: Any
) -> HttpResponse:
    row = access_handover(request.actor, handover_id)
    _run, at = run_now()
    content = handover_content(row, sees_restricted=_sees(request.actor, row.room))
    page = frame(
        request,
        "console:duty_handover",
        row=row,
        content=content,
        groups=with_links(content.groups),
        may=services.may_sign(row.room, request.actor, at),
        is_giver=row.given_by_id == request.actor.person_id,
        **more,
    )
    return render(request, "console/duty/sheet.html", page, status=status)


@desk
@require_POST
def write_note(request: DeskRequest) -> HttpResponse:
    """Something that is on every sheet until it is done."""
    room = access_room(request.actor, as_uuid(request.POST.get("room", "")))
    run, at = run_now()

    def act() -> HttpResponse:
        due = request.POST.get("due", "")
        services.carry_note(
            room,
            request.POST.get("text", ""),
            due_at=parse_moment(due) if due else None,
            by=request.actor,
            at=at,
            exercise_id=run,
        )
        return redirect(f"{reverse('console:duty_handover')}?room={room.pk}")

    return attempt(request, act, _page)


@desk
@require_POST
def finish_note(request: DeskRequest, note_id: uuid.UUID) -> HttpResponse:
    note = access_carried_note(request.actor, note_id)
    _run, at = run_now()

    def act() -> HttpResponse:
        services.finish_note(note, words=request.POST.get("words", ""), by=request.actor, at=at)
        return redirect(f"{reverse('console:duty_handover')}?room={note.room_id}")

    return attempt(request, act, _page)


def with_links(groups: list[HandoverGroup]) -> list[tuple[HandoverGroup, list[tuple[Any, str]]]]:
    """The first lines of each group with the address of what they are about; the sheet keeps all of them."""
    return [(group, [(line, subject_url(line.key)) for line in group.lines[:LINES]]) for group in groups]


def _sees(actor: Actor, room: DutyRoom) -> bool:
    return actor.can(Right.SEE_RESTRICTED, room.division.path)


def _signer(request: DeskRequest) -> Actor:
    """Whoever is signed in; or the one who typed his own account and password into this form. Wrong ones are counted."""
    name = request.POST.get("account", "").strip()
    if not name:
        return request.actor
    user = authenticate(request, username=name[:150], password=request.POST.get("password", ""))
    if not isinstance(user, User) or not user.is_active:
        raise PasswordWrong
    return actor_for(user, at=request.now)
