"""Standing consents, 平时 and 战时 by hand, and incidents shared with partners."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from anlan.accounts.access import require, require_somewhere
from anlan.console import responsewords as words
from anlan.console.incidentforms import moment
from anlan.console.incidentpage import key_from
from anlan.console.responseforms import level_of
from anlan.console.views.base import DeskRequest, desk
from anlan.dissemination.wake import wake_worker
from anlan.incidents.access import access_incident
from anlan.incidents.models import Incident
from anlan.journal import clocks
from anlan.kernel.refusals import NotAllowed, NotFound, Refusal
from anlan.places import queries as places
from anlan.plans.access import visible_plans
from anlan.plans.queries import plans_in_force
from anlan.response import queries, services
from anlan.response.access import access_consent, access_share, visible_activations, visible_consents
from anlan.response.models import Mode, ModeSwitch
from anlan.response.refusals import BadConsent, NoSuchLevel
from anlan.vocab.posts import Right


@desk
def consents(request: DeskRequest) -> HttpResponse:
    """Consents that hold, and those that ended; whoever may decide a level may consent to it."""
    require_somewhere(request.actor, Right.SEE)
    at = request.now
    error: Refusal | None = None
    if request.method == "POST":
        require_somewhere(request.actor, Right.DECIDE_RESPONSE)
        try:
            with transaction.atomic():
                _consent(request)
            messages.success(request, _("Stored."))
            return redirect("console:response_consents")
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            error = refusal
    rows = visible_consents(request.actor).order_by("-given_at")
    holding = rows.filter(revoked_at=None, ends_at__gt=at)
    seen = set(visible_plans(request.actor).values_list("pk", flat=True))
    page: dict[str, Any] = {
        "holding": [(one, words.level_word(one.level)) for one in holding],
        "over": [
            (one, words.level_word(one.level)) for one in rows.exclude(pk__in=holding.values("pk"))[:40]
        ],
        "may_give": request.actor.can_somewhere(Right.DECIDE_RESPONSE),
        "plans": [plan for plan in plans_in_force(clocks.default_exercise_id()) if plan.pk in seen],
        "levels": [(level, words.level_word(level)) for level in (4, 3, 2, 1)],
        "typed": request.POST if error is not None else {},
        "error": error,
        "read_at": request.now,
    }
    return render(
        request, "console/responses/consents.html", page, status=200 if error is None else error.status
    )


def _consent(request: DeskRequest) -> None:
    given, at = request.POST, clocks.now(clocks.default_exercise_id())
    if given.get("verb") == "revoke":
        row = access_consent(request.actor, key_from(given.get("consent", "")) or uuid.UUID(int=0))
        services.revoke_consent(row, by=request.actor, at=at)
        return
    key = key_from(given.get("plan", ""))
    plan = plans_in_force(clocks.default_exercise_id()).filter(pk=key).first() if key else None
    if plan is None or not visible_plans(request.actor).filter(pk=plan.pk).exists():
        raise NotFound
    level = level_of(given, None)
    ends_at = moment(given.get("ends_at", ""))
    if not level:
        raise NoSuchLevel(level="—")
    if ends_at is None:
        raise BadConsent
    services.give_consent(
        plan,
        level,
        ends_at=ends_at,
        words=given.get("words", ""),
        by=request.actor,
        by_name=request.actor.name,
        at=at,
    )


@desk
def mode(request: DeskRequest) -> HttpResponse:
    """What the mode is and why, and the switch."""
    require_somewhere(request.actor, Right.SEE)
    run = clocks.default_exercise_id()
    at = clocks.now(run)
    county = places.county()
    error: Refusal | None = None
    if request.method == "POST":
        if county is None:
            raise NotFound
        require(request.actor, Right.DECIDE_RESPONSE, county.path)
        try:
            with transaction.atomic():
                services.switch_mode(
                    request.POST.get("mode", ""), division=county, why=request.POST.get("why", ""), by=request.actor,
                    by_name=request.actor.name, at=at, exercise_id=run,
                )  # fmt: skip
            return redirect("console:response_mode")
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            error = refusal
    is_emergency = queries.mode(at, run) == Mode.EMERGENCY
    page = {
        "is_emergency": is_emergency,
        "other": Mode.ROUTINE.value if is_emergency else Mode.EMERGENCY.value,
        "active": visible_activations(request.actor)
        .filter(state="active", exercise_id=run)
        .order_by("level"),
        "switches": ModeSwitch.objects.filter(exercise_id=run).order_by("-happened_at", "-id")[:20]
        if county is not None and request.actor.sees(county.path)
        else [],
        "may_switch": county is not None and request.actor.can(Right.DECIDE_RESPONSE, county.path),
        "typed": request.POST if error is not None else {},
        "error": error,
        "read_at": request.now,
    }
    return render(request, "console/responses/mode.html", page, status=200 if error is None else error.status)


@desk
@require_POST
def share(request: DeskRequest, incident_id: uuid.UUID) -> HttpResponse:
    """Share with a partner, ask for its response, write down what it said on the phone, end it."""
    row = access_incident(request.actor, incident_id, need=Right.TAKE_REPORTS)
    try:
        with transaction.atomic():
            said = _share(request, row, clocks.now(row.exercise_id))
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        messages.error(request, str(words_of_refusal(refusal)))
        return redirect(reverse("console:incident", args=[row.pk]))
    wake_worker()
    messages.success(request, said)
    return redirect(reverse("console:incident", args=[row.pk]))


def words_of_refusal(refusal: Refusal) -> str:
    """A refusal as a message above the page, in the reader's language."""
    from anlan.kernel.refusals import fill

    step = fill(_(refusal.next_step), refusal.data) if refusal.next_step else ""
    return f"{fill(_(refusal.text), refusal.data)} {step}".strip()


def _share(request: DeskRequest, row: Incident, at: Any) -> str:
    given, by = request.POST, request.actor
    verb = given.get("verb", "")
    if verb in ("share", "ask") and not given.get("share"):
        found = services.share_incident(row, given.get("partner", ""), by=by, at=at)
        if verb == "share":
            return _("Shared.")
        services.ask_response(found, words=given.get("words", ""), by=by, at=at)
        return _("The response is asked for.")
    found = access_share(by, key_from(given.get("share", "")) or uuid.UUID(int=0))
    if found.incident_id != row.pk:
        raise NotFound
    if verb == "ask":
        services.ask_response(found, words=given.get("words", ""), by=by, at=at)
        return _("The response is asked for.")
    if verb == "close":
        services.close_share(found, by=by, at=at)
        return _("Closed.")
    if verb != "heard":
        raise NotFound
    services.heard_state(
        found,
        given.get("state", ""),
        number=given.get("number", ""),
        words=given.get("words", ""),
        heard_at=at,
        by=by,
        at=at,
    )
    return _("Written down.")
