"""What the duty room does when time has passed."""

from __future__ import annotations

from datetime import datetime

from anlan.duty.models import Alarm
from anlan.duty.services import call_leader
from anlan.journal.deadlines import deadline


@deadline("duty.leader_call", Alarm, "leader_call_at", state="ringing")
def on_unconfirmed(alarm: Alarm, at: datetime) -> None:
    """Nobody confirmed it in time: call the leader on duty."""
    call_leader(alarm, at=at)
