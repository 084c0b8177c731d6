"""Readings of one stream for rules that look back, and for previews: one question, whoever keeps the history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Protocol

from django.conf import settings

from anlan.journal import clocks
from anlan.sensing.history.queries import History
from anlan.sensing.hot.types import Point
from anlan.vocab.quality import UNUSABLE


class SeriesReader(Protocol):
    """Everything stored with start <= phenomenon time < end, by time, flagged readings among it."""

    def series(self, station: str, quantity: str, start: datetime, end: datetime) -> Sequence[Point]: ...


class StoredSeries:
    """Days of this run, hot and settled; the reader of settled days starts only where one is asked for."""

    def series(self, station: str, quantity: str, start: datetime, end: datetime) -> Sequence[Point]:
        run = clocks.default_exercise_id()
        return _history(settings.ANLAN_DATA).series(station, quantity, start, end, str(run) if run else None)


@cache
def _history(root: Path) -> History:
    return History(root)


def series_reader() -> SeriesReader:
    return StoredSeries()


def usable(
    station: str, quantity: str, start: datetime, end: datetime, reader: SeriesReader | None = None
) -> list[tuple[datetime, Decimal]]:
    """The readings that count for a rule: with a value and without an unusable flag."""
    points = (reader or series_reader()).series(station, quantity, start, end)
    return [(p.phenomenon_time, p.value) for p in points if p.value is not None and not p.flag & UNUSABLE]
