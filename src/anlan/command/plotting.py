"""Plotting for those upstairs: the verbs, the marks of an incident, and the door to one mark."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import orjson
from django.db.models import Q, QuerySet

from anlan.accounts.access import require
from anlan.command.models import PlotMark
from anlan.command.services.plotting import move_mark, place_mark, relabel_mark, remove_mark
from anlan.incidents.access import visible_incidents
from anlan.incidents.models import Incident
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotFound
from anlan.vocab.posts import Right

__all__ = [
    "access_mark",
    "as_feature",
    "marks_of",
    "move_mark",
    "place_mark",
    "relabel_mark",
    "remove_mark",
]


def marks_of(incident: Incident, *, at: datetime | None = None) -> QuerySet[PlotMark]:
    """What stands on the map now, or what was placed by `at` and not yet removed then.

    A mark that was moved since `at` shows its present place: the place it had then is in the journal (`review.folding`).
    """
    rows = PlotMark.objects.filter(incident=incident)
    if at is None:
        rows = rows.filter(removed_at=None)
    else:
        rows = rows.filter(Q(removed_at=None) | Q(removed_at__gt=at), placed_at__lte=at)
    return rows.order_by("placed_at", "pk")


def access_mark(actor: Actor, incident_id: uuid.UUID, mark_id: uuid.UUID) -> PlotMark:
    """One mark of an incident that the actor commands. A stranger's incident does not exist (404)."""
    mark = (
        PlotMark.objects.filter(pk=mark_id, incident_id=incident_id, incident__in=visible_incidents(actor))
        .select_related("incident", "incident__division")
        .first()
    )
    if mark is None:
        raise NotFound
    require(actor, Right.COMMAND, mark.incident.division.path)
    return mark


def as_feature(mark: PlotMark) -> dict[str, Any]:
    """The mark as GeoJSON, as both the map and replay draw it."""
    return {
        "type": "Feature",
        "id": str(mark.pk),
        "properties": {
            "id": str(mark.pk),
            "symbol": mark.symbol,
            "label": mark.label,
            "by": mark.placed_by_name,
            "at": (mark.moved_at or mark.placed_at).isoformat(),
            "version": mark.version,
        },
        "geometry": orjson.loads(mark.geometry),
    }
