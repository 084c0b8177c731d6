"""Voice notes, photos, films and papers of a message. They are read through the message's own door, never through the place's."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from anlan.attachments import services as attachments
from anlan.attachments.models import Attachment
from anlan.intake.models import Intake
from anlan.intake.refusals import TooManyFiles
from anlan.kernel.actor import Actor

#: Engineering choice.
MOST = 12


def subject_of(intake: Intake) -> str:
    return f"intake:{intake.pk}"


def files_of(intake: Intake) -> list[Attachment]:
    return attachments.attachments_of(subject_of(intake))


def keep_file(
    intake: Intake, chunks: Iterable[bytes], *, name: str = "", by: Actor, at: datetime
) -> Attachment:
    """Keep one. Without a division, so that only the message's door leads to it. Raises what attachments refuse."""
    if len(files_of(intake)) >= MOST:
        raise TooManyFiles(most=MOST)
    return attachments.keep(
        chunks,
        subject=subject_of(intake),
        division=None,
        name=name,
        sender=by.name,
        by=by,
        at=at,
        exercise_id=intake.exercise_id,
    )
