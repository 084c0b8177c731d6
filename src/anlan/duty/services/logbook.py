"""值班日志: free notes beside what the journal writes by itself. A note is never changed; a newer one corrects it."""

from __future__ import annotations

import json
import uuid
from datetime import datetime

from anlan.duty.models import DutyRoom
from anlan.duty.refusals import WordsMissing
from anlan.duty.services.handovers import may_sign
from anlan.journal.models import Entry
from anlan.journal.services import note
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotAllowed, NotFound

NOTED = "log.noted"
#: Characters of one note. Engineering choice.
TEXT_MAX = 500


def write_note(
    room: DutyRoom,
    text: str,
    *,
    corrects: uuid.UUID | None = None,
    by: Actor,
    at: datetime,
    exercise_id: uuid.UUID | None = None,
) -> Entry:
    """A note into the room's log; `corrects` names an older note of the same room."""
    if not may_sign(room, by, at):
        raise NotAllowed
    if not text.strip():
        raise WordsMissing
    payload: dict[str, object] = {"text": text.strip()[:TEXT_MAX], "by": by.name}
    if corrects is not None:
        older = Entry.objects.filter(pk=corrects, kind=NOTED, division_path=room.division.path).first()
        if older is None:
            raise NotFound
        payload["corrects"] = str(older.pk)
        payload["former"] = str(json.loads(older.payload).get("text", "")) if older.payload else ""
    return note(
        kind=NOTED,
        subject=("log", str(by.person_id)),
        payload=payload,
        by=by,
        at=at,
        path=room.division.path,
        exercise_id=exercise_id,
    )
