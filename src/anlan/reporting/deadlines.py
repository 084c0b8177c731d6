"""What reporting does when time has passed."""

from __future__ import annotations

from datetime import datetime

from anlan.journal.deadlines import deadline
from anlan.reporting.models import ReportClock, ReportDelivery, UpwardReport
from anlan.reporting.services import chase_receipt, pass_moment, step_overdue


@deadline("reporting.clock", ReportClock, "next_at", state="open")
def on_clock(clock: ReportClock, at: datetime) -> None:
    pass_moment(clock, at=at)


@deadline("reporting.step", UpwardReport, "step_at", state__in=["in_review", "reviewed"])
def on_step_overdue(report: UpwardReport, at: datetime) -> None:
    step_overdue(report, at=at)


@deadline("reporting.receipt", ReportDelivery, "chase_at", state="handed")
def on_receipt_missing(delivery: ReportDelivery, at: datetime) -> None:
    chase_receipt(delivery, at=at)
