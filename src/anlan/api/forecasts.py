"""`POST /api/forecasts`: a forecasting source sends its issues (docs/forecasts.md). Sent twice they count once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec
from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import Refusal, fill
from anlan.places.models import Division
from anlan.sensing.models import IngestSource, Station
from anlan.sensing.services.forecasts import Issue, take_forecast

#: Bounds on one request. Engineering choices.
BODY_MAX = 4 * 1024 * 1024
ISSUES_MAX = 500

Short = Annotated[str, msgspec.Meta(max_length=60)]


class _Value(msgspec.Struct, rename={"start": "from", "end": "to"}):
    start: datetime
    end: datetime
    value: Decimal


class _Issue(msgspec.Struct, forbid_unknown_fields=True):
    """For `station` or for `division`, by code. Times carry their zone."""

    quantity: Short
    issued_at: datetime
    values: list[_Value]
    station: Short = ""
    division: Short = ""
    unit: Short = ""


class _Batch(msgspec.Struct, forbid_unknown_fields=True):
    """The issues stay raw at first: one that is wrong is refused alone."""

    forecasts: list[msgspec.Raw]


@csrf_exempt
@require_POST
def forecasts(request: HttpRequest) -> JsonResponse:
    """Answers 200 with counts once everything good is stored. The token is that of a source of readings."""
    source = _source(request)
    if source is None:
        return _error(
            401, "token.unknown", "Send Authorization: Bearer with the token of a registered source."
        )
    body = request.read(BODY_MAX + 1)
    if len(body) > BODY_MAX:
        return _error(413, "body.too_large", f"A request holds at most {BODY_MAX} bytes.")
    try:
        raws = msgspec.json.decode(body, type=_Batch).forecasts
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return _error(400, "batch.malformed", 'Send {"forecasts": [...]}.')
    if len(raws) > ISSUES_MAX:
        return _error(413, "batch.too_many", f"A request holds at most {ISSUES_MAX} forecasts.")
    at = clocks.now(clocks.default_exercise_id())
    counts, refused = {"stored": 0, "repeated": 0}, []
    with transaction.atomic(), override("en"):
        for index, found in enumerate(_taken(raws, source, at)):
            if isinstance(found, bool):
                counts["stored" if found else "repeated"] += 1
            else:
                refused.append({"index": index, "code": found[0], "reason": found[1]})
    return JsonResponse({**counts, "refused": refused})


def _taken(raws: list[msgspec.Raw], source: IngestSource, at: datetime) -> Iterator[bool | tuple[str, str]]:
    by = Actor(ref=f"source:{source.name}", name=source.name)
    for raw in raws:
        try:
            yield _take(msgspec.json.decode(raw, type=_Issue), source, by, at)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            yield "forecast.malformed", str(error)[:200]
        except Refusal as refusal:
            yield refusal.code, fill(str(refusal.text), refusal.data)


def _take(given: _Issue, source: IngestSource, by: Actor, at: datetime) -> bool:
    values = [(one.start, one.end, one.value) for one in given.values]
    issue = Issue(source.name, given.quantity, given.issued_at, values, given.unit)
    station, division = _target(given, source)
    return take_forecast(issue, station=station, division=division, by=by, at=at)[1]


def _target(given: _Issue, source: IngestSource) -> tuple[Station | None, Division | None]:
    """What the token does not cover looks like what does not exist. Only a source of every station speaks for areas."""
    is_free = "*" in source.stations
    if given.station:
        may = is_free or given.station in source.stations
        row = Station.objects.filter(code=given.station, is_active=True).select_related("division").first()
        if row is None or not may:
            raise UnknownTarget(code=given.station)
        return row, None
    place = Division.objects.filter(pk=given.division).first() if is_free else None
    if place is None:
        raise UnknownTarget(code=given.division)
    return None, place


class UnknownTarget(Refusal):
    code = "forecast.unknown_target"
    text = "No such station or area, or the token does not cover it: %(code)s"
    status = 422


def _source(request: HttpRequest) -> IngestSource | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return None
    digest = hashlib.sha256(token.strip().encode("utf-8", "surrogateescape")).hexdigest()
    return IngestSource.objects.filter(token_sha256=digest, is_active=True).first()


def _error(status: int, code: str, message: str) -> JsonResponse:
    return JsonResponse({"error": code, "message": message}, status=status)
