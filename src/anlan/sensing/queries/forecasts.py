"""Forecasts as rules, charts and pages read them. `at` is the moment of asking: nothing is used before it was known here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import QuerySet

from anlan.accounts.access import within
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.ruleset.forecasts import ForecastValue
from anlan.sensing.access import visible_forecasts
from anlan.sensing.models import ForecastIssue, Station
from anlan.sensing.services.forecasts import RAIN, values_of

#: Issues that are looked at for one answer; a source sends a few a day.
_LOOKED_AT = 40


class StoredForecasts:
    """The `ForecastReader` of the rules."""

    def for_station(
        self, station: str, quantity: str, start: datetime, end: datetime, *, at: datetime
    ) -> Sequence[ForecastValue]:
        rows = _known(ForecastIssue.objects.filter(station__code=station), quantity, start, end, at)
        return _joined(rows, start, end)

    def for_division(
        self, division: str, quantity: str, start: datetime, end: datetime, *, at: datetime
    ) -> Sequence[ForecastValue]:
        """Of the place itself, else of the nearest place above it that has one."""
        path = Division.objects.filter(pk=division).values_list("path", flat=True).first() or division
        for code in reversed(path.split("/")):
            rows = _known(ForecastIssue.objects.filter(division_id=code), quantity, start, end, at)
            found = _joined(rows, start, end)
            if found:
                return found
        return ()


def in_force(rows: QuerySet[ForecastIssue], at: datetime) -> list[ForecastIssue]:
    """Of each source, target and quantity the issue that counted at `at`, newest first."""
    found: dict[str, ForecastIssue] = {}
    known = rows.filter(issued_at__lte=at, recorded_at__lte=at, exercise_id=clocks.default_exercise_id())
    for row in known.order_by("-issued_at", "-recorded_at", "-pk")[: _LOOKED_AT * 25]:
        found.setdefault(row.series_key, row)
    return list(found.values())


def _known(
    rows: QuerySet[ForecastIssue], quantity: str, start: datetime, end: datetime, at: datetime
) -> list[ForecastIssue]:
    """The newest of each source, among them only those that say something about the span.

    A source's newest issue replaces its older ones as a whole, also where it is shorter: what it no longer says is withdrawn.
    """
    newest = in_force(rows.filter(quantity=quantity), at)
    return [row for row in newest if row.valid_from < end and row.valid_to >= start]


def _joined(rows: Sequence[ForecastIssue], start: datetime, end: datetime) -> list[ForecastValue]:
    """The newest issue, and where it says nothing the next newest of other sources; no time is counted twice."""
    taken: list[ForecastValue] = []
    for row in rows:
        free = [value for value in values_of(row) if not any(_overlap(value, known) for known in taken)]
        taken += [value for value in free if value.valid_from < end and value.valid_to >= start]
    return sorted(taken, key=lambda value: value.valid_from)


def _overlap(one: ForecastValue, other: ForecastValue) -> bool:
    return one.valid_from < other.valid_to and other.valid_from < one.valid_to


@dataclass(frozen=True, slots=True)
class ForecastLine:
    """One issue in a list. `lead` is from the issue to its first hour, `reach` to its end; both as of the issue."""

    row: ForecastIssue
    is_in_force: bool
    total: Decimal | None
    highest: Decimal

    @property
    def lead(self) -> timedelta:
        return max(timedelta(0), self.row.valid_from - self.row.issued_at)

    @property
    def reach(self) -> timedelta:
        return self.row.valid_to - self.row.issued_at


def line_of(row: ForecastIssue, *, is_in_force: bool) -> ForecastLine:
    values = [value.value for value in values_of(row)]
    total = sum(values, Decimal(0)) if row.quantity == RAIN else None
    return ForecastLine(row, is_in_force, total, max(values))


def forecast_lines(actor: Actor, *, at: datetime, limit: int = 200) -> list[ForecastLine]:
    """Issues that the actor may see, newest first; those that count now are marked."""
    rows = visible_forecasts(actor).filter(exercise_id=clocks.default_exercise_id())
    counting = {row.pk for row in in_force(rows, at)}
    newest = rows.order_by("-issued_at", "-recorded_at")[:limit]
    return [line_of(row, is_in_force=row.pk in counting) for row in newest]


def forecasts_of_station(station: Station, *, at: datetime) -> list[ForecastIssue]:
    """What counts now for a station itself and has not ended; also the hook of SensorThings."""
    rows = ForecastIssue.objects.filter(station=station, valid_to__gte=at)
    return in_force(rows, at)


def issues_of_station(station: Station, *, at: datetime) -> list[ForecastIssue]:
    """Every issue that was ever made for a station, newest first: a forecast is a datastream with issue times."""
    rows = ForecastIssue.objects.filter(station=station, recorded_at__lte=at)
    return list(rows.filter(exercise_id=clocks.default_exercise_id()).order_by("-issued_at", "-recorded_at"))


def forecasts_above(actor: Actor, station: Station, *, at: datetime) -> list[ForecastIssue]:
    """Forecasts for the areas in which the station stands, of those that the actor may see."""
    codes = station.division.path.split("/")
    rows = ForecastIssue.objects.filter(
        within(actor, "division__path"), division_id__in=codes, valid_to__gte=at
    )
    return in_force(rows.select_related("division"), at)
