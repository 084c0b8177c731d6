"""Writes about sites: places where people gather or guard something, and places from which danger comes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from anlan.kernel.actor import Actor
from anlan.places.coordinates import Box, check_point, county_box
from anlan.places.models import Division
from anlan.places.services import load_divisions
from anlan.places.types import DivisionRow
from anlan.risk.models import ExposedSite, HazardSite
from anlan.risk.refusals import NoSiteName, SiteCodeTaken, SiteParent, UnknownSiteKind
from anlan.risk.types import HazardSiteDetails, SiteDetails
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.sites import HAZARD_SITE_KINDS, KINDS

_ABOVE = frozenset({DivisionLevel.TOWNSHIP, DivisionLevel.VILLAGE})


def register_site(code: str, details: SiteDetails, *, by: Actor, at: datetime) -> ExposedSite:
    """Register a site under its code, or bring a known one up to these details. Its place is a division of its own."""
    check_site(code, details, county_box())
    with transaction.atomic(savepoint=False):
        load_divisions([site_row(code, details)], by=by, at=at)
        known = ExposedSite.objects.filter(place_id=code).select_related("place").first()
        if known is None:
            site = ExposedSite(place=Division.objects.get(pk=code), **site_fields(details))
            return site.record(by=by, at=at, kind="registered")
        updated: ExposedSite = _brought_up(known, site_fields(details), by=by, at=at)
        return updated


def close_site(site: ExposedSite, *, by: Actor, at: datetime) -> ExposedSite:
    """Nobody is there any more; it is no longer called."""
    return site.change(by=by, at=at, kind="closed", is_active=False) if site.is_active else site


def register_hazard_site(code: str, details: HazardSiteDetails, *, by: Actor, at: datetime) -> HazardSite:
    """Register a hazard site under its number, or bring a known one up to these details."""
    check_hazard_site(details, county_box())
    known = HazardSite.objects.filter(code=code).select_related("division").first()
    if known is None:
        return HazardSite(code=code, **hazard_site_fields(details)).record(by=by, at=at, kind="registered")
    updated: HazardSite = _brought_up(known, hazard_site_fields(details), by=by, at=at)
    return updated


def close_hazard_site(site: HazardSite, *, by: Actor, at: datetime) -> HazardSite:
    """The danger was removed (核销); its history stays."""
    return site.change(by=by, at=at, kind="closed", is_active=False) if site.is_active else site


def check_site(code: str, details: SiteDetails, box: Box | None) -> None:
    """Raise unless the site has a name, a known kind, a parent that may have one, and lies near the county."""
    if not details.name.strip():
        raise NoSiteName
    if details.kind not in KINDS:
        raise UnknownSiteKind(kind=details.kind)
    parent = Division.objects.filter(pk=details.parent).first()
    if parent is None or DivisionLevel(parent.level) not in _ABOVE:
        raise SiteParent(parent=details.parent if parent is None else parent.name)
    taken = Division.objects.filter(pk=code).exclude(level=DivisionLevel.SITE)
    if taken.exists():
        raise SiteCodeTaken(code=code)
    if details.lon is not None and details.lat is not None:
        check_point(details.lon, details.lat, box)


def check_hazard_site(details: HazardSiteDetails, box: Box | None) -> None:
    if not details.name.strip():
        raise NoSiteName
    if details.kind not in HAZARD_SITE_KINDS:
        raise UnknownSiteKind(kind=details.kind)
    check_point(details.lon, details.lat, box)


def site_row(code: str, details: SiteDetails, *, line: int = 0) -> DivisionRow:
    """The division that a site is."""
    return DivisionRow(
        code=code,
        name=details.name,
        parent=details.parent,
        level=DivisionLevel.SITE,
        lon=details.lon,
        lat=details.lat,
        line=line,
    )


def site_fields(details: SiteDetails) -> dict[str, Any]:
    """The columns beside the place."""
    return {
        "kind": details.kind,
        "people_day": details.people_day,
        "people_night": details.people_night,
        "needing_help": details.needing_help,
        "is_active": True,
    }


def hazard_site_fields(details: HazardSiteDetails) -> dict[str, Any]:
    return {
        "name": details.name,
        "kind": details.kind,
        "division": details.division,
        "lon": details.lon,
        "lat": details.lat,
        "threat_households": details.threat_households,
        "threat_people": details.threat_people,
        "watcher_id": details.watcher,
        "is_active": True,
    }


def different(row: ExposedSite | HazardSite, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields that these values would change."""
    return {name: value for name, value in fields.items() if getattr(row, name) != value}


def _brought_up(row: Any, fields: dict[str, Any], *, by: Actor, at: datetime) -> Any:
    """Either kind of row (hence Any): nothing is written where nothing differs."""
    changed = different(row, fields)
    return row.change(by=by, at=at, kind="changed", fields=changed) if changed else row
