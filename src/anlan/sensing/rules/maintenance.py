"""Whether somebody is allowed to work on a station just now."""

from __future__ import annotations

from datetime import datetime

from django.apps import apps

from anlan.sensing.models import Station


def in_maintenance(station: Station, at: datetime) -> bool:
    """Whether a granted maintenance window of the station is running. False where nobody keeps such windows."""
    try:
        window = apps.get_model("sensing", "MaintenanceWindow")
    except LookupError:
        return False
    rows = window.objects.filter(station=station, starts_at__lte=at, ends_at__gt=at)
    return bool(rows.exists())
