"""Pure evaluation of one value against one binding: no memory, no clock. Memory (hysteresis) lives with who stores the shard."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal

from anlan.ruleset.bindings import Binding, Edges
from anlan.vocab.levels import Level

LEVELS: tuple[Level, ...] = tuple(Level)


def level_reached(value: int, edges: Edges) -> Level | None:
    """The most severe level whose rise edge the stored integer has reached (以上 includes the number, R-conventions)."""
    for level, edge in zip(LEVELS, edges.rise, strict=True):
        if value >= edge:
            return level
    return None


def level_of_sums(binding: Binding, sums: Mapping[int, int]) -> Level | None:
    """The most severe level that any window reaches; `sums` are stored integers by window in seconds."""
    reached = [
        level_reached(sums[window_s], binding.edges(index))
        for index, window_s in enumerate(binding.windows_s)
        if window_s in sums
    ]
    return min((level for level in reached if level is not None), default=None)


def missing_allowed(window_slots: int, max_gap: float) -> int:
    """How many slots of a window may be without a reading before its sum is uncertain."""
    return int((Decimal(str(max_gap)) * window_slots).to_integral_value(rounding=ROUND_FLOOR))
