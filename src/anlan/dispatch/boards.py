"""Rows of the boards of an incident: teams and requests. Frozen, so that what is shown can be kept and compared."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import OuterRef, Subquery

from anlan.dispatch.jobwords import ORDER, TIMES
from anlan.dispatch.models import PositionFix, SupplyRequest, TeamJob
from anlan.incidents.models import Incident


@dataclass(frozen=True, slots=True)
class TeamRow:
    """One job. Times UTC; `since` is when its state became true; `lon`, `lat` the team's last position of this job, else the goal's."""

    job_id: uuid.UUID
    number: str
    team_id: uuid.UUID
    team: str
    kind: str
    state: str
    since: datetime | None
    words: str
    place: str
    scene_id: uuid.UUID | None
    strength: int
    told_at: datetime
    left_at: datetime | None
    arrived_at: datetime | None
    working_at: datetime | None
    done_at: datetime | None
    back_at: datetime | None
    arrive_by: datetime | None
    is_late: bool
    check_due_at: datetime | None
    checks_missed: int
    heard_at: datetime | None
    lon: float | None
    lat: float | None
    lon_goal: float | None
    lat_goal: float | None
    position_at: datetime | None


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line of a request; None where the step has not come."""

    name: str
    unit: str
    asked: Decimal
    approved: Decimal | None
    sent: Decimal | None
    received: Decimal | None
    note: str

    @property
    def missing(self) -> Decimal:
        """Sent and not received; zero until it was received."""
        if self.received is None or self.sent is None:
            return Decimal(0)
        return max(Decimal(0), self.sent - self.received)


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request with its lines. Times UTC."""

    request_id: uuid.UUID
    number: str
    state: str
    place: str
    why: str
    scene_id: uuid.UUID | None
    asked_by_name: str
    asked_at: datetime
    needed_by: datetime | None
    approved_at: datetime | None
    sent_at: datetime | None
    received_at: datetime | None
    is_late: bool
    lines: tuple[LineRow, ...]


_OPEN = {"working": 0, "arrived": 1, "left": 2, "told": 3, "done": 4}
_REQUESTS = {"asked": 0, "approved": 1, "sent": 2, "refused": 3, "received": 4, "cancelled": 5}


def teams_of(incident: Incident) -> list[TeamRow]:
    """Every job of the incident: missed check-ins first, then late ones, then by state. Two queries."""
    newest = PositionFix.objects.filter(job=OuterRef("pk")).order_by("-happened_at").values("pk")[:1]
    rows_of = TeamJob.objects.filter(incident=incident).annotate(fix=Subquery(newest))
    jobs = list(rows_of.select_related("team", "division").defer("division__geometry"))
    last = {job.pk: job.fix for job in jobs}
    known = PositionFix.objects.in_bulk([key for key in last.values() if key is not None])
    fixes = {key: known[fix] for key, fix in last.items() if fix is not None}
    rows = [team_row(job, fixes.get(job.pk)) for job in jobs]
    return sorted(
        rows,
        key=lambda row: (-min(row.checks_missed, 1), not row.is_late, _OPEN.get(row.state, 9), row.number),
    )


def team_row(job: TeamJob, fix: PositionFix | None = None) -> TeamRow:
    """The row of one job with its team and place at hand."""
    is_open = job.state in ("told", "left", "arrived", "working")
    return TeamRow(
        job_id=job.pk,
        number=job.number,
        team_id=job.team_id,
        team=job.team.name,
        kind=job.team.kind,
        state=job.state,
        since=getattr(job, TIMES[job.state]) if job.state in ORDER else job.step_at,
        words=job.words,
        place=f"{job.division.name}{job.place_words}",
        scene_id=job.scene_id,
        strength=job.strength,
        told_at=job.told_at,
        left_at=job.left_at,
        arrived_at=job.arrived_at,
        working_at=job.working_at,
        done_at=job.done_at,
        back_at=job.back_at,
        arrive_by=job.arrive_by,
        is_late=job.risen > 0 and job.state in ("told", "left"),
        check_due_at=job.check_due_at,
        checks_missed=job.checks_missed if is_open else 0,
        heard_at=job.heard_at,
        lon=fix.lon if fix is not None else job.lon,
        lat=fix.lat if fix is not None else job.lat,
        lon_goal=job.lon,
        lat_goal=job.lat,
        position_at=None if fix is None else fix.happened_at,
    )


def requests_of(incident: Incident) -> list[RequestRow]:
    """Every request of the incident: late ones first, then by state. Two queries."""
    rows = (
        SupplyRequest.objects.filter(incident=incident).select_related("division").defer("division__geometry")
    )
    made = [request_row(row) for row in rows.prefetch_related("lines")]
    return sorted(made, key=lambda row: (not row.is_late, _REQUESTS.get(row.state, 9), row.number))


def request_row(row: SupplyRequest) -> RequestRow:
    """The row of one request with its lines at hand."""
    return RequestRow(
        request_id=row.pk,
        number=row.number,
        state=row.state,
        place=f"{row.division.name}{row.place_words}",
        why=row.why,
        scene_id=row.scene_id,
        asked_by_name=row.asked_by_name,
        asked_at=row.asked_at,
        needed_by=row.needed_by,
        approved_at=row.approved_at,
        sent_at=row.sent_at,
        received_at=row.received_at,
        is_late=row.risen > 0 and row.state in ("asked", "approved", "sent"),
        lines=tuple(
            LineRow(one.name, one.unit, one.asked, one.approved, one.sent, one.received, one.note)
            for one in sorted(row.lines.all(), key=lambda one: one.pk)
        ),
    )
