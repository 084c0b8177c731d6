"""What the warning floor does when something happened below."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import IntegrityError, transaction

from anlan.events.published import CrossingRecorded
from anlan.journal.reactions import react
from anlan.journal.refusals import StaleRow
from anlan.sensing.models import Crossing
from anlan.warning.services import draft_from_crossing


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
