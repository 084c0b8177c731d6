"""Phone pages for what a person reads: which gauge, then one question; a form that arrives twice counts once."""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from anlan.accounts.access import require_somewhere
from anlan.field.links import sentence
from anlan.field.views import FieldRequest, _taken
from anlan.kernel.clock import SHANGHAI
from anlan.kernel.refusals import Refusal
from anlan.sensing.access import access_recordable, recordable_stations
from anlan.sensing.models import ManualReading, Station
from anlan.sensing.services import manual
from anlan.vocab.kinds import kind_of
from anlan.vocab.posts import Right
from anlan.vocab.quantities import quantity_of

_SHOWN = 200
_LAST = 5
_KEY = re.compile(r"[A-Za-z0-9-]{8,64}")


@login_required
@never_cache
@require_GET
def stations(request: FieldRequest) -> HttpResponse:
    """The gauges that this person may read, those that are read by hand first."""
    require_somewhere(request.actor, Right.RECORD_READINGS)
    rows = sorted(
        recordable_stations(request.actor)[:_SHOWN], key=lambda one: not kind_of(one.kind).is_by_hand
    )
    waiting = ManualReading.objects.filter(station__in=rows, state="waiting").count()
    page = {"stations": [{"row": one, "kind": _kind(one)} for one in rows], "waiting": waiting}
    return render(request, "field/readings.html", page)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def station(request: FieldRequest, code: str) -> HttpResponse:
    """One gauge: the number, or for a patrol whether anything is abnormal."""
    row = access_recordable(request.actor, code)
    if request.method != "POST":
        return render(request, "field/reading.html", _page(request, row))
    try:
        with transaction.atomic():
            _record(request, row)
    except Refusal as refusal:
        page = {**_page(request, row), "error": sentence(refusal), "given": request.POST}
        return render(request, "field/reading.html", page, status=refusal.status)
    return _taken(request, "field:reading", row.code)


def _record(request: FieldRequest, row: Station) -> None:
    """The time is when it was read: a form that waited in the phone for an hour keeps its own."""
    given, by = request.POST, request.actor
    if given.get("verb") in ("abnormal", "normal"):
        key = given.get("key", "")
        manual.report_patrol(
            row,
            is_abnormal=given["verb"] == "abnormal",
            words=given.get("words", ""),
            key=f"{by.ref}:{key}" if _KEY.fullmatch(key) else "",
            by=by,
            at=request.now,
        )
        return
    point = given.get("point", "").strip()[:20]
    manual.record_reading(
        row,
        quantity=given.get("quantity", "")[:40] + (f"@{point}" if point else ""),
        value=given.get("value", "")[:40],
        phenomenon_time=_moment(given.get("time", ""), request.now),
        words=given.get("words", ""),
        by=by,
        at=request.now,
    )


def _moment(text: str, at: datetime) -> datetime:
    if not text.strip():
        return at
    try:
        return datetime.fromisoformat(text.strip()[:19]).replace(tzinfo=SHANGHAI)
    except ValueError:
        raise manual.BadTime from None


def _page(request: FieldRequest, row: Station) -> dict[str, Any]:
    last = row.manual_readings.order_by("-phenomenon_time", "-recorded_at")[:_LAST]
    known = kind_of(row.kind)
    return {
        "station": row,
        "kind": _kind(row),
        "quantities": [(one.code, _name(one), one.unit) for one in manual.quantities_by_hand(row)],
        "is_patrolled": manual.is_patrolled(row),
        "has_points": any(one.has_points for one in known.quantities),
        "last": [
            {
                "row": one,
                "name": _name(quantity_of(one.quantity)),
                "value": f"{one.value.normalize():f}",
                "unit": quantity_of(one.quantity).unit,
                "state": _states()[one.state],
            }
            for one in last
        ],
        "now_field": f"{request.now.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}",
        "key": uuid.uuid4(),
        "given": {},
    }


def _states() -> dict[str, str]:
    return {"waiting": _("waiting to be stored"), "stored": _("stored"), "refused": _("not taken")}


def _name(pair: Any) -> str:
    return str(pair.en if (get_language() or "").startswith("en") else pair.zh)


def _kind(row: Station) -> str:
    return _name(kind_of(row.kind))
