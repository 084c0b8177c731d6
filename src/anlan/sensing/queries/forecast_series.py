"""Where forecasts plug in: the rules' reader and the series that history charts draw beside what was observed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from anlan.journal import clocks
from anlan.sensing.history.charts import register_forecasts
from anlan.sensing.hot.types import Point
from anlan.sensing.models import ForecastIssue, Station
from anlan.sensing.queries.forecasts import StoredForecasts, in_force
from anlan.sensing.rules.forecast_source import use_forecast_reader
from anlan.sensing.services.forecasts import RAIN, values_of
from anlan.vocab.quality import QualityFlag

#: Issues drawn at once; older ones stay in the list of forecasts.
_DRAWN = 3


@register_forecasts
def drawn(
    station: Station, quantity: str, start: datetime, end: datetime
) -> Sequence[tuple[datetime, Sequence[Point]]]:
    """What counts now in the span; a value stands at the end of its interval, as a reading of rain does."""
    wanted = RAIN if quantity == "rain_5min" else quantity
    rows = ForecastIssue.objects.filter(
        station=station, quantity=wanted, valid_from__lt=end, valid_to__gte=start
    )
    found = in_force(rows, clocks.now(clocks.default_exercise_id()))[:_DRAWN]
    return [(row.issued_at, _points(row, start, end)) for row in found]


def _points(row: ForecastIssue, start: datetime, end: datetime) -> list[Point]:
    return [
        Point(value.valid_to, value.value, QualityFlag.GOOD)
        for value in values_of(row)
        if start <= value.valid_to < end
    ]


use_forecast_reader(StoredForecasts())
