"""How many messages a channel may take now: a token bucket per channel and process."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

#: A full bucket holds this many seconds of the channel's rate. Engineering choice: a county's first rung goes out at once.
BURST_S = 2.0


@dataclass(slots=True)
class Bucket:
    """`rate` messages a second; times are seconds on any clock. A clock that was stepped back costs nothing."""

    rate: float
    tokens: float
    filled_s: float

    @classmethod
    def full(cls, rate: float, now_s: float) -> Bucket:
        return cls(rate, max(1.0, rate * BURST_S), now_s)

    def available(self, now_s: float) -> int:
        passed_s = max(0.0, now_s - self.filled_s)
        self.tokens = min(max(1.0, self.rate * BURST_S), self.tokens + passed_s * self.rate)
        self.filled_s = now_s
        return int(self.tokens)

    def take(self, count: int) -> None:
        self.tokens -= count


class Pace:
    """`available` looks, `take` takes; what is not granted waits for the next round.

    `shares`: how many worker processes share the rates; each keeps to its part of them.
    """

    def __init__(self, rate_by_channel: Mapping[str, float], *, shares: int = 1) -> None:
        self._rates = dict(rate_by_channel)
        self._shares = max(1, shares)
        self._buckets: dict[str, Bucket] = {}
        self._lock = threading.Lock()

    def set_rate(self, channel: str, rate: float) -> None:
        """Another rate from now on, for example because one of two gateways is away."""
        with self._lock:
            self._rates[channel] = rate
            if channel in self._buckets:
                self._buckets[channel].rate = rate / self._shares

    def available(self, channel: str, wanted: int, *, at: datetime) -> int:
        """How many of `wanted` messages may go now; `at` is the wall clock."""
        rate = self._rates.get(channel)
        if rate is None:
            return wanted
        now_s = at.timestamp()
        with self._lock:
            bucket = self._buckets.setdefault(channel, Bucket.full(rate / self._shares, now_s))
            return min(wanted, bucket.available(now_s))

    def take(self, channel: str, count: int) -> None:
        with self._lock:
            if channel in self._buckets:
                self._buckets[channel].take(count)

    def allow(self, channel: str, wanted: int, *, at: datetime) -> int:
        """Look and take in one."""
        granted = self.available(channel, wanted, at=at)
        self.take(channel, granted)
        return granted
