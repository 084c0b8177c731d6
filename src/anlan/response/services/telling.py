"""What is announced about a response, with enough in it that nobody needs our rows to ring."""

from __future__ import annotations

from datetime import datetime

from anlan.events.published import ActivationMoved
from anlan.incidents.services.telling import aloud
from anlan.journal.services import announce
from anlan.response.models import Activation
from anlan.response.types import ROMAN


def tell(
    activation: Activation, what: str, *, at: datetime, level: int | None, former: int | None = None
) -> None:
    """Announce a move of a response; a grave level comes before milder ones."""
    zh, en = words(activation, level)
    announce(
        ActivationMoved(
            str(activation.pk),
            incident_id=str(activation.incident_id),
            what=what,
            level=level,
            former=former,
            what_zh=zh,
            what_en=en,
            division=activation.division_id,
            exercise_id=None if activation.exercise_id is None else str(activation.exercise_id),
        ),
        at=at,
        exercise_id=activation.exercise_id,
        priority=level or former or 4,
    )


def words(activation: Activation, level: int | None) -> tuple[str, str]:
    """Level, plan and incident in one line; a restricted incident is named as it may be said aloud."""
    zh, en = aloud(activation.incident)
    plan = activation.plan.title
    if not level:
        return f"《{plan}》{zh}"[:160], f"{plan}: {en}"[:160]
    return f"《{plan}》{ROMAN[level]}级，{zh}"[:160], f"{plan}, level {ROMAN[level]}: {en}"[:160]
