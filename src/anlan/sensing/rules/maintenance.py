"""Whether somebody is allowed to work on a station just now."""

from __future__ import annotations

from datetime import datetime

from anlan.sensing.models import MaintenanceWindow, Station


def in_maintenance(station: Station, at: datetime) -> bool:
    """Whether a granted maintenance window of the whole station is running."""
    rows = MaintenanceWindow.objects.filter(
        station=station, state="granted", starts_at__lte=at, ends_at__gt=at, quantities=[]
    )
    return rows.exists()
