"""How long each part of a drill took."""

from __future__ import annotations

import time


class Phases:
    """How long each part of a drill took, wall seconds."""

    def __init__(self) -> None:
        self.lengths: dict[str, float] = {}
        self._since = time.monotonic()

    def end(self, name: str) -> None:
        now = time.monotonic()
        self.lengths[name] = round(now - self._since, 1)
        self._since = now
