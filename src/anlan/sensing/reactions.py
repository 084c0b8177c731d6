"""What sensing does when something happened in sensing: alarms of enterprises."""

from __future__ import annotations

import uuid
from datetime import datetime

from anlan.events.published import EnterpriseLimitCrossed, StationHappened
from anlan.journal.reactions import react
from anlan.sensing.models import Crossing, StationHappening
from anlan.sensing.services.enterprise import open_from_crossing, open_from_happening


@react("sensing.enterprise_crossing", EnterpriseLimitCrossed)
def on_crossing(event: EnterpriseLimitCrossed, at: datetime) -> None:
    """A crossing of an enterprise's limit is the enterprise's to answer for."""
    row = Crossing.objects.select_related("station__division").get(pk=uuid.UUID(event.crossing_id))
    open_from_crossing(row, at=at)


@react("sensing.enterprise_happening", StationHappened)
def on_happening(event: StationHappened, at: datetime) -> None:
    """So is what a device of an enterprise reports."""
    rows = StationHappening.objects.select_related("station__division")
    open_from_happening(rows.get(pk=uuid.UUID(event.happening_id)), at=at)
