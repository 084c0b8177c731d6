"""The clock of a flood day as its player sees it: it stands until the player steps it, and a step ends when all is quiet."""

from __future__ import annotations

import contextlib
import heapq
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from anlan.project.drill import cast

#: Something to be done in a step; what it returns is nobody's concern.
Work = Callable[[], object]
#: The outside world and the platform get so long for one step, wall seconds.
LIMIT_S = 120.0


class HeldClock:
    """Steps the outside world first and the platform then, so that what was answered in time is never overtaken by its limit."""

    def __init__(self, stage: cast.Set, start: datetime) -> None:
        self.stage = stage
        self.start = start
        self.minute = 0
        self._number = 0
        self._follow = stage.data / "world-clock.json"
        self._agenda: list[tuple[int, int, Work]] = []
        self._order = count()
        self._helper: subprocess.Popen[str] | None = None
        self.unsettled: list[str] = []
        self._write()

    @property
    def follow(self) -> Path:
        """The file that the outside world's clock follows."""
        return self._follow

    def __enter__(self) -> HeldClock:
        command = [sys.executable, "-m", "anlan.project.drill.held", "--data", str(self.stage.data)]
        self._helper = subprocess.Popen(
            command, env={**os.environ, **self.stage.environment()}, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )  # fmt: skip
        self._answer()
        return self

    def __exit__(self, *_: object) -> None:
        if self._helper is not None:
            with contextlib.suppress(OSError):
                assert self._helper.stdin is not None
                self._helper.stdin.close()
            self._helper.wait(15)

    def now(self) -> datetime:
        """What the drill's clock shows, to the minute."""
        return self.start + timedelta(minutes=self.minute)

    def at(self, minute: int, work: Work) -> None:
        """Have something done in the first step at or after a minute; in the order of asking."""
        heapq.heappush(self._agenda, (minute, next(self._order), work))

    def after(self, minutes: int, work: Work) -> None:
        self.at(self.minute + minutes, work)

    def next_minute(self, stride: int) -> int:
        """The next step: what is planned first, but at most a stride away."""
        planned = self._agenda[0][0] if self._agenda else self.minute + stride
        return max(self.minute + 1, min(planned, self.minute + stride))

    def step(self, minute: int) -> None:
        """Let the outside world live up to a minute, then the platform."""
        self.minute = minute
        self._write()
        self.wait_for_world()
        self.settle()
        self._ask(do="step", to=self.now().isoformat())
        self.settle()

    def due(self) -> list[Work]:
        """What is planned for now, taken off the agenda."""
        found = []
        while self._agenda and self._agenda[0][0] <= self.minute:
            found.append(heapq.heappop(self._agenda)[2])
        return found

    def settle(self) -> None:
        """Wait until nothing is under way; what never ends is kept for the report."""
        left = self._ask(do="settle", limit_s=LIMIT_S)["left"]
        if left:
            self.unsettled.append(f"minute {self.minute}: {left}")

    def save_boards(self) -> None:
        self._ask(do="boards")

    def exactly(self) -> str:
        """What the platform's clock shows, with the little that it crept since the step. ISO."""
        return str(self._ask(do="now")["now"])

    def _write(self) -> None:
        self._number += 1
        told = {"step": self._number, "now": self.now().timestamp()}
        partial = self._follow.with_suffix(".part")
        partial.write_text(json.dumps(told))
        partial.replace(self._follow)

    def wait_for_world(self) -> None:
        """Until the outside world has played the present step to its end."""
        played = self._follow.with_suffix(".played")
        limit = time.monotonic() + LIMIT_S
        while time.monotonic() < limit:
            with contextlib.suppress(OSError, ValueError):
                if int(played.read_text()) >= self._number:
                    return
            time.sleep(0.02)
        raise cast.DidNotStart(what="the outside world", seconds=LIMIT_S)

    def _ask(self, **request: Any) -> dict[str, Any]:
        assert self._helper is not None
        assert self._helper.stdin is not None
        self._helper.stdin.write(json.dumps(request) + "\n")
        self._helper.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._helper is not None
        assert self._helper.stdout is not None
        line = self._helper.stdout.readline()
        if not line:
            raise cast.DidNotStart(what="the helper that holds the clock", seconds=LIMIT_S)
        found: dict[str, Any] = json.loads(line)
        return found


class Ledger:
    """What the phones were handed, line by line, as the provider wrote it down."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0

    def fresh(self) -> list[dict[str, Any]]:
        """Messages since the last look, in an order that does not depend on which one left first."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(self._read)
            body = file.read()
        whole = body[: body.rfind(b"\n") + 1]
        self._read += len(whole)
        rows = [json.loads(line) for line in whole.decode().splitlines()]
        return sorted(rows, key=lambda row: (row["to"], row["kind"], row["text"]))
