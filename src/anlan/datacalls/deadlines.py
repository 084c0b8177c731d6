"""What data calls do when time has passed."""

from __future__ import annotations

from datetime import datetime

from anlan.datacalls.models import DataCall, DataSeat
from anlan.datacalls.services import mark_late, open_due_round, remind
from anlan.journal.deadlines import deadline
from anlan.kernel.actor import system

BY = system("datacalls")


@deadline("datacalls.due", DataSeat, "due_at", state="asked")
def on_due(seat: DataSeat, at: datetime) -> None:
    mark_late(seat, by=BY, at=at)


@deadline("datacalls.remind", DataSeat, "remind_at", limit=50, state__in=["asked", "late"])
def on_remind(seat: DataSeat, at: datetime) -> None:
    remind(seat, by=BY, at=at)


@deadline("datacalls.round", DataCall, "next_round_at", limit=10, state="open")
def on_round(call: DataCall, at: datetime) -> None:
    open_due_round(call, by=BY, at=at)
