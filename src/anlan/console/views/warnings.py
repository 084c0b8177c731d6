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
from anlan.console import chain, words
from anlan.console.downstream import downstream_view
from anlan.console.forms import PreAuthorisationForm
from anlan.console.views.authoring import area_props
from anlan.console.views.base import DeskRequest, desk, shared_text
from anlan.journal import clocks
from anlan.kernel.refusals import Refusal, fill
from anlan.vocab.posts import Right
from anlan.warning import queries, services, texts
from anlan.warning.access import access_pre_authorisation, access_warning
from anlan.warning.cases import full_case
from anlan.warning.checks import Finding, findings
from anlan.warning.models import HazardWarning, WarningText

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
        **chain.told(found),
        "forms": texts.forms_of(
            found.relayed_by or found.issuer,
            found.body,
            found.recommended_action,
            is_drill=found.exercise_id is not None,
        ),
        "texts_written": WarningText.objects.filter(warning=found).order_by("language", "audience"),
        "findings": _findings(request, found),
        "spec": (found.audience or {}).get("spec", {}),
        "party_count": sum(len(people) for people in (found.audience or {}).get("parties", {}).values()),
        "area_props": area_props(request, is_fixed=True, area=found.area) if found.area else None,
        "why_not": _(detail.why_not) if detail.why_not else "",
        "may_sign_off": request.actor.can(Right.SIGN_OFF, found.division.path),
        "may_draft": request.actor.can(Right.DRAFT, found.division.path),
        "read_at": request.now,
    }


def _findings(request: DeskRequest, found: HazardWarning) -> tuple[Finding, ...]:
    """What the checks say to whoever reviews; of what is over, nothing."""
    if found.state not in ("draft", "returned"):
        return ()
    places = [row.division for row in found.villages.select_related("division").defer("division__geometry")]
    return findings(full_case(found, places, at=clocks.now(found.exercise_id)))


def _downstream(request: DeskRequest, found: HazardWarning) -> dict[str, Any] | None:
    """Villages below the station that the warning does not name: a suggestion, which only a person follows."""
    if found.crossing is None or found.hazard_type not in _OF_WATER:
        return None
    named = set(found.villages.values_list("division_id", flat=True))
    return downstream_view(found.crossing.station, request.actor, but=named)


@desk
@require_POST
def act_on_warning(request: DeskRequest, warning_id: uuid.UUID) -> HttpResponse:
    """Sign off, return, withdraw, lift, cancel as a mistake or update, named by the pressed button."""
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
        elif verb == "mistake":
            services.cancel_as_mistake(found, reason=reason, by=request.actor, at=at)
        elif verb == "lift":
            services.lift_warning(found, reason=reason, by=request.actor, at=at)
    return redirect("console:warning", warning_id)


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
