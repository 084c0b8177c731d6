"""From the gateway's signals about happenings to facts, each report once."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from anlan.events.published import StationHappened
from anlan.journal.services import announce, record_all
from anlan.kernel.actor import system
from anlan.sensing.hot.types import Signal
from anlan.sensing.models import Station, StationHappening

_GATEWAY = system("gateway")


class HappeningBody(msgspec.Struct, frozen=True):
    station: str
    kind: str
    phenomenon_time: datetime | None = None
    fields: dict[str, Any] = {}  # JSON of the driver
    protocol: str = ""
    #: Equal for a repeated report; "" where the driver cannot tell, then the signal's own id serves.
    report: str = ""
    exercise: str | None = None


def record_happenings(
    found: Sequence[tuple[Signal, HappeningBody, uuid.UUID | None]],
    stations: Mapping[str, Station],
    *,
    at: datetime,
) -> int:
    """Store those that are new, and announce each. Returns how many."""
    rows: dict[str, StationHappening] = {}
    for signal, body, run in found:
        row = _row(signal, body, run, stations, at)
        if row is not None:
            rows.setdefault(row.report_key, row)
    known = StationHappening.objects.filter(report_key__in=rows).values_list("report_key", flat=True)
    for key in set(known):
        del rows[key]
    for run in {row.exercise_id for row in rows.values()}:
        record_all([row for row in rows.values() if row.exercise_id == run], by=_GATEWAY, at=at)
    for row in rows.values():
        event = StationHappened(happening_id=str(row.pk), kind=row.kind)
        announce(event, at=at, exercise_id=row.exercise_id)
    return len(rows)


def _row(
    signal: Signal,
    body: HappeningBody,
    run: uuid.UUID | None,
    stations: Mapping[str, Station],
    at: datetime,
) -> StationHappening | None:
    station = stations.get(body.station)
    if station is None:
        return None
    key = "|".join((str(run or ""), body.protocol, body.station, body.report or signal.id))
    return StationHappening(
        id=uuid.UUID(signal.id),
        station=station,
        kind=body.kind[:40],
        protocol=body.protocol[:20],
        fields=body.fields,
        phenomenon_time=body.phenomenon_time,
        received_at=signal.at,
        recorded_at=at,
        report_key=hashlib.sha256(key.encode()).hexdigest(),
        exercise_id=run,
    )
