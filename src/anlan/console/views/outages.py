"""What is cut where: network, power, road. Silent villages in a place without network ring as possibly lost."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.accounts.access import require_somewhere
from anlan.console.templatetags.anlan import is_chinese
from anlan.console.views.base import DeskRequest, desk
from anlan.duty import losing
from anlan.duty.access import access_outage, visible_outages
from anlan.journal import clocks
from anlan.places.access import access_division, visible
from anlan.vocab.outages import KINDS
from anlan.vocab.posts import Right

BEIJING = ZoneInfo("Asia/Shanghai")
ROWS = 100


@desk
@require_GET
def outages(request: DeskRequest) -> HttpResponse:
    require_somewhere(request.actor, Right.SEE)
    words = {code: (zh if is_chinese() else en) for code, (zh, en) in KINDS.items()}
    rows = visible_outages(request.actor)[:ROWS]
    page = {
        "rows": [(row, words.get(row.kind, row.kind)) for row in rows],
        "kinds": list(words.items()),
        "places": visible(request.actor, Right.CONFIRM_ALARM)
        .filter(level__in=("county", "township", "village"))
        .order_by("path")
        .values_list("code", "name")[:400],
        "now_local": request.now.astimezone(BEIJING),
        "read_at": request.now,
    }
    return render(request, "console/followup/outages.html", page)


@desk
@require_POST
def report(request: DeskRequest) -> HttpResponse:
    division = access_division(request.actor, request.POST.get("division", ""), need=Right.CONFIRM_ALARM)
    run = clocks.default_exercise_id()
    at = clocks.now(run)
    with transaction.atomic():
        losing.report_outage(
            kind=request.POST.get("kind", ""),
            division=division,
            since=_moment(request.POST.get("since", ""), at),
            words=request.POST.get("words", ""),
            by=request.actor,
            at=at,
            exercise_id=run,
        )
    messages.success(request, _("Noted; silent villages there were looked at."))
    return redirect("console:outages")


@desk
@require_POST
def end(request: DeskRequest, outage_id: uuid.UUID) -> HttpResponse:
    outage = access_outage(request.actor, outage_id)
    with transaction.atomic():
        losing.end_outage(outage, by=request.actor, at=clocks.now(outage.exercise_id))
    messages.success(request, _("Ended."))
    return redirect("console:outages")


def _moment(text: str, at: datetime) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=BEIJING).astimezone(UTC)
    except ValueError:
        return at
