"""Injects come due on the clock of their drill."""

from __future__ import annotations

from datetime import datetime

from anlan.drills.models import Inject
from anlan.drills.services import give_inject
from anlan.journal.deadlines import deadline
from anlan.kernel.actor import system


@deadline("drills.inject", Inject, "due_at", limit=5, state="waiting")
def on_due(inject: Inject, at: datetime) -> None:
    give_inject(inject, by=system("drills"), at=at)
