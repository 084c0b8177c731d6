"""What papers do when time has come."""

from __future__ import annotations

from datetime import datetime

from anlan.journal.deadlines import deadline
from anlan.papers.models import BriefSchedule
from anlan.papers.services.schedules import draft_due


@deadline("papers.brief", BriefSchedule, "next_at", limit=2)
def on_brief_due(row: BriefSchedule, at: datetime) -> None:
    """08:00: the morning brief lies on the desk as a draft."""
    draft_due(row, at=at)
