"""What review does when time has passed."""

from __future__ import annotations

from datetime import datetime

from anlan.journal.deadlines import deadline
from anlan.kernel.actor import system
from anlan.review.models import Lesson
from anlan.review.services.lessons import remind


@deadline("review.lesson_due", Lesson, "remind_at", state="open")
def on_lesson_due(lesson: Lesson, at: datetime) -> None:
    """The day by which it was to be mended has come or is past."""
    remind(lesson, by=system("review"), at=at)
