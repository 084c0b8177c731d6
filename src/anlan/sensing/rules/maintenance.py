"""Whether somebody is allowed to work on a station just now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.apps import apps

from anlan.sensing.models import Station

_WINDOW = "MaintenanceWindow"


def in_maintenance(station: Station, at: datetime) -> bool:
    """Whether a granted maintenance window of the station is running. False where nobody keeps such windows."""
    try:
        window: Any = apps.get_model("sensing", _WINDOW)  # whoever keeps windows; perhaps nobody
    except LookupError:
        return False
    rows = window.objects.filter(station=station, starts_at__lte=at, ends_at__gt=at)
    return bool(rows.exists())
