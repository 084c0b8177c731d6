"""Times as people write them: with or without year, in digits or in words, "24时", ranges, "下午3时"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from anlan.warning.incoming.digits import NUMERALS, number

BEIJING = ZoneInfo("Asia/Shanghai")
_N = rf"(?:\d{{1,2}}|[{NUMERALS}]{{1,3}})"
_YEAR = rf"(?P<year>\d{{4}}|[{NUMERALS}]{{4}})"
_DATE = (
    rf"(?:(?:{_YEAR}\s*年\s*)?(?P<month>{_N})\s*月\s*(?P<day>{_N})\s*[日号]?"
    rf"|(?P<year2>\d{{4}})[-/.](?P<month2>\d{{1,2}})[-/.](?P<day2>\d{{1,2}})"
    rf"|(?P<day3>{_N})\s*[日号]"
    r"|(?P<word>今天|今日|今晚|今夜|明天|明日|明晨|后天|昨天|昨日|昨晚))"
)
_TIME = (
    rf"(?:(?P<part>凌晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜间|晚)?\s*(?P<hour>{_N})\s*"
    rf"(?:[时点](?:整|(?P<half>半)|\s*(?P<minute>{_N})\s*分?)?|:(?P<minute2>\d{{2}})(?::\d{{2}})?))"
)
MOMENT = re.compile(
    rf"{_DATE}\s*T?\s*{_TIME}|{_TIME.replace('?P<', '?P<t_')}|{_DATE.replace('?P<', '?P<d_')}"
)
_DAYS = {"今": 0, "明": 1, "后": 2, "昨": -1}
_AFTERNOON = ("下午", "傍晚", "晚上", "夜间", "晚")


@dataclass(frozen=True, slots=True)
class Moment:
    """`when` is aware. `guessed` lists what the words did not say: year, month, date, hour."""

    start: int
    end: int
    when: datetime
    guessed: frozenset[str]


def moments(text: str, *, reference: datetime, forwards: bool = False) -> list[Moment]:
    """Every time in a plain text, in order. What is missing is completed near `reference`: before it, or with `forwards` after it."""
    found = []
    for match in MOMENT.finditer(text):
        moment = _moment(match, reference.astimezone(BEIJING), forwards=forwards)
        if moment is not None:
            found.append(moment)
    return found


def _moment(match: re.Match[str], near: datetime, *, forwards: bool) -> Moment | None:
    parts = {
        key.removeprefix("t_").removeprefix("d_"): value for key, value in match.groupdict().items() if value
    }
    guessed: set[str] = set()
    clock = _clock(parts)
    if clock is None:
        return None
    if "hour" not in parts:
        guessed.add("hour")
    try:
        day = _day(parts, near, guessed)
        if day is None:
            return None
        when = day + clock
        if "date" in guessed:
            when = _other_day(when, near, forwards=forwards)
    except (ValueError, OverflowError):
        return None
    return Moment(match.start(), match.end(), when, frozenset(guessed))


def _clock(parts: dict[str, str]) -> timedelta | None:
    """The time of day; 24:00 is the next midnight. None for what no clock shows."""
    hour = number(parts.get("hour", "0"))
    minute = number(parts.get("minute") or parts.get("minute2") or "0")
    if parts.get("half"):
        minute = 30
    if hour is None or minute is None or minute > 59:
        return None
    if parts.get("part", "") in _AFTERNOON and hour < 12:
        hour += 12
    if hour > 24 or (hour == 24 and minute):
        return None
    return timedelta(hours=hour, minutes=minute)


def _day(parts: dict[str, str], near: datetime, guessed: set[str]) -> datetime | None:
    today = near.replace(hour=0, minute=0, second=0, microsecond=0)
    if word := parts.get("word"):
        return today + timedelta(days=_DAYS[word[0]])
    day = number(parts.get("day") or parts.get("day2") or parts.get("day3") or "")
    if day is None:
        guessed.add("date")
        return today
    month = number(parts.get("month") or parts.get("month2") or "")
    if month is None:
        guessed.add("month")
        return _nearest_month(today, day)
    year = number(parts.get("year") or parts.get("year2") or "")
    if year is None:
        guessed.add("year")
        return _nearest_year(today, month, day)
    return today.replace(year=year, month=month, day=day)


def _nearest_month(today: datetime, day: int) -> datetime | None:
    candidates = []
    first = today.replace(day=1)
    for start in (first - timedelta(days=1), first, first + timedelta(days=32)):
        try:
            candidates.append(start.replace(day=day))
        except ValueError:
            continue
    return min(candidates, key=lambda one: abs(one - today), default=None)


def _nearest_year(today: datetime, month: int, day: int) -> datetime | None:
    candidates = []
    for year in (today.year - 1, today.year, today.year + 1):
        try:
            candidates.append(today.replace(year=year, month=month, day=day))
        except ValueError:
            continue
    return min(candidates, key=lambda one: abs(one - today), default=None)


def _other_day(when: datetime, near: datetime, *, forwards: bool) -> datetime:
    """A bare "23时" heard at one in the morning was yesterday; as an end, a bare "8时" is still to come."""
    if forwards:
        return when + timedelta(days=1) if when <= near else when
    return when - timedelta(days=1) if when > near + timedelta(hours=1) else when
