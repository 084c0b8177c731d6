"""What people read at a station, at the desk: the form for a report by phone, and who read what."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from anlan.console.templatetags.anlan import is_chinese
from anlan.console.views.base import DeskRequest, desk
from anlan.kernel.clock import SHANGHAI
from anlan.sensing.access import access_recordable, access_station, recordable_stations
from anlan.sensing.models import ManualReading, Station
from anlan.sensing.queries.forecasts import forecasts_above, forecasts_of_station, line_of
from anlan.sensing.services import manual as services
from anlan.vocab.quantities import quantity_of

SHOWN = 20
_CHIPS = {"waiting": "chip--waiting", "stored": "chip--done", "refused": "chip--unanswered"}


def state_words() -> dict[str, str]:
    return {
        "waiting": _("waiting to be stored"),
        "stored": _("stored"),
        "refused": _("not taken"),
    }


def reading_view(row: ManualReading) -> dict[str, Any]:
    """One reading with its author in the reader's language."""
    known = quantity_of(row.quantity)
    point = row.quantity.partition("@")[2]
    name = known.zh if is_chinese() else known.en
    return {
        "row": row,
        "name": f"{name} · {point}" if point else name,
        "value": f"{row.value.normalize():f}",
        "unit": known.unit,
        "state": state_words()[row.state],
        "chip": _CHIPS[row.state],
    }


def readings_of(station: Station, start: datetime, end: datetime) -> list[dict[str, Any]]:
    """What people read there in a span, newest first."""
    rows = station.manual_readings.filter(phenomenon_time__gte=start, phenomenon_time__lt=end)
    return [reading_view(row) for row in rows.order_by("-phenomenon_time", "-recorded_at")[:SHOWN]]


def manual_panel(request: DeskRequest, code: str) -> dict[str, Any]:
    """What the station page shows of this, and the forecasts that count for it; through the door."""
    from anlan.console.views.forecasts import forecast_view

    station = access_station(request.actor, code)
    may_record = station.is_active and recordable_stations(request.actor).filter(pk=station.pk).exists()
    found = [
        *forecasts_of_station(station, at=request.now),
        *forecasts_above(request.actor, station, at=request.now),
    ]
    return {
        "may_record": may_record,
        "hand_quantities": _choices(station) if may_record else [],
        "is_patrolled": services.is_patrolled(station),
        "hand_readings": readings_of(
            station, request.now - timedelta(days=31), request.now + timedelta(days=1)
        ),
        "hand_now": f"{request.now.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}",
        "hand_key": uuid.uuid4(),
        "forecast_rows": [forecast_view(line_of(row, is_in_force=True)) for row in found],
    }


def _choices(station: Station) -> list[tuple[str, str]]:
    return [
        (one.code, f"{one.zh if is_chinese() else one.en} {one.unit}".strip())
        for one in services.quantities_by_hand(station)
    ]


@desk
@require_POST
@transaction.atomic(durable=True)
def record(request: DeskRequest, code: str) -> HttpResponse:
    """A reading, or what a patrol found, told by phone to whoever sits at the desk."""
    station = access_recordable(request.actor, code)
    given, by, at = request.POST, request.actor, request.now
    reporter = given.get("reporter", "")[:60]
    words = given.get("words", "")
    if given.get("verb") in ("abnormal", "normal"):
        services.report_patrol(
            station,
            is_abnormal=given["verb"] == "abnormal",
            words=words,
            key=given.get("key", "")[:64],
            reporter=reporter,
            by=by,
            at=at,
        )
    else:
        point = given.get("point", "").strip()[:20]
        quantity = given.get("quantity", "")[:40] + (f"@{point}" if point else "")
        services.record_reading(
            station,
            quantity=quantity,
            value=given.get("value", "")[:40],
            phenomenon_time=moment_of(given.get("time", ""), at),
            words=words,
            reporter=reporter,
            by=by,
            at=at,
        )
    return redirect("console:station", station.code)


def moment_of(text: str, at: datetime) -> datetime:
    """A local time as a browser's field gives it; left empty it is now."""
    if not text.strip():
        return at
    try:
        return datetime.fromisoformat(text.strip()[:19]).replace(tzinfo=SHANGHAI)
    except ValueError:
        raise services.BadTime from None
