"""What must fit together, and what changed so much that somebody has to say why (R06). Pure: values in, findings out."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from anlan.losses.forms import Check, Form, Indicator, convert
from anlan.losses.refusals import BadValue

Values = dict[str, Decimal]


class Numbers(Protocol):
    """Where thresholds come from."""

    def need(self, name: str) -> float: ...


#: More is a slip of the pen.
_MOST = Decimal(10) ** 11
_CENT = Decimal("0.01")


def parse(indicator: Indicator, given: str) -> Decimal:
    """A number as people type it: full-width digits, thousands marks, and another unit behind it ("15亩", "1.2千公顷").

    An empty field is zero. Below zero, no number, or part of a person raises `BadValue`.
    """
    text = unicodedata.normalize("NFKC", given).replace(",", "").replace(" ", "")
    if not text:
        return Decimal(0)
    number = text.rstrip("".join({char for char in text if not char.isascii()}))
    unit = text[len(number) :] or indicator.unit
    try:
        value = Decimal(number)
        value = convert(value, unit, indicator.unit) if unit != indicator.unit else value
    except (ArithmeticError, ValueError):
        raise BadValue(name=indicator.plain_zh, given=given[:20]) from None
    is_whole = value.is_finite() and value == value.to_integral_value()
    if not value.is_finite() or not 0 <= value <= _MOST or (indicator.is_count and not is_whole):
        raise BadValue(name=indicator.plain_zh, given=given[:20])
    return value.quantize(Decimal(1)) if indicator.is_count else value.quantize(_CENT)


def read(form: Form, given: Mapping[str, str]) -> Values:
    """Everything that was typed on the form, without zeros; an unknown code is refused."""
    values = {code: parse(form.indicator(code), str(text)) for code, text in given.items()}
    return {code: value for code, value in values.items() if value}


def stored(values: Values) -> dict[str, str]:
    """As rows keep it: text without needless zeros, so that a digest never depends on how somebody typed it."""
    return {code: f"{value.normalize():f}" for code, value in sorted(values.items()) if value}


def loaded(kept: Mapping[str, str]) -> Values:
    return {code: Decimal(text) for code, text in kept.items()}


def total(many: Iterable[Mapping[str, Decimal]]) -> Values:
    """The sum by indicator."""
    found: Values = {}
    for values in many:
        for code, value in values.items():
            found[code] = found.get(code, Decimal(0)) + value
    return found


@dataclass(frozen=True, slots=True)
class Misfit:
    """A check that does not hold, with both sides."""

    check: Check
    parts: Decimal
    whole: Decimal
    zh: str
    en: str


def misfits(form: Form, values: Mapping[str, Decimal]) -> list[Misfit]:
    """Every check of the form that these values break; what was not filled in counts as zero."""
    found = []
    for check in form.checks:
        parts = sum((values.get(part, Decimal(0)) for part in check.parts), Decimal(0))
        whole = values.get(check.whole, Decimal(0))
        if parts > whole or (check.kind == "equals" and parts != whole):
            found.append(_misfit(form, check, parts, whole))
    return found


def _misfit(form: Form, check: Check, parts: Decimal, whole: Decimal) -> Misfit:
    names = [form.indicator(part) for part in check.parts]
    top = form.indicator(check.whole)
    relation = "≠" if check.kind == "equals" else ">"
    plus_zh, plus_en = "+".join(one.plain_zh for one in names), " + ".join(one.en for one in names)
    sides = f"{show(parts)} {relation} {show(whole)}"
    return Misfit(
        check, parts, whole, f"{plus_zh} {relation} {top.plain_zh}（{sides}）", f"{plus_en} {relation} {top.en} ({sides})"
    )  # fmt: skip


def show(value: Decimal | None) -> str:
    """A number for people: no needless zeros."""
    return "" if value is None else f"{value.normalize():f}" if value else "0"


@dataclass(frozen=True, slots=True)
class Jump:
    """A change that needs an explanation."""

    code: str
    former: Decimal
    value: Decimal

    @property
    def change(self) -> Decimal:
        return self.value - self.former


def jumps(
    form: Form, former: Mapping[str, Decimal], values: Mapping[str, Decimal], table: Numbers
) -> list[Jump]:
    """Changes that are large against what was reported before, and falls of the dead, which always are.

    Relief is what somebody did, not what happened: it may grow as it likes, but a fall is looked at like any other.
    """
    found = []
    for indicator in form.indicators:
        before, after = former.get(indicator.code, Decimal(0)), values.get(indicator.code, Decimal(0))
        if _is_jump(indicator, before, after, table) or _is_unfound(indicator, former, values):
            found.append(Jump(indicator.code, before, after))
    return found


def _is_unfound(indicator: Indicator, former: Mapping[str, Decimal], values: Mapping[str, Decimal]) -> bool:
    """Whether fewer people are missing than before and not as many more are dead: somebody was found, or counted twice."""
    if indicator.code != "missing":
        return False
    found = former.get("missing", Decimal(0)) - values.get("missing", Decimal(0))
    died = values.get("deaths", Decimal(0)) - former.get("deaths", Decimal(0))
    return found > max(died, Decimal(0))


def _is_jump(indicator: Indicator, before: Decimal, after: Decimal, table: Numbers) -> bool:
    change = after - before
    if change == 0:
        return False
    if indicator.code == "deaths" and change < 0:
        return True
    if indicator.group == "relief" and change > 0:
        return False
    if abs(change) < _least(indicator, table):
        return False
    ratio = Decimal(str(table.need("jump_share")))
    return abs(change) >= ratio * before


def _least(indicator: Indicator, table: Numbers) -> Decimal:
    name = {"公顷": "jump_least_area_ha", "万元": "jump_least_money"}.get(indicator.unit, "jump_least_people")
    return Decimal(str(table.need(name)))
