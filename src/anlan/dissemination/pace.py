"""How many messages a channel may take now: a token bucket per channel and process."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime

#: A full bucket holds this many seconds of the channel's rate. Engineering choice: a county's first rung goes out at once.
BURST_S = 2.0


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: datetime


class Pace:
    """`allow` takes from the bucket; what it does not grant waits for the next round."""

    def __init__(self, rate_by_channel: dict[str, float]) -> None:
        self._rates = rate_by_channel
        self._buckets: dict[str, _Bucket] = {}
        self._lock = threading.Lock()

    def allow(self, channel: str, wanted: int, *, at: datetime) -> int:
        """How many of `wanted` messages may go now; `at` is the wall clock."""
        rate = self._rates.get(channel)
        if rate is None:
            return wanted
        full = max(1.0, rate * BURST_S)
        with self._lock:
            bucket = self._buckets.setdefault(channel, _Bucket(full, at))
            passed_s = max(0.0, (at - bucket.filled_at).total_seconds())
            bucket.tokens = min(full, bucket.tokens + passed_s * rate)
            bucket.filled_at = at
            granted = min(wanted, int(bucket.tokens))
            bucket.tokens -= granted
        return granted
