"""Clocks. Every time inside Anlan is aware and in UTC; Asia/Shanghai appears only on screens and in wire codecs."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Tells the time of one run: reality or one exercise."""

    def now(self) -> datetime: ...


class SystemClock:
    """The wall clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class ManualClock:
    """A clock that moves only when told to; for tests."""

    def __init__(self, start: datetime) -> None:
        self._now = require_aware(start)

    def now(self) -> datetime:
        return self._now

    def advance(self, **parts: float) -> datetime:
        """Move forward; the arguments are those of `timedelta`."""
        self._now += timedelta(**parts)
        return self._now


class ScaledClock:
    """The clock of an exercise: `speed` seconds pass for each second on the wall. Before `wall_start` it stands still."""

    def __init__(self, *, clock_start: datetime, wall_start: datetime, speed: float) -> None:
        if speed <= 0:
            raise ValueError("the speed of an exercise clock must be above zero")
        self._clock_start = require_aware(clock_start)
        self._wall_start = require_aware(wall_start).timestamp()
        self._speed = speed

    def now(self) -> datetime:
        elapsed_s = max(0.0, time.time() - self._wall_start) * self._speed
        return self._clock_start + timedelta(seconds=elapsed_s)


def require_aware(moment: datetime) -> datetime:
    """`moment` in UTC; a naive time raises ValueError instead of being guessed."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone was given")
    return moment.astimezone(UTC)


def parse_instant(text: str) -> datetime:
    """An ISO 8601 time with a zone, in UTC. Raises ValueError otherwise."""
    return require_aware(datetime.fromisoformat(text))
