"""What the verbs of resources take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from anlan.directory.models import Person
from anlan.places.models import Division
from anlan.resources.models import AssetKind, Readiness, Team, TeamKind


@dataclass(frozen=True, slots=True)
class TeamDetails:
    """`skills` are codes of `vocab.skills`; `lon`, `lat` in degrees WGS84, both or neither. An empty code is given one."""

    name: str
    division: Division
    kind: str = TeamKind.PROFESSIONAL
    code: str = ""
    owner_words: str = ""
    leader: Person | None = None
    deputy: Person | None = None
    strength: int = 0
    skills: tuple[str, ...] = ()
    lon: float | None = None
    lat: float | None = None
    readiness: str = Readiness.READY


@dataclass(frozen=True, slots=True)
class AssetDetails:
    """`tracker` is the code of the station that reports its place; `category` a code of `vocab.skills`."""

    name: str
    division: Division
    kind: str = AssetKind.VEHICLE
    category: str = "other"
    code: str = ""
    count: int = 1
    unit: str = ""
    team: Team | None = None
    tracker: str = ""
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True)
class ExpertDetails:
    """`event_types` are codes of `vocab.incidents`, `fields` plain words."""

    person: Person
    title: str = ""
    unit_words: str = ""
    event_types: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class StockDetails:
    """How much a depot says it has of one item at `as_of`."""

    depot: str
    division: Division
    item: str
    quantity: Decimal
    as_of: datetime
    name: str = ""
    unit: str = ""
    source: str = ""
