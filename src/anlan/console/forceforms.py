"""What people type about teams, vehicles, experts, stock, jobs and requests, read into what the verbs take."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import QueryDict

from anlan.accounts.access import within
from anlan.console.incidentforms import NotANumber, moment, number
from anlan.console.incidentpage import key_from
from anlan.directory.models import Person
from anlan.dispatch.services import Amount, Wanted
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotFound
from anlan.places.access import access_division
from anlan.places.models import Division
from anlan.resources.types import AssetDetails, ExpertDetails, StockDetails, TeamDetails
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import Right

_LEVELS = (
    DivisionLevel.COUNTY,
    DivisionLevel.DEPARTMENT,
    DivisionLevel.TOWNSHIP,
    DivisionLevel.VILLAGE,
    DivisionLevel.ENTERPRISE,
)
#: People of whom a leader is chosen; more are found by moving the team to their place. Engineering choice.
MOST_PEOPLE = 800
#: Empty lines that a request form offers.
LINES = 5


def places_for(actor: Actor, need: Right) -> list[tuple[str, str]]:
    """Where the actor may keep resources: county, departments, townships, villages, enterprises."""
    rows = Division.objects.filter(within(actor, "path", need), level__in=_LEVELS, valid_to=None)
    listed = rows.order_by("path").values_list("code", "name", "level")
    return [(code, ("　" if level == DivisionLevel.VILLAGE else "") + name) for code, name, level in listed]


def people_for(actor: Actor) -> list[tuple[str, str]]:
    """People whom the actor sees, by name."""
    rows = Person.objects.filter(within(actor, "division__path")).order_by("name", "pk")
    listed = rows.values_list("pk", "name", "division__name")[:MOST_PEOPLE]
    return [(str(pk), f"{name}（{place}）") for pk, name, place in listed]


def whole(text: str) -> int | None:
    """A typed whole number, None for an empty field."""
    found = number(text)
    if found is None:
        return None
    if found != found.to_integral_value() or not 0 <= found < 1_000_000:
        raise NotANumber(value=text.strip()[:30])
    return int(found)


def degrees(text: str) -> float | None:
    found = number(text)
    return None if found is None else float(found)


def person(actor: Actor, text: str) -> Person | None:
    """The chosen person, whom the actor must see; None where nobody was chosen."""
    if not text:
        return None
    key = key_from(text)
    rows = Person.objects.filter(within(actor, "division__path")).select_related("division")
    found = None if key is None else rows.filter(pk=key).first()
    if found is None:
        raise NotFound
    return found


def team_of(given: QueryDict, actor: Actor) -> TeamDetails:
    """What the form of a team says. Raises where the place is not the actor's to fill."""
    return TeamDetails(
        name=given.get("name", ""),
        division=access_division(actor, given.get("division", ""), need=Right.EDIT_RESOURCES),
        kind=given.get("kind", ""),
        code=given.get("code", ""),
        owner_words=given.get("owner_words", ""),
        leader=person(actor, given.get("leader", "")),
        deputy=person(actor, given.get("deputy", "")),
        strength=whole(given.get("strength", "")) or 0,
        skills=tuple(given.getlist("skill")),
        lon=degrees(given.get("lon", "")),
        lat=degrees(given.get("lat", "")),
    )


def team_changes(details: TeamDetails) -> dict[str, Any]:
    """The same as fields of an existing team; code and readiness have their own ways."""
    fields = {name: getattr(details, name) for name in details.__slots__ if name not in ("code", "readiness")}
    return {**fields, "skills": list(details.skills)}


def asset_of(given: QueryDict, actor: Actor) -> AssetDetails:
    from anlan.resources.access import access_team

    key = key_from(given.get("team", ""))
    return AssetDetails(
        name=given.get("name", ""),
        division=access_division(actor, given.get("division", ""), need=Right.EDIT_RESOURCES),
        kind=given.get("kind", ""),
        category=given.get("category", ""),
        code=given.get("code", ""),
        count=whole(given.get("count", "")) or 0,
        unit=given.get("unit", ""),
        team=None if key is None else access_team(actor, key),
        tracker=given.get("tracker", ""),
        lon=degrees(given.get("lon", "")),
        lat=degrees(given.get("lat", "")),
    )


def asset_changes(details: AssetDetails) -> dict[str, Any]:
    return {name: getattr(details, name) for name in details.__slots__ if name != "code"}


def expert_of(given: QueryDict, chosen: Person) -> ExpertDetails:
    words = given.get("fields", "").replace("，", "、").replace(",", "、")
    return ExpertDetails(
        person=chosen,
        title=given.get("title", ""),
        unit_words=given.get("unit_words", ""),
        event_types=tuple(given.getlist("event_type")),
        fields=tuple(part.strip() for part in words.split("、") if part.strip()),
        note=given.get("note", ""),
    )


def stock_of(given: QueryDict, actor: Actor, at: datetime) -> StockDetails:
    return StockDetails(
        depot=given.get("depot", ""),
        division=access_division(actor, given.get("division", ""), need=Right.EDIT_RESOURCES),
        item=given.get("item", ""),
        quantity=_needed(given.get("quantity", "")),
        as_of=moment(given.get("as_of", "")) or at,
        source=given.get("source", ""),
    )


def wanted_of(given: QueryDict) -> list[Wanted]:
    """The lines of a request that somebody filled in."""
    found = []
    for index in range(LINES):
        item, name = given.get(f"item-{index}", ""), given.get(f"name-{index}", "").strip()
        amount = number(given.get(f"quantity-{index}", ""))
        if item or name or amount is not None:
            unit, note = given.get(f"unit-{index}", ""), given.get(f"note-{index}", "")
            found.append(Wanted(amount or Decimal(0), item, name, unit, note))
    return found


def amounts_of(given: QueryDict, keys: list[uuid.UUID]) -> dict[uuid.UUID, Amount]:
    """Quantity and reason of each line; a line left empty is not named."""
    found = {}
    for key in keys:
        amount = number(given.get(f"q-{key}", ""))
        if amount is not None:
            found[key] = Amount(amount, given.get(f"why-{key}", ""))
    return found


def _needed(text: str) -> Decimal:
    found = number(text)
    if found is None:
        raise NotANumber(value="")
    return found
