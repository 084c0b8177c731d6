"""One fact of handling a message."""

from __future__ import annotations

from datetime import datetime

from anlan.intake.models import Intake, IntakeStep
from anlan.kernel.actor import Actor
from anlan.places.models import Division


def add_step(
    intake: Intake,
    kind: str,
    *,
    words: str = "",
    level: str = "",
    division: Division | None = None,
    entry: str = "noted",
    by_name: str = "",
    by: Actor,
    at: datetime,
) -> IntakeStep:
    row = IntakeStep(
        intake=intake,
        kind=kind,
        level=level,
        division=division,
        words=words.strip()[:400],
        by=by.ref,
        by_name=(by_name or by.name)[:60],
        at=at,
        exercise_id=intake.exercise_id,
    )
    return row.record(by=by, at=at, kind=entry, cause=f"intake:{intake.pk}")
