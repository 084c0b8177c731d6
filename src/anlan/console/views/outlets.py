"""Loudspeakers, displays, sirens, groups, partners and hand tools: what stands where, when it was last seen, and its address."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from anlan.accounts.access import narrow, require_somewhere
from anlan.console.templatetags.anlan import is_chinese
from anlan.console.views.base import DeskRequest, desk
from anlan.directory.models import Person
from anlan.dissemination.access import access_outlet
from anlan.dissemination.channels import manifests
from anlan.dissemination.models import Broadcast, Delivery, Outlet
from anlan.dissemination.queries_outlets import (
    display_token,
    terminal_lines,
    terminals_by_state,
    village_reports,
    visible_outlets,
)
from anlan.dissemination.services import outlets as services
from anlan.dissemination.services.outlets import OutletDetails
from anlan.journal import clocks
from anlan.kernel.refusals import NotFound
from anlan.places.models import Division
from anlan.vocab.posts import Right

SHOWN = 1_000
SHOWN_DELIVERIES = 30


def channel_word(code: str) -> str:
    face = manifests().get(code)
    return code if face is None else (face.zh if is_chinese() else face.en)


@desk
def outlets(request: DeskRequest) -> HttpResponse:
    """Every outlet of the jurisdiction with its last sign of life."""
    channel = request.GET.get("channel", "")[:20]
    rows = visible_outlets(request.actor)
    counts = dict.fromkeys(services.outlet_channels(), 0)
    for code in rows.values_list("channel", flat=True):
        counts[code] = counts.get(code, 0) + 1
    if channel:
        rows = rows.filter(channel=channel)
    page = {
        "rows": [_line(one) for one in rows[:SHOWN]],
        "channels": [(code, channel_word(code), number) for code, number in counts.items() if number],
        "channel": channel,
        "reports": village_reports(request.actor) if channel in ("", "loudspeaker") else (),
        "may_edit": request.actor.can_somewhere(Right.EDIT_DIRECTORY),
    }
    return render(request, "console/outlets/outlets.html", page)


def _line(outlet: Outlet) -> dict[str, Any]:
    sign = getattr(outlet, "sign_of_life", None)
    return {"outlet": outlet, "channel": channel_word(outlet.channel), "sign": sign}


@desk
def new(request: DeskRequest) -> HttpResponse:
    """Register one."""
    require_somewhere(request.actor, Right.EDIT_DIRECTORY)
    if request.method == "POST":
        with transaction.atomic():
            made = services.define_outlet(_details(request), by=request.actor, at=request.now)
        return redirect("console:outlet", made.pk)
    return render(request, "console/outlets/outlet.html", {**_form(request), "may_edit": True})


@desk
def outlet(request: DeskRequest, outlet_id: uuid.UUID) -> HttpResponse:
    """One outlet: what went to it, its address for polling, and the form for whoever may edit."""
    if request.method == "POST":
        found = access_outlet(request.actor, outlet_id, need=Right.EDIT_DIRECTORY)
        with transaction.atomic():
            services.change_outlet(found, _details(request), by=request.actor, at=request.now)
        return redirect("console:outlet", found.pk)
    found = access_outlet(request.actor, outlet_id)
    may_edit = request.actor.can(Right.EDIT_DIRECTORY, found.division.path)
    deliveries = list(
        Delivery.objects.filter(outlet=found, person=None)
        .select_related("broadcast")
        .order_by("-id")[:SHOWN_DELIVERIES]
    )
    lines = terminal_lines(Q(delivery__in=[one.pk for one in deliveries]))
    page = {
        **_form(request),
        **_line(found),
        "may_edit": may_edit,
        "deliveries": [(one, terminals_by_state(lines.get(one.pk, ()))) for one in deliveries],
        "display_url": _display_url(found) if may_edit and found.channel == "display" else "",
        "in_force": Broadcast.objects.filter(
            deliveries__outlet=found, ended_at=None, exercise_id=clocks.default_exercise_id()
        ).distinct(),
    }
    return render(request, "console/outlets/outlet.html", page)


def _display_url(found: Outlet) -> str:
    return f"{settings.ANLAN_BASE_URL}{reverse('field:display', args=[display_token(found)])}"


def _form(request: DeskRequest) -> dict[str, Any]:
    divisions = narrow(
        Division.objects.filter(valid_to=None), request.actor, path_field="path", need=Right.EDIT_DIRECTORY
    )
    people = narrow(Person.objects.all(), request.actor, need=Right.EDIT_DIRECTORY)
    return {
        "choices": [(code, channel_word(code)) for code in services.outlet_channels()],
        "divisions": divisions.order_by("path").only("code", "name"),
        "people": people.order_by("name").only("id", "name"),
    }


def _details(request: DeskRequest) -> OutletDetails:
    given = request.POST
    places = narrow(
        Division.objects.filter(valid_to=None), request.actor, path_field="path", need=Right.EDIT_DIRECTORY
    )
    division = places.filter(code=given.get("division", "")[:20]).first()
    if division is None:
        raise NotFound
    return OutletDetails(
        channel=given.get("channel", "")[:20],
        name=given.get("name", "").strip()[:120],
        division=division,
        address=given.get("address", "").strip()[:120],
        keeper_id=_keeper(request),
        lon=_number(given.get("lon", "")),
        lat=_number(given.get("lat", "")),
        note=given.get("note", "").strip()[:200],
        is_active=given.get("is_active", "") == "on",
    )


def _keeper(request: DeskRequest) -> uuid.UUID | None:
    given = request.POST.get("keeper", "").strip()
    if not given:
        return None
    try:
        key = uuid.UUID(given)
    except ValueError:
        raise NotFound from None
    if not narrow(Person.objects.all(), request.actor).filter(pk=key).exists():
        raise NotFound
    return key


def _number(text: str) -> float | None:
    try:
        return float(text) if text.strip() else None
    except ValueError:
        return None
