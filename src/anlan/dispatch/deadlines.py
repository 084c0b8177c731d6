"""What dispatch does when time has passed."""

from __future__ import annotations

from datetime import datetime

from anlan.dispatch.models import Instruction
from anlan.dispatch.services.commanding import rise
from anlan.journal.deadlines import deadline
from anlan.kernel.actor import system


@deadline("dispatch.order_late", Instruction, "rise_at", state__in=["issued", "acknowledged", "started"])
def on_order_late(row: Instruction, at: datetime) -> None:
    """Not acknowledged or not finished in time; the other late orders of the same addressee rise with it."""
    rise(row, by=system("dispatch"), at=at)
