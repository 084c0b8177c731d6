"""Readings that people take: entered once, delivered to the gateway by the worker, and what a patrol found."""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop as _

from anlan.events.published import StationHappened
from anlan.journal import clocks, leases
from anlan.journal.services import announce
from anlan.journal.turns import write_turn
from anlan.kernel.actor import Actor, system
from anlan.kernel.ids import uuid7
from anlan.kernel.refusals import Refusal
from anlan.sensing import catalogue, hand
from anlan.sensing.access import access_recordable
from anlan.sensing.models import ManualReading, Station, StationHappening
from anlan.vocab.kinds import kind_of
from anlan.vocab.quantities import QUANTITIES, Quantity

log = logging.getLogger("anlan.hand")

ABNORMAL = "patrol_abnormal"
#: A reading may be entered this late (a book of the last month) and this early (clocks differ). Engineering choices.
OLDEST, AHEAD = timedelta(days=31), timedelta(minutes=5)
#: Readings in one delivery, and the waits after failed ones, on the clock of the run.
BATCH = 100
BACK_OFF = tuple(timedelta(seconds=s) for s in (2, 5, 10, 30, 60))
_BY = system("hand")
#: The gateway may not have read yet that the station was registered.
_TOO_NEW = "station.unknown"
_LONGEST_VALUE = Decimal("1e9")


class NoSuchReading(Refusal):
    code = "manual.unknown_quantity"
    text = _("%(station)s does not measure this.")
    next_step = _("Choose one of the quantities of the form.")
    status = 422


class BadValue(Refusal):
    code = "manual.bad_value"
    text = _("“%(value)s” is not a number that can be stored.")
    next_step = _("Write digits and at most one point, such as 12.5.")
    status = 422


class BadTime(Refusal):
    code = "manual.bad_time"
    text = _("A reading lies within the last 31 days and not in the future.")
    next_step = _("Correct the time at which it was read.")
    status = 422


class NoFinding(Refusal):
    code = "manual.no_finding"
    text = _("Nothing was said about what is abnormal.")
    next_step = _("Say in a few words what was seen and where.")
    status = 422


class NobodySaid(Refusal):
    code = "manual.nobody"
    text = _("The one who reported it by phone has no name.")
    next_step = _("Write the name.")
    status = 422


class Retired(Refusal):
    code = "manual.retired_station"
    text = _("The station was taken down.")
    next_step = _("Choose the station that stands there now.")


def quantities_by_hand(station: Station) -> list[Quantity]:
    """What a person can read there: what the kind measures, the required first; a patrol's finding has its own form."""
    kind = kind_of(station.kind)
    found = sorted(kind.quantities, key=lambda one: not one.is_required)
    return [one.quantity for one in found if one.code != ABNORMAL]


def is_patrolled(station: Station) -> bool:
    return kind_of(station.kind).quantity(ABNORMAL) is not None


def record_reading(
    station: Station,
    *,
    quantity: str,
    value: str | Decimal,
    phenomenon_time: datetime,
    words: str = "",
    reporter: str | None = None,
    by: Actor,
    at: datetime,
) -> ManualReading:
    """Keep a reading that waits to be stored by the gateway; the same one again is the same row.

    `reporter` is given when somebody told it by phone. Raises when the station does not measure it, the value is no number
    or the time cannot be; an implausible value is taken and flagged, as from any station.
    """
    _check_may(station, by)
    if reporter is not None and not reporter.strip():
        raise NobodySaid
    bare = quantity.partition("@")[0]
    if bare not in QUANTITIES or kind_of(station.kind).quantity(quantity) is None:
        raise NoSuchReading(station=station.name)
    number = read_number(value)
    _check_time(phenomenon_time, at)
    row = ManualReading(
        state="waiting",
        station=station,
        quantity=quantity[:80],
        value=number,
        phenomenon_time=phenomenon_time.replace(microsecond=0),
        author=by.ref,
        author_name=by.name[:60],
        reporter=(reporter or "").strip()[:60],
        words=words.strip()[:300],
        recorded_at=at,
        due_at=at,
        exercise_id=clocks.default_exercise_id(),
    )
    row.entry_key = _entry_key(row)
    return _keep(row, by, at)


def _keep(row: ManualReading, by: Actor, at: datetime) -> ManualReading:
    known = ManualReading.objects.filter(entry_key=row.entry_key).first()
    if known is not None:
        return known
    is_first = not hand.token(settings.ANLAN_DATA)
    hand.ensure_token(settings.ANLAN_DATA)
    try:
        with transaction.atomic():
            row.record(by=by, at=at)
    except IntegrityError:  # entered by a second tap in the same moment
        return ManualReading.objects.get(entry_key=row.entry_key)
    if is_first:
        catalogue.refresh_after_commit()
    return row


def report_patrol(
    station: Station,
    *,
    is_abnormal: bool,
    words: str,
    key: str,
    reporter: str | None = None,
    by: Actor,
    at: datetime,
) -> StationHappening | None:
    """What a patrol found: "abnormal" rings in the duty room with its words; either is a reading where the kind has one.

    `key` is made with the form; the same form again is the same finding. Any station can be found abnormal.
    """
    _check_may(station, by)
    if reporter is not None and not reporter.strip():
        raise NobodySaid
    if is_abnormal and not words.strip():
        raise NoFinding
    with transaction.atomic(savepoint=False):
        if is_patrolled(station):
            value = "1" if is_abnormal else "0"
            record_reading(
                station,
                quantity=ABNORMAL,
                value=value,
                phenomenon_time=at,
                words=words,
                reporter=reporter,
                by=by,
                at=at,
            )
        return _find(station, words, key, reporter, by, at) if is_abnormal else None


def _find(
    station: Station, words: str, key: str, reporter: str | None, by: Actor, at: datetime
) -> StationHappening:
    run = clocks.default_exercise_id()
    report = hashlib.sha256(f"{run or ''}|hand|{station.code}|{key or uuid.uuid4()}".encode()).hexdigest()
    known = StationHappening.objects.filter(report_key=report).first()
    if known is not None:
        return known
    author = by.name if reporter is None else f"{reporter.strip()}（{by.name}）"
    row = StationHappening(
        id=uuid7(),
        station=station,
        kind=ABNORMAL,
        protocol="hand",
        fields={"text": words.strip()[:300], "author": author[:120], "author_ref": by.ref},
        phenomenon_time=at,
        received_at=at,
        recorded_at=at,
        report_key=report,
        exercise_id=run,
    )
    row.record(by=by, at=at)
    announce(StationHappened(happening_id=str(row.pk), kind=ABNORMAL), at=at, exercise_id=run, priority=2)
    return row


def _check_may(station: Station, by: Actor) -> None:
    access_recordable(by, station.code)
    if not station.is_active:
        raise Retired


def read_number(text: str | Decimal) -> Decimal:
    """A number as people type it, also with a full-width point or a comma as the point. Raises `BadValue`."""
    plain = str(text).strip().replace("．", ".").replace("，", ".").replace(",", ".")
    try:
        number = Decimal(plain)
    except InvalidOperation:
        raise BadValue(value=str(text)[:20]) from None
    if not number.is_finite() or abs(number) >= _LONGEST_VALUE:
        raise BadValue(value=str(text)[:20])
    return number.quantize(Decimal("0.0001"))


def _check_time(moment: datetime, at: datetime) -> None:
    if not at - OLDEST <= moment <= at + AHEAD:
        raise BadTime


def _entry_key(row: ManualReading) -> str:
    parts = (
        row.exercise_id or "",
        row.station.code,
        row.quantity,
        row.phenomenon_time.isoformat(),
        row.value,
    )
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()


# -- delivery to the gateway


@dataclass(frozen=True, slots=True)
class Answer:
    """What the gateway said: `refused` are (code, reason) by index of the batch. `is_stored` False: try again later."""

    is_stored: bool
    refused: dict[int, tuple[str, str]]
    problem: str = ""


Send = Callable[[str, Sequence[dict[str, Any]]], Answer]


def deliver_due(send: Send, *, owner: str) -> int:
    """Hand waiting readings to the gateway. Returns how many were settled.

    A worker killed after the gateway stored them leaves them waiting; the gateway recognises the repeat.
    """
    return sum(_round(send, owner, run) for run in clocks.active_runs())


def _round(send: Send, owner: str, run: Any) -> int:
    due = leases.due(ManualReading, "due_at", at=run.now, exercise_id=run.exercise_id, state="waiting")
    rows = list(leases.claim(due, owner=owner, wall_now=clocks.wall_now(), limit=BATCH))
    if not rows:
        return 0
    stations = Station.objects.select_related("division").in_bulk([row.station_id for row in rows])
    for row in rows:
        row.station = stations[row.station_id]
    answer = send(hand.token(settings.ANLAN_DATA), [_reading(row) for row in rows])
    at = clocks.now(run.exercise_id)
    with write_turn():
        for number, row in enumerate(rows):
            _settle(row, answer, number, at)
    leases.release(rows)
    return len(rows) if answer.is_stored else 0


def _reading(row: ManualReading) -> dict[str, Any]:
    return {
        "station": row.station.code,
        "quantity": row.quantity,
        "time": row.phenomenon_time.isoformat(),
        "value": str(row.value.normalize()) if row.value else "0",
    }


def _settle(row: ManualReading, answer: Answer, number: int, at: datetime) -> None:
    fresh = (
        ManualReading.objects.filter(pk=row.pk, state="waiting").select_related("station__division").first()
    )
    if fresh is None:
        return
    code, reason = answer.refused.get(number, ("", ""))
    if not answer.is_stored or (code == _TOO_NEW and fresh.attempts < len(BACK_OFF)):
        wait = BACK_OFF[min(fresh.attempts, len(BACK_OFF) - 1)]
        ManualReading.objects.filter(pk=row.pk).update(
            attempts=fresh.attempts + 1, due_at=at + wait, outcome=(answer.problem or reason)[:200]
        )
    elif code:
        fresh.advance("refused", by=_BY, at=at, outcome=reason[:200], due_at=None)
    else:
        fresh.advance("stored", by=_BY, at=at, stored_at=at, outcome="", due_at=None)
