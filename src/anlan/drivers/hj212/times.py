"""Times in HJ 212: yyyyMMddHHmmss, with milliseconds in QN, Beijing time without a zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

BEIJING = timezone(timedelta(hours=8))


@lru_cache(maxsize=1024)
def utc_of(raw: str | None) -> datetime | None:
    """UTC of yyyyMMddHHmmss, with or without three digits of milliseconds; None where that is no time."""
    if raw is None or not (raw.isascii() and raw.isdigit()) or len(raw) not in (14, 17):
        return None
    try:
        moment = datetime.strptime(raw[:14], "%Y%m%d%H%M%S").replace(tzinfo=BEIJING).astimezone(UTC)
        return moment + timedelta(milliseconds=int(raw[14:] or "0"))
    except (ValueError, OverflowError):
        return None


def written(at: datetime) -> str:
    """yyyyMMddHHmmss in Beijing time of an aware time."""
    return at.astimezone(BEIJING).strftime("%Y%m%d%H%M%S")
