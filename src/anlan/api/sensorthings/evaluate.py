"""What a parsed filter says of one entity. Pure: the entity is a function from a path to a value, the time is given.

A path through a link to many (a Thing's Datastreams) stands for several values; a condition holds when it holds for one of them.
A missing value compares as false, but for `eq null` and `ne`. Values of different kinds are never equal nor in order.
"""

from __future__ import annotations

import math
import operator as operators
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any, TypeAlias

import shapely
from shapely.geometry.base import BaseGeometry

from anlan.api.sensorthings.errors import bad
from anlan.api.sensorthings.grammar import COMPARISONS, Binary, Call, Literal, Node, Path, Span, Unary, Value

_FIRST, _LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Several:
    values: tuple[Any, ...]  # Any: JSON values of entities, and what functions make of them


#: Any: a property may be any JSON value; what is no `Value` compares as false.
Lookup: TypeAlias = Callable[[tuple[str, ...]], Any]


def holds(node: Node, lookup: Lookup, now: datetime) -> bool:
    """Whether the filter lets the entity through. Raises StaError for a filter that is no condition."""
    found = evaluate(node, lookup, now)
    if isinstance(found, Several):
        return any(one is True for one in found.values)
    if found is not None and not isinstance(found, bool):
        raise bad("A filter is a condition, such as a comparison.")
    return found is True


def evaluate(node: Node, lookup: Lookup, now: datetime) -> Any:  # Any: see Lookup
    match node:
        case Literal(value=value):
            return value
        case Path(parts=parts):
            return lookup(parts)
        case Unary(operator="not", operand=operand):
            return not holds(operand, lookup, now)
        case Unary(operand=operand):
            return _lifted(lambda one: _minus(one), [evaluate(operand, lookup, now)])
        case Binary(operator="and", left=left, right=right):
            return holds(left, lookup, now) and holds(right, lookup, now)
        case Binary(operator="or", left=left, right=right):
            return holds(left, lookup, now) or holds(right, lookup, now)
        case Binary(operator=operator, left=left, right=right):
            work = _compare if operator in COMPARISONS else _calculate
            both = [evaluate(left, lookup, now), evaluate(right, lookup, now)]
            return _lifted(lambda a, b: work(operator, a, b), both)
        case Call(name=name, arguments=arguments):
            given = [evaluate(one, lookup, now) for one in arguments]
            return _lifted(lambda *values: _call(name, values, now), given)


def conjuncts(node: Node | None) -> Iterator[Node]:
    """The conditions that all have to hold."""
    if isinstance(node, Binary) and node.operator == "and":
        yield from conjuncts(node.left)
        yield from conjuncts(node.right)
    elif node is not None:
        yield node


def paths(node: Node) -> Iterator[tuple[str, ...]]:
    """Every property that the filter names."""
    match node:
        case Path(parts=parts):
            yield parts
        case Unary(operand=operand):
            yield from paths(operand)
        case Binary(left=left, right=right):
            yield from paths(left)
            yield from paths(right)
        case Call(arguments=arguments):
            for one in arguments:
                yield from paths(one)
        case _:
            return


def _lifted(work: Callable[..., Any], given: list[Any]) -> Any:  # Any: see Lookup
    if not any(isinstance(one, Several) for one in given):
        return work(*given)
    choices = [one.values if isinstance(one, Several) else (one,) for one in given]
    return Several(tuple(work(*values) for values in product(*choices)))


def _minus(value: Any) -> Value:  # Any: see Lookup
    if isinstance(value, timedelta):
        return -value
    return -value if _is_number(value) else None


def _is_number(value: Any) -> bool:  # Any: see Lookup
    return isinstance(value, int | float) and not isinstance(value, bool)


def _compare(operator: str, a: Any, b: Any) -> bool:  # Any: see Lookup
    if operator in ("eq", "ne"):
        return _equal(a, b) is (operator == "eq")
    if isinstance(a, Span) and isinstance(b, Span):
        return {
            "lt": a.end < b.start or (a.end == b.start and a.start < a.end),
            "le": a.end <= b.start if b.start == b.end else a.start <= b.start and a.end <= b.end,
            "gt": a.start > b.end or (a.start == b.end and a.start < a.end),
            "ge": a.start >= b.end if b.start == b.end else a.start >= b.start and a.end >= b.end,
        }[operator]
    if not (_is_number(a) and _is_number(b)) and not (
        type(a) is type(b) and isinstance(a, str | bool | timedelta)
    ):
        return False
    return bool({"lt": a < b, "le": a <= b, "gt": a > b, "ge": a >= b}[operator])


def _equal(a: Any, b: Any) -> bool:  # Any: see Lookup
    if a is None or b is None:
        return a is b
    if _is_number(a) and _is_number(b):
        return bool(a == b)
    return type(a) is type(b) and bool(a == b)


def _calculate(operator: str, a: Any, b: Any) -> Value:  # Any: see Lookup
    try:
        if isinstance(a, Span) and isinstance(b, timedelta):
            length = b if operator == "add" else -b
            return Span(a.start + length, a.end + length) if operator in ("add", "sub") else None
        if isinstance(a, timedelta) and isinstance(b, Span) and operator == "add":
            return Span(b.start + a, b.end + a)
        if isinstance(a, Span) and isinstance(b, Span) and operator == "sub":
            return a.start - b.start
        if not (_is_number(a) and _is_number(b)):
            return None
        result = float(_SUMS[operator](a, b))
    except (ZeroDivisionError, OverflowError, ValueError):
        return None
    return result if math.isfinite(result) else None


def _call(name: str, values: tuple[Any, ...], now: datetime) -> Value:  # Any: see Lookup
    if name in ("now", "mindatetime", "maxdatetime"):
        moment = {"now": now, "mindatetime": _FIRST, "maxdatetime": _LAST}[name]
        return Span(moment, moment)
    for kind, table in ((str, _TEXTS), (Span, _TIMES), (BaseGeometry, _SHAPES)):
        if name in table and isinstance(values[0], kind):
            try:
                result: Value = table[name](*values)
            except (TypeError, AttributeError, ValueError, shapely.errors.ShapelyError):
                return None  # an argument of another kind
            return result
    if name in _NUMBERS and _is_number(values[0]):
        return float(_NUMBERS[name](values[0]))
    return None


def _part(text: str, start: float, length: float | None = None) -> str:
    first = max(int(start), 0)
    return text[first:] if length is None else text[first : first + max(int(length), 0)]


def _round(value: float) -> float:
    return math.floor(abs(value) + 0.5) * (1 if value >= 0 else -1)


#: Any: what stands behind a name takes one or more values and gives one; wrong kinds are caught in `_call`.
_Table: TypeAlias = dict[str, Callable[..., Any]]
_SUMS: _Table = {
    "add": operators.add,
    "sub": operators.sub,
    "mul": operators.mul,
    "div": operators.truediv,
    "mod": math.fmod,
}
_NUMBERS: _Table = {"round": _round, "floor": math.floor, "ceiling": math.ceil}
_TEXTS: _Table = {
    "substringof": lambda part, text: _text(text).find(part) >= 0,
    "contains": lambda text, part: part in text,
    "startswith": lambda text, part: text.startswith(_text(part)),
    "endswith": lambda text, part: text.endswith(_text(part)),
    "indexof": lambda text, part: float(text.find(part)),
    "substring": _part,
    "length": lambda text: float(len(text)),
    "tolower": str.lower,
    "toupper": str.upper,
    "trim": str.strip,
    "concat": lambda a, b: a + b,
}
_TIMES: _Table = {
    **{
        name: (lambda span, name=name: float(getattr(span.start, name)))
        for name in ("year", "month", "day", "hour", "minute", "second")
    },
    "fractionalseconds": lambda span: span.start.microsecond / 1e6,
    "date": lambda span: span.start.date().isoformat(),
    "time": lambda span: span.start.time().isoformat(),
    "totaloffsetminutes": lambda _span: 0.0,  # times are in UTC
    "before": lambda a, b: a.end < b.start,
    "after": lambda a, b: a.start > b.end,
    "meets": lambda a, b: a.end == b.start or b.end == a.start,
    "during": lambda a, b: b.start <= a.start and (a.end < b.end or a == b),
    "overlaps": lambda a, b: a.start <= b.end and b.start <= a.end,
    "intersects": lambda a, b: a.start <= b.end and b.start <= a.end,
    "starts": lambda a, b: a.start == b.start,
    "finishes": lambda a, b: a.end == b.end,
}
_SHAPES: _Table = {
    "geo.distance": lambda a, b: float(shapely.distance(a, b)),
    "geo.length": lambda a: float(shapely.length(a)),
    "geo.intersects": lambda a, b: bool(shapely.intersects(a, b)),
    "st_equals": lambda a, b: bool(shapely.equals(a, b)),
    "st_disjoint": lambda a, b: bool(shapely.disjoint(a, b)),
    "st_touches": lambda a, b: bool(shapely.touches(a, b)),
    "st_within": lambda a, b: bool(shapely.within(a, b)),
    "st_overlaps": lambda a, b: bool(shapely.overlaps(a, b)),
    "st_crosses": lambda a, b: bool(shapely.crosses(a, b)),
    "st_intersects": lambda a, b: bool(shapely.intersects(a, b)),
    "st_contains": lambda a, b: bool(shapely.contains(a, b)),
    "st_relate": lambda a, b, pattern: bool(shapely.relate_pattern(a, b, pattern)),
}


def _text(value: Any) -> str:  # Any: see Lookup
    if not isinstance(value, str):
        raise TypeError
    return value
