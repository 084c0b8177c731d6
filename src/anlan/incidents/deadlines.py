"""What incidents do when time has passed."""

from __future__ import annotations

from datetime import datetime

from anlan.incidents.models import ChaseOrder, Incident
from anlan.incidents.services import regrade, remind
from anlan.journal.deadlines import deadline
from anlan.kernel.actor import system


@deadline("incidents.missing_count_as_dead", Incident, "regrade_at")
def on_missing_long_enough(incident: Incident, at: datetime) -> None:
    """The 30th (7th) day has come: judge again with the missing among the dead (R03)."""
    regrade(incident, by=system("incidents"), at=at)


@deadline("incidents.chase_overdue", ChaseOrder, "remind_at", state__in=["issued", "acknowledged"])
def on_chase_overdue(chase: ChaseOrder, at: datetime) -> None:
    remind(chase, at=at, by=system("incidents"))
