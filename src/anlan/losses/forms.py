"""The forms as data: indicators with code, name, unit, group and what must fit together (R06).

Names are common usage and not compared word by word with the current edition, so the table says `verified: false`.
"""

from __future__ import annotations

import functools
import json
from decimal import Decimal
from pathlib import Path
from typing import Literal

import msgspec

from anlan.losses.refusals import UnknownIndicator


class Indicator(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`figure` is the code of `vocab.figures` it feeds, after multiplying by `figure_factor`; `part_of` the line it is part of."""

    code: str
    zh: str
    en: str
    unit: str
    group: str
    forms: tuple[str, ...]
    is_count: bool = True
    figure: str = ""
    figure_factor: str = "1"
    part_of: str = ""

    @property
    def pair(self) -> tuple[str, str]:
        return self.zh, self.en

    @property
    def plain_zh(self) -> str:
        return self.zh.removeprefix("其中：")


class Check(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`parts` together are at most, or exactly, `whole`."""

    kind: Literal["at_most", "equals"]
    parts: tuple[str, ...]
    whole: str
    source: str
    verified: bool


class FormTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    source: str
    verified: bool
    groups: tuple[tuple[str, str, str], ...]
    forms: tuple[tuple[str, str, str], ...]
    indicators: tuple[Indicator, ...]
    checks: tuple[Check, ...]


class Form(msgspec.Struct, frozen=True):
    """One form: what is asked, group by group, and what must fit."""

    code: str
    zh: str
    en: str
    groups: tuple[tuple[str, str, str, tuple[Indicator, ...]], ...]
    indicators: tuple[Indicator, ...]
    checks: tuple[Check, ...]
    by_code: dict[str, Indicator]

    def indicator(self, code: str) -> Indicator:
        try:
            return self.by_code[code]
        except KeyError:
            raise UnknownIndicator(given=code) from None


@functools.cache
def table() -> FormTable:
    text = (Path(__file__).parent / "data" / "forms.json").read_text(encoding="utf-8")
    return msgspec.convert(json.loads(text), FormTable)


@functools.cache
def form(code: str) -> Form:
    """The form of this code; unknown codes raise KeyError, for they are named in code."""
    known = {one[0]: one for one in table().forms}[code]
    asked = tuple(one for one in table().indicators if code in one.forms)
    names = {one.code for one in asked}
    groups = tuple(
        (group, zh, en, tuple(one for one in asked if one.group == group)) for group, zh, en in table().groups
    )
    checks = tuple(
        msgspec.structs.replace(check, parts=tuple(part for part in check.parts if part in names))
        for check in table().checks
        if check.whole in names and any(part in names for part in check.parts)
    )
    return Form(
        code, known[1], known[2], tuple(one for one in groups if one[3]), asked, checks, {o.code: o for o in asked}
    )  # fmt: skip


def form_of(first_hazard: str) -> Form:
    """A drought has its own form (R06), everything else the quick report of losses."""
    return form("drought" if first_hazard == "drought" else "quick")


#: How many of the second unit one of the first is. 1 亩 is 1/15 公顷.
_UNITS: dict[str, tuple[str, Decimal]] = {
    "万人": ("人", Decimal(10_000)),
    "千公顷": ("公顷", Decimal(1_000)),
    "万公顷": ("公顷", Decimal(10_000)),
    "亩": ("公顷", Decimal(1) / 15),
    "万亩": ("公顷", Decimal(10_000) / 15),
    "元": ("万元", Decimal("0.0001")),
    "亿元": ("万元", Decimal(10_000)),
    "万间": ("间", Decimal(10_000)),
    "万户": ("户", Decimal(10_000)),
}


def convert(value: Decimal, unit: str, to: str) -> Decimal:
    """A value in another unit of the same thing; others raise ValueError. 1 千公顷 is 1000 公顷, 1 万元 is 0.0001 亿元."""
    base, factor = _UNITS.get(unit, (unit, Decimal(1)))
    other, divisor = _UNITS.get(to, (to, Decimal(1)))
    if base != other:
        raise ValueError(f"{unit} cannot become {to}")
    return value * factor / divisor
