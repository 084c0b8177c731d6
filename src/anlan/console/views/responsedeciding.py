"""Deciding a response: propose by hand, open, decline, raise, lower, end. What a decision opens and closes is shown first."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from anlan.accounts.access import require
from anlan.console import responseforms as forms
from anlan.console import responsewords as words
from anlan.console.incidentpage import key_from
from anlan.console.views.base import DeskRequest, desk
from anlan.incidents.access import access_incident
from anlan.incidents.models import Incident
from anlan.journal import clocks
from anlan.kernel.refusals import NotAllowed, NotFound, Refusal
from anlan.plans.access import visible_plans
from anlan.plans.models import Plan
from anlan.plans.queries import plans_in_force
from anlan.response import queries, services
from anlan.response.access import access_activation
from anlan.response.models import Activation
from anlan.response.refusals import NoSuchLevel
from anlan.response.services.deciding import running_of
from anlan.response.services.judging import answers
from anlan.vocab.posts import Right


@desk
def new(request: DeskRequest, incident_id: uuid.UUID) -> HttpResponse:
    """A plan for an incident that the rules did not propose: choose the plan, then the level."""
    incident = access_incident(request.actor, incident_id)
    if request.method == "POST" and not request.actor.can(Right.DECIDE_RESPONSE, incident.division.path):
        require(request.actor, Right.TAKE_REPORTS, incident.division.path)
    plan = _plan(request, incident, (request.POST or request.GET).get("plan", ""))
    if plan is None:
        return render(request, "console/responses/choose.html", _choice(request, incident))
    known = running_of(incident, plan)
    if known is not None:
        return redirect("console:response_decide", known.pk)
    row = forms.stub(incident, plan, at=clocks.now(incident.exercise_id))
    if request.method == "POST":
        return _post(request, row)
    return _page(request, row)


@desk
def decide(request: DeskRequest, activation_id: uuid.UUID) -> HttpResponse:
    """GET previews the level of the address; POST decides it."""
    row = access_activation(request.actor, activation_id)
    if request.method == "POST":
        require(request.actor, Right.DECIDE_RESPONSE, row.division.path)
        return _post(request, row)
    return _page(request, row)


def _plan(request: DeskRequest, incident: Incident, given: str) -> Plan | None:
    key = key_from(given)
    if key is None:
        return None
    plan = plans_in_force(incident.exercise_id).filter(pk=key).first()
    if plan is None or not visible_plans(request.actor).filter(pk=key).exists():
        raise NotFound
    return plan


def _choice(request: DeskRequest, incident: Incident) -> dict[str, Any]:
    """Plans in force that this reader sees; those for such an incident first."""
    seen = set(visible_plans(request.actor).values_list("pk", flat=True))
    known = [plan for plan in plans_in_force(incident.exercise_id) if plan.pk in seen]
    return {
        "incident": incident,
        "fitting": [plan for plan in known if answers(plan, incident)],
        "others": [plan for plan in known if not answers(plan, incident)],
        "commands": queries.special_commands(incident),
        "roles": words.role_words(),
        "read_at": request.now,
    }


def _post(request: DeskRequest, row: Activation) -> HttpResponse:
    """Refused, the page comes back with the sentence and every tick in its place; nothing was written."""
    verb = request.POST.get("verb", "")
    if verb not in _VERBS:
        raise NotFound
    at = clocks.now(row.exercise_id)
    try:
        with transaction.atomic():
            made = _VERBS[verb](request, row, at)
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        if not row._state.adding:
            row = access_activation(request.actor, row.pk)
        return _page(request, row, refusal)
    messages.success(request, _SAID[verb])
    return redirect("console:activation", made.pk)


def _page(request: DeskRequest, row: Activation, error: Refusal | None = None) -> HttpResponse:
    given = request.POST if request.method == "POST" else request.GET
    at = clocks.now(row.exercise_id)
    page = {
        **forms.decision_page(row, given, request.actor, at=at),
        "is_new": row._state.adding,
        "error": error,
        "may_propose": request.actor.can(Right.TAKE_REPORTS, row.division.path),
        "has_right": request.actor.can(Right.DECIDE_RESPONSE, row.division.path),
        "read_at": request.now,
    }
    status = 200 if error is None else error.status
    return render(request, "console/responses/decide.html", page, status=status)


def _given(request: DeskRequest, at: Any) -> dict[str, Any]:
    return {
        "by": request.actor,
        "by_name": request.actor.name,
        "at": at,
        "why": request.POST.get("why", ""),
    }


def _level(request: DeskRequest) -> int:
    level = forms.level_of(request.POST, None)
    if not level:
        raise NoSuchLevel(level=request.POST.get("level", "")[:8] or "—")
    return level


def _open(request: DeskRequest, row: Activation, at: Any) -> Activation:
    given = {**_given(request, at), "decided": forms.decided_of(request.POST)}
    if row._state.adding:
        return services.activate(row.incident, row.plan, _level(request), **given)
    if row.state == "active":
        return services.change_level(row, _level(request), **given)
    return services.decide(row, _level(request), **given)


def _end(request: DeskRequest, row: Activation, at: Any) -> Activation:
    return services.end_response(row, **_given(request, at), decided=forms.decided_of(request.POST))


def _decline(request: DeskRequest, row: Activation, at: Any) -> Activation:
    return services.decline(row, **_given(request, at))


def _propose(request: DeskRequest, row: Activation, at: Any) -> Activation:
    """The desk asks for a decision and says why; whoever may decide is rung."""
    require(request.actor, Right.TAKE_REPORTS, row.division.path)
    why = request.POST.get("why", "").strip()[:200] or "—"
    level = _level(request)
    reasons = [{"zh": why, "en": why, "rule": "", "level": level}]
    decided = forms.decided_of(request.POST)
    return services.propose(
        row.incident, row.plan, level, reasons=reasons, by=request.actor, at=at,
        affected=row.affected if decided.affected is None else decided.affected,
    )  # fmt: skip


_VERBS = {"open": _open, "end": _end, "decline": _decline, "propose": _propose}


class _Said:
    """Words are looked up when they are said, in the language of whoever reads them."""

    def __getitem__(self, verb: str) -> str:
        return {
            "open": _("Decided. The orders have gone out."),
            "end": _("Ended. What nobody had begun is withdrawn."),
            "decline": _("Put aside, with your reason."),
            "propose": _("Proposed. It rings until somebody decides."),
        }[verb]


_SAID = _Said()
