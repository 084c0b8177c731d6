"""Warnings: drafts, review by a second person, update, lifting, pre-authorisations."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from anlan.accounts.access import require_somewhere
from anlan.console import words
from anlan.console.downstream import downstream_view
from anlan.console.forms import PreAuthorisationForm, WarningForm
from anlan.console.views.base import DeskRequest, desk, shared_text
from anlan.journal import clocks
from anlan.kernel.refusals import Refusal, fill
from anlan.vocab.posts import Right
from anlan.warning import queries, services
from anlan.warning.access import access_pre_authorisation, access_warning
from anlan.warning.models import HazardWarning

ROWS = 100
#: Hazards that go down a river.
_OF_WATER = frozenset({"flash_flood", "river_flood"})


@desk
def warnings(request: DeskRequest) -> HttpResponse:
    """Drafts waiting, what is in force, then the newest ended ones."""

    def make() -> str:
        return render_to_string("console/warnings/_list.html", _listed(request))

    content = shared_text(request, "warnings", make)
    return render(request, "console/warnings/list.html", {"content": content})


def _listed(request: DeskRequest) -> dict[str, Any]:
    return {
        "drafts": queries.drafts_for(request.actor),
        "in_force": queries.in_force(request.actor, at=request.now),
        "ended": queries.ended(request.actor)[:ROWS],
        "liftable": {warning.pk for warning in queries.may_be_lifted(request.actor)},
        "state_words": words.warning_words(),
        "can_draft": request.actor.can_somewhere(Right.DRAFT),
        "read_at": request.now,
    }


@desk
def warning(request: DeskRequest, warning_id: uuid.UUID) -> HttpResponse:
    """Cause, area and text of one warning, and what its reader may do."""
    return render(request, "console/warnings/warning.html", _page(request, warning_id))


@desk
def warning_fragment(request: DeskRequest, warning_id: uuid.UUID) -> HttpResponse:
    return render(request, "console/warnings/_warning.html", _page(request, warning_id))


def _page(request: DeskRequest, warning_id: uuid.UUID) -> dict[str, Any]:
    detail = queries.warning_detail(request.actor, warning_id, at=request.now)
    found = detail.warning
    progress = None
    if detail.progress is not None:
        progress = words.progress_of(Counter(detail.progress.by_state))  # type: ignore[attr-defined]  # dissemination's Progress
    return {
        "detail": detail,
        "warning": found,
        "progress": progress,
        "state_words": words.warning_words(),
        "downstream": _downstream(request, found),
        "why_not": _(detail.why_not) if detail.why_not else "",
        "may_sign_off": request.actor.can(Right.SIGN_OFF, found.division.path),
        "may_draft": request.actor.can(Right.DRAFT, found.division.path),
        "read_at": request.now,
    }


def _downstream(request: DeskRequest, found: HazardWarning) -> dict[str, Any] | None:
    """Villages below the station that the warning does not name: a suggestion, which only a person follows."""
    if found.crossing is None or found.hazard_type not in _OF_WATER:
        return None
    named = set(found.villages.values_list("division_id", flat=True))
    return downstream_view(found.crossing.station, request.actor, but=named)


@desk
@require_POST
def act_on_warning(request: DeskRequest, warning_id: uuid.UUID) -> HttpResponse:
    """Sign off, return, withdraw, lift or update, named by the pressed button."""
    verb = request.POST.get("verb", "")
    need = Right.DRAFT if verb in {"withdraw", "update"} else Right.SIGN_OFF
    found = access_warning(request.actor, warning_id, need=need)
    if verb == "update":
        return redirect("console:update_warning", warning_id)
    at = clocks.now(found.exercise_id)
    reason = request.POST.get("reason", "").strip()[:500]
    with transaction.atomic():
        if verb == "sign_off":
            services.sign_off(found, by=request.actor, at=at)
        elif verb == "return":
            services.return_draft(found, reason=reason, by=request.actor, at=at)
        elif verb == "withdraw":
            services.withdraw(found, reason=reason, by=request.actor, at=at)
        elif verb == "lift":
            services.lift_warning(found, reason=reason, by=request.actor, at=at)
    return redirect("console:warning", warning_id)


@desk
def new_warning(request: DeskRequest) -> HttpResponse:
    """Draft by hand: hazard, level, villages and text; a second person reviews it."""
    require_somewhere(request.actor, Right.DRAFT)
    form = WarningForm(request.POST or None, actor=request.actor)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                exercise_id = clocks.default_exercise_id()
                draft = services.draft_by_hand(
                    **form.draft_fields(),
                    by=request.actor,
                    at=clocks.now(exercise_id),
                    exercise_id=exercise_id,
                )
        except Refusal as refusal:
            form.add_error(None, fill(_(refusal.text), refusal.data))
        else:
            return redirect("console:warning", draft.pk)
    return render(
        request, "console/warnings/edit.html", {"form": form, "title": _("Draft a warning or call-out")}
    )


@desk
def update_warning(request: DeskRequest, warning_id: uuid.UUID) -> HttpResponse:
    """A newer version of a warning in force; it goes through review like any draft and then replaces the old one."""
    found = access_warning(request.actor, warning_id, need=Right.DRAFT)
    initial = WarningForm.initial_of(found)
    form = WarningForm(request.POST or None, actor=request.actor, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                draft = services.update_warning(
                    found, **form.update_fields(), by=request.actor, at=clocks.now(found.exercise_id)
                )
        except Refusal as refusal:
            form.add_error(None, fill(_(refusal.text), refusal.data))
        else:
            return redirect("console:warning", draft.pk)
    page = {"form": form, "title": _("Update the warning"), "old": found}
    return render(request, "console/warnings/edit.html", page)


@desk
def pre_authorisations(request: DeskRequest) -> HttpResponse:
    """Who may skip the review for what, until when; signing a new one needs the commander's right."""
    may_sign = request.actor.can_somewhere(Right.PRE_AUTHORISE)
    if request.method == "POST":
        require_somewhere(request.actor, Right.PRE_AUTHORISE)
    form = PreAuthorisationForm(request.POST or None, actor=request.actor)
    if request.method == "POST" and form.is_valid():
        at = clocks.now(clocks.default_exercise_id())
        fields = form.fields_for_service()
        valid_to = at + timedelta(days=fields.pop("days"))
        try:
            with transaction.atomic():
                services.sign_pre_authorisation(
                    **fields, valid_from=at, valid_to=valid_to, by=request.actor, at=at
                )
        except Refusal as refusal:
            form.add_error(None, fill(_(refusal.text), refusal.data))
        else:
            return redirect("console:pre_authorisations")
    page = {
        "rows": queries.pre_authorisations(request.actor),
        "form": form,
        "may_sign": may_sign,
        "at": request.now,
    }
    return render(request, "console/warnings/pre_authorisations.html", page)


@desk
@require_POST
def revoke_pre_authorisation(request: DeskRequest, permission_id: uuid.UUID) -> HttpResponse:
    found = access_pre_authorisation(request.actor, permission_id, need=Right.PRE_AUTHORISE)
    with transaction.atomic():
        services.revoke_pre_authorisation(found, by=request.actor, at=clocks.now(found.exercise_id))
    return redirect("console:pre_authorisations")
