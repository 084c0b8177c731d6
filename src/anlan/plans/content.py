"""What a plan says, as data (peers.md row 38): levels and their triggers, body, groups, posts, tasks, needs, contacts, annexes.

Stored as JSON in `PlanVersion.content`; `read` is the one door and refuses what it does not know. Keys are short ASCII names,
unique in their list. Levels are 1 (Ⅰ, the highest) to 4 (Ⅳ). Limits are whole minutes from the moment a task is issued.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec


class AddressKind(StrEnum):
    """Who is meant. `AFFECTED_*` are worked out when the plan is opened, from where the incident is and what is warned."""

    COUNTY = "county"
    DEPARTMENT = "department"
    DIVISION = "division"
    AFFECTED_TOWNSHIPS = "affected_townships"
    AFFECTED_VILLAGES = "affected_villages"
    #: The enterprise that the incident happened at.
    UNIT = "unit"


class Address(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """A place and a kind of post there. `code` is a division code (department, township, village, enterprise); a department
    that the template does not know by code has its name in `name` instead, and the plan check asks for it. `post` is a code of
    `vocab.posts.PostKind`; "" means the duty room of the place."""

    kind: AddressKind
    code: str = ""
    name: str = ""
    post: str = ""


class TriggerKind(StrEnum):
    #: A warning of `hazard` at `level` or graver is in force.
    WARNING = "warning"
    #: An incident of one of `event_types` has `grade` or graver.
    GRADE = "grade"
    #: The sum of `figure` (a code of `vocab.figures`) of an incident is at least `at_least`.
    FIGURE = "figure"
    #: The relief table in force (R07) gives this level.
    RELIEF = "relief"
    #: Only people can tell; shown, never evaluated.
    WORDS = "words"


class Trigger(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """One reason to open a level; any one of a level's triggers is enough."""

    kind: TriggerKind
    hazard: str = ""
    level: int = 0
    event_types: tuple[str, ...] = ()
    grade: int = 0
    figure: str = ""
    at_least: int = 0
    #: Warnings: at least this many townships warned, 0 for any.
    townships: int = 0
    words: str = ""
    #: Where the value comes from; "" in a template that the county must confirm.
    source: str = ""


class Level(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """A response level: what opens it and whose word is needed (codes of `vocab.posts.PostKind`)."""

    level: int
    words: str = ""
    triggers: tuple[Trigger, ...] = ()
    authority: tuple[str, ...] = ()
    #: Who gets the notice.
    notify: tuple[Address, ...] = ()


class PostSlot(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """A post of the plan (总指挥, 副总指挥 ...), and where its holder comes from."""

    key: str
    title: str
    address: Address
    deputy: Address | None = None
    duties: tuple[str, ...] = ()


class Group(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """A working group. `lead` is the key of a post slot or "" where `members[0]` leads."""

    key: str
    name: str
    lead: str = ""
    members: tuple[Address, ...] = ()
    duties: str = ""
    from_level: int = 4


class Task(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """Something to be done from `from_level` on (4: at every level; 2: at Ⅱ and Ⅰ only) by everybody that `owner` means.

    `after` are keys of tasks that must be finished first. A limit of 0 means that none was set, which the check reports.
    """

    key: str
    title: str
    owner: Address
    words: str = ""
    from_level: int = 4
    group: str = ""
    post: str = ""
    ack_min: int = 0
    limit_min: int = 0
    after: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    needs_proof: bool = False
    #: Code of an order pack that this task gives.
    pack: str = ""
    source: str = ""


class NeedKind(StrEnum):
    TEAM = "team"
    VEHICLE = "vehicle"
    EQUIPMENT = "equipment"
    STOCK = "stock"
    EXPERT = "expert"


class Need(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """Something the plan counts on: `code` is a skill, a category or an item code, `count` how many at least."""

    key: str
    kind: NeedKind
    name: str
    code: str = ""
    count: float = 1
    unit: str = ""
    from_level: int = 4


class Contact(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """One node of the contact tree; `above` is the key of who calls it, "" for the root."""

    key: str
    name: str
    address: Address
    above: str = ""


class Annex(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    title: str
    words: str = ""


class Content(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """A whole plan."""

    purpose: str = ""
    basis: tuple[str, ...] = ()
    scope: str = ""
    #: Code of the coordinating body that commands, and what the plan says about it.
    body: str = ""
    body_words: str = ""
    levels: tuple[Level, ...] = ()
    posts: tuple[PostSlot, ...] = ()
    groups: tuple[Group, ...] = ()
    tasks: tuple[Task, ...] = ()
    needs: tuple[Need, ...] = ()
    contacts: tuple[Contact, ...] = ()
    #: How the response ends, aftermath, supplies, training: chapters of words.
    chapters: tuple[Annex, ...] = ()
    annexes: tuple[Annex, ...] = ()
    #: Where a template comes from and that it must be confirmed.
    source: str = ""


def read(raw: dict[str, Any]) -> Content:
    """The content of stored JSON. Raises `msgspec.ValidationError` naming the place of what is wrong."""
    return msgspec.convert(raw, Content)


def stored(content: Content) -> dict[str, Any]:
    """As JSON, without what is empty."""
    found: dict[str, Any] = msgspec.to_builtins(content)
    return found
