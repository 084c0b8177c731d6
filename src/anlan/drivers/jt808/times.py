"""Times in JT/T 808: six BCD bytes yyMMddHHmmss, Beijing time unless a station's settings say otherwise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

BEIJING_H = 8.0


def utc_of(raw: str, offset_h: float = BEIJING_H) -> datetime | None:
    """UTC of twelve BCD digits; None where they are no date. `offset_h` are hours ahead of UTC."""
    if len(raw) != 12 or not (raw.isascii() and raw.isdigit()):
        return None
    year, month, day, hour, minute, second = (int(raw[at : at + 2]) for at in range(0, 12, 2))
    zone = timezone(timedelta(hours=offset_h))
    try:
        return datetime(2000 + year, month, day, hour, minute, second, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def offset_of(text: str | None) -> float:
    """The setting `utc_offset_h`; Beijing where it is absent or no zone."""
    try:
        hours = float(text or BEIJING_H)
    except ValueError:
        return BEIJING_H
    return hours if -14 <= hours <= 14 else BEIJING_H
