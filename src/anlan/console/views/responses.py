"""Responses: what waits for a decision, what runs, what ended; and the page of one."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from anlan.accounts.access import require_somewhere, within
from anlan.console import responsewords as words
from anlan.console.views.base import DeskRequest, desk
from anlan.incidents.access import sees_incident
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.plans.access import visible_plans
from anlan.plans.content import read
from anlan.response import queries
from anlan.response.access import access_activation, visible_activations
from anlan.response.authority import may_decide, who_may
from anlan.response.models import Activation
from anlan.response.opening import open_rows
from anlan.vocab.posts import Right

#: Ended and declined ones on the list.
MOST_OVER = 30
#: Milder than every level: of an ended response every open order lingers.
_OVER = 5


@desk
@require_GET
def responses(request: DeskRequest) -> HttpResponse:
    """Of this run: proposals first, then what runs, the gravest first, then the latest that are over."""
    require_somewhere(request.actor, Right.SEE)
    return render(request, "console/responses/responses.html", list_page(request))


@desk
@require_GET
def rows(request: DeskRequest) -> HttpResponse:
    """The lists alone, as a live page fetches them."""
    require_somewhere(request.actor, Right.SEE)
    return render(request, "console/responses/_lists.html", list_page(request))


def list_page(request: DeskRequest) -> dict[str, Any]:
    run = clocks.default_exercise_id()
    now = clocks.now(run)
    known = visible_activations(request.actor).filter(exercise_id=run)
    over = known.filter(state__in=("ended", "declined")).order_by("-ended_at", "-proposed_at", "-id")
    return {
        "proposed": [line(row) for row in known.filter(state="proposed").order_by("level", "proposed_at")],
        "running": [line(row) for row in known.filter(state="active").order_by("level", "started_at")],
        "over": [line(row) for row in over[:MOST_OVER]],
        "is_emergency": queries.mode(now, run) == "emergency",
        "read_at": request.now,
    }


def line(row: Activation) -> dict[str, Any]:
    """One response in a list."""
    return {
        "row": row,
        "level": words.level_word(row.level),
        "state": words.state_words()[row.state],
        "chip": words.STATE_CHIPS[row.state],
        "suggestion": words.suggestion_word(row),
        "reasons": words.reason_lines(row.reasons)[:2],
    }


@desk
@require_GET
def activation(request: DeskRequest, activation_id: uuid.UUID) -> HttpResponse:
    row = access_activation(request.actor, activation_id)
    return render(request, "console/responses/activation.html", record(request, row))


@desk
@require_GET
def board(request: DeskRequest, activation_id: uuid.UUID) -> HttpResponse:
    """The part of the page that moves."""
    row = access_activation(request.actor, activation_id)
    return render(request, "console/responses/_activation.html", record(request, row))


def record(request: DeskRequest, row: Activation) -> dict[str, Any]:
    """Everything that the page of a response shows; orders of other places only to whoever sees those places."""
    actor = request.actor
    at = clocks.now(row.exercise_id)
    is_own = actor.can(Right.SEE, row.division.path)
    orders = queries.orders_of(row)
    if not is_own:
        orders = orders.filter(within(actor, "addressee__path"))
    units = queries.progress(orders, at=at)
    content = read(row.plan_version.content)
    return {
        **line(row),
        "units": units,
        "total": sum(one.total for one in units),
        "finished": sum(one.finished for one in units),
        "late": sum(one.late for one in units),
        "lingering": open_rows(row, level=row.level if row.state == "active" else _OVER) if is_own else [],
        "changes": [(one, words.change_word(one)) for one in queries.changes_of(row)],
        "notices": [
            (one, words.notice_words()[one.state], words.NOTICE_CHIPS[one.state])
            for one in queries.notices_of(row)
        ]
        if is_own
        else [],
        "members": queries.members_of(row.body) if row.body is not None and is_own else [],
        "groups": [one for one in content.groups if one.from_level >= row.level],
        "roles": words.role_words(),
        "sees_incident": sees_incident(actor, row.incident),
        "sees_plan": visible_plans(actor).filter(pk=row.plan_id).exists(),
        "may_decide": decides(actor, row, at=at),
        "who_may": who_may(content, row.level, row.division, at=at) if is_own else "",
        "is_own": is_own,
        "read_at": request.now,
    }


def decides(actor: Actor, row: Activation, *, at: Any) -> bool:
    """Whether this reader may decide the level that it has, or any milder one of the plan."""
    content = read(row.plan_version.content)
    return any(may_decide(actor, content, one.level, row.division, at=at) for one in content.levels)
