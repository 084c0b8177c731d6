"""`/api/android/v1/`: a phone with a SIM fetches what it is to send and tells what became of it (docs/android-gateway.md)."""

from __future__ import annotations

import threading
import time
import uuid
from datetime import UTC, datetime
from typing import Annotated, Literal, TypeVar

import msgspec
from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from anlan.dissemination.models import AndroidDevice
from anlan.dissemination.services import android
from anlan.dissemination.services.android import Condition, Told
from anlan.dissemination.wake import wake_worker
from anlan.journal import clocks
from anlan.kernel.actor import Actor

BODY_MAX = 512 * 1024
EVENTS_MAX = 500
#: Longest wait of a phone for work, seconds.
WAIT_MOST_S = 25
#: Pause between two looks while a phone waits.
LOOK_S = 0.5
#: Only so many phones wait at a time in one process: a waiting phone holds one of few threads that pages need, too.
_waiting = threading.BoundedSemaphore(1)
#: What a phone that may not wait is told to do instead, seconds.
AGAIN_AFTER_S = 3

Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]
Bars = Annotated[int, msgspec.Meta(ge=0, le=4)]


class _Pull(msgspec.Struct, forbid_unknown_fields=True):
    wait_s: Annotated[int, msgspec.Meta(ge=0, le=WAIT_MOST_S)] = 0
    battery: Percent | None = None
    charging: bool | None = None
    signal: Bars | None = None


class _Event(msgspec.Struct, forbid_unknown_fields=True):
    event_id: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    type: Literal["sent", "delivered", "failed", "sms", "call"]
    at: datetime
    message_id: uuid.UUID | None = None
    sender: Annotated[str, msgspec.Meta(max_length=40)] = msgspec.field(default="", name="from")
    text: Annotated[str, msgspec.Meta(max_length=4_000)] = ""


class _Report(msgspec.Struct, forbid_unknown_fields=True):
    events: Annotated[list[_Event], msgspec.Meta(max_length=EVENTS_MAX)]
    battery: Percent | None = None
    charging: bool | None = None
    signal: Bars | None = None


B = TypeVar("B", _Pull, _Report)


class _Wrong(Exception):
    """Status, code and sentence for the phone."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.answer = JsonResponse({"code": code, "message": message}, status=status)


@csrf_exempt
@require_POST
def pull(request: HttpRequest) -> JsonResponse:
    """Messages to send now. They are the phone's from here on: whatever it does not report stays uncertain."""
    try:
        device, asked = _known(request), _body(request, _Pull)
    except _Wrong as wrong:
        return wrong.answer
    android.seen(device, Condition(asked.battery, asked.charging, asked.signal), at=clocks.wall_now())
    _wait_for_work(device, asked.wait_s)
    with transaction.atomic(durable=True):
        found = android.pull(device, at=clocks.wall_now())
    messages = [
        {"id": str(one.pk), "to": one.address, "text": one.text, "sim": device.sim_slot} for one in found
    ]
    return JsonResponse({"messages": messages, "again_after_s": 0 if found else AGAIN_AFTER_S})


@csrf_exempt
@require_POST
def report(request: HttpRequest) -> JsonResponse:
    """What became of messages, SMS that came in and calls that were missed. The phone repeats it until it is answered 200."""
    try:
        device, told = _known(request), _body(request, _Report)
        events = [_told(one) for one in told.events]
    except _Wrong as wrong:
        return wrong.answer
    android.seen(device, Condition(told.battery, told.charging, told.signal), at=clocks.wall_now())
    by = Actor(ref=f"channel:android:{device.name}", name=device.name)
    with transaction.atomic(durable=True):
        stored = android.report(device, events, by=by, at=clocks.now(clocks.default_exercise_id()))
        wake_worker()
    refused = [{"event_id": event_id, "code": code} for event_id, code in stored.refused]
    return JsonResponse({"accepted": stored.accepted, "repeated": stored.repeated, "refused": refused})


def _wait_for_work(device: AndroidDevice, wait_s: int) -> None:
    if not wait_s or not _waiting.acquire(blocking=False):
        return
    try:
        end = time.monotonic() + wait_s
        while not android.has_work(device) and time.monotonic() < end:
            time.sleep(LOOK_S)
    finally:
        _waiting.release()


def _known(request: HttpRequest) -> AndroidDevice:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    device = android.device_of(given.strip()) if scheme.lower() == "bearer" else None
    if device is None:
        raise _Wrong(401, "unauthorised", "Show the token of the phone as a bearer token.")
    return device


def _body(request: HttpRequest, kind: type[B]) -> B:
    body = request.read(BODY_MAX + 1)
    if len(body) > BODY_MAX:
        raise _Wrong(413, "too_large", f"A request holds at most {BODY_MAX} bytes.")
    try:
        return msgspec.json.decode(body or b"{}", type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _Wrong(400, "bad_json", str(error)[:200]) from error


def _told(one: _Event) -> Told:
    if one.at.tzinfo is None:
        raise _Wrong(400, "bad_time", "A time needs a zone.")
    if one.type in ("sms", "call"):
        if not one.sender:
            raise _Wrong(400, "no_sender", f"An event of type {one.type} needs “from”.")
    elif one.message_id is None:
        raise _Wrong(400, "no_message", f"An event of type {one.type} needs “message_id”.")
    return Told(one.event_id, one.type, one.at.astimezone(UTC), one.message_id, one.sender, one.text)
