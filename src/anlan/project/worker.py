"""The worker: takes signals from the hot store, runs reactions and deadlines, hands deliveries over, seals the journal.

Seven threads: the main loop decides; one hands messages to channels, so that a slow provider never delays a deadline;
one takes in what comes on kept connections; one seals; one counts arrivals; one hands readings that people entered to the gateway;
one looks for warnings of others by file, mail and feed. Each may die at any line: what it held is leased, and a conditional update decides who did it.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import django

from anlan.kernel.bell import Bell

if TYPE_CHECKING:
    from anlan.project.incoming import Lookout

log = logging.getLogger("anlan.worker")

#: Longest sleep of an idle loop when nobody rings, seconds; bounds the lateness of a deadline.
IDLE_S = 0.25
#: Pause between two looks for deadlines, seconds; the budget for lateness is one second.
DEADLINES_S = 0.2
#: Idle wait of the sealer, seconds (design: batches of at most 100 ms).
SEAL_S = 0.05
#: A jump between wall clock and monotonic clock beyond this is a step of the clock and goes into the journal.
CLOCK_STEP = timedelta(seconds=2)
#: A slow drift of the clock is written down when it reached this much, seconds.
OFFSET_S = 0.25
#: How often arrivals are counted, and how long after the start for the first time, seconds. Counting reads two day files.
ARRIVALS_S = 600.0
FIRST_ARRIVALS_S = 30.0
#: Pause between two looks for readings that people entered, seconds.
HAND_S = 1.0
#: Pause between two looks at the connections that carriers answer on, seconds.
INBOX_S = 0.1
#: How often the station catalogue is compared with the database, seconds.
CATALOGUE_S = 5.0


class Worker:
    """One instance; `owner` names it in leases."""

    def __init__(self, owner: str, dead_owners: list[str]) -> None:
        self.owner = owner
        self.dead_owners = dead_owners
        self.stopping = threading.Event()
        self.mail = threading.Event()
        self.looked_at = 0.0
        self.count_at = time.monotonic() + FIRST_ARRIVALS_S
        self.bell: Bell | None = None
        self.lookout: Lookout | None = None
        self.watch = ClockWatch()  # `run` gives it its memory
        self.tell_at = 0.0

    def run(self) -> None:
        from django.conf import settings

        from anlan.journal import clocks
        from anlan.project.runtime import mark_start, worker_bell
        from anlan.sensing.history.keeper import Keeper

        self.watch = ClockWatch(settings.ANLAN_DATA / "run" / "clock")
        self.watch.look()  # before anything is due by a clock that was stepped while no worker lived
        self._recover()
        mark_start(settings.ANLAN_DATA, self.owner)
        threads = [
            threading.Thread(target=self._loop, args=("sealer", self._seal, self._seal_wait), daemon=True),
            threading.Thread(
                target=self._loop, args=("deliveries", self._deliver, self._mail_wait), daemon=True
            ),
            threading.Thread(
                target=self._loop, args=("arrivals", self._count, self._arrivals_wait), daemon=True
            ),
            threading.Thread(target=self._loop, args=("hand", self._hand_over, self._hand_wait), daemon=True),
            threading.Thread(target=self._loop, args=("inbox", self._take_in, self._inbox_wait), daemon=True),
            threading.Thread(
                target=self._loop, args=("lookout", self._look_out, self._lookout_wait), daemon=True
            ),
        ]
        for thread in threads:
            thread.start()
        self.bell = Bell(worker_bell(settings.ANLAN_DATA))
        bell, keeper = self.bell, Keeper(settings.ANLAN_DATA)

        def wait() -> None:
            bell.wait(IDLE_S)
            self.watch.look()
            keeper.look(lambda: clocks.now(clocks.default_exercise_id()))

        self._loop("decisions", self._decide, wait)
        for thread in threads:
            thread.join(timeout=8)

    def _recover(self) -> None:
        from anlan.dissemination import outbox
        from anlan.journal import leases

        for owner in self.dead_owners:
            leases.free_dead_owner(owner)
        outbox.recover(self.dead_owners)

    def _loop(self, name: str, step: Callable[[], int], wait: Callable[[], object]) -> None:
        """Work while there is work, then wait. An error is logged and the loop goes on after a pause."""
        from django.db import close_old_connections, connection

        while not self.stopping.is_set():
            try:
                if step() == 0:
                    wait()
            except Exception:  # one failing round must not end the loop; rows stay leased or due
                log.exception("worker_round_failed", extra={"loop": name})
                close_old_connections()
                self.stopping.wait(0.5)
        connection.close()

    def _decide(self) -> int:
        """Signals and what follows from them first; deadlines at their own pace, since looking costs queries."""
        from anlan.journal.deadlines import run_deadlines, run_reactions
        from anlan.project.intake import take_signals

        done = take_signals()
        done += run_reactions(owner=self.owner, is_interrupted=self._has_news)
        if time.monotonic() - self.looked_at > DEADLINES_S:
            self.looked_at = time.monotonic()
            self.watch.look()  # right before: a jump of the clock must not make five minutes of waiting due
            done += run_deadlines(owner=self.owner, is_interrupted=self._has_news)
            self.mail.set()
        return done

    def _has_news(self) -> bool:
        """Let messages leave that were queued meanwhile; True when the gateway or a page rang."""
        self.mail.set()
        return self.bell is not None and self.bell.wait(0)

    def _deliver(self) -> int:
        from anlan.dissemination import outbox

        return outbox.deliver_due(owner=self.owner, is_stopping=self.stopping.is_set)

    def _count(self) -> int:
        """What arrived and how late, for the boards; a thread of its own, since a day of many stations takes seconds to read."""
        if time.monotonic() < self.count_at:
            return 0
        self.count_at = time.monotonic() + ARRIVALS_S
        from anlan.journal import clocks
        from anlan.sensing.queries import count_arrivals

        count_arrivals(at=clocks.now(clocks.default_exercise_id()))
        return 0

    def _arrivals_wait(self) -> None:
        self.stopping.wait(5.0)

    def _hand_over(self) -> int:
        """Readings that people entered go to the gateway; a thread of its own, since the gateway may be slow or away."""
        from anlan.project import hand
        from anlan.sensing.services.manual import deliver_due

        return deliver_due(hand.send, owner=self.owner)

    def _look_out(self) -> int:
        """Warnings of others by file, mail and feed, and reports back; a thread of its own, since each may be slow or away."""
        from anlan.project.incoming import Lookout

        if self.lookout is None:
            self.lookout = Lookout(self.owner)
        return self.lookout.look()

    def _lookout_wait(self) -> None:
        from anlan.project.incoming import LOOK_S

        self.stopping.wait(LOOK_S)

    def _hand_wait(self) -> None:
        self.stopping.wait(HAND_S)

    def _take_in(self) -> int:
        """Receipts and replies on kept connections; a thread of its own, since nothing else may wait for a carrier."""
        from django.conf import settings

        from anlan.dissemination import inbox, outbox

        channels = outbox.opened()
        done = inbox.take_in(channels)
        if time.monotonic() > self.tell_at:
            self.tell_at = time.monotonic() + inbox.WRITE_S
            inbox.write_states(channels, settings.ANLAN_DATA)
        return done

    def _inbox_wait(self) -> None:
        self.stopping.wait(INBOX_S)

    def _mail_wait(self) -> None:
        self.mail.wait(IDLE_S)
        self.mail.clear()

    def _seal(self) -> int:
        from anlan.journal.sealer import seal

        return seal()

    def _seal_wait(self) -> None:
        self.stopping.wait(SEAL_S)


class ClockWatch:
    """Notices that the wall clock was stepped, journals it and moves what waits; also keeps the catalogue fresh."""

    def __init__(self, memory: Path | None = None) -> None:
        """`memory` is a file that outlives the worker: a step while no worker watched is noticed by the next one."""
        self._memory = memory
        self._steady = time.monotonic()
        self._kept = _remembered(memory)
        self._wall = time.time() if self._kept is None else self._steady + self._kept
        self._catalogue_at = 0.0

    def look(self) -> None:
        wall, steady = time.time(), time.monotonic()
        step_s = (wall - self._wall) - (steady - self._steady)
        self._wall, self._steady = wall, steady
        if abs(step_s) > CLOCK_STEP.total_seconds():
            self._take(step_s)
        self._remember(wall - steady)
        if steady - self._catalogue_at > CATALOGUE_S:
            self._catalogue_at = steady
            from anlan.sensing.catalogue import write_catalogue

            write_catalogue()

    def _remember(self, offset_s: float) -> None:
        """Written when it moved, after the step was taken: a death in between makes the next worker look again."""
        if self._memory is None or (self._kept is not None and abs(offset_s - self._kept) < OFFSET_S):
            return
        self._kept = offset_s
        temporary = self._memory.with_suffix(f".{os.getpid()}")
        temporary.write_text(f"{_boot()} {offset_s}")
        temporary.replace(self._memory)

    def _take(self, step_s: float) -> None:
        from anlan.journal.steps import take_step

        take_step(step_s, seen_at=self._steady)


def _boot() -> str:
    """Names this run of the machine: the steady clock counts from its start."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _remembered(path: Path | None) -> float | None:
    """Wall clock minus steady clock as a worker of this folder last saw it; None on another run of the machine."""
    try:
        boot, _, offset = path.read_text().partition(" ") if path is not None else ("", "", "")
        return float(offset) if boot and boot == _boot() else None
    except (OSError, ValueError):
        return None


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.project.settings")
    django.setup()
    dead = [owner for owner in os.environ.get("ANLAN_DEAD_OWNERS", "").split(",") if owner]
    worker = Worker(os.environ.get("ANLAN_OWNER") or f"worker-{os.getpid()}", dead)
    signal.signal(signal.SIGTERM, lambda *_: worker.stopping.set())
    signal.signal(signal.SIGINT, lambda *_: worker.stopping.set())
    from anlan.kernel.orphan import leave_with_parent

    leave_with_parent()
    worker.run()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
