"""What every verb of the room asks first."""

from __future__ import annotations

from anlan.command.refusals import IsMerged, NothingSaid
from anlan.incidents.models import Incident, IncidentState
from anlan.incidents.refusals import OnlyTheCount


def check_room(incident: Incident) -> None:
    """Of restricted incidents only the count is kept; a merged one has its room at the main incident."""
    if incident.is_restricted:
        raise OnlyTheCount
    if incident.state == IncidentState.MERGED:
        raise IsMerged


def said(words: str, what: object, *, most: int = 4000) -> str:
    """The words without blanks around them. Raises `NothingSaid` where nothing is left."""
    tidy = words.strip()[:most]
    if not tidy:
        raise NothingSaid(what=what)
    return tidy
