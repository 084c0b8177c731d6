"""Ready packs of orders (五停, closing scenic spots, emptying danger zones ...): shipped as templates, replaced by the county's own.

Every shipped pack is a template to be confirmed: whom a county orders, and who may give it, is the county's to say.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from anlan.dispatch.models import OrderPack
from anlan.dispatch.refusals import BadPack, UnknownPack
from anlan.incidents.models import Incident
from anlan.places import queries as places
from anlan.places.models import Division
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import PostKind

#: A pack for whatever happens.
ANY = "*"
MOST_ITEMS = 40


class WhomKind(StrEnum):
    """Who is meant; `AFFECTED_*` are worked out from where the incident is."""

    COUNTY = "county"
    DEPARTMENT = "department"
    DIVISION = "division"
    AFFECTED_TOWNSHIPS = "affected_townships"
    ALL_TOWNSHIPS = "all_townships"
    AFFECTED_VILLAGES = "affected_villages"
    UNIT = "unit"


class Whom(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """A place: by code, or a department by a part of its name, for a template knows no codes."""

    kind: WhomKind
    code: str = ""
    name: str = ""


class PackItem(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """One order of a pack. Limits are minutes; 0 sets none. `authority` are codes of posts of which one may give it; none: the pack's."""

    key: str
    title: str
    words: str = ""
    to: tuple[Whom, ...] = ()
    post: str = ""
    ack_min: int = 0
    limit_min: int = 0
    needs_proof: bool = False
    authority: tuple[str, ...] = ()


class Pack(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """A pack. `is_confirmed` says that the county has confirmed it."""

    code: str
    name: str
    event_types: tuple[str, ...] = ()
    authority: tuple[str, ...] = ()
    source: str = ""
    items: tuple[PackItem, ...] = ()
    is_confirmed: bool = False

    def authority_of(self, item: PackItem) -> tuple[str, ...]:
        """Posts of which one may give the item; none means that whoever commands may."""
        return item.authority or self.authority

    def fits(self, event_type: str) -> bool:
        return ANY in self.event_types or event_type in self.event_types


class _File(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    version: str
    source: str
    packs: tuple[Pack, ...]


@functools.cache
def shipped() -> tuple[Pack, ...]:
    """The templates of the package."""
    text = (Path(__file__).parent / "data" / "orderpacks.json").read_text(encoding="utf-8")
    return msgspec.convert(json.loads(text), _File).packs


def all_packs() -> list[Pack]:
    """Every pack in use: the county's own in place of the shipped one of the same code. One query."""
    found = {pack.code: pack for pack in shipped()}
    for row in OrderPack.objects.order_by("code"):
        found.pop(row.code, None)
        if row.retired_at is None:
            found[row.code] = pack_of(row)
    return sorted(found.values(), key=lambda pack: pack.code)


def packs_for(event_type: str) -> list[Pack]:
    """Packs for a type of incident, those made for it before those for everything."""
    fitting = [pack for pack in all_packs() if pack.fits(event_type)]
    return sorted(fitting, key=lambda pack: (event_type not in pack.event_types, pack.code))


def pack_named(code: str) -> Pack:
    """One pack in use. Raises `UnknownPack`."""
    found = next((pack for pack in all_packs() if pack.code == code), None)
    if found is None:
        raise UnknownPack
    return found


def pack_of(row: OrderPack) -> Pack:
    return Pack(
        code=row.code,
        name=row.name,
        event_types=tuple(row.event_types),
        authority=tuple(filter(None, row.authority.split(","))),
        source=row.source,
        items=read_items(row.items),
        is_confirmed=row.confirmed_at is not None,
    )


def read_items(raw: Any) -> tuple[PackItem, ...]:
    """Items of stored JSON or of a form. Raises `BadPack` naming what is wrong."""
    try:
        items = msgspec.convert(raw, tuple[PackItem, ...])
    except msgspec.ValidationError as error:
        raise BadPack(why=str(error)) from error
    keys = [item.key for item in items]
    if len(set(keys)) != len(keys) or not all(keys):
        raise BadPack(why="key")
    return items


def check_posts(kinds: Iterable[str]) -> None:
    """Raise `BadPack` for what is no kind of post."""
    known = {kind.value for kind in PostKind}
    for kind in kinds:
        if kind not in known:
            raise BadPack(why=kind)


@dataclass(frozen=True, slots=True)
class Targets:
    """Whom the items of a pack mean in this county and for this incident; read once for many items."""

    incident: Incident
    departments: tuple[Division, ...]
    townships: tuple[Division, ...]
    county: Division | None

    @classmethod
    def of(cls, incident: Incident) -> Targets:
        rows = Division.objects.defer("geometry").filter(valid_to=None).order_by("code")
        listed = list(rows.filter(level__in=(DivisionLevel.DEPARTMENT, DivisionLevel.TOWNSHIP)))
        departments = tuple(one for one in listed if one.level == DivisionLevel.DEPARTMENT)
        townships = tuple(one for one in listed if one.level == DivisionLevel.TOWNSHIP)
        return cls(incident, departments, townships, places.county())

    def meant(self, item: PackItem) -> list[Division]:
        """Places that the item names, each once; none where the county has no such department."""
        found = [place for whom in item.to for place in self._of(whom)]
        return list({place.code: place for place in found}.values())

    def _of(self, whom: Whom) -> list[Division]:
        match whom.kind:
            case WhomKind.COUNTY:
                return [self.county] if self.county is not None else []
            case WhomKind.DEPARTMENT:
                return self._departments(whom)
            case WhomKind.DIVISION:
                return list(Division.objects.defer("geometry").filter(pk=whom.code, valid_to=None))
            case WhomKind.ALL_TOWNSHIPS:
                return list(self.townships)
            case WhomKind.AFFECTED_TOWNSHIPS:
                return self._affected()
            case WhomKind.AFFECTED_VILLAGES:
                return (
                    [self.incident.division] if self.incident.division.level == DivisionLevel.VILLAGE else []
                )
            case WhomKind.UNIT:
                return [self.incident.unit] if self.incident.unit is not None else []

    def _departments(self, whom: Whom) -> list[Division]:
        if whom.code:
            return [one for one in self.departments if one.code == whom.code]
        return [one for one in self.departments if whom.name and whom.name in one.name][:1]

    def _affected(self) -> list[Division]:
        """The township of the incident; all of them where only the county is named."""
        codes = set(self.incident.division.path.split("/"))
        own = [one for one in self.townships if one.code in codes]
        return own or list(self.townships)
