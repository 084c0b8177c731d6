"""`/api/intake/v1/`: neighbouring rooms send what they hear and read what became of it; a telephone system says that a line rings
(docs/intake.md)."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
from django.db import IntegrityError, transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.intake import services
from anlan.intake.guessing import guess_type, read_figures
from anlan.intake.models import Intake, IntakeSender, RingEvent
from anlan.intake.types import IntakeDetails
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import Refusal
from anlan.places.models import Division
from anlan.vocab.figures import FIGURES
from anlan.vocab.incidents import TYPES

#: Bounds on one request. Engineering choices.
BODY_MAX = 64 * 1024
LISTED_MOST = 200
#: More than a county counts; keeps a slip of the pen and "1e400" out.
MOST = Decimal(10**12)

Short = Annotated[str, msgspec.Meta(max_length=60)]
Line = Annotated[str, msgspec.Meta(max_length=200)]
Number = Annotated[str, msgspec.Meta(max_length=40, pattern=r"^[0-9+() *#-]*$")]


class Caller(msgspec.Struct, forbid_unknown_fields=True):
    name: Short = ""
    post: Short = ""
    number: Number = ""


class Report(msgspec.Struct, forbid_unknown_fields=True):
    """One message. `message_id` names it in the sender's own system: the same one again counts once."""

    message_id: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    text: Annotated[str, msgspec.Meta(max_length=8000)] = ""
    received_at: datetime | None = None
    occurred_at: datetime | None = None
    caller: Caller = msgspec.field(default_factory=Caller)
    place: Line = ""
    division: Annotated[str, msgspec.Meta(max_length=24)] = ""
    lon: Annotated[float, msgspec.Meta(ge=-180, le=180)] | None = None
    lat: Annotated[float, msgspec.Meta(ge=-90, le=90)] | None = None
    event_type: Annotated[str, msgspec.Meta(max_length=32)] = ""
    casualties: Line = ""
    figures: dict[str, Annotated[Decimal, msgspec.Meta()]] = msgspec.field(default_factory=dict)
    told: Line = ""
    call_id: Annotated[str, msgspec.Meta(max_length=80)] = ""
    recording: Line = ""
    #: Of an enterprise: when its head knew; the chain of R04 starts there.
    unit_head_knew_at: datetime | None = None
    #: A nil report: nothing happened, and we were heard.
    nil: bool = False


class Ring(msgspec.Struct, forbid_unknown_fields=True):
    """`event` is what the telephone system saw; the call is named by `call_id` in all three."""

    call_id: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    event: Literal["ring", "answer", "hangup"] = "ring"
    number: Number = ""
    called: Number = ""
    recording: Line = ""


class Wrong(Exception):
    """What is wrong with a request, by field."""

    def __init__(self, *errors: tuple[str, str]) -> None:
        super().__init__("bad request")
        self.errors = errors


@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def reports(request: HttpRequest) -> JsonResponse:
    """POST: one message; 201 once it is stored, 200 where it was known. GET: what this sender sent, the latest first."""
    sender = _sender(request, "token")
    if sender is None:
        return _error(401, "token.unknown", "Send Authorization: Bearer with the token of a listed sender.")
    if request.method == "GET":
        rows = Intake.objects.filter(sender=sender).select_related("incident")
        return JsonResponse(
            {"reports": [_state(row) for row in rows.order_by("-received_at", "-id")[:LISTED_MOST]]}
        )
    try:
        given = _decode(request, Report)
        if given.nil:
            return _nil(given, sender)
        row, is_new = _store(given, sender)
    except Wrong as wrong:
        return _bad(wrong)
    except Refusal as refusal:
        return _error(refusal.status if refusal.status == 422 else 400, refusal.code, str(refusal))
    return JsonResponse({**_state(row), "repeated": not is_new}, status=201 if is_new else 200)


@csrf_exempt
@never_cache
@require_GET
def report(request: HttpRequest, message_id: str) -> JsonResponse:
    """What became of one message, by the sender's own name for it."""
    sender = _sender(request, "token")
    if sender is None:
        return _error(401, "token.unknown", "Send Authorization: Bearer with the token of a listed sender.")
    row = Intake.objects.filter(reference=f"sender:{sender.pk}:{message_id}"[:160]).first()
    if row is None:
        return _error(404, "not_found", "You sent no message of this name.")
    return JsonResponse(_state(row))


@csrf_exempt
@never_cache
@require_POST
def ring(request: HttpRequest) -> JsonResponse:
    """A line rings, is answered, is hung up. Answers 200 with the state of the call; sent twice it counts once."""
    line = _sender(request, "line")
    if line is None:
        return _error(401, "token.unknown", "Send Authorization: Bearer with the token of a listed line.")
    try:
        given = _decode(request, Ring)
    except Wrong as wrong:
        return _bad(wrong)
    by, run = Actor(ref=f"sender:{line.pk}", name=line.name), clocks.default_exercise_id()
    for attempt in (1, 2):
        try:
            with transaction.atomic():
                row = _ring(given, line, by, clocks.now(run), run)
            break
        except IntegrityError:  # the same call came twice in this moment
            if attempt == 2:
                raise
    return JsonResponse({"call_id": row.call_id, "state": row.state})


def _ring(given: Ring, line: IntakeSender, by: Actor, at: datetime, run: uuid.UUID | None) -> RingEvent:
    row, _new = services.ring(
        line, call_id=given.call_id, number=given.number, called=given.called, by=by, at=at, exercise_id=run
    )
    if given.event == "answer":
        return services.answer_ring(row, by=by, at=at)
    if given.event == "hangup":
        return services.end_ring(row, recording=given.recording, by=by, at=at)
    return row


def _store(given: Report, sender: IntakeSender) -> tuple[Intake, bool]:
    """When the same message comes twice in one moment, the second finds the first."""
    run = clocks.default_exercise_id()
    at = clocks.now(run)
    details = _details(given, sender, at)
    by = Actor(ref=f"sender:{sender.pk}", name=sender.name)
    for attempt in (1, 2):
        try:
            with transaction.atomic():
                return services.take_intake(details, sender=sender, by=by, at=at, exercise_id=run)
        except IntegrityError:
            if attempt == 2:
                raise
    raise AssertionError


def _details(given: Report, sender: IntakeSender, at: datetime) -> IntakeDetails:
    errors = []
    for name in ("received_at", "occurred_at", "unit_head_knew_at"):
        moment = getattr(given, name)
        if moment is not None and moment.tzinfo is None:
            errors.append((name, "a time without a zone; write 2026-07-01T02:14:00+08:00"))
        elif moment is not None and not 1900 <= moment.year <= 9998:
            errors.append((name, "no such year"))
    if given.event_type and given.event_type not in TYPES:
        errors.append(("event_type", "no type of event; see the list in docs/intake.md"))
    for code, value in given.figures.items():
        face = FIGURES.get(code)
        if face is None or not value.is_finite() or not 0 <= value <= MOST:
            errors.append((f"figures.{code}", "no counted thing, below zero or impossibly many"))
        elif face.is_count and value != value.to_integral_value():
            errors.append((f"figures.{code}", "a whole number"))
    if (given.lon is None) != (given.lat is None):
        errors.append(("lon", "give both lon and lat, or neither"))
    if not given.text.strip():
        errors.append(("text", "say what happened, or set nil to true"))
    if errors:
        raise Wrong(*errors)
    place = Division.objects.filter(pk=given.division).first() if given.division else None
    is_unit = sender.division.level == "enterprise"
    read = read_figures(f"{given.casualties} {given.text}")
    return IntakeDetails(
        source=sender.source,
        reference=given.message_id,
        text=given.text,
        received_at=_utc(given.received_at) or at,
        occurred_at=_utc(given.occurred_at),
        caller_name=given.caller.name,
        caller_post=given.caller.post,
        caller_number=given.caller.number,
        place_words=given.place,
        division=place or (sender.division if is_unit or sender.division.level == "township" else None)
        if not given.division or place is not None
        else None,
        foreign_code=given.division if given.division and place is None else "",
        lon=given.lon,
        lat=given.lat,
        event_type=given.event_type or guess_type(given.text),
        casualties=given.casualties,
        figures={code: f"{value:f}" for code, value in given.figures.items()} or read,
        told=given.told,
        call_id=given.call_id,
        recording=given.recording,
        unit=sender.division if is_unit else None,
        unit_head_knew_at=_utc(given.unit_head_knew_at),
    )


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC)


def _nil(given: Report, sender: IntakeSender) -> JsonResponse:
    run = clocks.default_exercise_id()
    with transaction.atomic():
        _row, is_new = services.report_nil(
            source=sender.source,
            division=sender.division,
            sender=sender,
            words=given.text,
            reference=given.message_id,
            by=Actor(ref=f"sender:{sender.pk}", name=sender.name),
            at=clocks.now(run),
            exercise_id=run,
        )
    return JsonResponse({"message_id": given.message_id, "nil": True, "repeated": not is_new})


def _state(row: Intake) -> dict[str, Any]:  # Any: JSON
    """What its sender may know: where it stands and what is said back; nothing of other messages."""
    name = (row.reference or "").removeprefix(f"sender:{row.sender_id}:")
    return {
        "message_id": name,
        "number": row.number,
        "state": row.state,
        "result": row.result,
        "feedback": row.feedback_words,
        "handed_to": row.handed_to,
        "another_county": row.elsewhere != "",
        "incident": row.incident.number if row.incident is not None else "",
        "received_at": row.received_at.astimezone(UTC).isoformat(),
    }


def _decode(request: HttpRequest, kind: type[Any]) -> Any:  # Any: the class that was asked for
    body = request.read(BODY_MAX + 1)
    if len(body) > BODY_MAX:
        raise Wrong(("", f"a request holds at most {BODY_MAX} bytes"))
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        what, _at, where = str(error).partition(" - at `")
        raise Wrong((where.strip("`").removeprefix("$").lstrip("."), what)) from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Wrong(("", f"no JSON: {error}")) from None


def _sender(request: HttpRequest, kind: str) -> IntakeSender | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return None
    return services.sender_of(kind, token)


def _bad(wrong: Wrong) -> JsonResponse:
    errors = [{"field": name, "message": message} for name, message in wrong.errors]
    return JsonResponse({"error": "request.bad", "errors": errors}, status=400)


def _error(status: int, code: str, message: str) -> JsonResponse:
    return JsonResponse({"error": code, "message": message}, status=status)
