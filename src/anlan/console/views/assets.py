"""Vehicles and equipment, experts, and stock as depots last said it."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from anlan.accounts.access import require_somewhere
from anlan.console import forceforms as forms
from anlan.console import forcewords as words
from anlan.console.moments import input_moment
from anlan.console.views.base import DeskRequest, desk, shared
from anlan.console.views.forces import tabs
from anlan.dispatch.places_of_teams import asset_spots
from anlan.journal import clocks
from anlan.kernel.refusals import NotAllowed, NotFound, Refusal
from anlan.resources import queries, services
from anlan.resources.access import access_asset, access_expert
from anlan.resources.models import Asset, Expert
from anlan.resources.refusals import NameMissing
from anlan.vocab.posts import Right
from anlan.vocab.skills import ASSET_CATEGORIES, ASSET_KINDS, ASSET_STATES


def _choices(request: DeskRequest) -> dict[str, Any]:
    actor = request.actor
    run = clocks.default_exercise_id()
    return {
        **words.tables(),
        "places": shared(request, "force_places", lambda: forms.places_for(actor, Right.EDIT_RESOURCES)),
        "teams": [(str(team.pk), team.name) for team in queries.teams(actor, exercise_id=run)],
    }


@desk
def assets(request: DeskRequest) -> HttpResponse:
    """The list; a new one is registered below it."""
    require_somewhere(request.actor, Right.SEE)
    error: Refusal | None = None
    if request.method == "POST":
        require_somewhere(request.actor, Right.EDIT_RESOURCES)
        try:
            with transaction.atomic():
                details = forms.asset_of(request.POST, request.actor)
                made = services.register_asset(details, by=request.actor, at=clocks.wall_now())
            messages.success(request, _("Registered."))
            return redirect("console:asset", made.pk)
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            error = refusal
    run = clocks.default_exercise_id()
    given = {name: request.GET.get(name, "")[:60] for name in ("q", "kind", "category")}
    rows = [row for row in queries.assets(request.actor, exercise_id=run) if _fits(row, given)]
    spots = asset_spots(rows, at=clocks.now(run))
    may_edit = request.actor.can_somewhere(Right.EDIT_RESOURCES)
    page = {
        "given": given,
        "rows": [_asset_row(row, spots.get(row.pk)) for row in rows],
        "tabs": tabs("console:assets"),
        "may_edit": may_edit,
        "read_at": clocks.now(run),
        "typed": request.POST if error is not None else {"kind": "vehicle", "count": "1"},
        "error": error,
        **(_choices(request) if may_edit else words.tables()),
    }
    return render(request, "console/forces/assets.html", page, status=200 if error is None else error.status)


def _fits(row: Asset, given: dict[str, str]) -> bool:
    text = given["q"].strip()
    return (
        (not text or text in f"{row.name}{row.code}{row.division.name}")
        and given["kind"] in ("", row.kind)
        and given["category"] in ("", row.category)
    )


def _asset_row(row: Asset, line: Any) -> dict[str, Any]:  # Any: a line of vehicles, or nothing
    return {
        "asset": row,
        "kind": words.word(ASSET_KINDS, row.kind),
        "category": words.word(ASSET_CATEGORIES, row.category) if row.category else "",
        "state": words.word(ASSET_STATES, row.asset_state),
        "chip": words.STATE_CHIPS[row.asset_state],
        "line": line,
    }


@desk
def asset(request: DeskRequest, asset_id: uuid.UUID) -> HttpResponse:
    """One vehicle or kind of equipment: correct it, say its state, strike it."""
    row = access_asset(request.actor, asset_id)
    error: Refusal | None = None
    if request.method == "POST":
        access_asset(request.actor, asset_id, need=Right.EDIT_RESOURCES)
        try:
            with transaction.atomic():
                _do_asset(request, row)
            return redirect("console:asset", row.pk)
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            error = refusal
            row = access_asset(request.actor, asset_id)
    at = clocks.now(clocks.default_exercise_id())
    plain = {
        "name": row.name,
        "category": row.category,
        "kind": row.kind,
        "count": row.count,
        "unit": row.unit,
    }
    place = {"division": row.division_id, "team": str(row.team_id or ""), "tracker": row.tracker}
    point = {"lon": "" if row.lon is None else row.lon, "lat": "" if row.lat is None else row.lat}
    page = {
        **_asset_row(row, asset_spots([row], at=at).get(row.pk)),
        "may_edit": request.actor.can(Right.EDIT_RESOURCES, row.division.path) and row.retired_at is None,
        "typed": request.POST
        if error is not None and "name" in request.POST
        else {**plain, **place, **point},
        "error": error,
        "tabs": tabs("console:assets"),
        "read_at": at,
        **_choices(request),
    }
    return render(request, "console/forces/asset.html", page, status=200 if error is None else error.status)


def _do_asset(request: DeskRequest, row: Asset) -> None:
    given, by, at = request.POST, request.actor, clocks.wall_now()
    verb = given.get("verb", "")
    if verb == "change":
        services.change_asset(row, by=by, at=at, **forms.asset_changes(forms.asset_of(given, by)))
    elif verb == "state":
        services.set_asset_state(row, given.get("state", ""), why=given.get("why", ""), by=by, at=at)
    elif verb == "retire":
        services.retire_asset(row, by=by, at=at)
    else:
        raise NotFound
    messages.success(request, _("Stored."))


@desk
def experts(request: DeskRequest) -> HttpResponse:
    """Who is asked about what; a person of the directory is entered below."""
    require_somewhere(request.actor, Right.SEE)
    error: Refusal | None = None
    if request.method == "POST":
        require_somewhere(request.actor, Right.EDIT_RESOURCES)
        try:
            with transaction.atomic():
                _enter_expert(request)
            messages.success(request, _("Entered in the list of experts."))
            return redirect("console:experts")
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            error = refusal
    run = clocks.default_exercise_id()
    event_type = request.GET.get("type", "")[:40]
    rows = queries.experts(request.actor, event_type=event_type, exercise_id=run)
    may_edit = request.actor.can_somewhere(Right.EDIT_RESOURCES)
    page = {
        "rows": [
            {"expert": row, "types": words.event_list(row.event_types)}
            for row in rows
            if not event_type or event_type in row.event_types
        ],
        "type": event_type,
        "event_types": words.event_types(),
        "people": shared(request, "force_people", lambda: forms.people_for(request.actor))
        if may_edit
        else [],
        "tabs": tabs("console:experts"),
        "may_edit": may_edit,
        "typed": request.POST if error is not None else {},
        "chosen": request.POST.getlist("event_type"),
        "error": error,
        "read_at": clocks.now(run),
    }
    return render(request, "console/forces/experts.html", page, status=200 if error is None else error.status)


def _enter_expert(request: DeskRequest) -> Expert:
    chosen = forms.person(request.actor, request.POST.get("person", ""))
    if chosen is None:
        raise NameMissing
    if not request.actor.can(Right.EDIT_RESOURCES, chosen.division.path):
        raise NotAllowed
    details = forms.expert_of(request.POST, chosen)
    return services.register_expert(details, by=request.actor, at=clocks.wall_now())


@desk
def expert(request: DeskRequest, expert_id: uuid.UUID) -> HttpResponse:
    """One expert: correct the entry, or strike it."""
    row = access_expert(request.actor, expert_id)
    error: Refusal | None = None
    if request.method == "POST":
        access_expert(request.actor, expert_id, need=Right.EDIT_RESOURCES)
        try:
            with transaction.atomic():
                _do_expert(request, row)
            return redirect("console:experts")
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            error = refusal
            row = access_expert(request.actor, expert_id)
    kept = {
        "title": row.title,
        "unit_words": row.unit_words,
        "fields": "、".join(row.fields),
        "note": row.note,
    }
    page = {
        "expert": row,
        "typed": request.POST if error is not None else kept,
        "chosen": request.POST.getlist("event_type") if error is not None else row.event_types,
        "types": words.event_list(row.event_types),
        "event_types": words.event_types(),
        "may_edit": request.actor.can(Right.EDIT_RESOURCES, row.person.division.path)
        and row.retired_at is None,
        "tabs": tabs("console:experts"),
        "error": error,
    }
    return render(request, "console/forces/expert.html", page, status=200 if error is None else error.status)


def _do_expert(request: DeskRequest, row: Expert) -> None:
    by, at, verb = request.actor, clocks.wall_now(), request.POST.get("verb", "")
    if verb == "retire":
        services.retire_expert(row, by=by, at=at)
        return
    if verb != "change":
        raise NotFound
    details = forms.expert_of(request.POST, row.person)
    services.change_expert(
        row, by=by, at=at, title=details.title.strip()[:80], unit_words=details.unit_words.strip()[:120],
        event_types=list(details.event_types), fields=list(details.fields), note=details.note.strip()[:300],
    )  # fmt: skip


@desk
def stock(request: DeskRequest) -> HttpResponse:
    """The newest report of each depot and item; a report is written below."""
    require_somewhere(request.actor, Right.SEE)
    run = clocks.default_exercise_id()
    error: Refusal | None = None
    if request.method == "POST":
        require_somewhere(request.actor, Right.EDIT_RESOURCES)
        try:
            with transaction.atomic():
                details = forms.stock_of(request.POST, request.actor, clocks.now(run))
                services.report_stock(details, by=request.actor, at=clocks.now(run), exercise_id=run)
            messages.success(request, _("Stock written down; the former report stays."))
            return redirect("console:stock")
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            error = refusal
    may_edit = request.actor.can_somewhere(Right.EDIT_RESOURCES)
    page = {
        "rows": [
            {
                "report": row,
                "item": words.item_word(row.item, row.name),
                "quantity": words.plain(row.quantity),
            }
            for row in queries.stock_now(request.actor, exercise_id=run)
        ],
        "items": words.items(),
        "local_now": input_moment(clocks.now(run)),
        "tabs": tabs("console:stock"),
        "may_edit": may_edit,
        "typed": request.POST if error is not None else {},
        "error": error,
        "read_at": clocks.now(run),
        **(_choices(request) if may_edit else {}),
    }
    return render(request, "console/forces/stock.html", page, status=200 if error is None else error.status)
