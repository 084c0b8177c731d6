"""`POST /api/phone/v1/events`: the phone gateway tells us receipts, reply words, pressed keys and call backs; and
`POST /api/phone/v1/callback`: what somebody who rings the number hears (docs/phone-gateway.md)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from anlan.dissemination.services import callback as ringing
from anlan.dissemination.services import take_events
from anlan.dissemination.types import PhoneEvent, TakeReport
from anlan.dissemination.wake import wake_worker
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.kernel.ids import uuid7

PROVIDER = "phone"
CHANNEL = Actor(ref="channel:phone", name="phone gateway")

#: Bounds on one request; a provider splits larger batches. Engineering choice.
BODY_MAX = 1024 * 1024
EVENTS_MAX = 2_000
#: Events stored in one transaction, so that a long batch does not hold the write lock of the embedded database.
TOGETHER = 50
_RINGING_MAX = 4_096

Short = Annotated[str, msgspec.Meta(max_length=80)]
Address = Annotated[str, msgspec.Meta(max_length=40)]


class _Event(msgspec.Struct):
    """One event. Unknown fields are let through: a provider's new field must not cost a village's answer."""

    event_id: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    type: Literal["receipt", "reply", "keypress", "callback"]
    at: datetime
    client_ref: Short = ""
    provider_ref: Short = ""
    status: Literal["", "sent", "delivered", "failed", "answered", "no_answer", "busy"] = ""
    sender: Address = msgspec.field(default="", name="from")
    text: Annotated[str, msgspec.Meta(max_length=4_000)] = ""
    key: Annotated[str, msgspec.Meta(max_length=20)] = ""
    #: What was entered after the key, where the gateway collects digits: households, or households*people.
    digits: Annotated[str, msgspec.Meta(max_length=16)] = ""


class _Ringing(msgspec.Struct):
    """Somebody rings in. `call_id` is the gateway's name for the call; asked again, it gets the same answer."""

    sender: Annotated[str, msgspec.Meta(min_length=1, max_length=40)] = msgspec.field(name="from")
    call_id: Short = ""


class _Batch(msgspec.Struct):
    """The events stay raw at first: one that is wrong is refused alone."""

    events: list[msgspec.Raw]


class _Named(msgspec.Struct):
    event_id: Any = ""


@csrf_exempt
@require_POST
def events(request: HttpRequest) -> JsonResponse:
    """Takes a batch and answers 200 with counts once it is stored; the provider repeats it until then."""
    if not _is_the_provider(request):
        return _error(401, "unauthorised", "Show the callback token as a bearer token.")
    if int(request.headers.get("Content-Length") or 0) > BODY_MAX:
        return _error(413, "too_large", f"A request holds at most {BODY_MAX} bytes.")
    body = request.read(BODY_MAX + 1)
    if len(body) > BODY_MAX:
        return _error(413, "too_large", f"A request holds at most {BODY_MAX} bytes.")
    try:
        raw_events = msgspec.json.decode(body, type=_Batch).events
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return _error(400, "bad_json", 'Send {"events": [...]}.')
    if len(raw_events) > EVENTS_MAX:
        return _error(413, "too_many", f"A request holds at most {EVENTS_MAX} events.")
    report = _store(raw_events)
    refused = [{"event_id": event_id, "code": code} for event_id, code in report.refused]
    return JsonResponse({"accepted": report.accepted, "repeated": report.repeated, "refused": refused})


@csrf_exempt
@require_POST
def callback(request: HttpRequest) -> JsonResponse:
    """Somebody rings the number that called: what to say, which keys mean something, and under which reference to report them."""
    if not _is_the_provider(request):
        return _error(401, "unauthorised", "Show the callback token as a bearer token.")
    body = request.read(_RINGING_MAX + 1)
    if len(body) > _RINGING_MAX:
        return _error(413, "too_large", f"A request holds at most {_RINGING_MAX} bytes.")
    try:
        ringing_in = msgspec.json.decode(body, type=_Ringing)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return _error(400, "bad_json", 'Send {"from": "10000000001", "call_id": "…"}.')
    at = clocks.now(clocks.default_exercise_id())
    call_id = ringing_in.call_id or f"call-{uuid7()}"
    with transaction.atomic():
        heard = ringing.answer_call(PROVIDER, call_id, ringing_in.sender, by=CHANNEL, at=at)
    return JsonResponse({"text": heard.text, "keys": heard.keys, "client_ref": heard.client_ref})


def _store(raw_events: Sequence[msgspec.Raw]) -> TakeReport:
    report = TakeReport()
    good = list(_checked(raw_events, report))
    for start in range(0, len(good), TOGETHER):
        with transaction.atomic():
            at = clocks.now(clocks.default_exercise_id())
            part = take_events(PROVIDER, good[start : start + TOGETHER], by=CHANNEL, at=at)
            wake_worker()
        report.accepted += part.accepted
        report.repeated += part.repeated
        report.refused += part.refused
    return report


def _checked(raw_events: Sequence[msgspec.Raw], report: TakeReport) -> Iterator[PhoneEvent]:
    for raw in raw_events:
        try:
            yield _event(msgspec.json.decode(raw, type=_Event))
        except (msgspec.MsgspecError, ValueError) as error:
            code = "bad_status" if str(error) == "bad_status" else "bad_event"
            report.refused.append((_name_of(raw), code))


def _event(given: _Event) -> PhoneEvent:
    """A receipt needs a status and a time needs a zone."""
    if given.type == "receipt" and not given.status:
        raise ValueError("bad_status")
    if given.at.tzinfo is None:
        raise ValueError("a time without a zone")
    return PhoneEvent(
        event_id=given.event_id,
        type=given.type,
        happened_at=given.at.astimezone(UTC),
        client_ref=given.client_ref,
        provider_ref=given.provider_ref,
        status=given.status,
        sender=given.sender,
        text=given.text,
        key=f"{given.key}*{given.digits.rstrip('#')}#"[:20] if given.digits.strip("#") else given.key,
    )


def _name_of(raw: msgspec.Raw) -> str:
    """The event's id where it can be read, so that the provider knows which one is meant."""
    try:
        found = msgspec.json.decode(raw, type=_Named).event_id
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""
    return found[:80] if isinstance(found, str) else ""


def _is_the_provider(request: HttpRequest) -> bool:
    """Compares digests, so that neither content nor length shows in the time taken. No token set: nobody is."""
    expected = settings.ANLAN_PHONE_CALLBACK_TOKEN
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if not expected or scheme.lower() != "bearer":
        return False
    return hmac.compare_digest(_digest(given.strip()), _digest(expected))


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()


def _error(status: int, code: str, message: str) -> JsonResponse:
    return JsonResponse({"code": code, "message": message}, status=status)
