"""Periods that are scored: a month, a quarter, or any days; by local days (Asia/Shanghai), the last one included."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from anlan.kernel.clock import SHANGHAI

#: A longer stretch is no period of reporting, and would read years of records for one page. Engineering choice.
LONGEST_DAYS = 366
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_QUARTER = re.compile(r"(\d{4})-?[Qq]([1-4])")


class Period(NamedTuple):
    """`start` ≤ moment < `end`; UTC. `code` names it in an address: "2026-10", "2026-Q3", "2026-10-01..2026-10-15"."""

    kind: str
    code: str
    start: datetime
    end: datetime
    zh: str
    en: str


def month_of(moment: datetime) -> Period:
    """The month that a moment lies in."""
    local = moment.astimezone(SHANGHAI)
    return _month(local.year, local.month)


def last_month(moment: datetime) -> Period:
    """The month before, which a bulletin is usually about."""
    return month_of(month_of(moment).start - timedelta(days=1))


def parse_period(text: str) -> Period | None:
    """A period from its code; None for anything else."""
    try:
        if (found := _QUARTER.fullmatch(text)) is not None:
            return _quarter(int(found[1]), int(found[2]))
        if (found := _MONTH.fullmatch(text)) is not None:
            return _month(int(found[1]), int(found[2]))
        first, dots, last = text.partition("..")
        return _days(date.fromisoformat(first), date.fromisoformat(last)) if dots else None
    except (ValueError, OverflowError):
        return None


def _month(year: int, month: int) -> Period:
    first = date(year, month, 1)
    after = date(year + month // 12, month % 12 + 1, 1)
    return Period(
        "month", f"{year}-{month:02d}", _start(first), _start(after), f"{year}年{month}月", f"{first:%B %Y}"
    )


def _quarter(year: int, quarter: int) -> Period:
    first = date(year, 3 * quarter - 2, 1)
    after = date(year + quarter // 4, 3 * quarter % 12 + 1, 1)
    words = "一二三四"[quarter - 1]
    return Period(
        "quarter",
        f"{year}-Q{quarter}",
        _start(first),
        _start(after),
        f"{year}年第{words}季度",
        f"quarter {quarter} of {year}",
    )


def _days(first: date, last: date) -> Period | None:
    if not 0 <= (last - first).days <= LONGEST_DAYS:
        return None
    zh = f"{first.year}年{first.month}月{first.day}日至{last.year}年{last.month}月{last.day}日"
    return Period(
        "custom",
        f"{first}..{last}",
        _start(first),
        _start(last + timedelta(days=1)),
        zh,
        f"{first} to {last}",
    )


def _start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).astimezone(UTC)
