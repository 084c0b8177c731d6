"""Values that cross the door of risk."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from anlan.places.types import Division
from anlan.risk.models import DangerZone, ExposedSite, HazardSite, Household
from anlan.vocab.hazards import HazardType

if TYPE_CHECKING:
    from shapely.geometry import Polygon

#: The rows cross the door to be held and read; only risk saves them.
__all__ = [
    "DangerZone",
    "ExposedSite",
    "HazardSite",
    "HazardSiteDetails",
    "Household",
    "HouseholdDetails",
    "HouseholdLine",
    "HouseholdPoint",
    "SiteDetails",
    "ZoneCount",
    "ZoneDetails",
]


@dataclass(frozen=True, slots=True)
class ZoneDetails:
    """What is said about a danger zone. Counts are those of the survey, None where nobody counted."""

    name: str
    hazard_type: HazardType
    division: Division
    boundary: Polygon
    household_count: int | None = None
    people_count: int | None = None


@dataclass(frozen=True, slots=True)
class HouseholdDetails:
    """A family; `helper` is the person assigned to help it. Degrees are WGS84."""

    head: str
    members: int
    phone: str = ""
    needs_assistance: bool = False
    helper: str = ""
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True)
class HouseholdLine:
    """A family as a list shows it; `phone` is masked for those who may not see numbers."""

    id: uuid.UUID
    zone_code: str
    head: str
    members: int
    phone: str
    needs_assistance: bool
    helper: str
    lon: float | None
    lat: float | None


@dataclass(frozen=True, slots=True)
class ZoneCount:
    """Who is in a zone as registered; `surveyed_*` are the survey's numbers and may differ."""

    households: int
    people: int
    needing_help: int
    surveyed_households: int | None
    surveyed_people: int | None


@dataclass(frozen=True, slots=True)
class SiteDetails:
    """A school, site camp, scenic spot …; numbers are None where nobody counted. Degrees are WGS84."""

    name: str
    kind: str
    parent: str
    lon: float | None = None
    lat: float | None = None
    people_day: int | None = None
    people_night: int | None = None
    needing_help: int | None = None


@dataclass(frozen=True, slots=True)
class HazardSiteDetails:
    """A place from which danger comes; `watcher` is the id of the person who watches it (R11)."""

    name: str
    kind: str
    division: Division
    lon: float
    lat: float
    threat_households: int | None = None
    threat_people: int | None = None
    watcher: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class HouseholdPoint:
    """A family without its name and number, for counts and targeting. The point is its own, else the middle of its zone's box."""

    id: uuid.UUID
    division_code: str
    lon: float
    lat: float
    members: int
    needs_assistance: bool
    has_phone: bool
