"""Resource paths: from the service root along links to entities, a property, its raw value, or bare references."""

from __future__ import annotations

import re
from dataclasses import dataclass

from anlan.api.sensorthings.errors import missing
from anlan.api.sensorthings.model import TYPES, EntityType
from anlan.api.sensorthings.world import Entity, World

LONGEST = 1_000
_DEEPEST = 12
#: A name, and an id in quotes (quotes inside are doubled) or a bare number.
_SEGMENT = re.compile(r"(\$?[A-Za-z]+)(?:\((?:'((?:[^']|'')*)'|(-?\d{1,18}))\))?(?:/|$)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Segment:
    name: str
    id: str | None


@dataclass(frozen=True, slots=True)
class Target:
    """What a path leads to. `entity` is the one asked for, or the one whose `link` leads to the collection.

    `property_name` with `is_value` for its bare value; `is_reference` for references instead of entities.
    """

    kind: EntityType
    entity: Entity | None = None
    link: str = ""
    is_collection: bool = False
    property_name: str = ""
    is_value: bool = False
    is_reference: bool = False


def segments(path: str) -> list[Segment]:
    """Raises StaError (404) for what is no path."""
    found: list[Segment] = []
    at = 0
    while at < len(path):
        match = _SEGMENT.match(path, at)
        if match is None or len(path) > LONGEST or len(found) == _DEEPEST:
            raise missing()
        name, quoted, number = match.groups()
        found.append(Segment(name, number if quoted is None else quoted.replace("''", "'")))
        at = match.end()
    return found


def resolve(world: World, path: str) -> Target:
    """Raises StaError (404) where anything on the way is not there."""
    parts = segments(path)
    if not parts or parts[0].name not in TYPES:
        raise missing("There is no such entity set.")
    first, *rest = parts
    here = Target(TYPES[first.name], is_collection=True)
    if first.id is not None:
        here = _one(here.kind, world.get(first.name, first.id))
    for part in rest:
        here = _next(world, here, part)
    return here


def _one(kind: EntityType, entity: Entity | None) -> Target:
    if entity is None:
        raise missing()
    return Target(kind, entity)


def _next(world: World, here: Target, part: Segment) -> Target:
    if here.is_value or here.is_reference:
        raise missing()
    if part.name == "$ref" and part.id is None and not here.property_name:
        return Target(here.kind, here.entity, here.link, here.is_collection, is_reference=True)
    if part.name == "$value" and part.id is None and here.property_name:
        return Target(here.kind, here.entity, property_name=here.property_name, is_value=True)
    entity = here.entity
    if here.is_collection or here.property_name or entity is None:
        raise missing()
    link = here.kind.links.get(part.name)
    if link is None:
        if part.id is not None or part.name not in here.kind.all_properties:
            raise missing()
        return Target(here.kind, entity, property_name=part.name)
    kind = TYPES[link.target]
    if not link.is_many:
        if part.id is not None:
            raise missing()
        return _one(kind, world.linked(entity, part.name)[0])
    if part.id is None:
        return Target(kind, entity, part.name, is_collection=True)
    if part.name != "Observations":
        behind = (one for one in world.linked(entity, part.name) if one.id == part.id)
        return _one(kind, next(behind, None))
    found = world.get("Observations", part.id)
    return _one(kind, found if found and found.row.key in world.keys_of(entity) else None)
