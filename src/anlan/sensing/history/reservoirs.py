"""Reservoirs against their calendar limit: from the station's own attributes `flood_limit` and `capacity_curve`.

`flood_limit` lists `{"from": "MM-DD", "to": "MM-DD", "stage_m": number}`, the first that holds wins; `capacity_curve` lists
`[stage_m, volume in 10,000 m³]`, rising. Between two points volumes are interpolated linearly (engineering assumption);
outside the curve nothing is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from anlan.kernel.clock import SHANGHAI
from anlan.ruleset.calendars import day_of, stage_on
from anlan.ruleset.tables import CalendarStage
from anlan.sensing.models import Station

_TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class OverLimit:
    """A reservoir and its limit of the day. Volumes in 10,000 m³; None where the curve does not say.

    `excess_m` is negative below the limit. `spare` is the room up to the top of its capacity curve.
    """

    code: str
    name: str
    at: datetime
    stage: Decimal
    limit: Decimal
    excess_m: Decimal
    excess: Decimal | None
    spare: Decimal | None
    top_stage: Decimal | None

    @property
    def is_over(self) -> bool:
        return self.excess_m > 0


def limit_on(station: Station, at: datetime) -> Decimal | None:
    """The flood limit in metres on the local day of `at`; None outside its calendar or without one."""
    stages = _calendar(station.attributes.get("flood_limit"))
    stage = stage_on(stages, at.astimezone(SHANGHAI).date()) if stages else None
    return None if stage is None else Decimal(str(stage.limit_m))


def against_limit(station: Station, stage: Decimal, at: datetime) -> OverLimit | None:
    """How a reservoir stands at a stage; None where no limit holds."""
    limit = limit_on(station, at)
    if limit is None:
        return None
    curve = curve_of(station)
    here, there = volume(curve, stage), volume(curve, limit)
    top = curve[-1] if curve else None
    return OverLimit(
        station.code,
        station.name,
        at,
        stage,
        limit,
        stage - limit,
        None if here is None or there is None else max(Decimal(0), here - there).quantize(_TENTH),
        None if here is None or top is None else (top[1] - here).quantize(_TENTH),
        None if top is None else top[0],
    )


def curve_of(station: Station) -> list[tuple[Decimal, Decimal]]:
    """The rising points of the capacity curve; empty where it is missing or not usable."""
    given = station.attributes.get("capacity_curve")
    try:
        points = [(Decimal(str(stage)), Decimal(str(amount))) for stage, amount in given or []]
    except (TypeError, ValueError, InvalidOperation):
        return []
    rises = all(low[0] < high[0] and low[1] <= high[1] for low, high in pairwise(points))
    return points if rises else []


def volume(curve: Sequence[tuple[Decimal, Decimal]], stage: Decimal) -> Decimal | None:
    """Volume at a stage in 10,000 m³; None outside the curve."""
    for low, high in pairwise(curve):
        if low[0] <= stage <= high[0]:
            return low[1] + (high[1] - low[1]) * (stage - low[0]) / (high[0] - low[0])
    return None


def _calendar(given: Any) -> list[CalendarStage]:
    """Usable lines of the calendar; a line that cannot be read is left out rather than guessed at."""
    found = []
    for line in given if isinstance(given, list) else []:
        try:
            stage = CalendarStage(str(line["from"]), str(line["to"]), float(line["stage_m"]))
            day_of(stage.first), day_of(stage.last)
        except (KeyError, TypeError, ValueError):
            continue
        found.append(stage)
    return found
