"""Steps of an incident's own: received, verified, reported against the legal clock, chased, closed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from anlan.incidents.models import ChaseOrder, Incident
from anlan.intake.models import Intake
from anlan.journal.models import Entry
from anlan.reporting.models import ReportClock, UpwardReport
from anlan.reporting.words import KINDS as REPORT_KINDS
from anlan.review.lines import Line, mark_of


def of_incident(incident: Incident, ids: Sequence[uuid.UUID], now: datetime) -> Iterator[Line]:
    """Six queries."""
    yield from _itself(incident, ids)
    yield from _clocks(incident, now)
    yield from _reports(incident, ids)
    yield from _chases(incident, ids, now)


def _itself(incident: Incident, ids: Sequence[uuid.UUID]) -> Iterator[Line]:
    said: dict[str, Any] = {"who": incident.division.name, "unit": "", "title": incident.title, "subject": f"incident:{incident.pk}"}  # fmt: skip
    first = Intake.objects.filter(incident__in=ids).order_by("received_at", "pk").first()
    opened, verified = _entry(incident, "incident.opened"), _entry(incident, "incident.verified")
    if first is not None:
        mark = mark_of(opened, None, incident.known_at)
        yield Line("intake.opened", "opened", mark, starts_at=first.received_at, done_at=opened, **said)
    # Orders by mouth of a superior are counted from the moment of knowing, so is the time to verify.
    yield Line(
        "intake.verified", "verified", mark_of(verified, None, incident.known_at), starts_at=incident.known_at,
        done_at=verified, **said,
    )  # fmt: skip
    if incident.closed_at is not None:
        mark = mark_of(incident.closed_at, None, incident.known_at)
        yield Line(
            "intake.closed", "closed", mark, starts_at=incident.known_at, done_at=incident.closed_at, **said
        )


def _entry(incident: Incident, kind: str) -> datetime | None:
    """When the journal first says so."""
    rows = Entry.objects.filter(subject_type="incident", subject_id=str(incident.pk), kind=kind)
    return rows.order_by("at", "id").values_list("at", flat=True).first()


def _clocks(incident: Incident, now: datetime) -> Iterator[Line]:
    """Limits that bind us. One that was dropped before it ended bound nobody."""
    rows = ReportClock.objects.filter(incident=incident, is_ours=True).select_related("division")
    for row in rows.defer("division__geometry").order_by("due_at", "pk"):
        if row.state == "closed" and row.met_at is None and not row.is_late:
            continue
        yield Line(
            "report.clock",
            f"clock/{row.code}/{row.tier}/{row.nth}",
            mark_of(row.met_at, row.due_at, now),
            title=row.label_zh,
            who=row.division.name,
            unit=row.division_id,
            starts_at=row.starts_at,
            done_at=row.met_at,
            due_at=row.due_at,
            source=(row.source, row.source),
            note=("", row.label_en),
            subject=f"report_clock:{row.pk}",
            is_verified=row.is_verified,
        )


def _reports(incident: Incident, ids: Sequence[uuid.UUID]) -> Iterator[Line]:
    rows = UpwardReport.objects.filter(incident__in=ids, sent_at__isnull=False).select_related("division")
    for row in rows.defer("division__geometry").order_by("sent_at", "pk"):
        zh, en = REPORT_KINDS.get(row.kind, (row.kind, row.kind))[:2]
        yield Line(
            "report.sent",
            f"report/{row.kind}/{row.serial}/{row.division_id}",
            mark_of(row.sent_at, None, incident.known_at),
            title=f"{zh} {row.number}".strip(),
            who=row.division.name,
            unit=row.division_id,
            starts_at=incident.known_at,
            done_at=row.sent_at,
            note=("", en),
            subject=f"upward_report:{row.pk}",
        )


def _chases(incident: Incident, ids: Sequence[uuid.UUID], now: datetime) -> Iterator[Line]:
    rows = ChaseOrder.objects.filter(incident__in=ids).select_related("division")
    for row in rows.defer("division__geometry").order_by("issued_at", "pk"):
        done = row.answered_at or row.closed_at
        yield Line(
            "report.chased",
            f"chase/{row.division_id}",
            mark_of(done, row.due_at, now),
            title=f"{row.number} {row.task}"[:120],
            who=row.addressee or row.division.name,
            unit=row.division_id,
            starts_at=row.issued_at,
            done_at=done,
            due_at=row.due_at,
            source=(f"督办单 {row.number}", f"chase order {row.number}"),
            subject=f"chase_order:{row.pk}",
        )
