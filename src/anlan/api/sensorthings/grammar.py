"""The grammar of `$filter` and `$orderby`: a small Pratt parser over the lexer, and the text of a parsed filter again.

Precedence from loose to tight: or, and, not, comparisons, add/sub, mul/div/mod, minus sign.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import shapely
from shapely.geometry.base import BaseGeometry

from anlan.api.sensorthings.errors import StaError, bad
from anlan.api.sensorthings.lexer import Token, tokens

DEEPEST = 24
#: Function: least and greatest number of arguments.
FUNCTIONS: dict[str, tuple[int, int]] = {
    **dict.fromkeys(("substringof", "startswith", "endswith", "contains", "indexof", "concat"), (2, 2)),
    **dict.fromkeys(("length", "tolower", "toupper", "trim", "round", "floor", "ceiling"), (1, 1)),
    **dict.fromkeys(("year", "month", "day", "hour", "minute", "second", "fractionalseconds"), (1, 1)),
    **dict.fromkeys(("date", "time", "totaloffsetminutes"), (1, 1)),
    **dict.fromkeys(("now", "mindatetime", "maxdatetime"), (0, 0)),
    **dict.fromkeys(
        ("before", "after", "meets", "during", "overlaps", "starts", "finishes", "intersects"), (2, 2)
    ),
    **dict.fromkeys(("geo.distance", "geo.intersects"), (2, 2)),
    **dict.fromkeys(
        ("st_equals", "st_disjoint", "st_touches", "st_within", "st_overlaps", "st_crosses"), (2, 2)
    ),
    **dict.fromkeys(("st_intersects", "st_contains"), (2, 2)),
    "st_relate": (3, 3),
    "geo.length": (1, 1),
    "substring": (2, 3),
}
COMPARISONS = ("eq", "ne", "gt", "ge", "lt", "le")
_STRENGTH = {"or": 1, "and": 2, **dict.fromkeys(COMPARISONS, 4), "add": 5, "sub": 5} | dict.fromkeys(
    ("mul", "div", "mod"), 6
)
_NOT, _MINUS = 3, 7
_DURATION = re.compile(r"(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Span:
    """A time: an instant where both ends are equal. Aware, UTC."""

    start: datetime
    end: datetime


Value: TypeAlias = bool | float | str | Span | timedelta | BaseGeometry | None


@dataclass(frozen=True, slots=True)
class Literal:
    """`text` is how it was written."""

    value: Value
    text: str


@dataclass(frozen=True, slots=True)
class Path:
    """A property, also of an entity that is linked or deep in a JSON object."""

    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Unary:
    """`not` or `-`."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary:
    operator: str
    left: Node
    right: Node


Node: TypeAlias = "Literal | Path | Call | Unary | Binary"


def parse(text: str) -> Node:
    """A filter. Raises StaError with a sentence, and nothing else, whatever the text is."""
    parser = _Parser(text)
    node = parser.expression(0, 0)
    parser.expect_end()
    return node


def parse_path(text: str) -> Path:
    """One property, for `$orderby`."""
    node = parse(text)
    if not isinstance(node, Path):
        raise bad(f"Only a property can be sorted by: {text[:40]!r}.")
    return node


def write(node: Node) -> str:
    """A text that parses to the same filter."""
    match node:
        case Literal(text=text):
            return text
        case Path(parts=parts):
            return "/".join(parts)
        case Call(name=name, arguments=arguments):
            return f"{name}({','.join(write(one) for one in arguments)})"
        case Unary(operator="not", operand=operand):
            return f"(not ({write(operand)}))"
        case Unary(operand=operand):
            return f"(-({write(operand)}))"
        case Binary(operator=operator, left=left, right=right):
            return f"({write(left)} {operator} {write(right)})"


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = tokens(text)
        self._at = 0

    def expression(self, least: int, depth: int) -> Node:
        if depth > DEEPEST:
            raise bad(f"A filter is nested at most {DEEPEST} deep.")
        left = self._operand(depth)
        while (operator := self._operator()) is not None and _STRENGTH[operator] > least:
            self._at += 1
            left = Binary(operator, left, self.expression(_STRENGTH[operator], depth + 1))
        return left

    def expect_end(self) -> None:
        if self._at < len(self._tokens):
            raise self._odd(self._tokens[self._at])

    def _operator(self) -> str | None:
        token = self._peek()
        return token.text if token is not None and token.kind == "name" and token.text in _STRENGTH else None

    def _operand(self, depth: int) -> Node:
        token = self._peek()
        if token is None:
            raise bad("The filter ends where a property, a value or a function is expected.")
        self._at += 1
        if token.kind == "mark":
            return self._marked(token, depth)
        if token.kind != "name":
            return Literal(_value(token), token.text)
        if token.text == "not":
            return Unary("not", self.expression(_NOT, depth + 1))
        if token.text in ("true", "false", "null"):
            return Literal({"true": True, "false": False, "null": None}[token.text], token.text)
        if token.text in _STRENGTH:
            raise self._odd(token)
        return self._call(token, depth) if self._is_mark("(") else Path(tuple(token.text.split("/")))

    def _marked(self, token: Token, depth: int) -> Node:
        if token.text == "-":
            return Unary("-", self.expression(_MINUS, depth + 1))
        if token.text != "(":
            raise self._odd(token)
        node = self.expression(0, depth + 1)
        self._take(")")
        return node

    def _call(self, token: Token, depth: int) -> Node:
        limits = FUNCTIONS.get(token.text)
        if limits is None:
            raise bad(f"There is no function {token.text[:40]!r}.")
        self._take("(")
        arguments: list[Node] = []
        if not self._is_mark(")"):
            arguments.append(self.expression(0, depth + 1))
            while self._is_mark(","):
                self._at += 1
                arguments.append(self.expression(0, depth + 1))
        self._take(")")
        if not limits[0] <= len(arguments) <= limits[1]:
            raise bad(f"The function {token.text} takes {limits[0]} arguments.")
        return Call(token.text, tuple(arguments))

    def _peek(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _is_mark(self, mark: str) -> bool:
        token = self._peek()
        return token is not None and token.kind == "mark" and token.text == mark

    def _take(self, mark: str) -> None:
        if not self._is_mark(mark):
            token = self._peek()
            raise bad(f"A {mark!r} is missing at the end.") if token is None else self._odd(token, mark)
        self._at += 1

    def _odd(self, token: Token, wanted: str = "") -> StaError:
        instead = f"; {wanted!r} is expected" if wanted else ""
        return bad(f"The filter makes no sense at character {token.at + 1}: {token.text[:20]!r}{instead}.")


def _value(token: Token) -> Value:
    try:
        return _read(token)
    except (ValueError, OverflowError, shapely.errors.ShapelyError):
        raise bad(f"This is no {token.kind}: {token.text[:40]!r}.") from None


def _read(token: Token) -> Value:
    match token.kind:
        case "number":
            number = float(token.text)
            if not math.isfinite(number):
                raise ValueError
            return number
        case "text":
            return token.text[1:-1].replace("''", "'")
        case "moment":
            return _instant(token.text)
        case "interval":
            start, end = (_instant(part) for part in token.text.split("/"))
            if end.start < start.start:
                raise ValueError
            return Span(start.start, end.start)
        case "date":
            start_of_day = datetime.fromisoformat(f"{token.text}T00:00:00+00:00")
            return Span(start_of_day, start_of_day)
        case "duration":
            return _duration(token.text[len("duration'") : -1])
        case _:
            return shapely.from_wkt(token.text[len("geography'") : -1])


def _instant(text: str) -> Span:
    head, tail = text[:16], text[16:].replace(" ", "+")
    moment = datetime.fromisoformat(head + tail).astimezone(UTC)
    return Span(moment, moment)


def _duration(text: str) -> timedelta:
    found = _DURATION.fullmatch(text)
    if found is None or text.lstrip("-") in ("P", "PT"):
        raise ValueError
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    return -length if found.group(1) else length
