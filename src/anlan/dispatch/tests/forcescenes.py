"""Teams and an incident of the little county, for tests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from anlan.dispatch.models import TeamJob
from anlan.dispatch.services import send_team
from anlan.incidents import services as incidents
from anlan.incidents.models import Incident
from anlan.incidents.types import IncidentDetails
from anlan.resources.models import Team
from anlan.resources.services import register_team
from anlan.resources.types import TeamDetails
from anlan.testing import County


def flood(county: County, *, place: str = "Upper Willow", **more: Any) -> Incident:
    """A flood at the village, twenty minutes old."""
    details = IncidentDetails(
        title="上柳河漫堤",
        event_type="flash_flood",
        division=county.divisions[place],
        informant="village",
        known_at=county.now - timedelta(minutes=20),
        lon=102.92,
        lat=27.41,
        **more,
    )
    return incidents.open_incident(details, by=county.actor("Chen"), at=county.now)


def team(county: County, name: str = "县水上救援队", *, place: str = "Yunling", **more: Any) -> Team:
    """A team of the place that Zhao leads unless said otherwise."""
    given: dict[str, Any] = {
        "kind": "professional",
        "leader": county.people["Zhao"],
        "deputy": county.people["Qian"],
        "strength": 12,
        "skills": ("flood_rescue", "boat"),
        **more,
    }
    details = TeamDetails(name=name, division=county.divisions[place], **given)
    return register_team(details, by=county.actor("Chen"), at=county.now)


def sent(county: County, crew: Team | None = None, incident: Incident | None = None, **more: Any) -> TeamJob:
    """The team is told to go to Upper Willow."""
    return send_team(
        crew or team(county),
        incident=incident or flood(county),
        words="转移沿河群众",
        division=county.divisions["Upper Willow"],
        place_words="河口",
        by=county.actor("Chen"),
        by_name="陈静",
        at=county.now,
        **more,
    )
