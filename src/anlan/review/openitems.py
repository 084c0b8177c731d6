"""What of reviews a shift hands over."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, time, timedelta

from django.db.models import Exists, OuterRef, Q

from anlan.incidents.models import Incident
from anlan.kernel.clock import SHANGHAI
from anlan.kernel.openitems import OpenItem, open_items
from anlan.review.models import Lesson

#: A lesson comes onto the sheet so long before its day; months ahead it would only lengthen every sheet. Engineering choice.
AHEAD = timedelta(days=3)


@open_items("lessons", zh="到期的整改", en="Lessons due")
def lessons(path: str, at: datetime, exercise_id: uuid.UUID | None) -> Iterator[OpenItem]:
    """Those whose day comes soon or is past, the oldest day first."""
    here = Q(owner__path=path) | Q(owner__path__startswith=f"{path}/")
    until = (at + AHEAD).astimezone(SHANGHAI).date()
    secret = Incident.objects.filter(exercise_id=OuterRef("review__drill__run_id"), is_restricted=True)
    rows = Lesson.objects.filter(here, state="open", due_on__lte=until, exercise_id=exercise_id)
    rows = rows.annotate(is_secret=Exists(secret)).select_related(
        "owner", "review__incident", "review__drill"
    )
    for row in rows.defer("owner__geometry", "review__computed").order_by("due_on", "pk"):
        incident = row.review.incident if row.review is not None else None
        closed = incident is not None and incident.is_restricted
        drilled = (
            row.review is not None and row.review.drill is not None and row.review.drill.run_id is not None
        )
        end = datetime.combine(row.due_on, time(23, 59), tzinfo=SHANGHAI)  # type: ignore[arg-type]  # filtered above
        is_late = end < at
        yield OpenItem(
            f"lesson:{row.pk}", "lessons", f"{row.owner.name}：{row.words}"[:160], _made(row, end), row.owner.path,
            "逾期未整改" if is_late else "待整改", "overdue" if is_late else "to be mended", end,
            is_restricted=closed or (drilled and row.is_secret),
        )  # fmt: skip


def _made(row: Lesson, end: datetime) -> datetime:
    """Since when it is owed: since the review; of one without a review only its day is known."""
    return end if row.review is None else row.review.made_at
