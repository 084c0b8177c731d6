"""A telephone line rings, is taken, or is missed. Numbers go into the row and to the eyes that may see them, never into a log."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from anlan.duty.services import clear_subject, raise_alarm
from anlan.intake.models import Intake, IntakeSender, RingEvent
from anlan.kernel.actor import Actor, system

#: A call that nobody took and nobody hung up counts as missed after this; one that was answered and never written down after
#: that. Engineering choices.
MISSED_AFTER = timedelta(minutes=10)
UNWRITTEN_AFTER = timedelta(minutes=30)
_BY = system("intake")


def ring(
    line: IntakeSender,
    *,
    call_id: str,
    number: str,
    called: str = "",
    by: Actor,
    at: datetime,
    exercise_id: uuid.UUID | None = None,
) -> tuple[RingEvent, bool]:
    """The desk hears it at once. The same call again is the same ring."""
    known = RingEvent.objects.filter(line=line, call_id=call_id[:80]).first()
    if known is not None:
        return known, False
    row = RingEvent(
        state="ringing",
        line=line,
        division=line.division,
        call_id=call_id[:80],
        number=number.strip()[:40],
        called=called.strip()[:40],
        rang_at=at,
        missed_at=at + MISSED_AFTER,
        exercise_id=exercise_id,
    ).record(by=by, at=at, kind="rang")
    raise_alarm(
        "line_rings",
        subject=f"ring:{row.pk}",
        text_zh=f"来电：{line.name}",
        text_en=f"A line rings: {line.name}",
        level=None,
        division=line.division,
        by=_BY,
        at=at,
        exercise_id=exercise_id,
    )
    IntakeSender.objects.filter(pk=line.pk).update(heard_at=at)
    return row, True


def take_ring(row: RingEvent, intake: Intake, *, by: Actor, at: datetime) -> RingEvent:
    """Somebody took the call, or rang back, and wrote down what was said."""
    row.advance("taken", by=by, at=at, cause=f"intake:{intake.pk}", intake_id=intake.pk, missed_at=None)
    if row.recording and not intake.recording:
        intake.change(by=by, at=at, kind="described", recording=row.recording)
    _quiet(row, at)
    return row


def answer_ring(row: RingEvent, *, by: Actor, at: datetime) -> RingEvent:
    """Somebody lifted the receiver: it sounds no more. Until a form is saved it is still not taken."""
    if row.answered_at is None and row.state == "ringing":
        row.change(by=by, at=at, kind="answered", answered_at=at, missed_at=at + UNWRITTEN_AFTER)
        _quiet(row, at)
    return row


def end_ring(row: RingEvent, *, recording: str = "", by: Actor, at: datetime) -> RingEvent:
    """The line was hung up, unanswered it is missed; the recording's name goes to the message where there is one already."""
    fields: dict[str, Any] = {"ended_at": at, "recording": recording.strip()[:200] or row.recording}
    if row.ended_at is None or (recording and row.recording != recording):
        row.change(by=by, at=at, kind="ended", fields=fields)
        if recording and row.intake is not None and not row.intake.recording:
            row.intake.change(by=by, at=at, kind="described", recording=recording.strip()[:200])
    if row.state == "ringing" and row.answered_at is None:
        miss_ring(row, at=at)
    return row


def miss_ring(row: RingEvent, *, at: datetime) -> RingEvent:
    """Nobody wrote anything down for it: it stays in the list of calls to ring back."""
    row.advance("missed", by=_BY, at=at, missed_at=None)
    _quiet(row, at)
    return row


def _quiet(row: RingEvent, at: datetime) -> None:
    clear_subject(f"ring:{row.pk}", reason=row.state, by=_BY, at=at)
