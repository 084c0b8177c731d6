"""What the room does when time has passed."""

from __future__ import annotations

from datetime import datetime

from anlan.command.models import ExpertCall
from anlan.command.services.asking import rise_late
from anlan.journal.deadlines import deadline
from anlan.kernel.actor import system


@deadline("command.expert_late", ExpertCall, "rise_at", state="asked")
def on_expert_late(call: ExpertCall, at: datetime) -> None:
    """Nobody heard from the expert: it rises to the top and is announced, again after each further wait."""
    rise_late(call, by=system("command"), at=at)
