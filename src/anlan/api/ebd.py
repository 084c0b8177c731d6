"""`POST /api/ebd/v1`: packages that the broadcast platform sends us: heartbeats and broadcast logs (docs/loudspeakers.md).

Unsigned packages are refused, heartbeats excepted; a good signature is the log-in. The answer is an EBDResponse, signed where
we have a key.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from anlan.dissemination.channels.loudspeaker.logs import BroadcastLog, read_log, words_of
from anlan.dissemination.channels.loudspeaker.messages import response
from anlan.dissemination.channels.loudspeaker.package import PACKAGE_MAX, BadPackage, Package, pack, unpack
from anlan.dissemination.channels.routing import route_settings
from anlan.dissemination.services import take_events
from anlan.dissemination.types import PhoneEvent
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotFound

if TYPE_CHECKING:
    from anlan.dissemination.channels.loudspeaker.platform import PlatformSettings

log = logging.getLogger("anlan.ebd")
CHANNEL = Actor(ref="channel:ebd", name="broadcast platform")
PROVIDER = "ebd"
OK, BAD, NOT_SIGNED, UNKNOWN_KIND = "1", "3", "4", "5"
#: What a terminal's state proves about a delivery; "received" proves nothing about sound, only that the platform has it.
_STATUS = {"received": "sent", "playing": "delivered", "finished": "delivered", "failed": "failed"}


@csrf_exempt
@require_POST
def packages(request: HttpRequest) -> HttpResponse:
    settings = _platform()
    if settings is None:
        raise NotFound
    if int(request.headers.get("Content-Length") or 0) > PACKAGE_MAX:
        return HttpResponse(status=413)
    body = request.read(PACKAGE_MAX + 1)
    try:
        found = unpack(body, settings.verifier)
    except BadPackage as error:
        log.info("ebd_refused", extra={"why": str(error)})
        return _answer(settings, "", BAD, str(error), status=400)
    if not found.is_signed and found.kind != "ConnectionCheck":
        return _answer(settings, found.ebd_id, NOT_SIGNED, "not signed", status=401)
    if found.kind == "EBMBrdLog":
        return _take_log(settings, found)
    is_known = found.kind in ("ConnectionCheck", "EBDResponse", "EBMStateResponse")
    return _answer(settings, found.ebd_id, OK if is_known else UNKNOWN_KIND, "")


def _take_log(settings: PlatformSettings, found: Package) -> HttpResponse:
    """Stored before it is answered; the same log again changes nothing."""
    try:
        rows = read_log(found)
    except BadPackage as error:
        return _answer(settings, found.ebd_id, BAD, str(error), status=400)
    events = [event for row in rows if (event := _event(found.ebd_id, row)) is not None]
    with transaction.atomic():
        at = clocks.now(clocks.default_exercise_id())
        take_events(PROVIDER, events, by=CHANNEL, at=at)
    return _answer(settings, found.ebd_id, OK, "")


def _event(ebd_id: str, row: BroadcastLog) -> PhoneEvent | None:
    status = _STATUS.get(row.state)
    if status is None:
        return None
    # The time is part of it: a terminal that failed, played and failed again has failed.
    name = hashlib.sha256(f"{row.number}|{row.terminal}|{row.state}|{row.at}".encode()).hexdigest()[:40]
    return PhoneEvent(
        event_id=f"ebd-{name}",
        type="receipt",
        happened_at=row.at or datetime.now(UTC),
        provider_ref=row.number,
        status=status,
        text=words_of(row),
    )


def _platform() -> PlatformSettings | None:
    entry = next((one for one in route_settings("loudspeaker") if one.kind == "ebd"), None)
    from anlan.dissemination.channels.loudspeaker.platform import read_settings  # brings an HTTP client

    return read_settings(entry) if entry is not None else None


def _answer(
    settings: PlatformSettings, related: str, code: str, words: str, *, status: int = 200
) -> HttpResponse:
    ebd_id, body = response(related, code, words, settings.parties, at=datetime.now(UTC))
    data = pack(ebd_id, body, signer=settings.signer)
    return HttpResponse(data, status=status, content_type="application/x-tar")
