"""What is announced about an incident, with enough in it that a peer needs no row of ours."""

from __future__ import annotations

from datetime import datetime

from anlan.events.published import IncidentGraded, IncidentOpened
from anlan.incidents.models import Incident
from anlan.journal.services import announce
from anlan.vocab.incidents import CLASS_LABELS, GRADE_LABELS, EventClass


def tell_opened(incident: Incident, *, at: datetime) -> None:
    zh, en = aloud(incident)
    announce(
        IncidentOpened(
            str(incident.pk),
            grade=incident.grade,
            is_sensitive=incident.is_sensitive,
            what_zh=zh,
            what_en=en,
            division=incident.division_id,
            exercise_id=None if incident.exercise_id is None else str(incident.exercise_id),
        ),
        at=at,
        exercise_id=incident.exercise_id,
        priority=incident.grade or 4,
    )


def tell_graded(incident: Incident, *, former: int | None, at: datetime) -> None:
    zh, en = aloud(incident)
    announce(
        IncidentGraded(
            str(incident.pk),
            grade=incident.grade,
            former=former,
            is_sensitive=incident.is_sensitive,
            what_zh=zh,
            what_en=en,
            division=incident.division_id,
            exercise_id=None if incident.exercise_id is None else str(incident.exercise_id),
            state=incident.state,
        ),
        at=at,
        exercise_id=incident.exercise_id,
        priority=incident.grade or 4,
    )


def aloud(incident: Incident) -> tuple[str, str]:
    """What may ring in a room where not everybody reads everything: of a restricted one only number and class."""
    if incident.is_restricted:
        zh, en = CLASS_LABELS[EventClass(incident.event_class)]
        return f"{incident.number} {zh}", f"{incident.number} {en}"
    if incident.grade is None:
        return (f"{incident.number} {incident.title}",) * 2
    roman, zh, en = GRADE_LABELS[incident.grade]
    return (
        f"{zh}（{roman}级）{incident.number} {incident.title}",
        f"{en} ({roman}) {incident.number} {incident.title}",
    )
