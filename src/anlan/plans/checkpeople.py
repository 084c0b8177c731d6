"""The plan check of the people: is there anybody on the post, can he be reached, is he wanted twice at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from anlan.plans.checktypes import Fault, Held, Seat, World
from anlan.plans.content import Address, AddressKind, Content, Group, PostSlot

#: Addresses of which only the incident says which place is meant; whoever of them is missing is reported together.
_AFFECTED = (AddressKind.AFFECTED_TOWNSHIPS, AddressKind.AFFECTED_VILLAGES)

Use = tuple[str, str, Address]


def uses(content: Content) -> Iterator[Use]:
    """Every address of the plan with the part that has it and the words of that part."""
    for slot in content.posts:
        yield f"posts:{slot.key}", slot.title, slot.address
        if slot.deputy is not None:
            yield f"posts:{slot.key}", slot.title, slot.deputy
    for group in content.groups:
        for member in group.members:
            yield f"groups:{group.key}", group.name, member
    for task in content.tasks:
        yield f"tasks:{task.key}", task.title, task.owner
    for contact in content.contacts:
        yield f"contacts:{contact.key}", contact.name, contact.address
    for level in content.levels:
        for address in level.notify:
            yield f"levels:{level.level}", "", address


def unknown_places(content: Content, world: World) -> Iterator[Fault]:
    """Codes that no division has, and departments that a template names in words; each once, with the first part that has it."""
    counts: dict[tuple[str, str], list[str]] = {}
    words: dict[tuple[str, str], tuple[str, str]] = {}
    for where, title, address in uses(content):
        found = _unknown(address, world)
        if found is not None:
            counts.setdefault(found, []).append(where)
            words.setdefault(found, (title, address.name))
    for (code, name), places in counts.items():
        title, given = words[code, name]
        params = {"title": title, "name": given or name, "uses": len(dict.fromkeys(places))}
        yield Fault(code, f"{code}:{name}", "stop", places[0], params)


def _unknown(address: Address, world: World) -> tuple[str, str] | None:
    if address.kind in (AddressKind.UNIT, *_AFFECTED):
        return None
    code = address.code or (world.county if address.kind is AddressKind.COUNTY else "")
    if not code:
        return "place_unnamed", address.name
    return None if code in world.places else ("unknown_place", code)


def empty_posts(content: Content, world: World) -> Iterator[Fault]:
    """A post that nobody holds, one whose holders have no working number, and single holders without one."""
    seats: dict[Seat, Use] = {}
    for where, title, address in uses(content):
        if address.kind in _AFFECTED:
            yield from _affected(address, world, where, title)
            continue
        for seat in world.seats(address):
            seats.setdefault(seat, (where, title, address))
    for seat, (where, title, _address) in seats.items():
        yield from _of_seat(seat, world, where, title)


def _of_seat(seat: Seat, world: World, where: str, title: str) -> Iterator[Fault]:
    code, post = seat
    key = f"{code}:{post}"
    params: dict[str, Any] = {"place": world.places[code].name, "post": post, "title": title}
    held = world.holders.get(seat, ())
    if not held:
        yield Fault("post_empty", f"post_empty:{key}", "stop", where, params)
        return
    dead = [one for one in held if not one.works]
    if len(dead) == len(held):
        yield Fault(
            "post_unreachable", f"post_unreachable:{key}", "stop", where, {**params, "names": _names(dead)}
        )
    elif dead:
        yield Fault("dead_number", f"dead_number:{key}", "warn", where, {**params, "names": _names(dead)})


def _names(held: list[Held]) -> list[str]:
    return [one.name for one in held]


#: Places named in one sentence; the others are counted.
MOST_NAMED = 5


def _affected(address: Address, world: World, where: str, title: str) -> Iterator[Fault]:
    """All townships or villages together: those without anybody, and those without a working number."""
    seats = world.seats(address)
    empty = [code for code, post in seats if not world.holders.get((code, post))]
    silent = [
        code
        for code, post in seats
        if world.holders.get((code, post)) and not any(one.works for one in world.holders[code, post])
    ]
    for fault, codes in (("places_empty", empty), ("places_unreachable", silent)):
        if codes:
            post = seats[0][1]
            names = [world.places[code].name if code in world.places else code for code in codes]
            params = {"title": title, "post": post, "names": names[:MOST_NAMED], "count": len(codes)}
            yield Fault(fault, f"{fault}:{address.kind.value}:{post}", "stop", where, params)


def overlaps(content: Content, world: World) -> Iterator[Fault]:
    """One person on two posts of the plan, or at the head of two groups that work at the same level.

    The head of a group by virtue of a post of the plan is one thing, not two. A duty room is no person and never overlaps.
    """
    slots = {one.key: one for one in content.posts}
    posts: dict[str, list[str]] = {}
    leads: dict[str, list[Group]] = {}
    names: dict[str, str] = {}
    for slot in content.posts:
        person = _first(slot.address, world)
        if person is not None:
            names[person.person] = person.name
            posts.setdefault(person.person, []).append(slot.title)
    for group in content.groups:
        person = _head(group, slots, world)
        if person is not None:
            names[person.person] = person.name
            leads.setdefault(person.person, []).append(group)
    for key, titles in posts.items():
        if len(titles) > 1:
            yield Fault(
                "posts_overlap",
                f"posts_overlap:{key}",
                "warn",
                "posts",
                {"person": names[key], "titles": titles},
            )
    for key, some in leads.items():
        # Whoever leads them by several posts is reported for the posts.
        if len(some) > 1 and not (
            len(posts.get(key, ())) > 1 and len({one.lead for one in some}) == len(some)
        ):
            level = sorted(one.from_level for one in some)[-2]
            params: dict[str, Any] = {
                "person": names[key],
                "titles": [one.name for one in some],
                "level": level,
            }
            yield Fault("leaders_overlap", f"leaders_overlap:{key}", "warn", "groups", params)


def _head(group: Group, slots: dict[str, PostSlot], world: World) -> Held | None:
    if group.lead:
        slot = slots.get(group.lead)
        return None if slot is None else _first(slot.address, world)
    return _first(group.members[0], world) if group.members else None


def _first(address: Address, world: World) -> Held | None:
    """Who comes first on the one post that is meant."""
    if not address.post or address.kind in (AddressKind.UNIT, *_AFFECTED):
        return None
    seats = world.seats(address)
    held = world.holders.get(seats[0], ()) if seats else ()
    return held[0] if held else None
