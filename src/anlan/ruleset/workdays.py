"""Working days: five a week, but for holidays and make-up days. Pure; what a year's notice says is data (rule R06W).

A year of which nobody entered holidays or make-up days is counted by weekdays and the fixed days alone; `is_entered` tells it,
so that a page can say so.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from anlan.kernel.clock import SHANGHAI
from anlan.ruleset.tables import WorkdaysTable

_SATURDAY = 5


def is_working_day(day: date, table: WorkdaysTable) -> bool:
    """A make-up day works, a named or fixed holiday does not, else the weekday says."""
    named = day.isoformat()
    if any(one.day == named for one in table.make_up):
        return True
    if any(one.day == named for one in table.holidays) or f"{day:%m-%d}" in table.fixed:
        return False
    return day.weekday() < _SATURDAY


def add_working_days(start: datetime, days: int, table: WorkdaysTable) -> datetime:
    """The end (24:00, local time) of the last of so many working days after the day of `start`, as an aware moment."""
    day = start.astimezone(SHANGHAI).date()
    left = days
    while left > 0:
        day += timedelta(days=1)
        if is_working_day(day, table):
            left -= 1
    end = day + timedelta(days=1)
    return datetime(end.year, end.month, end.day, tzinfo=SHANGHAI).astimezone(start.tzinfo)


def is_entered(year: int, table: WorkdaysTable) -> bool:
    """Whether somebody entered the notice of the year."""
    return any(one.day.startswith(f"{year}-") for one in (*table.holidays, *table.make_up))


def holiday_name(day: date, table: WorkdaysTable) -> str:
    """What a free day is called, or "" on any other day."""
    return next((one.name for one in table.holidays if one.day == day.isoformat()), "")
