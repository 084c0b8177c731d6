"""A proposed response rings until somebody decides it; the desk knows responses by their events only."""

from __future__ import annotations

import uuid
from datetime import datetime

from anlan.duty.parameters import alarms
from anlan.duty.services import clear_subject, raise_alarm
from anlan.events.published import ActivationMoved
from anlan.journal.reactions import react
from anlan.kernel.actor import system
from anlan.places.models import Division

_BY = system("duty")
_DECIDED = {
    "started": "已启动",
    "raised": "已调整",
    "lowered": "已调整",
    "ended": "已终止",
    "declined": "已决定不启动",
}


@react("duty.response", ActivationMoved)
def on_response(event: ActivationMoved, at: datetime) -> None:
    """Proposed it rings, reminded it rings again if somebody confirmed it without deciding; decided it is silent."""
    subject = f"activation:{event.activation_id}"
    if event.what in _DECIDED:
        clear_subject(subject, reason=_DECIDED[event.what], by=_BY, at=at)
        return
    if event.what not in ("proposed", "reminded"):
        return
    kind = alarms().of("response_proposed")
    raise_alarm(
        kind.kind,
        subject=subject,
        text_zh=kind.zh.format(what=event.what_zh)[:300],
        text_en=kind.en.format(what=event.what_en)[:300],
        level=event.level,
        division=Division.objects.filter(code=event.division).first(),
        by=_BY,
        at=at,
        exercise_id=None if event.exercise_id is None else uuid.UUID(event.exercise_id),
        cause=f"activation:{event.activation_id}",
    )
