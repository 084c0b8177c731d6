"""What intake does when time has passed."""

from __future__ import annotations

from datetime import datetime

from anlan.intake.models import RingEvent
from anlan.intake.services.ringing import miss_ring
from anlan.journal.deadlines import deadline


@deadline("intake.ring_missed", RingEvent, "missed_at", state="ringing")
def on_ring_missed(row: RingEvent, at: datetime) -> None:
    miss_ring(row, at=at)
