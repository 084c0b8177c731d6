"""What the tests of orders share: departments, an incident, a leader of the township."""

from __future__ import annotations

from typing import Any

from anlan.directory import services as directory
from anlan.directory.models import ContactKind, HoldingRole
from anlan.dispatch.models import Instruction
from anlan.dispatch.services import issue_instruction
from anlan.incidents import services as incidents
from anlan.incidents.models import Incident
from anlan.incidents.types import IncidentDetails
from anlan.places.models import Division
from anlan.places.services import load_divisions
from anlan.places.types import DivisionRow
from anlan.testing import County
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import PostKind


def flood(county: County, place: str = "Willow River", **fields: Any) -> Incident:
    details = {
        "title": "柳河镇山洪", "event_type": "flash_flood", "division": county.divisions[place],
        "informant": "village", "known_at": county.now, **fields,
    }  # fmt: skip
    return incidents.open_incident(IncidentDetails(**details), by=county.actor("Chen"), at=county.now)


def departments(county: County, names: list[str]) -> list[Division]:
    """Departments, each with a duty room that somebody mans by phone."""
    rows = [
        DivisionRow(f"999901000000-d{number:02d}", name, "999901000000", DivisionLevel.DEPARTMENT)
        for number, name in enumerate(names)
    ]
    load_divisions(rows, by=county.by, at=county.now)
    places = [Division.objects.get(pk=row.code) for row in rows]
    for number, place in enumerate(places):
        appoint(county, f"值班{number}", place, PostKind.DEPARTMENT_DUTY, f"100000002{number:02d}")
    return places


def appoint(county: County, name: str, place: Division, kind: PostKind, phone: str = "") -> Any:
    by, at = county.by, county.now
    person = directory.create_person(name, division=place, by=by, at=at)
    if phone:
        directory.set_contact(person, kind=ContactKind.MOBILE, value=phone, by=by, at=at)
    post = directory.ensure_post(kind, division=place, by=by, at=at)
    directory.appoint(post, person, role=HoldingRole("A"), by=by, at=at)
    return person


def order(
    county: County, incident: Incident, to: str | Division = "Willow River", **fields: Any
) -> Instruction:
    place = county.divisions[to] if isinstance(to, str) else to
    given: dict[str, Any] = {
        "incident": incident, "title": "转移危险区群众", "words": "逐户转移", "addressee": place, "origin": "free",
        "ack_limit_min": 10, "limit_min": 60, "by": county.actor("Wang"), "by_name": "王建国", "at": county.now,
        **fields,
    }  # fmt: skip
    return issue_instruction(**given)
