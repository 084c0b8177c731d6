"""Who is responsible for a division at a moment, by rung target, and on which addresses. Read once for many divisions."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from anlan.directory import queries as directory
from anlan.directory.types import ContactPoint, Holder
from anlan.dissemination.channels import manifests
from anlan.dissemination.ladders import Rung
from anlan.places.models import Division
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import PostKind

#: Which post answers for a target. The A and B roles of a township's own seat are its information officers (R34).
_KIND_BY_TARGET = {
    "A": PostKind.INFORMATION_OFFICER,
    "B": PostKind.INFORMATION_OFFICER,
    "secretary": PostKind.VILLAGE_SECRETARY,
    "township_duty": PostKind.TOWNSHIP_DUTY,
    "county_duty": PostKind.COUNTY_DUTY,
}
#: In the order in which a person at the desk would try them.
TARGETS = tuple(_KIND_BY_TARGET)
_KINDS = (*dict.fromkeys(_KIND_BY_TARGET.values()), PostKind.TOWNSHIP_INFORMATION_OFFICER)

Gap = Literal["no_holder", "no_number"]


@dataclass(frozen=True, slots=True)
class Reach:
    """One address of one person on one channel; `role` is the rung's target."""

    person_id: uuid.UUID
    name: str
    role: str
    channel: str
    address: str


class Audience:
    """The responsible people of some divisions and of everything above them, as they are at `at`."""

    def __init__(self, holders_by_code: dict[str, list[Holder]]) -> None:
        self._holders = holders_by_code

    @classmethod
    def of(cls, divisions: Iterable[Division], *, at: datetime) -> Audience:
        """A fixed number of queries, whatever the number of divisions."""
        codes = sorted({code for division in divisions for code in division.path.split("/")})
        return cls(directory.responsible(codes, at, _KINDS))

    def holders(self, division: Division, target: str) -> list[Holder]:
        """Holders for a target, from the nearest division upwards that has any; A before B."""
        kind = _KIND_BY_TARGET[target]
        if division.level == DivisionLevel.TOWNSHIP and kind is PostKind.INFORMATION_OFFICER:
            kind = PostKind.TOWNSHIP_INFORMATION_OFFICER
        for code in reversed(division.path.split("/")):
            found = [holder for holder in self._holders.get(code, ()) if holder.kind == kind]
            if found:
                return [holder for holder in found if target not in ("A", "B") or holder.role == target]
        return []

    def reaches(self, division: Division, rung: Rung) -> list[Reach] | Gap:
        """Every address of the rung, or why there is none. A duty post is called at its first reachable holder."""
        holders = self.holders(division, rung.to)
        if not holders:
            return "no_holder"
        by_holder = [found for holder in holders if (found := _reaches_of(holder, rung.to, rung.channels))]
        if not by_holder:
            return "no_number"
        called = by_holder if rung.to in ("A", "B") else by_holder[:1]
        return [reach for found in called for reach in found]

    def owner_of_silence(self, division: Division, prefer: str) -> tuple[Holder, list[Reach]] | None:
        """The named person who has a village after the ladder: `prefer`, else the township, else the county; one address."""
        candidates = [
            holder
            for target in dict.fromkeys((prefer, "township_duty", "county_duty"))
            for holder in self.holders(division, target)
        ]
        for holder in candidates:
            found = _reaches_of(holder, holder.kind, ("voice", "sms", "email"))
            if found:
                return holder, found[:1]
        return (candidates[0], []) if candidates else None


def _reaches_of(holder: Holder, role: str, channels: Sequence[str]) -> list[Reach]:
    return [
        Reach(holder.person_id, holder.name, role, channel, address)
        for channel in channels
        for address in addresses_for(holder.points, channel)
    ]


def addresses_for(points: Iterable[ContactPoint], channel: str) -> list[str]:
    """A person's addresses that a channel reaches, each once, in the channel's order of preference."""
    known = list(points)
    kinds = manifests()[channel].contact_kinds
    return list(dict.fromkeys(point.value for kind in kinds for point in known if point.kind == kind))
