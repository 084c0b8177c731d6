"""Departments of templates stand by name; here the county's own codes are put in their place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

import msgspec

from anlan.places.models import Division
from anlan.plans.content import Address, AddressKind, Content
from anlan.plans.packs import Pack
from anlan.vocab.divisions import DivisionLevel

S = TypeVar("S", bound=msgspec.Struct)
_SMALL = re.compile(r"[和与、\s（）()]")


def instantiate(pack: Pack, departments: Mapping[str, str]) -> Content:
    """The pack's content with codes for every department that `departments` (full name to division code) knows.

    A department that it does not know keeps its name; the plan check reports it.
    """
    return resolve(pack.content, departments)


def resolve(content: Content, departments: Mapping[str, str]) -> Content:
    """The same for any content: an imported plan names departments too."""
    found = {name: _code(name, departments) for name in sorted(named(content))}

    def put(address: Address) -> Address:
        if address.kind is not AddressKind.DEPARTMENT or address.code or not found.get(address.name):
            return address
        return msgspec.structs.replace(address, code=found[address.name])

    swap = msgspec.structs.replace
    return swap(
        content,
        levels=tuple(swap(one, notify=tuple(map(put, one.notify))) for one in content.levels),
        posts=tuple(
            swap(one, address=put(one.address), deputy=put(one.deputy) if one.deputy else None)
            for one in content.posts
        ),
        groups=tuple(swap(one, members=tuple(map(put, one.members))) for one in content.groups),
        tasks=tuple(swap(one, owner=put(one.owner)) for one in content.tasks),
        contacts=tuple(swap(one, address=put(one.address)) for one in content.contacts),
    )


def named(content: Content) -> set[str]:
    """Names of departments that stand without a code."""
    return {
        one.name
        for one in addresses_of(content)
        if one.kind is AddressKind.DEPARTMENT and one.name and not one.code
    }


def addresses_of(content: Content) -> list[Address]:
    """Every address of a plan, in the order of its parts."""
    found = [one for level in content.levels for one in level.notify]
    for post in content.posts:
        found += [post.address, *([post.deputy] if post.deputy else [])]
    found += [one for group in content.groups for one in group.members]
    found += [task.owner for task in content.tasks]
    return found + [contact.address for contact in content.contacts]


def _code(name: str, departments: Mapping[str, str]) -> str:
    """The one department whose name is this or ends with it ("云岭县水利局" for 水利局); "" where none or several fit."""
    if name in departments:
        return departments[name]
    wanted = _plain(name)
    fitting = {code for full, code in departments.items() if _plain(full).endswith(wanted)}
    return fitting.pop() if len(fitting) == 1 and wanted else ""


def _plain(name: str) -> str:
    """Without the small words by which the same office is written in two ways (教育和体育局, 教育体育局)."""
    return _SMALL.sub("", name).removeprefix("县")


def departments_for(division: Division) -> dict[str, str]:
    """Departments of the county that the place lies in, code by full name. One statement."""
    county = division.path.split("/", 1)[0]
    rows = Division.objects.filter(
        level=DivisionLevel.DEPARTMENT, path__startswith=f"{county}/", valid_to=None
    )
    return dict(rows.values_list("name", "code"))
