"""What jobs and requests do when time has passed."""

from __future__ import annotations

from datetime import datetime

from anlan.dispatch.jobwords import GONE
from anlan.dispatch.models import SupplyRequest, TeamJob
from anlan.dispatch.services.requests import mark_request_late
from anlan.dispatch.services.teams import CHECKED, mark_late, miss_check
from anlan.journal.deadlines import deadline
from anlan.kernel.actor import system


@deadline("dispatch.team_check_missed", TeamJob, "check_due_at", state__in=list(CHECKED))
def on_check_missed(job: TeamJob, at: datetime) -> None:
    miss_check(job, by=system("dispatch"), at=at)


@deadline("dispatch.team_late", TeamJob, "rise_at", state__in=list(GONE))
def on_team_late(job: TeamJob, at: datetime) -> None:
    mark_late(job, by=system("dispatch"), at=at)


@deadline("dispatch.request_late", SupplyRequest, "rise_at", state__in=["asked", "approved", "sent"])
def on_request_late(row: SupplyRequest, at: datetime) -> None:
    mark_request_late(row, by=system("dispatch"), at=at)
