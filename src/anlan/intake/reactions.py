"""The desk hears of what comes in by machine: nobody looks at an inbox all night."""

from __future__ import annotations

from datetime import datetime

from anlan.duty.services import raise_alarm
from anlan.events.published import IntakeTaken
from anlan.intake.models import Intake
from anlan.journal.reactions import react
from anlan.kernel.actor import system
from anlan.places import queries as places
from anlan.vocab.incidents import INFORMANT_LABELS, Informant

#: Taken by a person at the desk: he need not be rung for it.
_BY_HAND = "user:"


@react("intake.ring_for_message", IntakeTaken)
def on_taken(event: IntakeTaken, at: datetime) -> None:
    """A message that nobody of the desk typed sounds until somebody looks; its words stay on its page."""
    intake = Intake.objects.select_related("division").filter(pk=event.intake_id).first()
    if intake is None or intake.state != "received" or intake.duplicate_of_id is not None:
        return
    if intake.recorder.startswith(_BY_HAND) and intake.source not in (
        "field",
        "township",
        "village",
        "enterprise",
    ):
        return
    zh, en = INFORMANT_LABELS[Informant(intake.source)]
    where = intake.division.name if intake.division is not None else ""
    raise_alarm(
        "intake_waits",
        subject=f"intake:{intake.pk}",
        text_zh=f"新接报：{zh} {where} {intake.number}",
        text_en=f"New message: {en} {where} {intake.number}",
        level=None,
        division=None if intake.is_restricted else (intake.division or places.county()),
        by=system("intake"),
        at=at,
        exercise_id=intake.exercise_id,
    )
