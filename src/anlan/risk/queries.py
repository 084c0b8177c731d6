"""Reading danger zones: by place, by point, by area. A box in the database first, the outline in memory after it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.db.models import Count, Q, QuerySet, Sum

from anlan.places.queries import villages_at
from anlan.risk.models import DangerZone, ExposedSite, HazardSite, Household
from anlan.risk.types import HouseholdPoint, ZoneCount

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry


def zones_of(division_codes: Iterable[str]) -> QuerySet[DangerZone]:
    """Zones that belong to these divisions or to places below them, each with its division, in order of number."""
    paths = villages_at(division_codes).values_list("path", flat=True)
    conditions = [Q(division__path=path) | Q(division__path__startswith=f"{path}/") for path in paths]
    if not conditions:
        return DangerZone.objects.none()
    return _active().filter(reduce(or_, conditions))


def zones_at(lon: float, lat: float) -> list[DangerZone]:
    """Zones in which, or on the edge of which, a point lies."""
    from shapely.geometry import Point  # shapely brings NumPy; only who asks by place pays for both

    return zones_touching(Point(lon, lat))


def zones_touching(area: BaseGeometry) -> list[DangerZone]:
    """Zones that share at least a point with an area (WGS84 degrees), in order of number."""
    from shapely.prepared import prep

    from anlan.risk.geometry import from_text

    if area.is_empty:
        return []
    west, south, east, north = area.bounds
    near = _active().filter(min_lon__lte=east, max_lon__gte=west, min_lat__lte=north, max_lat__gte=south)
    ready = prep(area)
    return [zone for zone in near if ready.intersects(from_text(zone.geometry))]


def households_in(zone: DangerZone) -> QuerySet[Household]:
    """The families of a zone. Personal data: pages go through `access.look_at_households`, which journals the look."""
    return Household.objects.filter(zone=zone, is_active=True).order_by("head", "id")


def count_in(zones: Iterable[DangerZone]) -> ZoneCount:
    """Registered and surveyed people of several zones together. A surveyed number is None where no zone was surveyed."""
    chosen = list(zones)
    registered = Household.objects.filter(zone__in=[zone.pk for zone in chosen], is_active=True).aggregate(
        households=Count("id"),
        people=Sum("members"),
        needing_help=Count("id", filter=Q(needs_assistance=True)),
    )
    return ZoneCount(
        households=registered["households"],
        people=registered["people"] or 0,
        needing_help=registered["needing_help"],
        surveyed_households=_total(zone.household_count for zone in chosen),
        surveyed_people=_total(zone.people_count for zone in chosen),
    )


def counts_by_zone(zones: Iterable[DangerZone]) -> dict[str, ZoneCount]:
    """The same for each zone, by its number; three columns from one query."""
    chosen = list(zones)
    rows = (
        Household.objects.filter(zone__in=[zone.pk for zone in chosen], is_active=True)
        .values("zone_id")
        .annotate(
            households=Count("id"),
            people=Sum("members"),
            helped=Count("id", filter=Q(needs_assistance=True)),
        )
        .order_by()
    )
    by_zone = {row["zone_id"]: row for row in rows}
    none = {"households": 0, "people": 0, "helped": 0}
    found = {}
    for zone in chosen:
        row = by_zone.get(zone.pk, none)
        found[zone.code] = ZoneCount(
            row["households"], row["people"], row["helped"], zone.household_count, zone.people_count
        )
    return found


def active_zones() -> QuerySet[DangerZone]:
    """Every danger zone that stands, in order of number."""
    return _active()


def sites() -> QuerySet[ExposedSite]:
    """Every site in use with its place, in order of code."""
    return ExposedSite.objects.filter(is_active=True).select_related("place").order_by("place_id")


def sites_of(codes: Iterable[str]) -> dict[str, ExposedSite]:
    """Sites by the code of their place; other codes are left out."""
    return {row.place_id: row for row in sites().filter(place_id__in=list(codes))}


def hazard_sites() -> QuerySet[HazardSite]:
    """Every hazard site that stands, in order of number."""
    return HazardSite.objects.filter(is_active=True).select_related("division").order_by("code")


def household_points() -> Iterator[HouseholdPoint]:
    """Every family as a point without name and number: its own, else the middle of its zone's box."""
    rows = Household.objects.filter(is_active=True, zone__is_active=True).values_list(
        "id", "zone__division_id", "lon", "lat", "members", "needs_assistance", "phone",
        "zone__min_lon", "zone__max_lon", "zone__min_lat", "zone__max_lat",
    )  # fmt: skip
    for pk, code, lon, lat, members, needs, phone, west, east, south, north in rows.iterator(20_000):
        if lon is None or lat is None:
            lon, lat = (west + east) / 2, (south + north) / 2
        yield HouseholdPoint(pk, code, lon, lat, members, needs, bool(phone))


def helpers_of(household_ids: Iterable[uuid.UUID]) -> list[tuple[str, str, str]]:
    """(helper's name, division code, household's phone) of these families that need assistance. Personal data: for call-outs."""
    chosen = list(household_ids)
    rows = Household.objects.filter(is_active=True, needs_assistance=True)
    found: list[tuple[str, str, str]] = []
    for start in range(0, len(chosen), 500):
        part = rows.filter(pk__in=chosen[start : start + 500])
        found += part.order_by("zone__division_id", "id").values_list("helper", "zone__division_id", "phone")
    return found


def _active() -> QuerySet[DangerZone]:
    return DangerZone.objects.filter(is_active=True).select_related("division").order_by("code")


def _total(numbers: Iterable[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None
