"""Values that cross the door of risk."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from anlan.places.types import Division
from anlan.risk.models import DangerZone, Household
from anlan.vocab.hazards import HazardType

if TYPE_CHECKING:
    from shapely.geometry import Polygon

#: The two rows cross the door to be held and read; only risk saves them.
__all__ = ["DangerZone", "Household", "HouseholdDetails", "HouseholdLine", "ZoneCount", "ZoneDetails"]


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
