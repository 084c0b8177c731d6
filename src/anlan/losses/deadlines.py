"""What the loop meets: limits of reports, and the next round of them."""

from __future__ import annotations

from datetime import datetime

from anlan.journal.deadlines import deadline
from anlan.losses.models import LossCourse, ReportDue
from anlan.losses.services import clocks


@deadline("losses.report_due", ReportDue, "look_at", state="waiting")
def on_report_due(due: ReportDue, at: datetime) -> None:
    clocks.look(due, at=at)


@deadline("losses.next_round", LossCourse, "round_at", state="open")
def on_next_round(course: LossCourse, at: datetime) -> None:
    clocks.open_round(course, at=at)
