"""Flagged readings, decisions about them and maintenance windows, narrowed to what a person sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from anlan.accounts.access import within
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.ruleset.quality import LIFTABLE, reason_of
from anlan.sensing import rights
from anlan.sensing.access import visible_stations
from anlan.sensing.models import Amendment, MaintenanceWindow
from anlan.sensing.queries.overview import hot_reader
from anlan.sensing.services.quality import may_grant
from anlan.vocab.quality import QualityFlag
from anlan.vocab.quantities import quantity_of

#: How far back the list goes, and how long it gets.
SHOWN = timedelta(days=2)
MOST = 300


@dataclass(frozen=True, slots=True)
class FlaggedLine:
    """One flagged reading with why in one sentence. `may_accept` etc. are about this reader."""

    station: str
    station_name: str
    quantity: str
    name_zh: str
    name_en: str
    value: str
    stored: int | None
    phenomenon_time: datetime
    flag: QualityFlag
    reason_zh: str
    reason_en: str
    is_pending: bool
    may_accept: bool
    may_reject: bool


def flagged_lines(actor: Actor, *, at: datetime) -> list[FlaggedLine]:
    """Of the last two days, the newest first."""
    stations = {station.code: station for station in visible_stations(actor)}
    exercise_id = clocks.default_exercise_id()
    exercise = str(exercise_id) if exercise_id else ""
    points = hot_reader().flagged(at - SHOWN, at + timedelta(hours=1), exercise=exercise, limit=2000)
    pending = {
        (code, quantity, t)
        for code, quantity, t in Amendment.objects.filter(
            state="pending", exercise_id=exercise_id
        ).values_list("station__code", "quantity", "phenomenon_time")
    }
    found = []
    for point in [one for one in points if one.station in stations][:MOST]:
        station, quantity = stations[point.station], quantity_of(point.quantity)
        zh, en = reason_of(point.flag, point.quantity, point.numbers)
        waits = (point.station, point.quantity, point.phenomenon_time) in pending
        may_judge = (
            actor.can(rights.JUDGE_READINGS, station.division.path) and not waits and point.stored is not None
        )
        value = (
            "—"
            if point.stored is None
            else f"{format(quantity.from_stored(point.stored), 'f')} {quantity.unit}"
        )
        found.append(
            FlaggedLine(
                point.station, station.name, point.quantity, quantity.zh, quantity.en, value.strip(), point.stored,
                point.phenomenon_time, point.flag, zh, en, waits,
                may_accept=may_judge and bool(point.flag & (LIFTABLE | QualityFlag.REJECTED)),
                may_reject=may_judge and QualityFlag.REJECTED not in point.flag,
            )
        )  # fmt: skip
    return found


@dataclass(frozen=True, slots=True)
class WindowLine:
    window: MaintenanceWindow
    may_decide: bool
    may_withdraw: bool


def window_lines(actor: Actor, *, at: datetime) -> list[WindowLine]:
    """Windows that are asked for, running or to come, and those of the last week."""
    rows = MaintenanceWindow.objects.filter(
        within(actor, "station__division__path"), ends_at__gt=at - timedelta(days=7)
    ).select_related("station__division")
    found = []
    for row in rows.order_by("-starts_at")[:200]:
        grants = may_grant(actor, row.station.division.path)
        open_ = row.state in ("asked", "granted")
        found.append(
            WindowLine(row, grants and row.state == "asked", open_ and (grants or row.asked_by == actor.ref))
        )
    return found
