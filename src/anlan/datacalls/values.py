"""What people type into a figure's field, read strictly and shown plainly."""

from __future__ import annotations

import unicodedata
from decimal import Decimal, InvalidOperation

from anlan.datacalls.models import FigureDefinition, FigureKind, Filing
from anlan.datacalls.refusals import BadValue
from anlan.datacalls.types import Value
from anlan.incidents.refusals import Words

#: More than any county counts; keeps a slip of the finger and "1e400" out.
LARGEST = Decimal(10**12)
_PLACES = Decimal("0.001")
#: Nothing, with the decimals that a stored number has.
ZERO = Decimal("0.000")


def read_value(figure: FigureDefinition, text: str) -> Value | None:
    """The value, None where nothing was typed. Raises `BadValue` with what is expected."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain:
        return None
    if figure.kind == FigureKind.TEXT:
        if len(text.strip()) > 200:
            raise _bad(figure, text)
        return Value(words=text.strip())
    if figure.kind == FigureKind.CHOICE:
        found = next((one for one in figure.choices if plain_equal(one, plain)), None)
        if found is None:
            raise _bad(figure, text)
        return Value(words=found)
    return Value(number=_number(figure, plain, text))


def plain_equal(one: str, plain: str) -> bool:
    return unicodedata.normalize("NFKC", one).strip() == plain


def _number(figure: FigureDefinition, plain: str, text: str) -> Decimal:
    try:
        number = Decimal(plain)
    except InvalidOperation:
        raise _bad(figure, text) from None
    if not number.is_finite() or abs(number) >= LARGEST:
        raise _bad(figure, text)
    if number != number.quantize(_PLACES):
        raise _bad(figure, text)
    if figure.kind == FigureKind.INTEGER and number != number.to_integral_value():
        raise _bad(figure, text)
    low = figure.minimum if figure.minimum is not None else Decimal(0)
    if number < low or (figure.maximum is not None and number > figure.maximum):
        raise _bad(figure, text)
    return number.quantize(_PLACES)


def _bad(figure: FigureDefinition, text: str) -> BadValue:
    return BadValue(figure=figure.name, value=text.strip()[:40], expected=expected(figure))


def expected(figure: FigureDefinition) -> Words:
    """What the field takes, in the reader's language."""
    if figure.kind == FigureKind.TEXT:
        return Words("不超过200字", "at most 200 characters")
    if figure.kind == FigureKind.CHOICE:
        options = "、".join(figure.choices)
        return Words(f"{options} 之一", f"one of {options}")
    low = number_text(figure.minimum if figure.minimum is not None else Decimal(0))
    whole = figure.kind == FigureKind.INTEGER
    zh, en = (
        ("整数", "a whole number")
        if whole
        else ("数（最多三位小数）", "a number with at most three decimals")
    )
    if figure.maximum is None:
        return Words(f"{zh}，不小于 {low}", f"{en}, not below {low}")
    high = number_text(figure.maximum)
    return Words(f"{zh}，{low} 到 {high}", f"{en} from {low} to {high}")


def number_text(number: Decimal | None) -> str:
    """Without trailing zeros and without an exponent."""
    if number is None:
        return ""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def shown(filing: Filing | None) -> str:
    """A filing as a cell shows it."""
    if filing is None:
        return ""
    return number_text(filing.number) if filing.number is not None else filing.words


def value_text(value: Value) -> str:
    return number_text(value.number) if value.number is not None else value.words
