"""The worker's side of settling: looks now and then whether a day is due and starts the child. Imports nothing heavy."""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from anlan.sensing.history.hotside import hot_side
from anlan.sensing.history.paths import settle_after_days
from anlan.sensing.hot.types import DAY_S, ODD_DAY

log = logging.getLogger(__name__)

#: How often the folder is looked at, seconds.
LOOK_S = 600.0
#: The first look after a start waits, so that settling does not slow a start, seconds.
FIRST_S = 120.0


class Keeper:
    """One in a worker; `look` costs a comparison unless it is time."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._next = time.monotonic() + FIRST_S
        self._child: subprocess.Popen[bytes] | None = None

    def look(self, clock: Callable[[], datetime]) -> bool:
        """True when a child was started. `clock` gives the time of the readings and is asked only when it is time."""
        if time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + LOOK_S
        if self._child is not None and self._child.poll() is None:
            return False
        if not has_closed_days(self._data, now=clock()):
            return False
        command = ["nice", "-n", "10", sys.executable, "-m", "anlan.sensing.history.settle"]
        self._child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        log.info("settling_started", extra={"pid": self._child.pid})
        return True


def has_closed_days(data: Path, *, now: datetime) -> bool:
    """Whether a part of the hot store is old enough to be settled or removed."""
    last = int(now.timestamp()) // DAY_S - settle_after_days()
    return any(ODD_DAY != day < last for day in hot_side(data).parts())
