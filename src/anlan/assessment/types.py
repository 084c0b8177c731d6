"""What scores are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from anlan.assessment.periods import Period


class Finding(NamedTuple):
    """Something that a deduction rule may be about: whose (`path` of the place), when, what, and the row that shows it.

    `subject` is "type:id" as the journal names rows; `about` the row that a page shows for it, in the same form; `times` how
    often it happened there (two elements missing: 2).
    """

    rule: str
    path: str
    at: datetime
    zh: str
    en: str
    subject: str
    about: str = ""
    times: int = 1


def plain(value: Decimal) -> str:
    """97.5, 100: no zeros behind the point."""
    return format(value.normalize(), "f")


@dataclass(frozen=True, slots=True)
class Deduction:
    """One finding with its points. `points` is 0 once the rule's most is reached, or when it was struck (`struck` says why)."""

    rule: str
    aspect: str
    rule_zh: str
    rule_en: str
    at: datetime
    zh: str
    en: str
    subject: str
    about: str
    count: int
    points: Decimal
    is_capped: bool = False
    struck: str = ""

    @property
    def key(self) -> str:
        return f"{self.rule}/{self.subject}"


@dataclass(frozen=True, slots=True)
class PlaceScore:
    """One township, department or the county's own desk. `rank` None: nothing was asked of it, or it is the county itself."""

    code: str
    name: str
    level: str
    timeliness: Decimal
    completeness: Decimal
    accuracy: Decimal
    total: Decimal
    asked: int
    rank: int | None = None
    deductions: tuple[Deduction, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Scores:
    """All places of a period, the best first."""

    period: Period
    places: tuple[PlaceScore, ...]
    rule_version: str
    is_verified: bool
    source: str


@dataclass(frozen=True, slots=True)
class BulletinPaper:
    """What the paper 通报 prints: title, number, text, table and whoever signed it. Times UTC."""

    number: str
    title: str
    period_zh: str
    text: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    signed_by: str
    signed_at: datetime | None
    published_at: datetime | None
    note: str
