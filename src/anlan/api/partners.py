"""`POST /api/partners/v1/shares/<key>`: a partner says what it does about an incident that was shared (docs/partners.md)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from anlan.intake.models import IntakeSender
from anlan.intake.services.senders import sender_of
from anlan.journal import clocks
from anlan.journal.refusals import StaleRow
from anlan.kernel.actor import Actor
from anlan.kernel.clock import parse_instant
from anlan.kernel.refusals import Refusal
from anlan.response.models import PartnerShare
from anlan.response.services import heard_state

MOST_BYTES = 64 * 1024
#: A partner's clock may be a little ahead of ours.
_SLACK = timedelta(minutes=2)
#: Which listed senders speak for which partner: the source under which they are listed.
_SOURCES = {"fire": "119"}


@csrf_exempt
@require_POST
def state(request: HttpRequest, share_key: str) -> JsonResponse:
    """Answers 200 with the state that stands now. The same again changes nothing. A key of others is not found."""
    sender = _sender(request)
    if sender is None:
        return _error(401, "token.unknown", "Send Authorization: Bearer with the token of a listed sender.")
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        return _error(413, "body.too_large", f"A request holds at most {MOST_BYTES} bytes.")
    given = _object(body)
    if given is None:
        return _error(400, "body.malformed", "Send one JSON object.")
    row = PartnerShare.objects.select_related("incident__division").filter(key=share_key[:64]).first()
    if row is None or _SOURCES.get(row.partner) != sender.source:
        return _error(404, "not_found", "No incident was shared with you under this key.")
    try:
        with override("en"), transaction.atomic():
            row = _heard(row, given, sender)
    except StaleRow as refusal:
        return _error(409, refusal.code, "Somebody changed this a moment ago; send it again.")
    except Refusal as refusal:
        return _error(refusal.status, refusal.code, refusal.sentence())
    return JsonResponse({"key": row.key, "state": row.state})


def _heard(row: PartnerShare, given: dict[str, Any], sender: IntakeSender) -> PartnerShare:
    at = clocks.now(row.exercise_id)
    return heard_state(
        row,
        _text(given, "state"),
        number=_text(given, "number"),
        words=_text(given, "words"),
        heard_at=_moment(_text(given, "at"), at),
        by=Actor(ref=f"source:{sender.name}"[:120], name=sender.name),
        at=at,
    )


def _moment(text: str, now: datetime) -> datetime:
    """When the partner says that it was so; now where it says nothing that can be."""
    try:
        said = parse_instant(text)
    except ValueError:
        return now
    return said if said <= now + _SLACK else now


def _text(given: dict[str, Any], name: str) -> str:
    value = given.get(name, "")
    return value if isinstance(value, str) else ""


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return given if isinstance(given, dict) else None


def _sender(request: HttpRequest) -> IntakeSender | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return sender_of("token", token) if scheme.lower() == "bearer" and token.strip() else None


def _error(status: int, code: str, message: str) -> JsonResponse:
    return JsonResponse({"error": code, "message": message}, status=status)
