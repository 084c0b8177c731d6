"""Putting, moving and taking away rows of a content; pure. What would leave a name that nothing answers to is refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from anlan.kernel import canonical
from anlan.plans.content import Annex, Contact, Content, Group, Level, Need, PostSlot, Task
from anlan.plans.diff import title_of
from anlan.plans.graphs import rings
from anlan.plans.refusals import ChangedMeanwhile, InCircles, StillUsed

#: Lists of a content with the type of their rows and the letter that new keys begin with; "" for rows without a key.
PARTS: dict[str, tuple[type[msgspec.Struct], str]] = {
    "levels": (Level, ""),
    "posts": (PostSlot, "p"),
    "groups": (Group, "g"),
    "tasks": (Task, "t"),
    "needs": (Need, "n"),
    "contacts": (Contact, "c"),
    "chapters": (Annex, ""),
    "annexes": (Annex, ""),
}
NEW = "new"


def rows_of(content: Content, part: str) -> tuple[Any, ...]:
    found: tuple[Any, ...] = getattr(content, part)
    return found


def name_of(part: str, row: Any, place: int) -> str:
    """What a row is called in an address: its key, its level, or its place in the list."""
    if PARTS[part][1]:
        return str(row.key)
    return str(row.level) if part == "levels" else str(place)


def place_of(content: Content, part: str, name: str) -> int | None:
    """Where the row of that name stands; None where none does."""
    for place, row in enumerate(rows_of(content, part)):
        if name_of(part, row, place) == name:
            return place
    return None


def digest_of(row: Any) -> str:
    """Changes with every word of the row: tells whether somebody else changed it meanwhile."""
    return canonical.digest(msgspec.to_builtins(row))


def new_key(content: Content, part: str) -> str:
    """A key that no row of the part has."""
    letter, known = PARTS[part][1], {row.key for row in rows_of(content, part)}
    number = len(known) + 1
    while f"{letter}{number}" in known:
        number += 1
    return f"{letter}{number}"


def put_row(content: Content, part: str, name: str, row: Any, *, was: str = "") -> Content:
    """The content with this row in place of the one called `name`, or at the end for "new".

    `was` is the digest of the row as the writer saw it, or its beginning. Raises `ChangedMeanwhile`, and `InCircles` for tasks or contacts that
    would wait for each other.
    """
    rows = list(rows_of(content, part))
    if name == NEW:
        rows.append(row)
    else:
        rows[_same(content, part, name, was)] = row
    if part == "levels":
        rows.sort(key=lambda one: -one.level)
    return _checked(msgspec.structs.replace(content, **{part: tuple(rows)}), part)


def _same(content: Content, part: str, name: str, was: str) -> int:
    place = place_of(content, part, name)
    if place is None or not digest_of(rows_of(content, part)[place]).startswith(was):
        raise ChangedMeanwhile
    return place


def _checked(content: Content, part: str) -> Content:
    after: dict[str, Sequence[str]] = {}
    if part == "tasks":
        after = {one.key: one.after for one in content.tasks}
    elif part == "contacts":
        after = {one.key: (one.above,) for one in content.contacts if one.above}
    titles = {row.key: title_of(row) for row in rows_of(content, part)} if after else {}
    for ring in rings(after):
        raise InCircles(titles="、".join(titles.get(key, key) for key in ring))
    return content


def take_row(content: Content, part: str, name: str, *, was: str = "") -> Content:
    """The content without the row. Raises `StillUsed` naming what needs it."""
    rows = list(rows_of(content, part))
    gone = rows.pop(_same(content, part, name, was))
    users = users_of(content, part, getattr(gone, "key", ""))
    if users:
        raise StillUsed(title=title_of(gone), users="、".join(users[:5]) + ("……" if len(users) > 5 else ""))
    return msgspec.structs.replace(content, **{part: tuple(rows)})


def users_of(content: Content, part: str, key: str) -> list[str]:
    """Titles of the rows that name the row of this part and key."""
    if not key:
        return []
    tasks, contacts = content.tasks, content.contacts
    if part == "posts":
        return [one.name for one in content.groups if one.lead == key] + [
            one.title for one in tasks if one.post == key
        ]
    if part == "groups":
        return [one.title for one in tasks if one.group == key]
    if part == "tasks":
        return [one.title for one in tasks if key in one.after]
    if part == "needs":
        return [one.title for one in tasks if key in one.needs]
    return [one.name for one in contacts if one.above == key] if part == "contacts" else []


def move_row(
    content: Content, part: str, name: str, *, up: bool, among: Sequence[str] | None = None
) -> Content:
    """One place up or down; among the rows that a filtered list shows, past its neighbour there. At the end it stays."""
    rows = list(rows_of(content, part))
    names = [name_of(part, row, place) for place, row in enumerate(rows)]
    shown = [one for one in names if among is None or one in among]
    if name not in shown:
        raise ChangedMeanwhile
    other = shown.index(name) + (-1 if up else 1)
    if not 0 <= other < len(shown):
        return content
    target = names.index(shown[other])
    rows.insert(target, rows.pop(names.index(name)))
    return msgspec.structs.replace(content, **{part: tuple(rows)})
