"""平时 and 战时 by hand."""

from __future__ import annotations

import uuid
from datetime import datetime

from anlan.accounts.access import require
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.response.models import Mode, ModeSwitch
from anlan.response.refusals import ReasonMissing
from anlan.vocab.posts import Right


def switch_mode(
    mode: str,
    *,
    division: Division,
    why: str,
    by: Actor,
    by_name: str,
    at: datetime,
    exercise_id: uuid.UUID | None = None,
) -> ModeSwitch:
    """Counts until a response starts or the last one ends (`queries.mode`)."""
    require(by, Right.DECIDE_RESPONSE, division.path)
    if not why.strip() or mode not in Mode.values:
        raise ReasonMissing
    return ModeSwitch(
        mode=mode,
        division=division,
        happened_at=at,
        by_name=by_name[:60],
        why=why.strip()[:300],
        exercise_id=exercise_id,
    ).record(by=by, at=at, kind="switched")
