"""A CAP message as values: what every wrapping and every version is read into, and what CAP 1.2 is written from.

Times are aware and keep the offset they were written with. Points are (latitude, longitude) in degrees of WGS84, the order
of CAP; radii are kilometres. Words of the vocabularies are kept as the sender wrote them; `lint` judges them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

Point = tuple[float, float]
Polygon = tuple[Point, ...]


class Valued(NamedTuple):
    """A name and its value: `eventCode`, `parameter`, `geocode`."""

    name: str
    value: str


class Circle(NamedTuple):
    lat: float
    lon: float
    radius_km: float


class Reference(NamedTuple):
    """How one message names another."""

    sender: str
    identifier: str
    sent: datetime


@dataclass(frozen=True, slots=True)
class Area:
    description: str
    polygons: tuple[Polygon, ...] = ()
    circles: tuple[Circle, ...] = ()
    geocodes: tuple[Valued, ...] = ()
    altitude: str = ""
    ceiling: str = ""


@dataclass(frozen=True, slots=True)
class Resource:
    description: str
    mime_type: str = ""
    size: int | None = None
    uri: str = ""
    deref_uri: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Info:
    """`recommended_action` is CAP's `instruction`: advice to people, not a tasking order."""

    event: str
    categories: tuple[str, ...] = ()
    urgency: str = "Unknown"
    severity: str = "Unknown"
    certainty: str = "Unknown"
    language: str = ""
    response_types: tuple[str, ...] = ()
    audience: str = ""
    event_codes: tuple[Valued, ...] = ()
    effective: datetime | None = None
    onset: datetime | None = None
    expires: datetime | None = None
    sender_name: str = ""
    headline: str = ""
    description: str = ""
    recommended_action: str = ""
    web: str = ""
    contact: str = ""
    parameters: tuple[Valued, ...] = ()
    resources: tuple[Resource, ...] = ()
    areas: tuple[Area, ...] = ()

    def parameter(self, name: str) -> str:
        """The first value under a name, "" when there is none."""
        return next((pair.value for pair in self.parameters if pair.name == name), "")

    def event_code(self, name: str) -> str:
        return next((pair.value for pair in self.event_codes if pair.name == name), "")


@dataclass(frozen=True, slots=True)
class Alert:
    """`version` is that of the namespace it came in ("1.2" for our own)."""

    identifier: str
    sender: str
    sent: datetime
    status: str = "Actual"
    msg_type: str = "Alert"
    scope: str = "Public"
    source: str = ""
    restriction: str = ""
    addresses: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    note: str = ""
    references: tuple[Reference, ...] = ()
    incidents: tuple[str, ...] = ()
    infos: tuple[Info, ...] = ()
    version: str = "1.2"

    @property
    def key(self) -> Reference:
        """What makes a message itself: sender, identifier and the instant it was sent."""
        return Reference(self.sender, self.identifier, self.sent)

    def info(self, language: str) -> Info | None:
        """The text in a language ("zh" also finds "zh-CN"), else the first one."""
        wanted = language.lower()
        found = [one for one in self.infos if one.language.lower().split("-")[0] == wanted.split("-")[0]]
        exact = [one for one in found if one.language.lower() == wanted]
        return next(iter([*exact, *found, *self.infos]), None)

    @property
    def expires(self) -> datetime | None:
        """When the last of its texts ends; None when one names no end."""
        ends = [one.expires for one in self.infos]
        known = [end for end in ends if end is not None]
        return max(known) if known and len(known) == len(ends) else None
