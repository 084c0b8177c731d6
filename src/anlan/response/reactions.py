"""Responses follow warnings and incidents: what is judged, and when. Judging twice changes nothing."""

from __future__ import annotations

import uuid
from datetime import datetime

from anlan.events.published import (
    FiguresChanged,
    IncidentGraded,
    IncidentMoved,
    IncidentOpened,
    WarningEnded,
    WarningIssued,
)
from anlan.incidents.models import Incident
from anlan.journal.reactions import react
from anlan.response.services.judging import judge_incident, judge_warnings
from anlan.warning.models import HazardWarning


@react("response.warning_issued", WarningIssued)
def on_issued(event: WarningIssued, at: datetime) -> None:
    run = None if event.exercise_id is None else uuid.UUID(event.exercise_id)
    judge_warnings(event.hazard_type, exercise_id=run, at=at)


@react("response.warning_ended", WarningEnded)
def on_ended(event: WarningEnded, at: datetime) -> None:
    """A lower level is suggested at most; a draft that was returned or withdrawn never counted."""
    row = HazardWarning.objects.filter(pk=uuid.UUID(event.warning_id)).first()
    if row is not None and row.issued_at is not None:
        judge_warnings(row.hazard_type, exercise_id=row.exercise_id, at=at)


@react("response.incident_opened", IncidentOpened)
def on_opened(event: IncidentOpened, at: datetime) -> None:
    judge_incident(_incident(event.incident_id), at=at)


@react("response.incident_graded", IncidentGraded)
def on_graded(event: IncidentGraded, at: datetime) -> None:
    judge_incident(_incident(event.incident_id), at=at)


@react("response.incident_moved", IncidentMoved)
def on_moved(event: IncidentMoved, at: datetime) -> None:
    judge_incident(_incident(event.incident_id), at=at)


@react("response.figures_changed", FiguresChanged)
def on_figures(event: FiguresChanged, at: datetime) -> None:
    judge_incident(_incident(event.incident_id), at=at)


def _incident(incident_id: str) -> Incident:
    rows = Incident.objects.select_related("division", "unit")
    return rows.get(pk=uuid.UUID(incident_id))
