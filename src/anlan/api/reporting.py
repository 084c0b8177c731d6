"""`POST /api/reporting/v1/reports`: a lower node passes a report up (docs/reporting.md). One key counts once."""

from __future__ import annotations

import json
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, JsonResponse
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from anlan.dissemination.wake import wake_worker
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import Refusal
from anlan.reporting.models import LowerNode, UpwardReport
from anlan.reporting.services import import_report, node_of

MOST_BYTES = 1024 * 1024


@csrf_exempt
@require_POST
def reports(request: HttpRequest) -> JsonResponse:
    """Answers 200 once it is stored, with our id and the time at which it was first taken."""
    node = _node(request)
    if node is None:
        return _error(401, "token.unknown", "Send Authorization: Bearer with the token of a lower node.")
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        return _error(413, "body.too_large", f"A request holds at most {MOST_BYTES} bytes.")
    try:
        given = json.loads(body)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        return _error(400, "body.malformed", "Send one report as a JSON object.")
    key = (request.headers.get("Idempotency-Key") or str(given.get("id", ""))).strip()[:80]
    if not key:
        return _error(400, "key.missing", "Send an Idempotency-Key, the same one with every repetition.")
    try:
        with override("en"):
            report, is_new = _store(node, given, key)
    except Refusal as refusal:
        return _error(refusal.status, refusal.code, refusal.sentence())
    wake_worker()
    received = report.received_at or report.drafted_at
    said = {"id": str(report.pk), "received_at": received.isoformat(), "repeated": not is_new}
    return JsonResponse(said)


def _store(node: LowerNode, given: dict[str, Any], key: str) -> tuple[UpwardReport, bool]:
    """When the same key is stored by another request in this moment, the known one is the answer."""
    run = clocks.default_exercise_id()
    by = Actor(ref=f"source:{node.name}"[:120], name=node.name)
    try:
        with transaction.atomic():
            return import_report(node, given, key=key, by=by, at=clocks.now(run), exercise_id=run)
    except IntegrityError:
        return UpwardReport.objects.get(origin=node.name, origin_id=key), False


def _node(request: HttpRequest) -> LowerNode | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return node_of(token) if scheme.lower() == "bearer" and token.strip() else None


def _error(status: int, code: str, message: str) -> JsonResponse:
    return JsonResponse({"error": code, "message": message}, status=status)
