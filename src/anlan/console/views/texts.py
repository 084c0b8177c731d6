"""The library of texts and the table of issuing rights: what holds, where it comes from, proposing and approving."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from anlan.accounts.access import find, narrow, require_somewhere
from anlan.console.authoringforms import ActionTextForm, IssuingRightForm, form_words
from anlan.console.forms import DRAFTABLE
from anlan.console.views.base import DeskRequest, desk
from anlan.kernel.refusals import NotFound, Refusal, fill
from anlan.places import queries as places
from anlan.vocab.levels import Level
from anlan.vocab.posts import Right
from anlan.warning import services
from anlan.warning.authority import (
    TIERS,
    authority,
    hazard_words,
    issuing_right,
    issuing_tier,
    packaged_tier,
)
from anlan.warning.models import ActionText, IssuingRight
from anlan.warning.texts import AUDIENCES, book, packaged, rows_for

#: Signals shown on the page of issuing rights beside the county's own hazards.
_SHOWN_SIGNALS = ("11B03", "11B01", "11B25", "11B37")


def state_words() -> dict[str, str]:
    return {
        "proposed": _("waits for approval"),
        "in_force": _("in force"),
        "retired": _("no longer in force"),
        "rejected": _("rejected"),
    }


@desk
def texts(request: DeskRequest) -> HttpResponse:
    """Texts in force by hazard and level, proposals, versions; proposing another wording."""
    if request.method == "POST":
        require_somewhere(request.actor, Right.DRAFT)
    form = ActionTextForm(request.POST or None, initial={"language": "zh", **request.GET.dict()})
    if request.method == "POST" and form.is_valid():
        county = places.county()
        try:
            if county is None:
                raise NotFound
            with transaction.atomic():
                services.propose_text(**form.cleaned_data, division=county, by=request.actor, at=request.now)
        except Refusal as refusal:
            form.add_error(
                None, f"{fill(_(refusal.text), refusal.data)} {fill(_(refusal.next_step), refusal.data)}"
            )
        else:
            return redirect("console:texts")
    rows = narrow(ActionText.objects.select_related("proposed_by_person", "decided_by_person"), request.actor)
    page = {
        "form": form,
        "library": _library(),
        "book": book(),
        "waiting": rows.filter(state="proposed").order_by("-proposed_at"),
        "versions": rows.exclude(state="proposed").order_by("hazard_type", "level", "-text_version")[:200],
        "state_words": state_words(),
        "form_words": form_words(),
        "audiences": AUDIENCES,
        "may_propose": request.actor.can_somewhere(Right.DRAFT),
        "may_approve": request.actor.can_somewhere(Right.SIGN_OFF),
    }
    return render(request, "console/warnings/texts.html", page)


def _library() -> list[dict[str, Any]]:
    """What holds now: the package's text as version 1, or the county's row."""
    found = []
    for hazard in DRAFTABLE:
        for level in Level:
            template, rows = packaged(hazard.value, int(level)), rows_for(hazard.value, int(level))
            message = rows.get("sms") or rows.get("plain")
            action = rows.get("action")
            newest = message or action
            found.append(
                {
                    "hazard": hazard.value,
                    "level": int(level),
                    "message": message.text if message else template.sms,
                    "action": action.text if action else template.action,
                    "version": newest.text_version if newest else 1,
                    "source": newest.source if newest else "",
                    "is_verified": newest.is_verified if newest else book().is_verified,
                }
            )
    return found


@desk
@require_POST
def act_on_text(request: DeskRequest, text_id: uuid.UUID) -> HttpResponse:
    """Approve, reject or retire, named by the pressed button."""
    verb = request.POST.get("verb", "")
    need = Right.DRAFT if verb == "reject" else Right.SIGN_OFF
    row = find(ActionText.objects.select_related("division"), request.actor, text_id, need=need)
    reason = request.POST.get("reason", "")
    with transaction.atomic():
        if verb == "approve":
            services.approve_text(row, by=request.actor, at=request.now)
        elif verb == "reject":
            services.reject_text(row, reason=reason, by=request.actor, at=request.now)
        elif verb == "retire":
            services.retire_text(row, reason=reason, by=request.actor, at=request.now)
    return redirect("console:texts")


@desk
def issuing_rights(request: DeskRequest) -> HttpResponse:
    """Who may issue what, with source and mark; proposing a correction."""
    if request.method == "POST":
        require_somewhere(request.actor, Right.EDIT_RULES)
    form = IssuingRightForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        county = places.county()
        try:
            if county is None:
                raise NotFound
            with transaction.atomic():
                services.propose_issuing_right(
                    **form.cleaned_data, division=county, by=request.actor, at=request.now
                )
        except Refusal as refusal:
            form.add_error(
                None, f"{fill(_(refusal.text), refusal.data)} {fill(_(refusal.next_step), refusal.data)}"
            )
        else:
            return redirect("console:issuing_rights")
    rows = narrow(
        IssuingRight.objects.select_related("proposed_by_person", "decided_by_person"), request.actor
    )
    page = {
        "form": form,
        "table": _table(),
        "levels": [int(level) for level in Level],
        "rows": [(row, hazard_words(row.hazard)) for row in rows.order_by("-proposed_at")[:200]],
        "tiers": TIERS,
        "state_words": state_words(),
        "parameters": _parameters(),
        "may_propose": request.actor.can_somewhere(Right.EDIT_RULES),
        "may_approve": request.actor.can_somewhere(Right.APPROVE_RULES),
    }
    return render(request, "console/warnings/authority.html", page)


def _table() -> list[dict[str, Any]]:
    names = [hazard.value for hazard in DRAFTABLE] + list(_SHOWN_SIGNALS)
    return [
        {"hazard": hazard_words(name), "cells": [_cell(name, int(level)) for level in Level]}
        for name in names
    ]


def _cell(hazard: str, level: int) -> dict[str, Any]:
    row = issuing_right(hazard, level)
    table = authority()
    packaged_rule = table.signal_tier_by_level if table.is_signal(hazard) else table.own_hazards
    tier = issuing_tier(hazard, level)
    return {
        "tier": tier,
        "kind": table.kind_by_level.value[str(level)] if tier == table.own_tier and not table.is_signal(hazard) else "relay",
        "is_own": row is not None,
        "was": packaged_tier(hazard, level),
        "source": row.source if row is not None else packaged_rule.source,
        "is_verified": row.is_verified if row is not None else packaged_rule.is_verified,
    }  # fmt: skip


def _parameters() -> list[dict[str, Any]]:
    table = authority()
    names = ("signal_tier_by_level", "own_hazards", "own_kinds", "kind_by_level", "office_by_hazard")
    return [
        {"name": name, "source": getattr(table, name).source, "is_verified": getattr(table, name).is_verified}
        for name in names
    ]


@desk
@require_POST
def act_on_issuing_right(request: DeskRequest, right_id: uuid.UUID) -> HttpResponse:
    """Approve or reject a correction."""
    verb = request.POST.get("verb", "")
    need = Right.APPROVE_RULES if verb == "approve" else Right.SEE
    row = find(IssuingRight.objects.select_related("division"), request.actor, right_id, need=need)
    with transaction.atomic():
        if verb == "approve":
            services.approve_issuing_right(row, by=request.actor, at=request.now)
        elif verb == "reject":
            services.reject_issuing_right(
                row, reason=request.POST.get("reason", ""), by=request.actor, at=request.now
            )
    return redirect("console:issuing_rights")
