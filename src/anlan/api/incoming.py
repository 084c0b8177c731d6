"""`POST /api/warnings/v1/incoming`: another system pushes a warning (docs/incoming-warnings.md).

CAP XML, the national JSON or {"text": "…"}; the token is that of a listed sender. Sent twice it counts once.
"""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from anlan.dissemination.wake import wake_worker
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import Refusal
from anlan.warning.models import IncomingMessage, WarningSender
from anlan.warning.services.incoming import MOST_BYTES, run_of_now, take
from anlan.warning.services.incoming_sources import sender_of


@csrf_exempt
@require_POST
def incoming(request: HttpRequest) -> JsonResponse:
    """Answers 200 once it is stored, with what became of each warning in it."""
    sender = _sender(request)
    if sender is None:
        return _error(401, "token.unknown", "Send Authorization: Bearer with the token of a listed sender.")
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        return _error(413, "body.too_large", f"A request holds at most {MOST_BYTES} bytes.")
    if not body.strip():
        return _error(400, "body.empty", "Send CAP XML, the national JSON or a text as JSON.")
    try:
        message, is_new = _store(body, sender, request.headers.get("Idempotency-Key", "")[:120])
    except Refusal as refusal:
        return _error(refusal.status, refusal.code, refusal.sentence())
    wake_worker()
    rows = message.warnings.order_by("number")
    warnings = [
        {"id": str(row.pk), "state": row.state, "reason": row.reason, "identifier": row.identifier}
        for row in rows
    ]
    return JsonResponse({"id": str(message.pk), "repeated": not is_new, "warnings": warnings})


def _store(body: bytes, sender: WarningSender, key: str) -> tuple[IncomingMessage, bool]:
    """When another way in takes the same warning in this moment, it is compared once more."""
    exercise_id, at = run_of_now()
    reference = f"{sender.pk}:{key}" if key else ""
    fields = {
        "source": "push",
        "source_name": sender.name,
        "sender": sender.name,
        "reference": reference,
        "may_act": sender.may_act,
        "by": Actor(ref=f"source:{sender.name}", name=sender.name),
        "at": at,
        "exercise_id": exercise_id,
    }
    for attempt in (1, 2):
        try:
            with transaction.atomic():
                known = (
                    reference and IncomingMessage.objects.filter(source="push", reference=reference).exists()
                )
                return take(body, **fields), not known  # type: ignore[arg-type]  # the arguments of `take`
        except IntegrityError:
            if attempt == 2:
                raise
    raise AssertionError


def _sender(request: HttpRequest) -> WarningSender | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return None
    return sender_of("token", token)


def _error(status: int, code: str, message: str) -> JsonResponse:
    return JsonResponse({"error": code, "message": message}, status=status)
