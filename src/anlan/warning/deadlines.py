"""What the warning floor does when time has passed."""

from __future__ import annotations

from datetime import datetime

from anlan.journal.deadlines import deadline
from anlan.warning.models import HazardWarning, RiskNotice
from anlan.warning.services import expire, ring_next_reviewer
from anlan.warning.services.notices import chase_report


@deadline("warning.review", HazardWarning, "review_due_at", state="draft")
def on_review_due(draft: HazardWarning, at: datetime) -> None:
    """Nobody decided in time: ring the next reviewer."""
    ring_next_reviewer(draft, at=at)


@deadline("warning.expiry", HazardWarning, "expires_at", state="issued")
def on_expiry(warning: HazardWarning, at: datetime) -> None:
    """The validity has run out."""
    expire(warning, at=at)


@deadline("warning.notice_reply", RiskNotice, "reply_due_at", state="issued")
def on_reply_due(notice: RiskNotice, at: datetime) -> None:
    """The day for a rectification report is over."""
    chase_report(notice, at=at)
