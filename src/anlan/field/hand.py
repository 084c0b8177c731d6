"""The page behind a keeper's or a partner's link: the text, and one form "done at". Once, without a log-in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from anlan.attachments import services as attachments
from anlan.dissemination.models import Delivery
from anlan.dissemination.queries_outlets import task_by_token
from anlan.dissemination.refusals import NotYetHappened
from anlan.dissemination.services import hand
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.kernel.refusals import Refusal, fill


# The link is the capability and no cookie is read.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def task(request: HttpRequest, token: str) -> HttpResponse:
    """What is asked, and who did it; a second answer is turned away with the name of the first."""
    found = task_by_token(token)
    if found is None:
        return render(request, "field/gone.html", status=404)
    at = clocks.now(found.exercise_id)
    if request.method != "POST":
        return render(request, "field/hand.html", _page(found, at))
    try:
        with transaction.atomic():
            _take(request, found, at)
    except Refusal as refusal:
        sentence = f"{fill(_(refusal.text), refusal.data)} {fill(_(refusal.next_step), refusal.data)}"
        return render(
            request, "field/hand.html", {**_page(found, at), "error": sentence}, status=refusal.status
        )
    response = redirect("field:hand", token)
    response.status_code = 303
    return response


def _take(request: HttpRequest, found: Delivery, at: datetime) -> None:
    name = request.POST.get("name", "")[:60]
    by = Actor(ref=f"delivery:{found.pk}", name=name or found.recipient)
    happened_at = moment(request.POST.get("time", ""), at)
    photo = request.FILES.get("photo")
    kept = None
    if photo is not None and photo.size:
        kept = attachments.keep(
            photo.chunks(), subject=f"delivery:{found.pk}", division=found.outlet.division if found.outlet else None,
            name=photo.name or "", sender=name, by=by, at=at, exercise_id=found.exercise_id,
        )  # fmt: skip
    hand.confirm_by_link(
        found,
        done_by_name=name,
        happened_at=happened_at,
        words=request.POST.get("words", ""),
        photo_id=kept.pk if kept is not None else None,
        by=by,
        at=at,
    )


def moment(text: str, at: datetime) -> datetime:
    """A local time as a browser's field gives it; left empty it is now."""
    if not text.strip():
        return at
    try:
        return datetime.fromisoformat(text.strip()[:19]).replace(tzinfo=SHANGHAI)
    except ValueError:
        raise NotYetHappened from None


def _page(found: Delivery, at: datetime) -> dict[str, Any]:
    return {
        "task": found,
        "outlet": found.outlet,
        "about": found.broadcast,
        "receipts": list(found.hand_receipts.order_by("id")),
        "now": f"{at.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}",
        "is_partner": found.channel in ("tv", "radio", "newspaper", "cell_broadcast", "scenic_screen"),
    }
