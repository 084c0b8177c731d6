"""What the warning floor does when something happened below."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import IntegrityError, transaction

from anlan.events.published import CrossingRecorded, WarningEnded, WarningIssued
from anlan.journal.reactions import react
from anlan.journal.refusals import StaleRow
from anlan.sensing.models import Crossing
from anlan.warning.models import HazardWarning
from anlan.warning.services import draft_from_crossing
from anlan.warning.services.capping import publish_cap
from anlan.warning.services.followup import open_returns


@react("warning.draft_from_crossing", CrossingRecorded)
def on_crossing(event: CrossingRecorded, at: datetime) -> None:
    """Draft, upgrade, issue under a permission, or propose lifting.

    When a person or another worker was faster, the new state is read and judged once more, at once: waiting for the lease
    to end would cost a minute.
    """
    crossing = Crossing.objects.select_related("station__division").get(pk=uuid.UUID(event.crossing_id))
    try:
        with transaction.atomic():
            draft_from_crossing(crossing, at=at)
    except (StaleRow, IntegrityError):
        with transaction.atomic():
            draft_from_crossing(crossing, at=at)


@react("warning.returns_after_lifting", WarningEnded)
def on_lifted(event: WarningEnded, at: datetime) -> None:
    """The all-clear opens the question whether people may go home; nobody goes home by it."""
    if event.state == "lifted":
        warning = HazardWarning.objects.select_related("division").get(pk=uuid.UUID(event.warning_id))
        open_returns(warning, at=at)


@react("warning.cap_of_issued", WarningIssued)
def on_issued_as_cap(event: WarningIssued, at: datetime) -> None:
    """What came into force goes out as CAP."""
    _publish_cap(event.warning_id, at)


@react("warning.cap_of_ended", WarningEnded)
def on_ended_as_cap(event: WarningEnded, at: datetime) -> None:
    """What was lifted is cancelled in CAP too; running out and being replaced need no message of their own."""
    if event.state == "lifted":
        _publish_cap(event.warning_id, at)


def _publish_cap(warning_id: str, at: datetime) -> None:
    warning = HazardWarning.objects.select_related("division", "replaces").get(pk=uuid.UUID(warning_id))
    with transaction.atomic():
        publish_cap(warning, at=at)
