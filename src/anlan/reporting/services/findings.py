"""漏报, 谎报, 瞒报: decided by a person with evidence, taken back by a newer decision. 迟报 is never decided, it is computed."""

from __future__ import annotations

from datetime import datetime

from anlan.incidents.models import Incident
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.reporting.models import ReportingFinding
from anlan.reporting.refusals import NoEvidence, NothingToTakeBack


def decide(
    incident: Incident, *, kind: str, division: Division, evidence: str, by: Actor, at: datetime
) -> ReportingFinding:
    """Somebody found that `division` omitted, falsified or concealed."""
    if not evidence.strip():
        raise NoEvidence
    return _record(incident, kind, division, evidence, is_upheld=True, takes_back=None, by=by, at=at)


def take_back(finding: ReportingFinding, *, evidence: str, by: Actor, at: datetime) -> ReportingFinding:
    """A newer decision with its own evidence; the older one stays readable."""
    if not evidence.strip():
        raise NoEvidence
    newest = (
        ReportingFinding.objects.filter(
            incident=finding.incident, division=finding.division, kind=finding.kind
        )
        .order_by("-decided_at", "-id")
        .first()
    )
    if newest is None or not newest.is_upheld:
        raise NothingToTakeBack
    return _record(
        finding.incident,
        finding.kind,
        finding.division,
        evidence,
        is_upheld=False,
        takes_back=newest,
        by=by,
        at=at,
    )


def _record(
    incident: Incident,
    kind: str,
    division: Division,
    evidence: str,
    *,
    is_upheld: bool,
    takes_back: ReportingFinding | None,
    by: Actor,
    at: datetime,
) -> ReportingFinding:
    return ReportingFinding(
        incident=incident,
        division=division,
        kind=kind,
        is_upheld=is_upheld,
        evidence=evidence.strip(),
        decided_at=at,
        decided_by=by.ref,
        takes_back=takes_back,
        exercise_id=incident.exercise_id,
    ).record(by=by, at=at, kind="decided" if is_upheld else "taken_back")
