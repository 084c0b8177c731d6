"""Delays as a histogram that can be added up: a median of a day is asked of thousands of stations together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta

#: Upper bounds of the buckets, seconds; the last bucket has none. A choice of ours: finer where duty rooms look.
BOUNDS_S = (1, 2, 3, 5, 7, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 450, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400)  # fmt: skip


def bucket_sql(column: str) -> str:
    """An SQL expression that gives the bucket of a delay in seconds; a delay below zero (a fast clock) counts as none."""
    cases = " ".join(f"WHEN {column} <= {bound} THEN {number}" for number, bound in enumerate(BOUNDS_S))
    return f"CASE {cases} ELSE {len(BOUNDS_S)} END"


def added(histograms: Iterable[Mapping[str, int]]) -> Counter[int]:
    """Stored histograms ({"3": 120}) as one."""
    total: Counter[int] = Counter()
    for one in histograms:
        for bucket, count in one.items():
            total[int(bucket)] += count
    return total


def at_most(histogram: Mapping[int, int], share: float) -> timedelta | None:
    """The bound that this share of the readings keeps; None where there are none, or where it lies beyond the last bound."""
    wanted, seen = share * sum(histogram.values()), 0
    if not wanted:
        return None
    for bucket in sorted(histogram):
        seen += histogram[bucket]
        if seen >= wanted:
            return timedelta(seconds=BOUNDS_S[bucket]) if bucket < len(BOUNDS_S) else timedelta.max
    return None
