"""A county with its receivers, an incident and short ways through the chain, for the tests of reporting."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from anlan.incidents.models import Incident
from anlan.incidents.services import open_incident
from anlan.incidents.types import IncidentDetails
from anlan.journal.deadlines import run_deadlines, run_reactions
from anlan.reporting import services
from anlan.reporting.models import ReportClock, ReportDelivery, ReportReceiver, UpwardReport
from anlan.reporting.types import Draft, Sending
from anlan.testing import County


def receivers(county: County) -> dict[str, ReportReceiver]:
    """The usual register, by level."""
    services.first_receivers(county.division, by=county.actor("Chen"), at=county.now)
    return {row.tier: row for row in ReportReceiver.objects.all()}


def landslide(county: County, **fields: Any) -> Incident:
    """Entered by Chen; its clocks begin as the worker reads of it."""
    details = IncidentDetails(
        **{
            "title": "上柳村滑坡",
            "event_type": "landslide",
            "division": county.divisions["Upper Willow"],
            "informant": "village",
            "known_at": county.now,
            "occurred_at": county.now,
            "course": "村后山体滑坡，堵塞道路",
            **fields,
        }
    )
    incident = open_incident(details, by=county.actor("Chen"), at=county.now)
    work(county)
    return Incident.objects.get(pk=incident.pk)


def work(county: County) -> None:
    """One round of the worker: what was announced, then what is due."""
    while run_reactions(owner="test"):
        pass
    while run_deadlines(owner="test"):
        pass


def draft(county: County, incident: Incident, kind: str = "initial", **fields: Any) -> UpwardReport:
    elements = services.prefilled(incident, kind, at=county.now) | {"measures": "已组织转移，正在抢险"}
    given = Draft(**{"kind": kind, "elements": elements, **fields})
    return services.draft_report(
        incident, given, division=county.division, by=county.actor("Chen"), at=county.now
    )


def signed(county: County, incident: Incident, kind: str = "initial", **fields: Any) -> UpwardReport:
    report = draft(county, incident, kind, **fields)
    services.submit_report(report, by=county.actor("Chen"), at=county.now)
    services.review_report(report, by=county.actor("Feng"), at=county.now)
    return services.sign_report(report, by=county.actor("Wang"), at=county.now)


def sent(
    county: County, report: UpwardReport, receiver: ReportReceiver, way: str, *, at: datetime | None = None
) -> ReportDelivery:
    """Sent and handed over by a person now (or at a time that he writes down)."""
    by = county.actor("Chen")
    row = services.send_report(report, [Sending(receiver, way)], by=by, at=county.now)[0]
    return services.hand_over(row, handed_at=at or county.now, by=by, at=county.now)


def clock(incident: Incident, code: str, tier: str = "city", nth: int = 0) -> ReportClock:
    return ReportClock.objects.get(incident=incident, code=code, tier=tier, nth=nth)
