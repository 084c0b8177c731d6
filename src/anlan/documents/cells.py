"""Parsers of cells: what people type into spreadsheets, and what spreadsheet programs make of it.

A parser takes one non-empty cell and gives a value, or raises `BadCell`. Numbers kept as text, codes kept as floats,
full-width digits and stray spaces are understood; a value that has certainly lost information is refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from anlan.documents.problems import BadCell

Cell = str | int | float | bool | datetime | date | time | timedelta
Parser = Callable[[Cell], object]

#: Spreadsheets keep 15 significant digits of a number; a longer code kept as a number has lost its end.
_EXACT_DIGITS = 15
_SPACES = re.compile(r"\s+")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
#: What no workbook can carry, as it comes with words pasted from a letter (a vertical tab is a line break there).
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_HAN_GAP = re.compile(r"(?<=[\u3400-\u9fff·]) +(?=[\u3400-\u9fff·])")
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+\d+")
_TRUE = frozenset({"是", "有", "Y", "YES", "TRUE", "1", "√"})
_FALSE = frozenset({"否", "无", "N", "NO", "FALSE", "0", "×"})


def tidy(words: str) -> str:
    """Without invisible characters, outer spaces and repeated spaces (ideographic and no-break spaces count)."""
    return _SPACES.sub(" ", _INVISIBLE.sub("", words)).strip()


def writable(value: Any) -> Any:
    """A value that a workbook can carry; only in words anything is left out."""
    return _UNWRITABLE.sub(" ", value) if isinstance(value, str) else value


def as_text(cell: Cell) -> str:
    """A cell as the person sees it; whole floats lose their ".0". Dates and rounded numbers raise `BadCell`."""
    if isinstance(cell, str):
        return tidy(cell)
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, datetime | date | time | timedelta):
        raise BadCell("cell.date", value=str(cell))
    if isinstance(cell, float) and not cell.is_integer():
        return repr(cell)
    whole = str(int(cell))
    if len(whole.lstrip("-")) > _EXACT_DIGITS:
        raise BadCell("cell.digits_lost", value=whole)
    return whole


def text(max_length: int = 120) -> Parser:
    """Free text of at most `max_length` characters."""

    def parse(cell: Cell) -> str:
        words = as_text(cell)
        if len(words) > max_length:
            raise BadCell("cell.too_long", limit=max_length)
        return words

    return parse


def name(max_length: int = 60) -> Parser:
    """A name; the space that people put between two characters to line up a column ("王 伟") is dropped."""
    plain = text(max_length)

    def parse(cell: Cell) -> str:
        return _HAN_GAP.sub("", str(plain(cell)))

    return parse


def code(pattern: str, *, expected: tuple[str, str]) -> Parser:
    """A code matching the whole `pattern` after full-width forms and spaces are put right.

    `expected` says what it should be, in Chinese and English ("12 位区划代码", "a 12-digit division code").
    """
    shape = re.compile(pattern)

    def parse(cell: Cell) -> str:
        value = unicodedata.normalize("NFKC", as_text(cell)).replace(" ", "")
        if _SCIENTIFIC.fullmatch(value):
            raise BadCell("cell.digits_lost", value=value)
        if value.endswith(".0") and value[:-2].isdigit():
            value = value[:-2]
        if not shape.fullmatch(value):
            raise BadCell("cell.not_a_code", value=value, expected_zh=expected[0], expected_en=expected[1])
        return value

    return parse


#: A national 12-digit division code (R27).
division_code = code(r"[1-9][0-9]{11}", expected=("12 位区划代码", "a 12-digit division code"))
#: A division code, or a local code below a village: the village's code and a suffix ("530521100201-01", "530521100201001").
place_code = code(
    r"[1-9][0-9]{11}(-?[0-9A-Za-z]{1,10})?",
    expected=(
        "区划代码（12 位，其后可加本地后缀）",
        "a division code (12 digits, perhaps with a local suffix)",
    ),
)


def _number(cell: Cell) -> Decimal:
    if isinstance(cell, bool):
        raise BadCell("cell.not_a_number", value=as_text(cell))
    if isinstance(cell, int | float):
        value = repr(cell)
    else:
        value = unicodedata.normalize("NFKC", as_text(cell)).replace(" ", "").replace(",", "")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise BadCell("cell.not_a_number", value=value) from None
    if not number.is_finite():
        raise BadCell("cell.not_a_number", value=value)
    return number


def _within(number: Decimal, low: Decimal | None, high: Decimal | None) -> Decimal:
    if (low is not None and number < low) or (high is not None and number > high):
        raise BadCell(
            "cell.out_of_range",
            value=str(number),
            low="-∞" if low is None else str(low),
            high="∞" if high is None else str(high),
        )
    return number


def integer(low: int | None = 0, high: int | None = 100_000_000) -> Parser:
    """A whole number in [low, high]."""
    floor, ceiling = None if low is None else Decimal(low), None if high is None else Decimal(high)

    def parse(cell: Cell) -> int:
        number = _number(cell)
        if number.adjusted() > 20 or number != number.to_integral_value():
            raise BadCell("cell.not_whole", value=str(number))
        return int(_within(number, floor, ceiling))

    return parse


def decimal(*, places: int, low: str | None = "0", high: str | None = None) -> Parser:
    """A number in [low, high] with at most `places` decimals; binary noise beyond them is rounded off."""
    floor, ceiling = None if low is None else Decimal(low), None if high is None else Decimal(high)
    step = Decimal(1).scaleb(-places)

    def parse(cell: Cell) -> Decimal:
        number = _within(_number(cell), floor, ceiling)
        if number.adjusted() > 20:
            raise BadCell("cell.not_a_number", value=str(number))
        rounded = number.quantize(step)
        if abs(rounded - number) > Decimal("1e-9"):
            raise BadCell("cell.too_precise", value=str(number), places=places)
        return rounded

    return parse


def _degrees(low: str, high: str) -> Parser:
    def parse(cell: Cell) -> float:
        return float(_within(_number(cell), Decimal(low), Decimal(high)))

    return parse


#: WGS84 degrees inside China (R28); the ranges do not overlap, so swapped columns are noticed.
longitude = _degrees("73", "136")
latitude = _degrees("3", "54")


def choice(allowed: Mapping[str, object]) -> Parser:
    """One of the words that are keys of `allowed`; gives the value behind it."""

    def parse(cell: Cell) -> object:
        word = unicodedata.normalize("NFKC", as_text(cell)).replace(" ", "")
        for key in (word, word.upper()):
            if key in allowed:
                return allowed[key]
        raise BadCell("cell.not_allowed", value=word, allowed="、".join(allowed))

    return parse


def words(allowed: Mapping[str, str] | None = None, *, max_length: int = 40) -> Parser:
    """Several words separated by 、 or a comma, semicolon or slash; a tuple without repeats, in the order given."""

    def parse(cell: Cell) -> tuple[str, ...]:
        parts = [tidy(part) for part in re.split(r"[、,，;；/\n]", as_text(cell))]
        found: dict[str, None] = {}
        for part in filter(None, parts):
            if allowed is not None and part not in allowed:
                raise BadCell("cell.not_allowed", value=part, allowed="、".join(allowed))
            if len(part) > max_length:
                raise BadCell("cell.too_long", limit=max_length)
            found[part if allowed is None else allowed[part]] = None
        return tuple(found)

    return parse


def flag(cell: Cell) -> bool:
    """是 or 否, and the usual ways to tick a box."""
    word = unicodedata.normalize("NFKC", as_text(cell)).upper()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise BadCell("cell.not_allowed", value=word, allowed="是、否")


def day(cell: Cell) -> date:
    """A date cell, or text such as 2026-07-01, 2026/7/1 or 2026年7月1日."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    value = unicodedata.normalize("NFKC", as_text(cell))
    match = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", value.replace(" ", ""))
    try:
        return date(*map(int, match.groups())) if match else _no_day(value)
    except ValueError:
        return _no_day(value)


def _no_day(value: str) -> date:
    raise BadCell("cell.not_a_date", value=value)
