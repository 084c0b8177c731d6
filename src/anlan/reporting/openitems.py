"""What of reports upward a shift hands over: limits that run, reports on their way, receipts that nobody confirmed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q

from anlan.kernel.openitems import OpenItem, open_items
from anlan.reporting.models import ReportClock, ReportDelivery, UpwardReport
from anlan.reporting.services.chain import UNDER_WAY
from anlan.reporting.words import STATES
from anlan.vocab.incidents import RESTRICTED, TYPES


def _here(path: str, field: str) -> Q:
    return Q(**{f"{field}__path": path}) | Q(**{f"{field}__path__startswith": f"{path}/"})


def _is_closed(report: UpwardReport) -> bool:
    """What no incident stands behind yet goes by the type that it names."""
    if report.incident is not None:
        return report.incident.is_restricted
    face = TYPES.get(str(report.facts.get("event_type", "")))
    return face is not None and face.event_class in RESTRICTED


@open_items("reports", zh="待签发、待报出与到期信息", en="Reports waiting and due")
def reports(path: str, at: datetime, exercise_id: uuid.UUID | None) -> Iterator[OpenItem]:
    limits = ReportClock.objects.filter(
        _here(path, "division"), state="open", is_ours=True, exercise_id=exercise_id
    )
    for row in limits.select_related("incident", "division").order_by("due_at", "pk"):
        what = f"{row.incident.number} " if row.incident is not None else ""
        late = row.due_at < at
        yield OpenItem(
            f"report_clock:{row.pk}", "reports", f"{what}{row.label_zh}"[:160], row.starts_at, row.division.path,
            "已迟报" if late else "计时中", "late" if late else "running", row.due_at,
            is_restricted=row.incident is not None and row.incident.is_restricted,
        )  # fmt: skip
    waiting = UpwardReport.objects.filter(
        _here(path, "division"), state__in=(*UNDER_WAY, "signed"), exercise_id=exercise_id
    )
    for report in waiting.select_related("incident", "division").order_by("drafted_at", "id"):
        zh, en = STATES[report.state]
        yield OpenItem(
            f"upward_report:{report.pk}", "reports", report.title, report.drafted_at, report.division.path, zh, en,
            report.step_at, is_restricted=_is_closed(report),
        )  # fmt: skip
    unconfirmed = ReportDelivery.objects.filter(
        _here(path, "report__division"), state__in=("waiting", "failed", "handed"), exercise_id=exercise_id
    )
    for sent in unconfirmed.select_related("report__incident", "report__division").order_by("asked_at", "pk"):
        yield OpenItem(
            f"report_delivery:{sent.pk}", "reports", f"{sent.report.title} → {sent.name}"[:160], sent.asked_at,
            sent.report.division.path, "未确认收到", "receipt not confirmed", is_restricted=_is_closed(sent.report),
        )  # fmt: skip
