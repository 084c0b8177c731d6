"""The stretch of time outside which a filter on observations cannot hold, so that a year is not read for an hour.

The stretch may be too wide, never too narrow; the filter itself is still asked of every reading in it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from anlan.api.sensorthings.evaluate import evaluate, paths
from anlan.api.sensorthings.grammar import Binary, Call, Node, Path, Span

#: Seconds since 1970 that are looked at: to the end of the year 9999.
EARLIEST, LATEST = 0, 253_402_300_799
#: Of observed readings both are the same moment; forecasts, whose result time is their issue, will need one each.
_TIMES = (("phenomenonTime",), ("resultTime",))
_FLIPPED = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le", "eq": "eq"}


class Bounds(NamedTuple):
    """Epoch seconds, low <= t <= high."""

    low: int = EARLIEST
    high: int = LATEST


def bounds_of(node: Node | None, now: datetime) -> Bounds:
    match node:
        case Binary(operator="and", left=left, right=right):
            a, b = bounds_of(left, now), bounds_of(right, now)
            return Bounds(max(a.low, b.low), min(a.high, b.high))
        case Binary(operator="or", left=left, right=right):
            a, b = bounds_of(left, now), bounds_of(right, now)
            return Bounds(min(a.low, b.low), max(a.high, b.high))
        case Binary(operator=operator, left=Path(parts=parts), right=right) if parts in _TIMES:
            return _compared(operator, right, now)
        case Binary(operator=operator, left=left, right=Path(parts=parts)) if parts in _TIMES:
            return _compared(_FLIPPED.get(operator, ""), left, now)
        case Binary(operator="eq", left=Call(name="year", arguments=(Path(parts=parts),)), right=right):
            return _year(right, now) if parts in _TIMES else Bounds()
        case Call(name=name, arguments=(Path(parts=parts), other)) if parts in _TIMES:
            operator = {"before": "lt", "after": "gt"}.get(name, "")
            if name in ("during", "overlaps", "intersects"):
                operator = "eq"
            return _compared(operator, other, now)
        case _:
            return Bounds()


def _compared(operator: str, other: Node, now: datetime) -> Bounds:
    if next(paths(other), None) is not None:
        return Bounds()
    value = evaluate(other, lambda _parts: None, now)
    if not isinstance(value, Span):
        return Bounds()
    low, high = int(value.start.timestamp()) - 1, int(value.end.timestamp()) + 1
    match operator:
        case "eq":
            return Bounds(max(low, EARLIEST), min(high, LATEST))
        case "lt" | "le":
            return Bounds(high=min(high, LATEST))
        case "gt" | "ge":
            return Bounds(low=max(low, EARLIEST))
    return Bounds()


def _year(other: Node, now: datetime) -> Bounds:
    value = None if next(paths(other), None) is not None else evaluate(other, lambda _parts: None, now)
    if not isinstance(value, float) or not 1 <= value <= 9998:
        return Bounds()
    edges = (datetime(int(value) + n, 1, 1, tzinfo=UTC) for n in (0, 1))
    low, high = (int(edge.timestamp()) for edge in edges)
    return Bounds(max(low, EARLIEST), max(high, EARLIEST))
