"""Times in GB/T 26875.3: six bytes second, minute, hour, day, month, year, Beijing time without a zone.

The standard has one binary number a byte; some units write BCD digits in their records. Both may be dates: the one nearer to a time that
is known (the frame's header, the arrival) is taken, and binary where nothing is known.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple

BEIJING = timezone(timedelta(hours=8))
#: A choice between two sensible readings is worth a remark where the taken one is farther from the known time than this.
_NEAR = timedelta(days=1)


class RecordTime(NamedTuple):
    """`at` is UTC, None for bytes that are no date; `encoding` "binary", "bcd" or "none"."""

    at: datetime | None
    encoding: str
    problem: str | None

    @property
    def text(self) -> str | None:
        return shown(self.at)


def shown(at: datetime | None) -> str | None:
    """Beijing time as a person writes it."""
    return None if at is None else at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def binary(raw: bytes) -> datetime | None:
    return _utc(*raw) if len(raw) == 6 else None


def bcd(raw: bytes) -> datetime | None:
    digits = raw.hex()
    if len(raw) != 6 or not digits.isdigit():
        return None
    return _utc(*(int(digits[at : at + 2]) for at in range(0, 12, 2)))


def to_bytes(at: datetime) -> bytes:
    local = at.astimezone(BEIJING)
    return bytes([local.second, local.minute, local.hour, local.day, local.month, local.year % 100])


def read(raw: bytes, *, known: datetime | None) -> RecordTime:
    as_binary, as_bcd = binary(raw), bcd(raw)
    if as_binary is None and as_bcd is None:
        return RecordTime(None, "none", f"The time {raw.hex()} is no date.")
    if as_bcd is None or (as_binary is not None and (known is None or _nearer(as_binary, as_bcd, known))):
        problem = _remark(as_binary, as_bcd, known, "binary numbers") if as_bcd is not None else None
        return RecordTime(as_binary, "binary", problem)
    problem = f"The time {raw.hex()} was read as BCD digits ({shown(as_bcd)})."
    return RecordTime(as_bcd, "bcd", problem)


def _nearer(first: datetime, second: datetime, known: datetime) -> bool:
    return abs(first - known) <= abs(second - known)


def _remark(taken: datetime | None, other: datetime, known: datetime | None, name: str) -> str | None:
    if taken is None or known is None or abs(taken - known) <= _NEAR:
        return None
    return f"A time reads sensibly both ways; it was taken as {name} ({shown(taken)}), not as BCD ({shown(other)})."


def _utc(second: int, minute: int, hour: int, day: int, month: int, year: int) -> datetime | None:
    if year > 99:
        return None
    try:
        return datetime(2000 + year, month, day, hour, minute, second, tzinfo=BEIJING).astimezone(UTC)
    except ValueError:
        return None
