"""`POST /api/duty/v1/heartbeat`: the video link of a duty room is up; and `GET /api/duty/v1/calendar/<token>.ics`: shifts for a
calendar programme (docs/duty.md). Each is opened by its own token."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from anlan.duty.queries import feed_by_token, feed_calendar
from anlan.duty.services.links import heartbeat as beat
from anlan.duty.services.links import link_by_token
from anlan.journal import clocks
from anlan.kernel.actor import Actor


@csrf_exempt
@require_POST
def heartbeat(request: HttpRequest) -> JsonResponse:
    """Answers 200 with the moment until which the next beat is waited for."""
    word, _space, token = request.headers.get("Authorization", "").partition(" ")
    link = link_by_token(token.strip()) if word.lower() == "bearer" and token.strip() else None
    if link is None:
        message = "Send Authorization: Bearer with the token of a registered link."
        return JsonResponse({"code": "token.unknown", "message": message}, status=401)
    at = clocks.now(link.exercise_id)
    with transaction.atomic():
        beat(link, by=Actor(ref=f"room_link:{link.pk}", name=link.name), at=at)
    link.refresh_from_db(fields=["silent_at", "state"])
    expected = None if link.silent_at is None else link.silent_at.isoformat()
    return JsonResponse({"state": link.state, "heard_at": at.isoformat(), "silent_at": expected})


@never_cache
@require_GET
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """A revoked, a forged and an unknown link look the same."""
    feed = feed_by_token(token)
    if feed is None:
        return HttpResponse("Not found.\n", content_type="text/plain", status=404)
    body = feed_calendar(feed, at=clocks.now(clocks.default_exercise_id()))
    answer = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="duty.ics"'
    return answer
