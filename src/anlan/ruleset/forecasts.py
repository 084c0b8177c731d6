"""Rain that fell plus rain that is forecast. Both stay apart in the sentence; a forecast is never called a measurement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, Protocol

from anlan.ruleset.tables import ForecastTable
from anlan.ruleset.verdicts import Verdict, plain
from anlan.vocab.levels import Level


class ForecastValue(NamedTuple):
    """One interval of a forecast: valid from–to and issue time are aware UTC, the value is in the quantity's unit."""

    issued_at: datetime
    valid_from: datetime
    valid_to: datetime
    value: Decimal


class ForecastReader(Protocol):
    """Who knows forecasts. For each asked span it gives the newest issue known at `at`, ordered by time."""

    def for_station(
        self, station: str, quantity: str, start: datetime, end: datetime, *, at: datetime
    ) -> Sequence[ForecastValue]: ...

    def for_division(
        self, division: str, quantity: str, start: datetime, end: datetime, *, at: datetime
    ) -> Sequence[ForecastValue]: ...


class NoForecasts:
    """Nobody delivers forecasts here."""

    def for_station(
        self, station: str, quantity: str, start: datetime, end: datetime, *, at: datetime
    ) -> Sequence[ForecastValue]:
        return ()

    def for_division(
        self, division: str, quantity: str, start: datetime, end: datetime, *, at: datetime
    ) -> Sequence[ForecastValue]:
        return ()


def ahead(values: Sequence[ForecastValue], start: datetime, end: datetime) -> tuple[Decimal, Decimal]:
    """The forecast sum between two moments, and the share of that time which the forecast covers (0 to 1).

    An interval that lies partly outside gives its share of the sum: rain is taken as even inside an interval.
    """
    total, covered = Decimal(0), 0.0
    for value in values:
        inside = (min(value.valid_to, end) - max(value.valid_from, start)).total_seconds()
        length = (value.valid_to - value.valid_from).total_seconds()
        if inside > 0 and length > 0:
            total += value.value * Decimal(inside) / Decimal(length)
            covered += inside
    return total, Decimal(str(min(1.0, covered / (end - start).total_seconds())))


def judge(
    name: str,
    observed: Decimal,
    is_gappy: bool,
    values: Sequence[ForecastValue],
    table: ForecastTable,
    span: tuple[datetime, datetime],
) -> Verdict:
    """The level of observed + forecast. A forecast that covers less than the whole time makes it incomplete, never safe."""
    forecast, share = ahead(values, *span)
    total = observed + forecast
    over = {int(key): Decimal(str(edge)) for key, edge in table.rise.items() if edge is not None}
    reached = min((Level(key) for key, edge in over.items() if total >= edge), default=None)
    issued = max((value.issued_at for value in values), default=None)
    when_zh = "没有预报" if issued is None else f"预报时间{issued:%Y-%m-%d %H:%M}（世界时）"
    when_en = "no forecast" if issued is None else f"issued {issued:%Y-%m-%d %H:%M} UTC"
    return Verdict(
        reached,
        total,
        over.get(reached.value) if reached is not None else None,
        f"{name}实测{table.observed_h}小时雨量{plain(observed)}毫米，加预报{table.ahead_h}小时雨量{plain(forecast)}毫米"
        f"（{when_zh}），合计{plain(total)}毫米",
        f"{name}: {plain(observed)} mm observed in {table.observed_h} h plus {plain(forecast)} mm forecast for "
        f"{table.ahead_h} h ({when_en}), {plain(total)} mm together",
        is_incomplete=is_gappy or share < 1,
    )
