"""How often one answer link may be used: enough for a hurried thumb on a bad line, not for a script that was forwarded the link."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

#: Engineering choices. A queue of answers that waited in a phone arrives at once.
LOOKS_A_MINUTE = 60
POSTS_A_MINUTE = 40
_WINDOW_S = 60.0
_LINKS_MAX = 20_000


class PerLink:
    """A sliding window per link, in the memory of this process; the longest unused links are forgotten first."""

    def __init__(self, most: int, *, steady: Callable[[], float] = time.monotonic) -> None:
        self._most, self._steady = most, steady
        self._used: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def allows(self, link: str) -> bool:
        now = self._steady()
        with self._lock:
            used = self._used.setdefault(link, deque(maxlen=self._most))
            self._used.move_to_end(link)
            while len(self._used) > _LINKS_MAX:
                self._used.popitem(last=False)
            if len(used) == self._most and now - used[0] < _WINDOW_S:
                return False
            used.append(now)
            return True


looks = PerLink(LOOKS_A_MINUTE)
posts = PerLink(POSTS_A_MINUTE)
