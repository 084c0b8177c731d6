"""What the plan check reads and what it answers: plain values, no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from anlan.plans.content import Address, AddressKind
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import PostKind

#: (division code, post kind).
Seat = tuple[str, str]

#: Whose telephone is meant where an address names no post.
DUTY_ROOMS: dict[str, str] = {
    DivisionLevel.COUNTY: PostKind.COUNTY_DUTY,
    DivisionLevel.DEPARTMENT: PostKind.DEPARTMENT_DUTY,
    DivisionLevel.TOWNSHIP: PostKind.TOWNSHIP_DUTY,
    DivisionLevel.VILLAGE: PostKind.INFORMATION_OFFICER,
    DivisionLevel.ENTERPRISE: PostKind.ENTERPRISE_SAFETY_MANAGER,
    DivisionLevel.SITE: PostKind.SITE_KEEPER,
}


@dataclass(frozen=True, slots=True)
class Place:
    """A division that an address may mean; `level` is a code of `vocab.divisions`."""

    name: str
    level: str


@dataclass(frozen=True, slots=True)
class Held:
    """Somebody on a post. `works`: has a number in use that no message failed on."""

    person: str
    name: str
    works: bool = True


@dataclass(frozen=True, slots=True)
class Have:
    """What is registered and what of it is usable: teams ready, vehicles and equipment not in repair, stock as last reported."""

    registered: float = 0
    usable: float = 0


@dataclass(frozen=True, slots=True)
class Superior:
    """A plan above this one. `changed_on` is the local date its version in force was approved."""

    key: str
    number: str
    title: str
    is_withdrawn: bool = False
    changed_on: date | None = None


@dataclass(frozen=True, slots=True)
class World:
    """Everything that a plan is compared with, at `today` (a local date). What is None or missing is not compared.

    `holders` has every post that exists, also one that nobody holds; A roles come first. `have` is keyed by kind of need
    (`content.NeedKind`) and its code or, where the plan has no code, its name. `drill_every` is in years.
    """

    today: date
    county: str = ""
    places: Mapping[str, Place] = field(default_factory=dict)
    holders: Mapping[Seat, tuple[Held, ...]] = field(default_factory=dict)
    have: Mapping[tuple[str, str], Have] = field(default_factory=dict)
    #: Township and village codes at or below the plan's owner.
    townships: tuple[str, ...] = ()
    villages: tuple[str, ...] = ()
    is_template: bool = False
    in_force_on: date | None = None
    printed_on: date | None = None
    review_due_on: date | None = None
    filing_due_on: date | None = None
    last_drill_on: date | None = None
    #: Whether anybody can say when it was last practised; else a drill is never called overdue.
    knows_drills: bool = False
    drill_every: float | None = None
    superiors: tuple[Superior, ...] = ()

    def seats(self, address: Address) -> list[Seat]:
        """The posts that an address means here; none where its place is unknown or only known at the incident."""
        if address.kind is AddressKind.AFFECTED_TOWNSHIPS:
            return [(code, address.post or PostKind.TOWNSHIP_DUTY) for code in self.townships]
        if address.kind is AddressKind.AFFECTED_VILLAGES:
            return [(code, address.post or PostKind.INFORMATION_OFFICER) for code in self.villages]
        code = address.code or (self.county if address.kind is AddressKind.COUNTY else "")
        place = self.places.get(code)
        if place is None:
            return []
        return [(code, address.post or DUTY_ROOMS.get(place.level, ""))]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong. `key` is the same as long as it stays wrong; `params` are plain JSON for `faultwords.sentence`."""

    code: str
    key: str
    severity: str
    where: str = ""
    params: dict[str, Any] = field(default_factory=dict)
