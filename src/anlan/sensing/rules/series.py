"""Readings of one stream for rules that look back, and for previews: one question, whoever keeps the history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from anlan.journal import clocks
from anlan.sensing.hot.types import Point
from anlan.vocab.quality import UNUSABLE


class SeriesReader(Protocol):
    """Everything stored with start <= phenomenon time < end, by time, flagged readings among it."""

    def series(self, station: str, quantity: str, start: datetime, end: datetime) -> Sequence[Point]: ...


class HotSeries:
    """Days that are still in the hot store of this run."""

    def series(self, station: str, quantity: str, start: datetime, end: datetime) -> Sequence[Point]:
        from anlan.sensing.queries.overview import hot_reader

        run = clocks.default_exercise_id()
        return hot_reader().series(station, quantity, start, end, str(run) if run else None)


def series_reader() -> SeriesReader:
    return HotSeries()


def usable(
    station: str, quantity: str, start: datetime, end: datetime, reader: SeriesReader | None = None
) -> list[tuple[datetime, Decimal]]:
    """The readings that count for a rule: with a value and without an unusable flag."""
    points = (reader or series_reader()).series(station, quantity, start, end)
    return [(p.phenomenon_time, p.value) for p in points if p.value is not None and not p.flag & UNUSABLE]
