"""Kills the platform's children with SIGKILL at seeded random moments of a drill."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time
from pathlib import Path

from anlan.project.runtime import read_state

CHILDREN = ("worker", "gateway", "web")


class Killer(threading.Thread):
    """`count` kills between two wall times, each child in turn in a random order. `killed` lists (name, wall time)."""

    def __init__(self, data: Path, *, seed: int, count: int, start: float, end: float) -> None:
        super().__init__(daemon=True, name="killer")
        dice = random.Random(seed)
        self.data = data
        self.moments = sorted(dice.uniform(start, end) for _ in range(count))
        order = [CHILDREN[number % len(CHILDREN)] for number in range(count)]
        dice.shuffle(order)
        self.order = order
        self.killed: list[tuple[str, float]] = []

    def run(self) -> None:
        for moment, name in zip(self.moments, self.order, strict=True):
            time.sleep(max(0.0, moment - time.time()))
            children = read_state(self.data, "parent").get("children")
            pid = children.get(name) if isinstance(children, dict) else None
            if isinstance(pid, int):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    self.killed.append((name, time.time()))
