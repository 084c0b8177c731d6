"""Writes of risk: danger zones, the households in them, and sites (which are in `sites`)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from anlan.kernel.actor import Actor
from anlan.places.coordinates import Box, check_point, county_box
from anlan.risk.models import DangerZone, Household
from anlan.risk.refusals import DissolvedZone, HouseholdTwice, NoHead, NoMembers, NoName, ZoneCodeTaken
from anlan.risk.types import HouseholdDetails, ZoneDetails

MAX_MEMBERS = 99


def define_zone(code: str, details: ZoneDetails, *, by: Actor, at: datetime) -> DangerZone:
    """Register a danger zone under its number."""
    check_zone(details, county_box())
    if DangerZone.objects.filter(code=code).exists():
        raise ZoneCodeTaken(code=code)
    return DangerZone(code=code, **zone_fields(details)).record(by=by, at=at, kind="defined")


def change_zone(zone: DangerZone, details: ZoneDetails, *, by: Actor, at: datetime) -> DangerZone:
    """Bring a zone up to these details; nothing is written where nothing differs."""
    check_zone(details, county_box())
    different = _different(zone, zone_fields(details))
    return zone.change(by=by, at=at, kind="changed", fields=different) if different else zone


def dissolve_zone(zone: DangerZone, *, by: Actor, at: datetime) -> DangerZone:
    """The zone is no danger any more; it is no longer found."""
    return zone.change(by=by, at=at, kind="dissolved", is_active=False) if zone.is_active else zone


def register_household(zone: DangerZone, details: HouseholdDetails, *, by: Actor, at: datetime) -> Household:
    """A family lives in the zone."""
    check_household(zone, details, county_box())
    known = Household.objects.filter(zone=zone, head=details.head, phone=details.phone).first()
    if known is None:
        return Household(zone=zone, **household_fields(details)).record(by=by, at=at, kind="registered")
    if known.is_active:
        raise HouseholdTwice(head=details.head, zone=zone.code)
    return known.change(by=by, at=at, kind="registered", fields=household_fields(details))


def change_household(
    household: Household, details: HouseholdDetails, *, by: Actor, at: datetime
) -> Household:
    """Bring a household up to these details; nothing is written where nothing differs."""
    check_household(household.zone, details, county_box())
    twin = Household.objects.filter(zone=household.zone, head=details.head, phone=details.phone)
    if twin.exclude(pk=household.pk).exists():
        raise HouseholdTwice(head=details.head, zone=household.zone.code)
    different = _different(household, household_fields(details))
    return household.change(by=by, at=at, kind="changed", fields=different) if different else household


def move_household_away(household: Household, *, by: Actor, at: datetime) -> Household:
    """The family lives there no longer."""
    return (
        household.change(by=by, at=at, kind="moved_away", is_active=False)
        if household.is_active
        else household
    )


def check_zone(details: ZoneDetails, box: Box | None) -> None:
    """Raise unless the zone has a name and lies where a county's things can lie."""
    if not details.name.strip():
        raise NoName
    west, south, east, north = details.boundary.bounds
    for lon, lat in ((west, south), (east, north)):
        check_point(lon, lat, box)


def check_household(zone: DangerZone, details: HouseholdDetails, box: Box | None) -> None:
    if not zone.is_active:
        raise DissolvedZone(code=zone.code)
    if not details.head.strip():
        raise NoHead
    if not 1 <= details.members <= MAX_MEMBERS:
        raise NoMembers(members=details.members)
    if details.lon is not None and details.lat is not None:
        check_point(details.lon, details.lat, box)


def zone_fields(details: ZoneDetails) -> dict[str, Any]:
    """The columns that these details fill."""
    from anlan.risk import geometry  # shapely only where an outline is stored

    west, south, east, north = details.boundary.bounds
    return {
        "name": details.name,
        "hazard_type": details.hazard_type.value,
        "division": details.division,
        "geometry": geometry.to_text(details.boundary),
        "min_lon": west,
        "min_lat": south,
        "max_lon": east,
        "max_lat": north,
        "household_count": details.household_count,
        "people_count": details.people_count,
        "is_active": True,
    }


def household_fields(details: HouseholdDetails) -> dict[str, Any]:
    """The columns that these details fill."""
    return {
        "head": details.head,
        "members": details.members,
        "phone": details.phone,
        "needs_assistance": details.needs_assistance,
        "helper": details.helper,
        "lon": details.lon,
        "lat": details.lat,
        "is_active": True,
    }


def _different(row: DangerZone | Household, fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if getattr(row, name) != value}
