"""How many drills are due in a year, by whom (R23), and what is still missing. Pure; the numbers are data with their source."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple


class Minimum(NamedTuple):
    """`times` drills of `kinds` within `months` for each owner of `tier`. `is_verified` follows the confidence of R23."""

    code: str
    tier: str
    kinds: frozenset[str]
    times: int
    months: int
    zh: str
    en: str
    source: str
    is_verified: bool


_ANY = frozenset({"tabletop", "functional", "comprehensive"})
MINIMUMS: tuple[Minimum, ...] = (
    Minimum(
        "county_comprehensive", "county", frozenset({"comprehensive"}), 2, 12, "县级综合演练每年至少2次",
        "at least two comprehensive drills of the county a year", "R23 (seed S2 三㈢3)", True,
    ),
    Minimum(
        "township_year", "township", _ANY, 1, 12, "乡镇每年至少演练1次",
        "at least one drill of each township a year", "E-12 (seed S2 三㈢3)", True,
    ),
    Minimum(
        "enterprise_year", "enterprise", frozenset({"comprehensive", "functional"}), 1, 12,
        "企业综合或专项预案每年至少演练1次", "at least one drill of each enterprise a year",
        "R23 (部令2, not verified)", False,
    ),
    Minimum(
        "department_plan", "department", _ANY, 1, 36, "专项、部门预案至少每3年演练1次",
        "special and department plans at least once in three years", "R23 (2013 edition)", True,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class HeldDrill:
    """One drill that was held: by whom (division code and tier), of which kind, when (local day)."""

    owner: str
    tier: str
    kind: str
    held_on: date


@dataclass(frozen=True, slots=True)
class Standing:
    """One owner against one minimum."""

    minimum: Minimum
    owner: str
    held: int
    last_on: date | None
    #: The last fitting drill whenever it was, also before the window.
    last_before: date | None = None

    @property
    def missing(self) -> int:
        return max(0, self.minimum.times - self.held)


def window_start(today: date, months: int) -> date:
    """The first day that counts. A minimum of twelve months is counted by calendar year, as yearly plans are."""
    if months == 12:
        return date(today.year, 1, 1)
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    return date(year, month + 1, 1)


def until(standing: Standing, *, today: date) -> date:
    """The last day on which the missing drill still counts: the end of the year, or so many months after the last one.

    Whoever never held a drill of several years' minimum is given until the end of this year: when the last one was is not known here.
    """
    months = standing.minimum.months
    if months == 12 or standing.last_before is None:
        return date(today.year, 12, 31)
    last = standing.last_before
    year, month = divmod(last.year * 12 + last.month - 1 + months, 12)
    return date(year, month + 1, min(last.day, 28))


def standings(owners: Iterable[tuple[str, str]], held: Iterable[HeldDrill], *, today: date) -> list[Standing]:
    """For each (owner, tier) each minimum of its tier, the most missing first."""
    by_owner: dict[str, list[HeldDrill]] = {}
    for one in held:
        by_owner.setdefault(one.owner, []).append(one)
    found = [
        _standing(minimum, owner, by_owner.get(owner, []), today)
        for owner, tier in owners
        for minimum in MINIMUMS
        if minimum.tier == tier
    ]
    return sorted(found, key=lambda one: (-one.missing, one.minimum.code, one.owner))


def _standing(minimum: Minimum, owner: str, held: list[HeldDrill], today: date) -> Standing:
    start = window_start(today, minimum.months)
    all_days = [one.held_on for one in held if one.kind in minimum.kinds and one.held_on <= today]
    days = [day for day in all_days if day >= start]
    return Standing(
        minimum, owner, len(days), max(days, default=None), last_before=max(all_days, default=None)
    )
