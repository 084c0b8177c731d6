"""What a step of the wall clock means for waiting: a rung that has to wait five minutes waits five minutes, whatever the clock does.

Deadlines are moments on the clock of their run. When the wall clock jumps, each app moves those that mean "so long from then":
forward with the clock, so that nothing is skipped without its wait, and back with it, so that nothing freezes. Deadlines that
mean a moment of the day (a warning's expiry, a planned round) stay. Exercises do not notice: their start moves with the clock.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import F

from anlan.journal import clocks
from anlan.journal.models import Announcement, Cursor, ExerciseRun
from anlan.journal.services import note
from anlan.journal.turns import write_turn
from anlan.kernel.actor import Actor, system
from anlan.kernel.registry import Registry

log = logging.getLogger("anlan.deadlines")

#: Two workers of one machine see the same step within this time, and nearly the same size of it.
SAME_WITHIN_S, SAME_SIZE_S = 30.0, 1.0
_CURSOR = "clock.stepped"

Shift = Callable[[timedelta, Actor, datetime], int]
_registry: Registry[Shift] = Registry("shift of the clock", needs=())


def on_clock_step(name: str) -> Callable[[Shift], Shift]:
    """Register `(step, by, at) -> rows moved` for the waiting rows of one app; it runs in the step's transaction."""

    def keep(function: Shift) -> Shift:
        return _registry.add(name, function)

    return keep


def take_step(step_s: float, *, seen_at: float | None = None) -> bool:
    """Journal a step of the wall clock and move what waits. False when another worker of this machine did it already.

    `seen_at` is the steady clock at which it was noticed; one of the whole machine, not of a process.
    """
    steady = time.monotonic() if seen_at is None else seen_at
    at = clocks.wall_now()
    by = system("worker")
    with write_turn():
        cursor, _ = Cursor.objects.get_or_create(name=_CURSOR)
        if _is_known(cursor.position, step_s, steady):
            return False
        was = cursor.position
        taken = Cursor.objects.filter(name=_CURSOR, position=was).update(
            position={"step_s": round(step_s, 3), "steady": round(steady, 3)}
        )
        if taken != 1:
            return False
        payload = {"step_s": round(step_s, 3)}
        note(kind="clock.stepped", subject=("clock", "wall"), payload=payload, by=by, at=at)
        step = timedelta(seconds=step_s)
        # An exercise's clock is counted from its start on the wall: with that moved along, it runs on as if nothing happened.
        ExerciseRun.objects.filter(ended_at=None).update(wall_start=F("wall_start") + step)
        Announcement.objects.filter(done_at=None, exercise_id=None).update(due_at=F("due_at") + step)
        moved = sum(shift(step, by, at) for shift in _registry.values())
    log.warning("clock_stepped", extra={"step_s": round(step_s, 3), "moved": moved})
    return True


def _is_known(position: dict[str, float], step_s: float, steady: float) -> bool:
    if not position:
        return False
    is_recent = 0 <= steady - position["steady"] < SAME_WITHIN_S
    return is_recent and abs(position["step_s"] - step_s) < SAME_SIZE_S
