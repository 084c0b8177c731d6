"""Reads of incidents for those upstairs."""

from __future__ import annotations

from anlan.incidents.models import Figure, Incident
from anlan.incidents.rolling import rolling
from anlan.incidents.types import Rolling


def figures_of(incident: Incident) -> list[Figure]:
    """Its own figures and those of the incidents merged into it, oldest first."""
    ids = [incident.pk, *incident.merged_from.values_list("pk", flat=True)]
    rows = Figure.objects.filter(incident_id__in=ids).select_related("scope")
    return list(rows.defer("scope__geometry").order_by("as_of", "recorded_at", "pk"))


def rolling_of(incident: Incident, *, only_verified: bool = False) -> dict[str, Rolling]:
    """The present value of each counted thing."""
    return rolling(figures_of(incident), only_verified=only_verified)
