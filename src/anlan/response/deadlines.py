"""What responses do when time has passed."""

from __future__ import annotations

from datetime import datetime

from anlan.journal.deadlines import deadline
from anlan.kernel.actor import system
from anlan.response.models import Activation
from anlan.response.services import remind


@deadline("response.undecided", Activation, "remind_at", state__in=["proposed", "active"])
def on_undecided(activation: Activation, at: datetime) -> None:
    """A proposal that nobody decided rings again."""
    remind(activation, by=system("response"), at=at)
