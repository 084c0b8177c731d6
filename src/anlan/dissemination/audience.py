"""Who is responsible for a place at a moment, by rung target, and on which addresses. Read once for many places."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from django.db.models import Q

from anlan.directory import queries as directory
from anlan.directory import roster
from anlan.directory.models import Person
from anlan.directory.types import ContactPoint, Holder
from anlan.dissemination.channels import manifests
from anlan.dissemination.ladders import Ladder, Rung
from anlan.dissemination.models import Outlet
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
#: Whoever answers for a place that is itself a called party.
_KEEPER_BY_LEVEL = {
    DivisionLevel.SITE: PostKind.SITE_KEEPER,
    DivisionLevel.ENTERPRISE: PostKind.ENTERPRISE_SAFETY_MANAGER,
}
#: In the order in which a person at the desk would try them.
TARGETS = tuple(_KIND_BY_TARGET)
_KINDS = (
    *dict.fromkeys(_KIND_BY_TARGET.values()),
    PostKind.TOWNSHIP_INFORMATION_OFFICER,
    *_KEEPER_BY_LEVEL.values(),
)
#: Targets of which everybody is called; of a duty post the first one who can be reached.
_EVERYBODY = frozenset({"A", "B", "self"})
_NOBODY = uuid.UUID(int=0)

Gap = Literal["no_holder", "no_number", "off_duty", "no_outlet", "no_channel", "other_hour"]


@dataclass(frozen=True, slots=True)
class Reach:
    """One address of one person (or of one outlet) on one channel; `role` is the rung's target."""

    person_id: uuid.UUID | None
    name: str
    role: str
    channel: str
    address: str
    outlet_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Whom a rung reaches, and why the targets that reach nobody do not."""

    reaches: tuple[Reach, ...]
    gaps: tuple[tuple[str, Gap], ...] = ()


class Audience:
    """The responsible people of some places and of everything above them, as they are at `at`."""

    def __init__(
        self,
        holders_by_code: Mapping[str, list[Holder]],
        parties: Mapping[uuid.UUID, list[Holder]] | None = None,
        outlets_by_code: Mapping[str, list[Outlet]] | None = None,
    ) -> None:
        self._holders = holders_by_code
        self._parties = parties or {}
        self._outlets = outlets_by_code or {}
        self._installed = frozenset(manifests())

    @classmethod
    def of(
        cls,
        divisions: Iterable[Division],
        *,
        at: datetime,
        parties: Iterable[uuid.UUID] = (),
        ladder: Ladder | None = None,
    ) -> Audience:
        """A fixed number of queries, whatever the number of places. Outlets are read where the ladder calls them."""
        places = list(divisions)
        codes = sorted({code for division in places for code in division.path.split("/")})
        people = list(dict.fromkeys(parties))
        calls_outlets = ladder is not None and any("outlets" in rung.targets for rung in ladder.rungs)
        return cls(
            directory.responsible(codes, at, _KINDS),
            _parties(people, at) if people else {},
            _outlets(places) if calls_outlets else {},
        )

    def holders(self, division: Division, target: str) -> list[Holder]:
        """Holders for a target, from the nearest place upwards that has any; A before B, off duty last."""
        keeper = _KEEPER_BY_LEVEL.get(DivisionLevel(division.level))
        if keeper is not None and target in _EVERYBODY:
            return self._of_site(division, target, keeper)
        kind = _KIND_BY_TARGET["A" if target == "self" else target]
        if division.level == DivisionLevel.TOWNSHIP and kind is PostKind.INFORMATION_OFFICER:
            kind = PostKind.TOWNSHIP_INFORMATION_OFFICER
        return self._nearest(division, kind, _role(target))

    def holders_for(self, division: Division, target: str, party: uuid.UUID) -> list[Holder]:
        """The same where one person is the called party: himself, then the officer of his village, then as ever."""
        if target in ("A", "self"):
            return self._parties.get(party, [])
        if target == "B":
            officers = [one for role in "AB" for one in self.holders(division, role)]
            return [one for one in officers if one.person_id != party][:1]
        return self.holders(division, target)

    def reaches(self, division: Division, rung: Rung) -> Found:
        """Every address of the rung, and why there is none. A duty post is called at its first reachable holder."""
        return self._found(division, rung, None)

    def reaches_of(self, division: Division, rung: Rung, party: uuid.UUID | None) -> Found:
        """The same for a seat of one person; without a person the place itself is called."""
        return self.reaches(division, rung) if party is None else self._found(division, rung, party)

    def owner_of_silence(self, division: Division, prefer: str) -> tuple[Holder, list[Reach]] | None:
        """The named person who has a place after the ladder: `prefer`, else the township, else the county; one address.

        Somebody off duty has it only where nobody else can be reached: a silent village is never nobody's.
        """
        candidates = [
            holder
            for target in dict.fromkeys((prefer, "township_duty", "county_duty"))
            for holder in self.holders(division, target)
        ]
        for holder in sorted(candidates, key=lambda one: one.is_off_duty):
            found = _reaches_of(holder, holder.kind, ("voice", "sms", "email"))
            if found:
                return holder, found[:1]
        return (candidates[0], []) if candidates else None

    def _found(self, division: Division, rung: Rung, party: uuid.UUID | None) -> Found:
        """All targets of a rung together; an address that two of them share is called once."""
        reaches: dict[tuple[str, str], Reach] = {}
        gaps: list[tuple[str, Gap]] = []
        channels = [channel for channel in rung.channels if channel in self._installed]
        for target in rung.targets:
            if not channels:
                gaps.append((target, "no_channel"))
                continue
            if target == "outlets":
                found: list[Reach] | Gap = self._of_outlets(division, channels)
            else:
                held = (
                    self.holders(division, target)
                    if party is None
                    else self.holders_for(division, target, party)
                )
                found = _of_people(held, target, channels)
            if isinstance(found, str):
                gaps.append((target, found))
                continue
            for reach in found:
                reaches.setdefault((reach.channel, reach.address), reach)
        return Found(tuple(reaches.values()), tuple(gaps))

    def _nearest(self, division: Division, kind: PostKind, role: str) -> list[Holder]:
        for code in reversed(division.path.split("/")):
            found = [holder for holder in self._holders.get(code, ()) if holder.kind == kind]
            if found:
                return [holder for holder in found if not role or holder.role == role]
        return []

    def _of_site(self, division: Division, target: str, keeper: PostKind) -> list[Holder]:
        """A site's keeper or an enterprise's safety manager; where there is none, the officer of the village.

        B is the keeper's own deputy, else the village officer, else (where that one already stood for A) the officer's deputy.
        """
        role = _role(target)
        own = self._nearest(division, keeper, role)
        if own:
            return own
        officer = PostKind.INFORMATION_OFFICER
        if role == "A" or self._nearest(division, keeper, "A"):
            return self._nearest(division, officer, "A")
        return self._nearest(division, officer, "B")

    def _of_outlets(self, division: Division, channels: Sequence[str]) -> list[Reach] | Gap:
        """The outlets of the place and right below it; those of the village where the place itself has none."""
        for code in reversed(division.path.split("/")[-2:]):
            found = [
                Reach(outlet.keeper_id, outlet.name, "outlets", outlet.channel, outlet.address, outlet.pk)
                for channel in channels
                for outlet in self._outlets.get(code, ())
                if outlet.channel == channel
            ]
            if found or division.level not in _KEEPER_BY_LEVEL:
                return found or "no_outlet"
        return "no_outlet"


def _role(target: str) -> str:
    return {"A": "A", "self": "A", "B": "B"}.get(target, "")


def _of_people(holders: Sequence[Holder], target: str, channels: Sequence[str]) -> list[Reach] | Gap:
    if not holders:
        return "no_holder"
    there = [holder for holder in holders if not holder.is_off_duty]
    if not there:
        return "off_duty"
    by_holder = [found for holder in there if (found := _reaches_of(holder, target, channels))]
    if not by_holder:
        return "no_number"
    called = by_holder if target in _EVERYBODY else by_holder[:1]
    return [reach for found in called for reach in found]


def _reaches_of(holder: Holder, role: str, channels: Sequence[str]) -> list[Reach]:
    return [
        Reach(holder.person_id, holder.name, role, channel, address)
        for channel in channels
        for address in addresses_for(holder.points, channel)
    ]


def addresses_for(points: Iterable[ContactPoint], channel: str) -> list[str]:
    """A person's addresses that a channel reaches, each once, in the channel's order of preference."""
    known = list(points)
    if not known:
        return []
    kinds = manifests()[channel].contact_kinds
    return list(dict.fromkeys(point.value for kind in kinds for point in known if point.kind == kind))


def _parties(people: Sequence[uuid.UUID], at: datetime) -> dict[uuid.UUID, list[Holder]]:
    """Called people as if each held a post of his own, with whoever stands in for those who are away. Three queries."""
    absent = roster.away(at)
    values = Person.objects.filter(pk__in=people).values_list("pk", "name", "division_id")
    found = {
        pk: roster.stand_in(Holder(_NOBODY, pk, name, "A", "", code), absent) for pk, name, code in values
    }
    points = directory.contact_points({one.person_id for held in found.values() for one in held}, at)
    return {pk: [_with_points(one, points[one.person_id]) for one in held] for pk, held in found.items()}


def _with_points(holder: Holder, points: Sequence[ContactPoint]) -> Holder:
    return replace(holder, points=tuple(points))


def _outlets(divisions: Sequence[Division]) -> dict[str, list[Outlet]]:
    """Active outlets of the places, of what lies right below them and, for sites, of the village above. One query."""
    codes = {code for division in divisions for code in division.path.split("/")[-2:]}
    own = Q(division_id__in=codes) | Q(division__parent_id__in=[division.code for division in divisions])
    rows = Outlet.objects.filter(own, is_active=True).select_related("division").defer("division__geometry")
    found: dict[str, list[Outlet]] = defaultdict(list)
    for outlet in rows.order_by("name", "id"):
        found[outlet.division_id].append(outlet)
        if outlet.division.parent_id is not None and outlet.division.level not in (
            DivisionLevel.VILLAGE,
            DivisionLevel.TOWNSHIP,
        ):
            found[outlet.division.parent_id].append(outlet)
    return found
