"""What of the duty room waits "so long from then" and moves with a step of the wall clock: the next beat of a link.

A missing check-in and the moment of a roll call are moments of the day and stay.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F

from anlan.duty.models import RoomLink
from anlan.journal.steps import on_clock_step
from anlan.kernel.actor import Actor


@on_clock_step("duty")
def move_waiting(step: timedelta, by: Actor, at: datetime) -> int:
    rows = RoomLink.objects.filter(silent_at__isnull=False, exercise_id=None)
    return rows.update(silent_at=F("silent_at") + step)
