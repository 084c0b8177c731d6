"""The matrix of sources, nil reports, and who may send."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.accounts.access import require, require_somewhere
from anlan.console import intakewords as words
from anlan.console.views.base import DeskRequest, desk, shared
from anlan.console.views.intake import sentence
from anlan.intake import services
from anlan.intake.access import access_sender, visible_senders
from anlan.intake.drop import folder
from anlan.intake.sources import matrix, rewards, source_table
from anlan.journal import clocks
from anlan.journal.models import WorkFailure
from anlan.kernel.refusals import NotFound, Refusal
from anlan.places import queries as places
from anlan.places.access import access_division, visible
from anlan.places.models import Division
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import Right


@desk
@require_GET
def sources(request: DeskRequest) -> HttpResponse:
    """When each source was last heard, what came today, which is silent; rewards of the safety line."""
    require_somewhere(request.actor, Right.TAKE_REPORTS)
    promised, paid = shared(request, "intake_rewards", lambda: rewards(request.actor))
    page = {
        "rows": shared(request, "intake_matrix", lambda: matrix(request.actor, at=request.now)),
        "names": words.sources(),
        "senders": [one for one in visible_senders(request.actor) if one.is_active],
        "sender_kinds": words.sender_kinds(),
        "promised": promised,
        "paid": paid,
        "share": round(100 * paid / promised) if promised else None,
        "is_assumption": not source_table().is_verified,
        "read_at": request.now,
    }
    return render(request, "console/intake/sources.html", page)


@desk
@require_POST
def nil(request: DeskRequest) -> HttpResponse:
    """Somebody rang to say that nothing happened, or was asked."""
    division = _desk_of(request)
    run = clocks.default_exercise_id()
    with transaction.atomic():
        services.report_nil(
            source=request.POST.get("source", "")[:16],
            division=division,
            words=request.POST.get("words", ""),
            by=request.actor,
            at=clocks.now(run),
            exercise_id=run,
        )
    messages.success(request, _("Noted."))
    return redirect("console:intake_sources")


def _desk_of(request: DeskRequest) -> Division:
    """The place of the desk that was told."""
    require_somewhere(request.actor, Right.TAKE_REPORTS)
    paths = [path for path in request.actor.where(Right.TAKE_REPORTS) if path]
    found = Division.objects.filter(path__in=paths).order_by("path").first() or places.county()
    if found is None:
        raise NotFound
    require(request.actor, Right.TAKE_REPORTS, found.path)
    return found


@desk
def senders(request: DeskRequest) -> HttpResponse:
    """Who may send, and one more for an administrator. A new token is shown once."""
    if not request.actor.can_somewhere(Right.TAKE_REPORTS):
        require_somewhere(request.actor, Right.ADMINISTER)
    if request.method != "POST":
        return _senders(request)
    require_somewhere(request.actor, Right.ADMINISTER)
    given = request.POST
    try:
        division = access_division(request.actor, given.get("division", ""), need=Right.ADMINISTER)
        with transaction.atomic():
            sender, token = services.list_sender(
                name=given.get("name", ""),
                kind=given.get("kind", ""),
                value=given.get("value", ""),
                source=given.get("source", ""),
                division=division,
                by=request.actor,
                at=clocks.now(clocks.default_exercise_id()),
            )
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _senders(request, problem=sentence(refusal), status=refusal.status)
    if not token:
        return redirect("console:intake_senders")
    answer = _senders(request, token=token, new=sender)
    answer["Cache-Control"] = "no-store"
    return answer


def _senders(
    request: DeskRequest, status: int = 200, **more: Any
) -> HttpResponse:  # Any: what the template shows
    levels = (
        DivisionLevel.COUNTY,
        DivisionLevel.TOWNSHIP,
        DivisionLevel.DEPARTMENT,
        DivisionLevel.ENTERPRISE,
    )
    may_change = request.actor.can_somewhere(Right.ADMINISTER)
    page = {
        "rows": list(visible_senders(request.actor)[:300]),
        "kinds": words.sender_kinds(),
        "names": words.sources(),
        "places": list(
            visible(request.actor, Right.ADMINISTER)
            .filter(level__in=levels, valid_to=None)
            .order_by("path")
            .values_list("code", "name")[:400]
        )
        if may_change
        else [],
        "may_change": may_change,
        "folder": f"…/{folder().parent.name}/{folder().name}/",
        "has_mail": bool(settings.ANLAN_INTAKE_MAIL_URL),
        "mail_problem": WorkFailure.objects.filter(name="incoming.intake_mail").first(),
        "read_at": request.now,
        **more,
    }
    return render(request, "console/intake/senders.html", page, status=status)


@desk
@require_POST
def unlist(request: DeskRequest, intake_sender_id: uuid.UUID) -> HttpResponse:
    found = access_sender(request.actor, intake_sender_id)
    with transaction.atomic():
        services.unlist_sender(found, by=request.actor, at=clocks.now(clocks.default_exercise_id()))
    return redirect("console:intake_senders")
