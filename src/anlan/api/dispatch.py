"""`/api/dispatch/v1/`: the platform of a township, department or enterprise reads the orders to its place and answers them
(docs/orders.md)."""

from __future__ import annotations

import hashlib
import uuid
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec
from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet
from django.http import HttpRequest, JsonResponse
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from anlan.dispatch import services
from anlan.dispatch.access import with_all
from anlan.dispatch.models import Instruction, Via
from anlan.dispatch.types import Sent
from anlan.intake.models import IntakeSender
from anlan.intake.services.senders import sender_of
from anlan.journal import clocks
from anlan.journal.models import Entry
from anlan.journal.refusals import NoSuchTransition, StaleRow
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import Refusal
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.incidents import Informant

#: Bounds on one request and one answer. Engineering choices.
MOST_BYTES = 64 * 1024
LISTED_MOST = 200
#: What was ordered longer ago is no longer told.
REMEMBERED = timedelta(days=90)
#: Their clock may be a little ahead of ours.
_SLACK = timedelta(minutes=2)


class Step(msgspec.Struct, forbid_unknown_fields=True):
    """What they say to an order. `at` is when it was so there; without it, now."""

    step: Literal["acknowledged", "started", "reported", "finished", "could_not"]
    words: Annotated[str, msgspec.Meta(max_length=2000)] = ""
    progress: Annotated[int, msgspec.Meta(ge=0, le=100)] | None = None
    by_name: Annotated[str, msgspec.Meta(max_length=60)] = ""
    at: datetime | None = None


_VERBS = {
    "acknowledged": services.acknowledge_instruction,
    "started": services.start_instruction,
    "finished": services.finish_instruction,
    "could_not": services.could_not_instruction,
}

#: Senders that are a platform of the place that they are listed at; an alarm box or a hotline only sends messages.
PLATFORMS = frozenset({Informant.TOWNSHIP, Informant.DEPARTMENT, Informant.ENTERPRISE, Informant.C141})


@csrf_exempt
@never_cache
@require_GET
def orders(request: HttpRequest) -> JsonResponse:
    """Orders to the sender's place that moved after `cursor`, in the order in which they moved, and the next cursor.

    The cursor is the number of a sealed entry of the journal, so that nothing is left out however late something is stored.
    """
    sender, refused = _sender(request)
    if sender is None:
        return refused
    given = request.GET.get("cursor", "0")
    if not (given.isascii() and given.isdigit() and len(given) < 16):
        return _error(400, "cursor.bad", "Send the cursor that the last answer gave, or none.")
    run = clocks.default_exercise_id()
    rows = _of(sender).filter(planned_at__gt=clocks.now(run) - REMEMBERED)
    by_key = {str(key): key for key in rows.order_by().values_list("pk", flat=True)}
    moved = Entry.objects.filter(
        subject_type="instruction", subject_id__in=list(by_key), seq__gt=int(given)
    ).order_by()
    last = moved.values("subject_id").annotate(last=Max("seq")).order_by("last")[:LISTED_MOST]
    found = [(by_key[row["subject_id"]], row["last"]) for row in last]
    faces = {row.pk: row for row in with_all(Instruction.objects.filter(pk__in=[key for key, _seq in found]))}
    return JsonResponse(
        {
            "orders": [_face(faces[key]) for key, _seq in found if key in faces],
            "cursor": str(found[-1][1]) if found else given,
            "more": len(found) == LISTED_MOST,
        }
    )


@csrf_exempt
@never_cache
@require_GET
def order(request: HttpRequest, order_id: uuid.UUID) -> JsonResponse:
    """One order with every step that was told about it."""
    sender, refused = _sender(request)
    if sender is None:
        return refused
    row = with_all(_of(sender)).filter(pk=order_id).first()
    return _missing() if row is None else JsonResponse(_with_steps(row))


@csrf_exempt
@never_cache
@require_POST
def steps(request: HttpRequest, order_id: uuid.UUID) -> JsonResponse:
    """One step. It needs an `Idempotency-Key`; the same key again is answered like the first time and changes nothing."""
    sender, refused = _sender(request)
    if sender is None:
        return refused
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key or len(key) > 80:
        return _error(400, "key.missing", "Send an Idempotency-Key of at most 80 characters.")
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        return _error(413, "body.too_large", f"A request holds at most {MOST_BYTES} bytes.")
    try:
        given = msgspec.json.decode(body, type=Step)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        return _error(400, "request.bad", str(error))
    if given.at is not None and (given.at.tzinfo is None or not 1900 <= given.at.year <= 9998):
        return _error(400, "request.bad", "at: a time with its zone, such as 2026-07-01T02:14:00+08:00")
    row = with_all(_of(sender)).filter(pk=order_id).first()
    if row is None:
        return _missing()
    return _answer(row, given, key, sender)


def _own(key: str, sender: IntakeSender) -> str:
    """Two platforms of one place may count their requests alike."""
    return hashlib.sha256(f"{sender.pk}:{key}".encode()).hexdigest()


def _answer(row: Instruction, given: Step, key: str, sender: IntakeSender) -> JsonResponse:
    own = _own(key, sender)
    try:
        with override("en"), transaction.atomic():
            known = row.steps.filter(key=own).first()
            if known is None:
                row = _said(row, given, own, sender)
    except IntegrityError:  # the same key came twice in this moment
        known = row.steps.filter(key=own).first()
        if known is None:
            raise
        row = with_all(Instruction.objects.filter(pk=row.pk)).get()
    except StaleRow as refusal:
        return _error(409, refusal.code, "Somebody changed this a moment ago; send it again.")
    except NoSuchTransition:
        now = Instruction.objects.values_list("state", flat=True).get(pk=row.pk)
        return _error(409, "order.state", f"The order is {now} now; read it again.", state=now)
    except Refusal as refusal:
        return _error(422, refusal.code, refusal.sentence())
    if known is not None and known.step != given.step:
        return _error(422, "key.used", "This Idempotency-Key came with another step; send a new one.")
    return JsonResponse(
        {"id": str(row.pk), "state": row.state, "progress": row.progress, "repeated": known is not None}
    )


def _said(row: Instruction, given: Step, key: str, sender: IntakeSender) -> Instruction:
    at = clocks.now(row.exercise_id)
    told: dict[str, Any] = {
        "by": Actor(ref=f"sender:{sender.pk}", name=sender.name),
        "by_name": given.by_name.strip() or sender.name[:60],
        "via": Via.PROGRAM.value,
        "at": at,
        "words": given.words,
        "sent": Sent(key, _moment(given.at, row, at)),
    }
    if given.step == "reported":
        return services.report_instruction(row, progress=given.progress, **told)
    return _VERBS[given.step](row, **told)


def _moment(said: datetime | None, row: Instruction, at: datetime) -> datetime | None:
    """When it was so: not before it was ordered, and not ahead of our clock."""
    if said is None or said > at + _SLACK:
        return None
    return max(said.astimezone(UTC), row.issued_at or row.planned_at)


def _of(sender: IntakeSender) -> QuerySet[Instruction]:
    """Orders that went out to the very place of the sender, of the present run; nothing about restricted incidents."""
    rows = Instruction.objects.filter(
        addressee=sender.division, team=None, incident__is_restricted=False, issued_at__isnull=False
    )
    return rows.filter(exercise_id=clocks.default_exercise_id())


def _face(row: Instruction) -> dict[str, Any]:  # Any: JSON
    incident = row.incident
    return {
        "id": str(row.pk),
        "number": row.number,
        "state": row.state,
        "title": row.title,
        "words": row.words,
        "needs_proof": row.needs_proof,
        "progress": row.progress,
        "issued_at": _iso(row.issued_at),
        "issued_by": row.issued_by_name,
        "acknowledge_by": _iso(row.acknowledge_by),
        "due_at": _iso(row.due_at),
        "acknowledged_at": _iso(row.acknowledged_at),
        "finished_at": _iso(row.finished_at),
        "result": row.result,
        "addressee": {"code": row.addressee_id, "name": row.addressee.name},
        "incident": {"number": incident.number, "title": incident.title, "place": incident.division_id},
    }


def _with_steps(row: Instruction) -> dict[str, Any]:
    told = [
        {"step": one.step, "words": one.words, "progress": one.progress, "at": _iso(one.happened_at), "by": one.by_name}
        for one in row.steps.order_by("recorded_at", "pk")
    ]  # fmt: skip
    return {**_face(row), "steps": told}


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


def _sender(request: HttpRequest) -> tuple[IntakeSender | None, JsonResponse]:
    """The listed sender with this token. Those of the county itself give orders and answer none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    sender = sender_of("token", token) if scheme.lower() == "bearer" and token.strip() else None
    if sender is None:
        return None, _error(
            401, "token.unknown", "Send Authorization: Bearer with the token of a listed sender."
        )
    if sender.source not in PLATFORMS:
        return None, _error(403, "token.of_no_platform", "This token sends messages; it answers no orders.")
    if sender.division.level == DivisionLevel.COUNTY:
        return None, _error(403, "token.of_the_county", "This token speaks for no place that is ordered.")
    return sender, _missing()


def _missing() -> JsonResponse:
    return _error(404, "not_found", "No order to your place has this id.")


def _error(status: int, code: str, message: str, **more: str) -> JsonResponse:
    return JsonResponse({"error": code, "message": message, **more}, status=status)
