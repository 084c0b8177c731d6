"""Where warnings of others come from: listed senders, feeds with their last answer, the folder and the mail account."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from anlan.accounts.access import require, require_somewhere
from anlan.console.views.base import DeskRequest, desk
from anlan.journal import clocks
from anlan.journal.models import WorkFailure
from anlan.kernel.refusals import NotFound, Refusal, fill
from anlan.places import queries as places
from anlan.vocab.posts import Right
from anlan.warning.incoming.access import access_feed, access_sender, visible_feeds, visible_senders
from anlan.warning.incoming.drop import folder
from anlan.warning.services import incoming_sources as services


@desk
def sources(request: DeskRequest) -> HttpResponse:
    """The lists, and one more of each for an administrator. A new token is shown once."""
    if request.method == "GET":
        return _page(request)
    require_somewhere(request.actor, Right.ADMINISTER)
    try:
        token = _add(request)
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _page(request, problem=fill(_(refusal.text), refusal.data))
    if not token:
        return redirect("console:incoming_sources")
    answer = _page(request, token=token)
    answer["Cache-Control"] = "no-store"
    return answer


def _add(request: DeskRequest) -> str:
    county = places.county()
    if county is None:
        raise NotFound
    require(request.actor, Right.ADMINISTER, county.path)
    given, at = request.POST, clocks.now(clocks.default_exercise_id())
    common = {"may_act": given.get("may_act") == "1", "division": county, "by": request.actor, "at": at}
    with transaction.atomic():
        if given.get("verb") == "feed":
            every = given.get("every_s", "60")
            services.add_feed(
                name=given.get("name", ""),
                url=given.get("url", ""),
                every_s=int(every) if every.isdecimal() else 0,
                **common,  # type: ignore[arg-type]  # the arguments that both share
            )
            return ""
        _row, token = services.list_sender(
            kind=given.get("kind", ""),
            value=given.get("value", ""),
            name=given.get("name", ""),
            **common,  # type: ignore[arg-type]  # the arguments that both share
        )
    return token


def _page(request: DeskRequest, **more: Any) -> HttpResponse:  # Any: what the template shows
    page = {
        "feeds": list(visible_feeds(request.actor)),
        "senders": list(visible_senders(request.actor)),
        "kinds": {"sms": _("SMS"), "mail": _("e-mail"), "token": _("system with a token")},
        "folder": f"…/{folder().parent.name}/{folder().name}/",
        "has_mail": bool(settings.ANLAN_WARNING_MAIL_URL),
        "mail_problem": WorkFailure.objects.filter(name="incoming.mail").first(),
        "may_change": request.actor.can_somewhere(Right.ADMINISTER),
        "now": clocks.now(clocks.default_exercise_id()),
        "read_at": request.now,
        **more,
    }
    status = 422 if more.get("problem") else 200
    return render(request, "console/incoming/sources.html", page, status=status)


@desk
@require_POST
def unlist(request: DeskRequest, sender_id: uuid.UUID) -> HttpResponse:
    found = access_sender(request.actor, sender_id)
    with transaction.atomic():
        services.unlist_sender(found, by=request.actor, at=clocks.now(found.exercise_id))
    return redirect("console:incoming_sources")


@desk
@require_POST
def stop(request: DeskRequest, feed_id: uuid.UUID) -> HttpResponse:
    found = access_feed(request.actor, feed_id)
    with transaction.atomic():
        services.stop_feed(found, by=request.actor, at=clocks.now(found.exercise_id))
    return redirect("console:incoming_sources")
