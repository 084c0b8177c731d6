"""Times in SL 651: two-digit BCD fields, Beijing time without a zone; and the times of the twelve slots of a group."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

BEIJING = timezone(timedelta(hours=8))
SLOT = timedelta(minutes=5)


# A frame repeats its few times once for each element.
@lru_cache(maxsize=1024)
def utc_of(raw: str | None) -> datetime | None:
    """UTC of a Beijing time yyMMddHHmm or yyMMddHHmmss; None where the digits are no date.

    The century is always 20: a dead clock that says 59 gives 2059, which sensing flags as lying in the future.
    """
    if raw is None or not (raw.isascii() and raw.isdigit()) or len(raw) not in (10, 12):
        return None
    year, month, day, hour, minute, second = (int(raw.ljust(12, "0")[at : at + 2]) for at in range(0, 12, 2))
    try:
        return datetime(2000 + year, month, day, hour, minute, second, tzinfo=BEIJING).astimezone(UTC)
    except ValueError:
        return None


@lru_cache(maxsize=8192)
def epoch_of(raw: str) -> int | None:
    """The same in seconds since 1970."""
    moment = utc_of(raw)
    return None if moment is None else int(moment.timestamp())


def step_of(raw: str) -> timedelta | None:
    """A time step DDHHmm; None where it is zero or not digits."""
    if not (raw.isascii() and raw.isdigit()) or len(raw) != 6:
        return None
    step = timedelta(days=int(raw[:2]), hours=int(raw[2:4]), minutes=int(raw[4:]))
    return step or None


def series_times(first: datetime, step: timedelta, count: int) -> Sequence[datetime]:
    return [first + step * number for number in range(count)]


def group_times(
    observed: datetime, sent: datetime | None, *, count: int, is_period: bool
) -> Sequence[datetime]:
    """Times of the slots of an F4…FC group, each the end of its 5 minutes.

    Two habits occur in the vectors, and the frame itself tells them apart (assumption, the standard's text was not seen):

    - The observation time is the *first* slot in answers and series for a period (sl651-059: from 10:05, sent at 11:01) and in
      reports whose twelfth slot then falls on the send time (sl651-032: 12:20 + 55 min = 13:15, sent at 13:15; sl651-061).
    - Otherwise it is the *last* slot: an hourly report observed and sent on the hour covers the hour before (sl651-016, -017). A
      report observed on the hour stays with it however late it is sent.
    """
    span = SLOT * (count - 1)
    ends_at_sending = sent is not None and timedelta(0) <= sent - (observed + span) < SLOT
    starts_here = is_period or (observed.minute != 0 and ends_at_sending)
    return series_times(observed if starts_here else observed - span, SLOT, count)
