"""Forecasts taken in as they were issued: by a source's token, a workbook or the desk. Nothing is ever changed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop as noop

from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import Refusal
from anlan.places.models import Division
from anlan.ruleset.forecasts import ForecastValue
from anlan.sensing.models import ForecastIssue, Station
from anlan.vocab.quantities import QUANTITIES

#: The rain of each interval, whatever its length; the other quantities are those of readings.
RAIN = "rain"
RAIN_UNIT = "mm"
#: Bounds on one issue. Engineering choices: hourly values of three months, issued at most a month late.
MOST_VALUES = 2_400
LONGEST = timedelta(days=92)
OLDEST, AHEAD = timedelta(days=31), timedelta(minutes=10)
_LARGEST = Decimal("1e9")


class BadForecast(Refusal):
    code = "forecast.bad"
    text = noop("The forecast cannot be used: %(why)s")
    next_step = noop("Correct it and send it again.")
    status = 422


@dataclass(frozen=True, slots=True)
class Issue:
    """A forecast as somebody sends it; times carry their zone. `unit` may be empty where it is that of the quantity."""

    source: str
    quantity: str
    issued_at: datetime
    values: Sequence[tuple[datetime, datetime, Decimal]]
    unit: str = ""


def unit_of(quantity: str) -> str:
    return RAIN_UNIT if quantity == RAIN else QUANTITIES[quantity].unit


def is_known(quantity: str) -> bool:
    return quantity == RAIN or quantity in QUANTITIES


def take_forecast(
    issue: Issue,
    *,
    station: Station | None = None,
    division: Division | None = None,
    is_trial: bool = False,
    by: Actor,
    at: datetime,
) -> tuple[ForecastIssue, bool]:
    """Keep one issue for a station or a division. Returns it and whether it is new: the same one again is the old row.

    A trial only checks and says whether it would be new. Raises `BadForecast`.
    """
    if (station is None) == (division is None):
        raise BadForecast(why=_("it must be for a station or for an area"))
    check_issue(issue, at)
    target = f"station:{station.code}" if station is not None else f"division:{division.code}"  # type: ignore[union-attr]  # one of the two is there
    row = _row(issue, station, division, target, by, at)
    known = ForecastIssue.objects.filter(content_key=row.content_key).first()
    if known is not None:
        return known, False
    if is_trial:
        return row, True
    try:
        with transaction.atomic():
            return row.record(by=by, at=at), True
    except IntegrityError:  # sent by two at once
        return ForecastIssue.objects.get(content_key=row.content_key), False


def _row(
    issue: Issue, station: Station | None, division: Division | None, target: str, by: Actor, at: datetime
) -> ForecastIssue:
    ordered = sorted(
        (start.astimezone(UTC), end.astimezone(UTC), value) for start, end, value in issue.values
    )
    values = [
        [start.isoformat(), end.isoformat(), format(value.normalize(), "f")] for start, end, value in ordered
    ]
    run = clocks.default_exercise_id()
    series = f"{issue.source.strip()}|{target}|{issue.quantity}"
    content = f"{run or ''}|{series}|{issue.issued_at.astimezone(UTC).isoformat()}|{values}"
    return ForecastIssue(
        source=issue.source.strip(),
        quantity=issue.quantity,
        station=station,
        division=division,
        issued_at=issue.issued_at,
        valid_from=ordered[0][0],
        valid_to=max(end for _start, end, _value in ordered),
        values=values,
        unit=unit_of(issue.quantity),
        recorded_at=at,
        recorded_by=by.ref,
        series_key=series[:200],
        content_key=hashlib.sha256(content.encode()).hexdigest(),
        exercise_id=run,
    )


def check_issue(issue: Issue, at: datetime) -> None:
    """Raises `BadForecast` with the reason."""
    why = _problem(issue, at) or _problem_of_values(issue)
    if why is not None:
        raise BadForecast(why=why)


def _problem(issue: Issue, at: datetime) -> object | None:
    if not 0 < len(issue.source.strip()) <= 60:
        return _("it must name its source in at most 60 characters")
    if not is_known(issue.quantity):
        return _("there is no such quantity")
    if issue.unit and issue.unit != unit_of(issue.quantity):
        return _("its unit is not that of the quantity; it is not converted")
    if not 0 < len(issue.values) <= MOST_VALUES:
        return _("it must have at least one and at most 2400 values")
    times = [issue.issued_at, *(moment for start, end, _value in issue.values for moment in (start, end))]
    if any(moment.tzinfo is None for moment in times):
        return _("a time has no zone")
    if not at - OLDEST <= issue.issued_at <= at + AHEAD:
        return _("it was issued more than a month ago or in the future")
    return None


def _problem_of_values(issue: Issue) -> object | None:
    last: datetime | None = None
    for start, end, value in sorted(issue.values):
        if not timedelta(0) <= end - start <= LONGEST or (issue.quantity == RAIN and start == end):
            return _("an interval ends before it begins")
        if last is not None and start < last:
            return _("two intervals overlap")
        if not value.is_finite() or abs(value) >= _LARGEST or (issue.quantity == RAIN and value < 0):
            return _("a value is not possible")
        last = end
    ends = max(end for _start, end, _value in issue.values)
    if ends <= issue.issued_at or ends - issue.issued_at > LONGEST:
        return _("it ends before it was issued, or more than three months after")
    return None


def values_of(row: ForecastIssue) -> list[ForecastValue]:
    """The intervals as rules read them."""
    return [
        ForecastValue(
            row.issued_at, datetime.fromisoformat(start), datetime.fromisoformat(end), Decimal(value)
        )
        for start, end, value in row.values
    ]
