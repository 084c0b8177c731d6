"""Crossings and stations by id, for those who were told of them by an event."""

from __future__ import annotations

import uuid

from anlan.sensing.models import Crossing, Station


def crossing(crossing_id: uuid.UUID | str) -> Crossing | None:
    """The crossing with its station and division; for the program itself, pages use `access`."""
    rows = Crossing.objects.select_related("station__division")
    return rows.filter(pk=crossing_id).first()


def station(station_id: uuid.UUID | str) -> Station | None:
    """The station with its division; for the program itself, pages use `access`."""
    return Station.objects.select_related("division").filter(pk=station_id).first()
