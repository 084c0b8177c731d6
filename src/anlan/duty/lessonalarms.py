"""A lesson that is due or overdue stands among the alarms of its owner's desk until it is mended; it makes no sound."""

from __future__ import annotations

import uuid
from datetime import datetime

from anlan.duty.parameters import alarms
from anlan.duty.services import clear_subject, raise_alarm
from anlan.events.published import LessonDue
from anlan.journal.reactions import react
from anlan.kernel.actor import system
from anlan.places.models import Division

_BY = system("duty")
_KINDS = {"due": "lesson_due", "overdue": "lesson_overdue"}


@react("duty.lesson", LessonDue)
def on_lesson(event: LessonDue, at: datetime) -> None:
    """Overdue takes the place of due. A repeated event changes nothing: what stands there stays."""
    subject = f"lesson:{event.lesson_id}"
    if event.what not in _KINDS:
        clear_subject(subject, reason="已办理", by=_BY, at=at)
        return
    if event.what == "overdue":
        clear_subject(subject, reason="已逾期", by=_BY, at=at, kinds=["lesson_due"])
    kind = alarms().of(_KINDS[event.what])
    raise_alarm(
        kind.kind,
        subject=subject,
        text_zh=kind.zh.format(what=event.words)[:300],
        text_en=kind.en.format(what=event.words)[:300],
        level=None,
        division=Division.objects.filter(code=event.division).first(),
        by=_BY,
        at=at,
        exercise_id=None if event.exercise_id is None else uuid.UUID(event.exercise_id),
        cause=subject[:80],
    )
