"""Simulated time: a start, and how many simulated seconds pass in a wall second."""

import asyncio
import contextlib
import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

#: Pause between two looks at the file that moves a followed clock, wall seconds.
LOOK_S = 0.02


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

    async def wait_or(self, woken: asyncio.Event, simulated_s: float | None) -> None:
        """Return when somebody set the event, or simulated time has reached a moment (None: only the event)."""
        left = None if simulated_s is None else max((simulated_s - self.now_s()) / self.speed, 0.001)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(woken.wait(), left)


class FollowedClock:
    """A clock that somebody else steps: it stands at the moment that a file names, until the file names a later one.

    ``is_quiet``: nobody waits for a moment that has come. A drill that steps only when everybody is quiet plays the same on
    any machine, however slow.
    """

    speed = 1.0

    def __init__(self, clock_start_s: float, path: Path) -> None:
        self.clock_start_s = clock_start_s
        self._path = path
        self._now_s = clock_start_s
        self._moved = asyncio.Event()
        self._awaited: Counter[float] = Counter()
        #: Number of the step that the file named last.
        self.step = 0

    def now_s(self) -> float:
        """Simulated seconds since 1970."""
        return self._now_s

    def now(self) -> datetime:
        """Simulated time, aware UTC."""
        return datetime.fromtimestamp(self._now_s, UTC)

    @property
    def is_quiet(self) -> bool:
        """Is every moment that somebody waits for still to come?"""
        return all(moment > self._now_s for moment in self._awaited)

    async def follow(self) -> None:
        """Move with the file for ever; ends only by cancellation."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_S)

    def look(self) -> None:
        """Read the file once: ``{"step": number, "now": seconds since 1970}``."""
        try:
            told = json.loads(self._path.read_text())
        except (OSError, ValueError):
            return
        if told["step"] > self.step:
            self.step, self._now_s = told["step"], max(self._now_s, float(told["now"]))
            self._moved.set()
            self._moved = asyncio.Event()

    async def wait_until(self, simulated_s: float) -> None:
        """Return when simulated time has reached a moment."""
        self._awaited[simulated_s] += 1
        try:
            while simulated_s > self._now_s:
                await self._moved.wait()
        finally:
            self._awaited[simulated_s] -= 1
            self._awaited += Counter()  # forgets the moments that nobody awaits any more

    async def wait_or(self, woken: asyncio.Event, simulated_s: float | None) -> None:
        """Return when somebody set the event, or simulated time has moved."""
        if simulated_s is not None and simulated_s <= self._now_s:
            await asyncio.sleep(0)
            return
        waits = [asyncio.ensure_future(woken.wait()), asyncio.ensure_future(self._moved.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()


#: Either kind; whoever plays does not ask which.
AnyClock = SimClock | FollowedClock


def real_clock() -> SimClock:
    """A clock on which the world runs as fast as it does."""
    started = time.time()
    return SimClock(started, started, 1.0)
