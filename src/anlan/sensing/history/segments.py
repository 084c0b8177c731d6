"""Which days are read from where, as the database says it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings

from anlan.sensing.history.paths import edition_folder
from anlan.sensing.history.types import SettledDay
from anlan.sensing.models import HistorySegment, SegmentState

#: Gives the settled days from one day number to another.
Segments = Callable[[int, int], list[SettledDay]]
_EPOCH = date(1970, 1, 1)


def iso_day(day: int) -> str:
    """`2026-07-01` for a day number since 1970."""
    return (_EPOCH + timedelta(days=day)).isoformat()


def number_of_day(day: str) -> int:
    return (date.fromisoformat(day) - _EPOCH).days


def current_segments(
    first: int | None = None, last: int | None = None, *, data: Path | None = None
) -> list[SettledDay]:
    """The settled days from `first` to `last`, both included, oldest first."""
    rows = HistorySegment.objects.filter(state=SegmentState.CURRENT).order_by("day")
    if first is not None:
        rows = rows.filter(day__gte=iso_day(first))
    if last is not None:
        rows = rows.filter(day__lte=iso_day(last))
    root = settings.ANLAN_DATA if data is None else data
    return [
        SettledDay(number, edition_folder(root, number, edition), frozenset(sources))
        for day, edition, sources in rows.values_list("day", "edition", "sources")
        for number in [number_of_day(day)]
    ]
