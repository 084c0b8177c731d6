"""Reporting follows incidents: clocks begin when one is opened and move when grade, state or merges do."""

from __future__ import annotations

import uuid
from datetime import datetime

from anlan.events.published import IncidentGraded, IncidentMoved, IncidentOpened
from anlan.incidents.models import Incident
from anlan.journal.reactions import react
from anlan.kernel.actor import system
from anlan.reporting.models import UpwardReport
from anlan.reporting.services import recount, reopen_chain
from anlan.reporting.services.common import county_of

_BY = system("reporting")


@react("reporting.opened", IncidentOpened)
def on_opened(event: IncidentOpened, at: datetime) -> None:
    recount(_incident(event.incident_id), at=at)


@react("reporting.graded", IncidentGraded)
def on_graded(event: IncidentGraded, at: datetime) -> None:
    recount(_incident(event.incident_id), at=at)


@react("reporting.moved", IncidentMoved)
def on_moved(event: IncidentMoved, at: datetime) -> None:
    """Also after a merge or a split, which moves both. A closed incident that goes on reopens its chain."""
    incident = _incident(event.incident_id)
    has_final = UpwardReport.objects.filter(incident=incident, kind="final", reopening=None).exists()
    if event.state == "verified" and has_final and incident.closed_at is None:
        reopen_chain(incident, division=county_of(incident.division), reason="事件重新处置", by=_BY, at=at)
    recount(incident, at=at)


def _incident(incident_id: str) -> Incident:
    rows = Incident.objects.select_related("division", "merged_into")
    return rows.get(pk=uuid.UUID(incident_id))
