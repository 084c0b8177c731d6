"""Plans whose filing is due or late, or whose review of three years is overdue. Shown at the desk of the owner and of the county.

None of them sounds: paper work wakes nobody at night. A county may say otherwise in its `alarms.json`.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from anlan.duty.models import Alarm
from anlan.duty.parameters import alarms
from anlan.duty.services import clear_subject, raise_alarm
from anlan.events.published import PlanMoved
from anlan.journal.reactions import react
from anlan.kernel.actor import system
from anlan.places.models import Division

_BY = system("duty")
#: What happened -> the kind of alarm.
_RINGS = {
    "filing_due": "plan_filing_due",
    "filing_overdue": "plan_filing_late",
    "review_overdue": "plan_review_late",
}
#: What happened to a filing -> why nothing is shown about it any more.
_ENDS = {
    "filing_submitted": "已报送",
    "filing_accepted": "已备案",
    "filing_returned": "已退回补正",
    "filing_lapsed": "不再需要备案",
}
#: Plans say every week that they are late; what somebody confirmed within this time is not shown again. Engineering choice.
_QUIET = timedelta(days=6)


@react("duty.plan", PlanMoved)
def on_plan(event: PlanMoved, at: datetime) -> None:
    """One alarm for each filing, and one for each plan that must be looked through."""
    if event.what in _ENDS:
        clear_subject(f"plan_filing:{event.filing_id}", reason=_ENDS[event.what], by=_BY, at=at)
    elif event.what in ("in_force", "withdrawn"):
        reason = "已修订" if event.what == "in_force" else "预案已废止"
        clear_subject(f"plan:{event.plan_id}", reason=reason, by=_BY, at=at, kinds=["plan_review_late"])
    elif event.what in _RINGS:
        _show(_RINGS[event.what], event, at)


def _show(name: str, event: PlanMoved, at: datetime) -> None:
    subject = f"plan_filing:{event.filing_id}" if event.filing_id else f"plan:{event.plan_id}"
    confirmed = Alarm.objects.filter(
        kind=name, subject=subject, state="confirmed", confirmed_at__gt=at - _QUIET
    )
    if confirmed.exists():
        return
    if name == "plan_filing_late":
        clear_subject(subject, reason="已逾期", by=_BY, at=at, kinds=["plan_filing_due"])
    kind, plan = alarms().of(name), f"{event.number} {event.title}".strip()[:200]
    raise_alarm(
        name,
        subject=subject,
        text_zh=kind.zh.format(what=plan + (f"（{event.due_on}前）" if event.due_on else ""))[:300],
        text_en=kind.en.format(what=plan + (f" (by {event.due_on})" if event.due_on else ""))[:300],
        level=None,
        division=Division.objects.filter(code=event.division).first(),
        by=_BY,
        at=at,
        exercise_id=None if event.exercise_id is None else uuid.UUID(event.exercise_id),
        cause=subject[:80],
    )
