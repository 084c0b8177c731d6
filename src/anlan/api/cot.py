"""`/api/cot/v1/events`: Cursor on Target over HTTPS (docs/tak.md).

GET gives the picture of one incident as a stream of events; POST takes events. Somebody signed in, or a program with a read
token, may read; whoever sends must hold the right to give orders in the incident's place, so a read token never sends.
"""

from __future__ import annotations

import uuid

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from anlan.api.sensorthings.door import actor_of
from anlan.command.cot import picture, take_events
from anlan.documents.cot import CotEvent, CotRefused, decode, split, stream
from anlan.incidents.access import access_incident
from anlan.incidents.models import Incident
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotFound, Refusal
from anlan.vocab.posts import Right

#: Longest message that is read, bytes. Engineering choice.
MOST_BYTES = 1024 * 1024
_TYPE = "application/xml; charset=utf-8"


@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def events(request: HttpRequest) -> HttpResponse:
    """Answers 401 to a stranger, 404 for an incident that is not there for him."""
    actor = actor_of(request)
    if actor is None:
        return _error(401, "token.unknown", "Sign in, or send Authorization: Bearer with a read token.")
    try:
        if request.method == "GET":
            return _read(request, actor)
        if "Authorization" not in request.headers:
            return _send_signed_in(request)
        return _send(request, actor)
    except Refusal as refusal:
        return _error(refusal.status, refusal.code, refusal.sentence())


vars(events)["takes_session"] = (
    True  # beside tokens: whoever is signed in and plays a drill draws in that drill alone
)


@csrf_protect
def _send_signed_in(request: HttpRequest) -> HttpResponse:
    """Whoever is known by a cookie shows the token of a form as well."""
    return _send(request, request.actor)  # type: ignore[attr-defined]  # set by the middleware


def _incident(request: HttpRequest, actor: Actor, need: Right) -> Incident:
    try:
        key = uuid.UUID(request.GET.get("incident", ""))
    except ValueError:
        raise NotFound from None
    return access_incident(actor, key, need=need)


def _read(request: HttpRequest, actor: Actor) -> HttpResponse:
    row = _incident(request, actor, Right.SEE)
    if row.is_restricted:
        raise NotFound
    return HttpResponse(stream(picture(row, at=clocks.now(row.exercise_id))), content_type=_TYPE)


def _send(request: HttpRequest, actor: Actor) -> HttpResponse:
    row = _incident(request, actor, Right.COMMAND)
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        return _error(413, "body.too_large", f"A request holds at most {MOST_BYTES} bytes.")
    try:
        given, wrong = _decoded(body)
    except CotRefused as refused:
        return _error(400, "cot.unreadable", f"This is no stream of events: {refused}.")
    with transaction.atomic():
        taken = take_events(given, incident=row, by=actor, by_name=actor.name, at=clocks.now(row.exercise_id))
    told = {
        name: getattr(taken, name) for name in ("positions", "placed", "moved", "removed", "known", "unknown")
    }
    return JsonResponse({**told, "refused": dict(taken.refused), "unreadable": wrong})


def _decoded(body: bytes) -> tuple[list[CotEvent], int]:
    """The events that can be read, and how many could not."""
    found, rest = split(body)
    if not found and rest.strip():
        raise CotRefused("no event")
    good: list[CotEvent] = []
    for data in found:
        try:
            good.append(decode(data))
        except CotRefused:
            continue
    return good, len(found) - len(good)


def _error(status: int, code: str, message: str) -> JsonResponse:
    return JsonResponse({"error": {"code": code, "message": message}}, status=status)
