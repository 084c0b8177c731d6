"""The door to danger zones and to the families in them. Every look at a list of families is journaled."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db.models import QuerySet

from anlan.accounts.access import find, narrow, require
from anlan.directory.numbers import mask
from anlan.journal.services import note
from anlan.kernel.actor import Actor
from anlan.risk import queries, rights
from anlan.risk.models import DangerZone, ExposedSite, HazardSite, Household
from anlan.risk.types import HouseholdLine
from anlan.vocab.posts import Right


def visible_zones(actor: Actor) -> QuerySet[DangerZone]:
    """Zones in the actor's jurisdiction, in order of number."""
    rows = DangerZone.objects.filter(is_active=True).select_related("division").order_by("code")
    return narrow(rows, actor)


def access_zone(actor: Actor, zone_id: uuid.UUID, *, need: Right = rights.SEE_ZONES) -> DangerZone:
    """One zone: outside the jurisdiction it does not exist, without the right it is refused."""
    return find(DangerZone.objects.select_related("division"), actor, zone_id, need=need)


def access_household(actor: Actor, household_id: uuid.UUID, *, need: Right = rights.EDIT_ZONES) -> Household:
    """One family, to change it."""
    rows = Household.objects.select_related("zone__division")
    return find(rows, actor, household_id, need=need, path_field="zone__division__path")


def look_at_households(actor: Actor, zone: DangerZone, *, at: datetime) -> list[HouseholdLine]:
    """The families of a zone that came through the door, with a journal entry of who looked at how many.

    Numbers are masked unless the actor may see them; the entry says which. Names and numbers never enter the journal here.
    """
    require(actor, rights.SEE_ZONES, zone.division.path)
    sees_numbers = actor.can(rights.SEE_NUMBERS, zone.division.path)
    lines = [_line(household, zone, sees_numbers) for household in queries.households_in(zone)]
    note(
        kind="household_list.looked_at",
        subject=("danger_zone", str(zone.pk)),
        payload={"households": len(lines), "numbers_shown": sees_numbers},
        by=actor,
        at=at,
        path=zone.journal_path(),
        exercise_id=zone.exercise_id,
    )
    return lines


def _line(household: Household, zone: DangerZone, sees_numbers: bool) -> HouseholdLine:
    return HouseholdLine(
        id=household.pk,
        zone_code=zone.code,
        head=household.head,
        members=household.members,
        phone=household.phone if sees_numbers else mask(household.phone),
        needs_assistance=household.needs_assistance,
        helper=household.helper,
        lon=household.lon,
        lat=household.lat,
    )


def visible_sites(actor: Actor) -> QuerySet[ExposedSite]:
    """Sites in the actor's jurisdiction, in order of code."""
    return narrow(queries.sites(), actor, path_field="place__path")


def visible_hazard_sites(actor: Actor) -> QuerySet[HazardSite]:
    """Hazard sites in the actor's jurisdiction, in order of number."""
    return narrow(queries.hazard_sites(), actor)
