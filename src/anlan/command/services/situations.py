"""Situation reports: drafted from the journal, corrected by a person, final."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Max

from anlan.command.models import SituationReport
from anlan.command.refusals import IsFinal, WrongInterval
from anlan.command.services._common import check_room
from anlan.command.situation import Part, draft_parts
from anlan.incidents.models import Incident
from anlan.kernel.actor import Actor


def draft_situation(
    incident: Incident, *, from_at: datetime | None, to_at: datetime, by: Actor, at: datetime
) -> SituationReport:
    """What the journal says between the two times. The same interval by the same person is drafted once until it is final."""
    check_room(incident)
    until = min(to_at, at)
    if from_at is not None and from_at >= until:
        raise WrongInterval
    same = SituationReport.objects.filter(incident=incident, state="draft", from_at=from_at, to_at=until)
    known = same.first()
    if known is not None:
        return known
    last = SituationReport.objects.filter(incident=incident).aggregate(last=Max("number"))["last"] or 0
    return SituationReport(
        state="draft",
        incident=incident,
        number=last + 1,
        from_at=from_at,
        to_at=until,
        parts=draft_parts(incident, from_at=from_at, to_at=until),
        made_at=at,
        made_by_name=by.name[:60],
        exercise_id=incident.exercise_id,
    ).record(by=by, at=at, kind="drafted")


def edit_situation(
    report: SituationReport, *, lines: Sequence[Sequence[str]], by: Actor, at: datetime
) -> SituationReport:
    """Other lines for its parts, in their order; headings stay."""
    if report.state != "draft":
        raise IsFinal
    parts: list[Part] = [
        {"heading": part["heading"], "lines": _tidy(lines[n]) if n < len(lines) else part["lines"]}
        for n, part in enumerate(report.parts)
    ]
    if parts == report.parts:
        return report
    return report.change(by=by, at=at, kind="edited", parts=parts)


def finish_situation(report: SituationReport, *, by: Actor, at: datetime) -> SituationReport:
    """Its words stay as they are from now on."""
    if report.state != "draft":
        raise IsFinal
    return report.advance("final", by=by, at=at, finished_at=at)


def _tidy(lines: Sequence[str]) -> list[str]:
    return [words for one in lines if (words := one.strip()[:1000])][:200]
