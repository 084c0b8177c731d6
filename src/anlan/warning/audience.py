"""Whom a warning concerns: villages by station or choice, sites and enterprises in the area, and people chosen by what they are.

An audience is the area ∩ any of: tier, post, duty label, grid, skill, vulnerable group, kind of site. Places (villages,
townships, sites, enterprises) get seats of their own; people chosen by post, label or skill become *parties*, seats of one person.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from anlan.directory import queries as directory
from anlan.directory.models import Holding, Person
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.risk import queries as risk
from anlan.risk.models import DangerZone
from anlan.sensing import queries as sensing
from anlan.sensing.models import Crossing
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.duty_labels import LABELS
from anlan.vocab.posts import PostKind, Right
from anlan.vocab.sites import KINDS
from anlan.warning.areas import Area
from anlan.warning.models import WarningVillage
from anlan.warning.refusals import BadSpec, NoVillages, UnknownVillage
from anlan.warning.types import Concern

if TYPE_CHECKING:
    from anlan.warning import counting

#: Levels of divisions that can sit in a call-out as a place chosen by a person.
PLACES = (DivisionLevel.VILLAGE, DivisionLevel.SITE, DivisionLevel.ENTERPRISE)
TIERS = ("village", "township", "county", "grid")
GROUPS = ("needs_assistance",)
#: A kind beside those of `vocab.sites`: every enterprise in the area.
ENTERPRISES = "enterprise"
MOST_PARTIES = 2_000
_PEOPLE_AT_ONCE = 500


class AudienceSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person ticked. Empty lists choose nothing; `tiers` begins with the villages themselves."""

    tiers: tuple[str, ...] = ("village",)
    posts: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    def as_json(self) -> dict[str, list[str]]:
        return {name: list(getattr(self, name)) for name in self.__struct_fields__}

    @property
    def names_people(self) -> bool:
        return bool(self.posts or self.labels or self.skills or self.groups or "grid" in self.tiers)


@dataclass(frozen=True, slots=True)
class Audience:
    """`parties` are people by the division they belong to; `unreachable` names places and people without a working number.

    `public_contacts` counts people and families with a point in the area: whom a message to the public concerns.
    """

    places: tuple[Concern, ...]
    parties: dict[str, tuple[uuid.UUID, ...]] = field(default_factory=dict)
    party_names: tuple[str, ...] = ()
    unreachable: tuple[str, ...] = ()
    public_contacts: int = 0

    @property
    def party_count(self) -> int:
        return sum(len(people) for people in self.parties.values())


def read_spec(value: Any) -> AudienceSpec:
    """The stored or posted choice, checked against the code lists; JSON from outside, hence Any."""
    try:
        spec = msgspec.convert(value or {}, AudienceSpec)
    except msgspec.ValidationError as error:
        raise BadSpec(why=str(error)) from None
    known: dict[str, Iterable[str]] = {
        "tiers": TIERS,
        "posts": [post.value for post in PostKind],
        "labels": LABELS,
        "groups": GROUPS,
        "kinds": [*KINDS, ENTERPRISES],
    }
    for name, allowed in known.items():
        wrong = set(getattr(spec, name)) - set(allowed)
        if wrong:
            raise BadSpec(why=", ".join(sorted(wrong)))
    return spec


def of_crossing(crossing: Crossing) -> list[Concern]:
    """The villages that the binding speaks for; where none is linked, the village in which the station stands."""
    villages = list(sensing.villages_of_binding(crossing.binding))
    if villages:
        return _with_zones(villages, because="link", detail=crossing.station.name)
    home = crossing.station.division
    if home.level != DivisionLevel.VILLAGE:
        return []
    return _with_zones([home], because="station", detail=crossing.station.name)


def chosen(codes: Iterable[str], *, by: Actor) -> list[Concern]:
    """Villages, sites and enterprises that a person chose; each must lie in his jurisdiction."""
    wanted = list(dict.fromkeys(codes))
    if not wanted:
        raise NoVillages
    found = Division.objects.filter(code__in=wanted, level__in=PLACES, valid_to=None).in_bulk()
    for code in wanted:
        if code not in found or not by.can(Right.DRAFT, found[code].path):
            raise UnknownVillage(code=code)
    return concerns_of([found[code] for code in wanted], because="chosen")


def concerns_of(places: Sequence[Division], *, because: str, detail: str = "") -> list[Concern]:
    """Villages with their danger zones, sites with their kind, in order of code."""
    villages = [place for place in places if place.level == DivisionLevel.VILLAGE]
    others = [place for place in places if place.level != DivisionLevel.VILLAGE]
    kinds = {code: KINDS[site.kind][0] for code, site in risk.sites_of([one.code for one in others]).items()}
    rest = [
        Concern(place.code, place.name, _because(place, because), kinds.get(place.code, ""))
        for place in others
    ]
    return sorted([*_with_zones(villages, because=because, detail=detail), *rest], key=lambda one: one.code)


def resolve(
    spec: AudienceSpec, area: Area, *, by: Actor, at: datetime, villages: Iterable[str] = ()
) -> Audience:
    """Everybody in an area whom the choice names, in the actor's jurisdiction. Reads only.

    `villages` are places that a person named himself; they come whatever the tiers say. A fixed number of queries apart
    from chunks of people. Raises `BadSpec` where the choice names more people than a call-out may hold.
    """
    from anlan.warning import counting, targeting  # bring NumPy

    counts = counting.count(area, hour=12, by=by)
    named = list(dict.fromkeys([*villages, *area.codes]))
    codes = set(counts.village_codes) if "village" in spec.tiers else set()
    codes |= _sites_by_kind(spec, counts)
    direct = Division.objects.filter(code__in=named, level__in=PLACES, valid_to=None)
    codes |= set(direct.values_list("code", flat=True))
    codes |= _above(spec, counts)
    allowed = Division.objects.filter(code__in=codes, valid_to=None).defer("geometry")
    places = [place for place in allowed if by.can(Right.DRAFT, place.path)]
    concerns = concerns_of(places, because="chosen")
    parties, names, silent = _parties(spec, area, counts, by=by, at=at)
    index = targeting.contact_index()
    return Audience(
        places=tuple(concerns),
        parties=parties,
        party_names=names,
        unreachable=(*unreachable_places(places, at=at), *silent),
        public_contacts=len(index.in_area(area.geometry, _codes_below(counts, area))),
    )


def unreachable_places(places: Iterable[Division], *, at: datetime) -> list[str]:
    """Names of places of which nobody of their own has a working number at `at`; a township's duty room is not asked."""
    listed = list(places)
    kinds = (
        PostKind.INFORMATION_OFFICER,
        PostKind.VILLAGE_SECRETARY,
        PostKind.SITE_KEEPER,
        PostKind.ENTERPRISE_SAFETY_MANAGER,
        PostKind.TOWNSHIP_DUTY,
        PostKind.TOWNSHIP_INFORMATION_OFFICER,
        PostKind.COUNTY_DUTY,
    )
    held = directory.responsible([place.code for place in listed], at, kinds)
    return [place.name for place in listed if not any(holder.points for holder in held.get(place.code, ()))]


def of_warning(rows: Iterable[WarningVillage]) -> list[Concern]:
    """The villages that an earlier warning listed."""
    return [Concern(row.division_id, row.division.name, row.because, row.detail) for row in rows]


def union(first: Sequence[Concern], second: Sequence[Concern]) -> list[Concern]:
    """Both lists, each village once, the newer reason first."""
    by_code = {concern.code: concern for concern in [*second, *first]}
    return sorted(by_code.values(), key=lambda concern: concern.code)


def by_danger(rows: Sequence[WarningVillage]) -> list[WarningVillage]:
    """In the order in which a big opening calls: danger zones (most families first), then sites, then the others."""
    zoned = [row.division_id for row in rows if row.because == "zone"]
    families: dict[str, int] = defaultdict(int)
    for zone in risk.zones_of(zoned) if zoned else ():
        for code in zone.division.path.split("/"):
            families[code] += zone.household_count or 1
    rank = {"zone": 0, "site": 1}
    return sorted(
        rows, key=lambda row: (rank.get(row.because, 2), -families[row.division_id], row.division_id)
    )


def _sites_by_kind(spec: AudienceSpec, counts: counting.Counts) -> set[str]:
    found: set[str] = set(counts.enterprise_codes) if ENTERPRISES in spec.kinds else set()
    wanted = set(spec.kinds) - {ENTERPRISES}
    if not wanted:
        return found
    return found | {code for code, site in risk.sites_of(counts.site_codes).items() if site.kind in wanted}


def _above(spec: AudienceSpec, counts: counting.Counts) -> set[str]:
    """Townships and counties above the villages of the area, where the tiers ask for them."""
    levels = [level for level in (DivisionLevel.TOWNSHIP, DivisionLevel.COUNTY) if level in spec.tiers]
    if not levels:
        return set()
    paths = Division.objects.filter(code__in=counts.village_codes).values_list("path", flat=True)
    above = {code for path in paths for code in path.split("/")}
    return set(Division.objects.filter(code__in=above, level__in=levels).values_list("code", flat=True))


def _codes_below(counts: counting.Counts, area: Area) -> set[str]:
    """Without an area on the map the named villages and what lies below them decide; with one only points do."""
    if area.geometry is not None and not area.codes:
        return set()
    places = set(counts.village_codes)
    below = Division.objects.filter(parent_id__in=places).values_list("code", flat=True)
    return places | set(below)


def _parties(
    spec: AudienceSpec, area: Area, counts: counting.Counts, *, by: Actor, at: datetime
) -> tuple[dict[str, tuple[uuid.UUID, ...]], tuple[str, ...], list[str]]:
    if not spec.names_people:
        return {}, (), []
    from anlan.warning import targeting

    index = targeting.contact_index()
    rows = index.in_area(area.geometry, _codes_below(counts, area))
    if area.geometry is not None:
        # Who belongs to a village that is concerned counts in, wherever he lives.
        import numpy as np  # only who chooses people by place pays for it

        rows = np.union1d(rows, index.of_places(_places_around(counts)))
    inside = set(index.people(rows))
    found: dict[uuid.UUID, tuple[str, str]] = {}
    for part in _chunks(sorted(inside)):
        for person in Person.objects.filter(pk__in=part).select_related("division"):
            if _is_meant(spec, person) and by.can(Right.DRAFT, person.division.path):
                found[person.pk] = (person.division_id, person.name)
    if spec.posts:
        found |= _holders(spec, counts, by=by, at=at)
    if "needs_assistance" in spec.groups:
        found |= _helpers(index.households(rows))
    if len(found) > MOST_PARTIES:
        raise BadSpec(why=f"{len(found)} > {MOST_PARTIES}")
    return _grouped(found, at=at)


def _places_around(counts: counting.Counts) -> set[str]:
    """The concerned villages, and the sites and enterprises in the area."""
    return {*counts.village_codes, *counts.site_codes, *counts.enterprise_codes}


def _is_meant(spec: AudienceSpec, person: Person) -> bool:
    return (
        not set(spec.labels).isdisjoint(person.labels)
        or not set(spec.skills).isdisjoint(person.skills)
        or ("grid" in spec.tiers and person.division.level == DivisionLevel.GRID)
        or ("grid" in spec.tiers and "grid_worker" in person.labels)
    )


def _holders(
    spec: AudienceSpec, counts: counting.Counts, *, by: Actor, at: datetime
) -> dict[uuid.UUID, tuple[str, str]]:
    """Who holds one of the posts in a concerned village, a site, or a township or county above it."""
    places = _places_around(counts)
    paths = Division.objects.filter(code__in=counts.village_codes).values_list("path", flat=True)
    places |= {code for path in paths for code in path.split("/")}
    rows = Holding.objects.filter(
        directory.held_at(at), post__kind__in=spec.posts, post__division_id__in=places
    )
    found = {}
    for row in rows.select_related("person", "post__division").order_by("-role", "-held_from"):
        if by.can(Right.DRAFT, row.post.division.path):
            found[row.person_id] = (row.post.division_id, row.person.name)
    return found


def _helpers(households: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[str, str]]:
    """The people assigned to families that need assistance. A helper is written as a name: it must name one person of the village."""
    wanted = {(helper, code) for helper, code, _phone in risk.helpers_of(households) if helper}
    if not wanted:
        return {}
    people: dict[tuple[str, str], list[uuid.UUID]] = defaultdict(list)
    rows = Person.objects.filter(division_id__in={code for _name, code in wanted})
    for pk, name, code in rows.values_list("id", "name", "division_id"):
        people[name, code].append(pk)
    return {people[key][0]: (key[1], key[0]) for key in sorted(wanted) if len(people.get(key, ())) == 1}


def _grouped(
    found: dict[uuid.UUID, tuple[str, str]], *, at: datetime
) -> tuple[dict[str, tuple[uuid.UUID, ...]], tuple[str, ...], list[str]]:
    parties: dict[str, list[uuid.UUID]] = defaultdict(list)
    for person_id, (code, _name) in sorted(found.items(), key=lambda item: (item[1], item[0])):
        parties[code].append(person_id)
    silent = []
    for part in _chunks(sorted(found)):
        points = directory.contact_points(part, at)
        silent += [found[person_id][1] for person_id in part if not points[person_id]]
    names = tuple(name for _code, name in sorted(found.values()))
    return {code: tuple(people) for code, people in parties.items()}, names, silent


def _chunks(ids: Sequence[uuid.UUID]) -> Iterable[Sequence[uuid.UUID]]:
    return (ids[start : start + _PEOPLE_AT_ONCE] for start in range(0, len(ids), _PEOPLE_AT_ONCE))


def _because(place: Division, because: str) -> str:
    return "site" if place.level in (DivisionLevel.SITE, DivisionLevel.ENTERPRISE) else because


def _with_zones(villages: Sequence[Division], *, because: str, detail: str) -> list[Concern]:
    names: dict[str, list[str]] = {}
    for zone in _zones_of(villages):
        for village in villages:
            if zone.division.path == village.path or zone.division.path.startswith(f"{village.path}/"):
                names.setdefault(village.code, []).append(zone.name)
    return [
        Concern(
            village.code,
            village.name,
            "zone" if village.code in names else because,
            _detail(names.get(village.code), detail),
        )
        for village in sorted(villages, key=lambda village: village.code)
    ]


def _zones_of(villages: Sequence[Division]) -> Iterable[DangerZone]:
    return risk.zones_of([village.code for village in villages]) if villages else ()


def _detail(zones: list[str] | None, detail: str) -> str:
    """Zones first: that is where people have to leave. At most 120 characters, the column's width."""
    text = "、".join(sorted(zones)) if zones else detail
    return text if len(text) <= 120 else f"{text[:119]}…"
