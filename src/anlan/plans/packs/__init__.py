"""Starter packs: plans that a new county begins with, as data beside this file (requirements E-02; R04, R05, R07, R08).

Each pack is a template. Triggers, limits and the division of work are proposals; only limits with a `source` come from a rule,
everything else a county confirms. Departments stand by name: `plans.departments.instantiate` finds their codes.
"""

from __future__ import annotations

import functools
import tomllib
from importlib import resources
from typing import Any

import msgspec

from anlan.plans import wording
from anlan.plans.content import (
    Annex,
    Contact,
    Content,
    Group,
    Level,
    Need,
    NeedKind,
    PostSlot,
    Task,
)

#: What `Content.source` of every pack says.
SOURCE = "模板，待县级确认：启动条件、时限、单位分工均为建议值；注明来源的时限除外。"
#: Who decides about a level where a pack does not say; to be confirmed by the county.
AUTHORITY = {4: ("duty_leader",), 3: ("duty_leader",), 2: ("commander",), 1: ("commander",)}
#: In this order the page shows them.
CODES = (
    "overall",
    "flood",
    "geological",
    "earthquake",
    "forest_fire",
    "chemicals",
    "production",
    "snow",
    "relief",
    "township_flood",
    "village_evacuation",
    "enterprise",
)


class Pack(msgspec.Struct, frozen=True):
    """One starter plan. `kind` is of `models.PlanKind`; types and hazards are codes of `vocab`."""

    code: str
    title: str
    kind: str
    event_types: tuple[str, ...]
    hazards: tuple[str, ...]
    content: Content


class FieldGroup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A group at the scene and from which response level on it is formed (F-12)."""

    key: str
    name: str
    from_level: int
    lead: str
    members: tuple[str, ...] = ()
    duties: str = ""


class FieldTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Field-command groups by level; `commander` says who commands at each level. A template to be confirmed."""

    title: str
    source: str
    commander: dict[str, str]
    groups: tuple[FieldGroup, ...]

    def at_level(self, level: int) -> tuple[FieldGroup, ...]:
        return tuple(group for group in self.groups if group.from_level >= level)


def starter_packs() -> list[Pack]:
    """All of them in the order of the page."""
    return [starter_pack(code) for code in CODES]


def starter_pack(code: str) -> Pack:
    """Raises KeyError for a code that is none."""
    if code not in CODES:
        raise KeyError(code)
    return _pack(code)


@functools.cache
def field_command_table() -> FieldTable:
    """Which groups a field command has at which level (F-12)."""
    return msgspec.convert(_toml("field_groups"), FieldTable)


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((resources.files(__name__) / f"{name}.toml").read_text(encoding="utf-8"))


@functools.cache
def _pack(code: str) -> Pack:
    raw = _toml(code)
    if unknown := raw.keys() - _KNOWN:
        raise ValueError(f"the pack {code} has unknown parts: {sorted(unknown)}")
    if raw["code"] != code:
        raise ValueError(f"the pack in {code}.toml calls itself {raw['code']}")
    return Pack(
        code,
        raw["title"],
        raw["kind"],
        tuple(raw.get("event_types", ())),
        tuple(raw.get("hazards", ())),
        _content(raw),
    )


_KNOWN = frozenset(
    {"code", "title", "kind", "event_types", "hazards", "chapters", "annexes", "field_groups"}
    | {"purpose", "basis", "scope", "body", "body_words"}
    | {"levels", "posts", "groups", "tasks", "needs", "contacts", "more_chapters"}
)


def _content(raw: dict[str, Any]) -> Content:
    shared = _toml("_common")["chapters"]
    own = [Annex(title, words.strip()) for title, words in raw.get("more_chapters", ())]
    return Content(
        purpose=raw["purpose"],
        basis=tuple(raw["basis"]),
        scope=raw["scope"],
        body=raw.get("body", ""),
        body_words=raw.get("body_words", ""),
        levels=tuple(_level(row) for row in raw["levels"]),
        posts=tuple(_post(*row) for row in raw.get("posts", ())),
        groups=tuple(_group(*row) for row in raw.get("groups", ())),
        tasks=tuple(_task(*row) for row in raw["tasks"]),
        needs=tuple(_need(*row) for row in raw.get("needs", ())),
        contacts=tuple(_contact(*row) for row in raw.get("contacts", ())),
        chapters=(
            *own,
            *(Annex(shared[key]["title"], shared[key]["words"].strip()) for key in raw["chapters"]),
        ),
        annexes=tuple(Annex(*row) for row in raw.get("annexes", ())) + _field_annex(raw),
        source=SOURCE,
    )


def _field_annex(raw: dict[str, Any]) -> tuple[Annex, ...]:
    """The table of field-command groups in words; packs of the county have it, smaller ones do not."""
    if not raw.get("field_groups", raw["kind"] in ("overall", "special")):
        return ()
    table = field_command_table()
    lines = [table.source, *(f"{wording.level(int(level))}：{who}" for level, who in table.commander.items())]
    lines += [
        f"{group.name}（{wording.level(group.from_level)}起）：牵头{group.lead}；"
        f"成员{'、'.join(group.members) or '按需'}；{group.duties}"
        for group in table.groups
    ]
    return (Annex(table.title, "\n".join(lines)),)


def _level(row: dict[str, Any]) -> Level:
    number = row["level"]
    return Level(
        level=number,
        words=row.get("words", ""),
        triggers=tuple(wording.read_trigger(text) for text in row["triggers"]),
        authority=tuple(row.get("authority", AUTHORITY[number])),
        notify=tuple(wording.read_address(text) for text in row.get("notify", ("县级", "各乡镇"))),
    )


def _post(key: str, title: str, holder: str, deputy: str, duties: list[str]) -> PostSlot:
    second = wording.read_address(deputy) if deputy else None
    return PostSlot(key, title, wording.read_address(holder), second, tuple(duties))


def _group(key: str, name: str, lead: str, members: list[str], duties: str, level: int) -> Group:
    return Group(key, name, lead, tuple(wording.read_address(text) for text in members), duties, level)


def _task(
    key: str,
    title: str,
    owner: str,
    level: int,
    ack: int,
    limit: int,
    words: str,
    more: dict[str, Any] | None = None,
) -> Task:
    """`more` holds the rest by field name; lists are written with 、 between."""
    extra = dict(more or {})
    for name in ("after", "needs"):
        extra[name] = wording.read_keys(extra.get(name, ""))
    return Task(
        key=key,
        title=title,
        owner=wording.read_address(owner),
        words=words,
        from_level=level,
        ack_min=ack,
        limit_min=limit,
        **extra,
    )


def _need(key: str, kind: str, name: str, code: str, count: float, unit: str, level: int) -> Need:
    return Need(key, NeedKind(kind), name, code, count, unit, level)


def _contact(key: str, name: str, address: str, above: str) -> Contact:
    return Contact(key, name, wording.read_address(address), above)
