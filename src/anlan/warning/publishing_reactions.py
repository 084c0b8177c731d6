"""A warning that comes into force goes to its outlets, and one that ends leaves them."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from anlan.events.published import WarningEnded, WarningIssued
from anlan.journal.reactions import react
from anlan.warning.models import HazardWarning
from anlan.warning.services import publishing

publishing.table()  # a table that names no channel stops the start


@react("warning.publish", WarningIssued)
def on_issued(event: WarningIssued, at: datetime) -> None:
    """Repeated, it finds the broadcast of the first time and does nothing."""
    with transaction.atomic():
        publishing.publish(_warning(event.warning_id), at=at)


@react("warning.unpublish", WarningEnded)
def on_ended(event: WarningEnded, at: datetime) -> None:
    with transaction.atomic():
        publishing.unpublish(_warning(event.warning_id), at=at)


def _warning(warning_id: str) -> HazardWarning:
    return HazardWarning.objects.select_related("division", "replaces").get(pk=uuid.UUID(warning_id))
