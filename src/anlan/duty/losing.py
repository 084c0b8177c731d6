"""Signs of lost contact (F-32): nobody answers, and network or power is down or the stations there are silent.

A village that is only slow gets no sign. Signs ring at the desk; that contact is lost a person decides.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from anlan.accounts.access import require
from anlan.dissemination.models import CalloutSeat
from anlan.dissemination.services import note_signs
from anlan.duty.models import Outage
from anlan.duty.parameters import alarms
from anlan.duty.refusals import OutageIsOver, UnknownOutage
from anlan.duty.services import raise_alarm
from anlan.kernel.actor import Actor, system
from anlan.places.models import Division
from anlan.places.queries import below
from anlan.sensing.models import Station
from anlan.vocab.outages import KINDS, SILENCING
from anlan.vocab.posts import Right

BY = system("duty")
#: A seat that owes an answer and whose first rung is over.
_OWED = ("waiting", "unanswered")


def report_outage(
    *,
    kind: str,
    division: Division,
    since: datetime,
    words: str,
    by: Actor,
    at: datetime,
    exercise_id: uuid.UUID | None = None,
) -> Outage:
    """Somebody told the desk that something is cut; silent villages there are looked at again at once."""
    require(by, Right.CONFIRM_ALARM, division.path)
    if kind not in KINDS:
        raise UnknownOutage(kind=kind)
    outage = Outage(
        kind=kind,
        division=division,
        since=min(since, at),
        words=words.strip()[:200],
        told_by=by.name or by.ref,
        exercise_id=exercise_id,
    )
    with transaction.atomic(savepoint=False):
        outage.record(by=by, at=at, kind="reported")
        look_for_signs(division, at=at, exercise_id=exercise_id)
    return outage


def end_outage(outage: Outage, *, by: Actor, at: datetime) -> Outage:
    require(by, Right.CONFIRM_ALARM, outage.division.path)
    if outage.until is not None:
        raise OutageIsOver
    return outage.change(by=by, at=at, kind="ended", until=at, ended_by=by.name or by.ref)


def open_outages(division: Division, *, exercise_id: uuid.UUID | None = None) -> list[Outage]:
    """What is cut in a place or in anything above it."""
    rows = Outage.objects.filter(
        division__code__in=division.path.split("/"), until=None, exercise_id=exercise_id
    )
    return list(rows.select_related("division").defer("division__geometry").order_by("since"))


def look_for_signs(division: Division, *, at: datetime, exercise_id: uuid.UUID | None = None) -> int:
    """Look at every seat of a running call-out in the division that owes an answer. Returns how many have new signs."""
    places = below(division.path).values_list("code", flat=True)
    seats = CalloutSeat.objects.filter(
        division__in=places, state__in=_OWED, callout__state="open", exercise_id=exercise_id
    ).select_related("division", "callout")
    return sum(look_at_seat(seat, at=at) for seat in seats)


def look_at_seat(seat: CalloutSeat, *, at: datetime) -> bool:
    """Gather the signs of one silent seat; new ones ring. A seat still within its first rung is not silent yet."""
    if seat.state not in _OWED or (seat.state == "waiting" and seat.rung < 1):
        return False
    signs = signs_of(seat, at=at)
    if not signs or not note_signs(seat, signs, by=BY, at=at):
        return False
    kind = alarms().of("contact_may_be_lost")
    what = f"{seat.division.name}（{'，'.join(row['detail'] for row in signs)}）"
    raise_alarm(
        kind.kind,
        subject=f"seat:{seat.pk}",
        text_zh=kind.zh.format(what=what)[:300],
        text_en=kind.en.format(what=seat.division.name)[:300],
        level=seat.callout.level,
        division=seat.division,
        by=BY,
        at=at,
        exercise_id=seat.exercise_id,
        cause=f"callout:{seat.callout_id}",
    )
    return True


def signs_of(seat: CalloutSeat, *, at: datetime) -> list[dict[str, Any]]:
    """{"sign", "detail", "at"}: what speaks for lost contact and since when. Details are Chinese, they ring and are printed."""
    found = [
        {
            "sign": outage.kind,
            "detail": f"{KINDS[outage.kind][0]}：{outage.division.name}",
            "at": outage.since.isoformat(),
        }
        for outage in open_outages(seat.division, exercise_id=seat.exercise_id)
        if outage.kind in SILENCING and outage.since <= at
    ]
    here = Q(division=seat.division_id) | Q(division__path__startswith=f"{seat.division.path}/")
    silent = Station.objects.filter(here, state="silent").order_by("code")
    found += [
        {
            "sign": "station_silent",
            "detail": f"测站离线：{station.name}",
            "at": "" if station.state_since is None else station.state_since.isoformat(),
        }
        for station in silent[:5]
    ]
    return found
