"""What a shift hands over of the statistics: unsigned reports, limits that run or passed, courses that nobody verified."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from anlan.kernel.openitems import OpenItem, open_items
from anlan.losses import wording
from anlan.losses.models import CourseReport, ReportDue
from anlan.losses.services.clocks import KIND_WORDS


@open_items("losses", zh="灾情统计", en="Disaster statistics")
def losses(path: str, at: datetime, exercise_id: uuid.UUID | None) -> Iterable[OpenItem]:
    """Limits of the place and below, and the county's reports that wait for somebody."""
    here = Q(division__path=path) | Q(division__path__startswith=path + "/")
    dues = ReportDue.objects.filter(here, exercise_id=exercise_id, state__in=("waiting", "overdue"))
    for due in dues.select_related("division", "course").order_by("due_at", "pk"):
        zh, en = wording.DUE_STATES[due.state]
        title = f"{due.course.title}：{KIND_WORDS[due.kind][0]}（{due.division.name}）"
        yield OpenItem(
            f"loss_due:{due.pk}",
            "losses",
            title[:120],
            due.counts_from,
            due.division.path,
            zh,
            en,
            due.due_at,
        )
    county = Q(course__division__path=path) | Q(course__division__path__startswith=path + "/")
    reports = CourseReport.objects.filter(
        county, exercise_id=exercise_id, state__in=("draft", "review", "reviewed")
    )
    for report in reports.select_related("course__division").order_by("drafted_at", "pk"):
        zh, en = wording.REPORT_STATES[report.state]
        title = f"{report.course.title}：{wording.kind_words(report.kind, report.number)[0]}"
        yield OpenItem(
            f"loss_report:{report.pk}",
            "losses",
            title[:120],
            report.drafted_at,
            report.course.division.path,
            zh,
            en,
        )
