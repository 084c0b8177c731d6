"""Simulated time: a start, and how many simulated seconds pass in a wall second."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class SimClock:
    """sim_now = clock_start + (wall - wall_start) * speed; all in seconds since 1970."""

    clock_start_s: float
    wall_start_s: float
    speed: float
    wall: Callable[[], float] = time.time

    def now_s(self) -> float:
        """Simulated seconds since 1970."""
        return self.clock_start_s + (self.wall() - self.wall_start_s) * self.speed

    def now(self) -> datetime:
        """Simulated time, aware UTC."""
        return datetime.fromtimestamp(self.now_s(), UTC)

    async def wait_until(self, simulated_s: float) -> None:
        """Return when simulated time has reached a moment."""
        while (left := (simulated_s - self.now_s()) / self.speed) > 0:
            await asyncio.sleep(left)


def real_clock() -> SimClock:
    """A clock on which the world runs as fast as it does."""
    started = time.time()
    return SimClock(started, started, 1.0)
