"""Readings of some streams in order of time, a window at a time, over hot and settled days alike.

Windows widen while little is found and narrow when much is, so that the newest reading of a stream, a page and a year all cost
what they give. Days without a file are passed over in one question (only readings with unbelievable dates can lie there).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from anlan.api.sensorthings.bounds import Bounds
from anlan.api.sensorthings.errors import bad
from anlan.sensing.history.queries import History
from anlan.sensing.hot.streams import StreamKey
from anlan.sensing.hot.types import DAY_S
from anlan.vocab.quantities import quantity_of

#: Rows that a window should give, and rows that one request may look at.
_WANTED = 5_000
SCAN_LIMIT = 1_000_000
_NARROWEST_S, _WIDEST_S = 300, 32 * DAY_S


class Reading(NamedTuple):
    """`t` epoch seconds."""

    key: StreamKey
    t: int
    value: Decimal | None
    flag: int


@dataclass(slots=True)
class Budget:
    """What one request may still look at. Raises StaError when it is spent."""

    rows: int = SCAN_LIMIT
    questions: int = 5_000

    def spend(self, rows: int) -> None:
        self.rows -= rows
        self.questions -= 1
        if self.rows < 0 or self.questions < 0:
            raise bad(
                f"This would look at more than {SCAN_LIMIT} readings. Ask for a shorter phenomenonTime or fewer datastreams."
            )


def walk(
    history: History,
    keys: Sequence[StreamKey],
    bounds: Bounds,
    budget: Budget,
    *,
    is_down: bool = False,
    exercise: str | None = None,
) -> Iterator[Reading]:
    """Readings with low <= t <= high, by time and then by stream; backwards with `is_down`. Flagged ones are among them."""
    if not keys or bounds.low > bounds.high:
        return
    stretches = _stretches(history.days(), bounds.low, bounds.high + 1)
    width = DAY_S if len(keys) <= 16 else max(_NARROWEST_S, DAY_S * 16 // len(keys))
    for low, high, has_days in reversed(stretches) if is_down else stretches:
        while low < high:
            step = min(width, high - low) if has_days else high - low
            window = (high - step, high) if is_down else (low, low + step)
            found = history.readings(keys, *window, exercise)
            budget.spend(len(found))
            for key, row in reversed(found) if is_down else found:
                value = None if row.v is None else quantity_of(key.quantity).from_stored(row.v)
                yield Reading(key, row.t, value, row.flag)
            low, high = (low, window[0]) if is_down else (window[1], high)
            if has_days:
                width = _adapted(width, len(found))


def _adapted(width: int, found: int) -> int:
    if found < _WANTED // 4:
        return min(width * 2, _WIDEST_S)
    return max(width // 2, _NARROWEST_S) if found > _WANTED * 2 else width


def _stretches(days: Sequence[int], low: int, high: int) -> list[tuple[int, int, bool]]:
    """low <= t < high cut into runs of days that have files and the gaps between them, in order."""
    found: list[tuple[int, int, bool]] = []
    at = low
    for day in days:
        start, end = max(day * DAY_S, low), min((day + 1) * DAY_S, high)
        if start >= end:
            continue
        if start > at:
            found.append((at, start, False))
        if found and found[-1][2] and found[-1][1] == start:
            found[-1] = (found[-1][0], end, True)
        else:
            found.append((start, end, True))
        at = end
    if at < high:
        found.append((at, high, False))
    return found
