"""What of teams and supplies a shift hands over, and what keeps a team from being struck."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q
from django.utils.translation import get_language

from anlan.dispatch.jobwords import GONE, JOB_STATES, REQUEST_STATES
from anlan.dispatch.models import SupplyRequest, TeamJob
from anlan.kernel.openitems import OpenItem, open_items
from anlan.resources.holding import holds_teams
from anlan.resources.models import Team


def _here(path: str) -> Q:
    return Q(incident__division__path=path) | Q(incident__division__path__startswith=f"{path}/")


@open_items("team_jobs", zh="在外队伍", en="Teams that are out")
def jobs(path: str, at: datetime, exercise_id: uuid.UUID | None) -> Iterator[OpenItem]:
    rows = TeamJob.objects.filter(_here(path), state__in=[*GONE, "done"], exercise_id=exercise_id)
    rows = rows.select_related("team", "division", "incident__division")
    for row in rows.defer("division__geometry", "incident__division__geometry").order_by("told_at", "id"):
        zh, en = JOB_STATES[row.state]
        if row.checks_missed:
            zh, en = f"{zh}，安全报到逾期", f"{en}, safety check-in missed"
        yield OpenItem(
            f"team_job:{row.pk}", "team_jobs", f"{row.number} {row.team.name}：{row.words}"[:160], row.told_at,
            row.incident.division.path, zh, en, row.check_due_at or row.arrive_by,
        )  # fmt: skip


@open_items("supply_requests", zh="未办结的资源请求", en="Open requests for supplies")
def requests(path: str, at: datetime, exercise_id: uuid.UUID | None) -> Iterator[OpenItem]:
    rows = SupplyRequest.objects.filter(
        _here(path), state__in=["asked", "approved", "sent"], exercise_id=exercise_id
    )
    rows = rows.select_related("division", "incident__division").prefetch_related("lines")
    for row in rows.defer("division__geometry", "incident__division__geometry").order_by("asked_at", "id"):
        zh, en = REQUEST_STATES[row.state]
        what = "、".join(line.name for line in row.lines.all())
        yield OpenItem(
            f"supply_request:{row.pk}", "supply_requests", f"{row.number} {row.division.name}：{what}"[:160],
            row.asked_at, row.incident.division.path, zh, en, row.needed_by,
        )  # fmt: skip


@holds_teams("dispatch")
def held(team: Team) -> str:
    """The job that a team is out on, in any run."""
    job = TeamJob.objects.filter(team=team, state__in=GONE).first()
    if job is None:
        return ""
    zh, en = JOB_STATES[job.state]
    return f"{job.number} {zh if (get_language() or 'zh').startswith('zh') else en}"
