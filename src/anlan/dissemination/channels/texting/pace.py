"""How fast a route may speak: a token bucket, and a rest when the gateway says "too fast". Times are of a steady clock."""

from __future__ import annotations

import threading
import time

#: Rests after the first, second … "too fast" in a row, seconds. Engineering choice.
RESTS_S = (1.0, 2.0, 5.0, 10.0, 30.0)


class Pace:
    """Safe in several threads."""

    def __init__(self, per_second: float) -> None:
        self.per_second = per_second
        self._free_at = 0.0
        self._rest_until = 0.0
        self._in_a_row = 0
        self._lock = threading.Lock()

    def wait(self, longest_s: float) -> bool:
        """Wait for one's turn; False (and no turn taken) when that would be longer than `longest_s`."""
        with self._lock:
            now = time.monotonic()
            at = max(now, self._free_at, self._rest_until)
            if at - now > longest_s:
                return False
            self._free_at = at + 1.0 / self.per_second
        time.sleep(at - now)
        return True

    def too_fast(self) -> None:
        with self._lock:
            rest = RESTS_S[min(self._in_a_row, len(RESTS_S) - 1)]
            self._in_a_row += 1
            self._rest_until = max(self._rest_until, time.monotonic() + rest)

    def went_well(self) -> None:
        with self._lock:
            self._in_a_row = 0

    @property
    def rests_s(self) -> float:
        return max(0.0, self._rest_until - time.monotonic())
