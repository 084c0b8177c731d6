"""Words of plans in the reader's language: kinds, states, levels, parts, addresses, triggers, needs, limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from anlan.console.incidentwords import said
from anlan.plans import triggers
from anlan.plans.content import Address, AddressKind, Need, NeedKind, Trigger, TriggerKind
from anlan.plans.wording import BODIES
from anlan.vocab.hazards import FACES as HAZARDS
from anlan.vocab.hazards import HazardType
from anlan.vocab.posts import FACES as POSTS
from anlan.vocab.posts import PostKind
from anlan.vocab.skills import ASSET_CATEGORIES, ITEMS, SKILLS

ROMANS = triggers.ROMAN
STATE_CHIPS = {"draft": "chip--waiting", "in_force": "chip--done", "withdrawn": ""}
VERSION_CHIPS = {
    "draft": "chip--waiting",
    "submitted": "chip--unanswered",
    "returned": "chip--lost",
    "in_force": "chip--done",
    "superseded": "",
}


def kind_words() -> dict[str, str]:
    return {
        "overall": pgettext("plan", "overall plan"),
        "special": pgettext("plan", "special plan"),
        "department": pgettext("plan", "department’s plan"),
        "township": pgettext("plan", "township’s plan"),
        "village": pgettext("plan", "village’s plan"),
        "enterprise": pgettext("plan", "enterprise’s plan"),
        "site": pgettext("plan", "plan of a site"),
    }


def state_words() -> dict[str, str]:
    return {
        "draft": pgettext("plan", "being written"),
        "in_force": pgettext("plan", "in force"),
        "withdrawn": pgettext("plan", "withdrawn"),
    }


def version_words() -> dict[str, str]:
    return {
        "draft": pgettext("plan", "draft"),
        "submitted": pgettext("plan", "waits for approval"),
        "returned": pgettext("plan", "returned"),
        "in_force": pgettext("plan", "in force"),
        "superseded": pgettext("plan", "superseded"),
    }


def protected_words() -> dict[str, str]:
    return {
        "none": pgettext("protected", "nothing in particular"),
        "target": pgettext("protected", "important target"),
        "major_hazard": pgettext("protected", "major hazard source"),
        "event": pgettext("protected", "large event"),
        "infrastructure": pgettext("protected", "infrastructure"),
    }


def link_words() -> dict[str, str]:
    return {
        "superior": pgettext("plan link", "superior plan"),
        "supports": pgettext("plan link", "supporting plan"),
        "neighbour": pgettext("plan link", "neighbour’s plan"),
    }


def hazard_words() -> dict[str, str]:
    """Hazards that are warned about; a silent station is no hazard."""
    return {
        one.value: said((face.zh, face.en))
        for one, face in HAZARDS.items()
        if one is not HazardType.SILENT_STATION
    }


def part_words() -> dict[str, str]:
    """The parts of a plan, as the editor and the comparison name them."""
    return {
        "basics": pgettext("plan", "Basics"),
        "purpose": pgettext("plan", "Purpose"),
        "basis": pgettext("plan", "Written on the basis of"),
        "scope": pgettext("plan", "Scope"),
        "body": pgettext("plan", "Commanding body"),
        "body_words": pgettext("plan", "About the commanding body"),
        "source": pgettext("plan", "Source"),
        "levels": pgettext("plan", "Levels and triggers"),
        "posts": pgettext("plan", "Posts"),
        "groups": pgettext("plan", "Working groups"),
        "tasks": pgettext("plan", "Tasks"),
        "needs": pgettext("plan", "Forces and supplies needed"),
        "contacts": pgettext("plan", "Contact tree"),
        "chapters": pgettext("plan", "Chapters"),
        "annexes": pgettext("plan", "Annexes"),
    }


def change_words() -> dict[str, str]:
    return {
        "new": pgettext("comparison", "new"),
        "gone": pgettext("comparison", "gone"),
        "changed": pgettext("comparison", "changed"),
        "moved": pgettext("comparison", "moved"),
    }


def level_word(level: int) -> str:
    """ "Ⅱ级响应", "level Ⅱ"."""
    return _("level %(level)s") % {"level": ROMANS.get(level, str(level))}


def from_level_word(level: int) -> str:
    """From which level on something holds."""
    return (
        level_word(level)
        if level == 1
        else _("level %(level)s and above") % {"level": ROMANS.get(level, str(level))}
    )


def post_word(code: str) -> str:
    try:
        face = POSTS[PostKind(code)]
    except ValueError:
        return code
    return said((face.zh, face.en))


def address_kind_words() -> dict[str, str]:
    return {
        "county": pgettext("address", "county"),
        "department": pgettext("address", "department"),
        "division": pgettext("address", "township, village or enterprise"),
        "affected_townships": pgettext("address", "townships affected"),
        "affected_villages": pgettext("address", "villages affected"),
        "unit": pgettext("address", "unit where it happened"),
    }


def address_word(one: Address, names: Mapping[str, str]) -> str:
    """Place and post in one line: "水务局 · 部门值班室"."""
    place = address_kind_words()[one.kind.value]
    if one.kind in (AddressKind.DEPARTMENT, AddressKind.DIVISION):
        place = names.get(one.code, one.name) or one.name or _("place not chosen")
    return f"{place} · {post_word(one.post)}" if one.post else place


def trigger_word(one: Trigger) -> str:
    text = said(triggers.described(one))
    return text if one.kind is not TriggerKind.WORDS else _("people judge: %(words)s") % {"words": text}


def trigger_kind_words() -> dict[str, str]:
    return {
        "warning": pgettext("trigger", "a warning is in force"),
        "grade": pgettext("trigger", "grade of the incident"),
        "figure": pgettext("trigger", "a counted figure"),
        "relief": pgettext("trigger", "relief table"),
        "words": pgettext("trigger", "people judge"),
    }


def need_kind_words() -> dict[str, str]:
    return {
        "team": pgettext("need", "team"),
        "vehicle": pgettext("need", "vehicle"),
        "equipment": pgettext("need", "equipment"),
        "stock": pgettext("need", "supplies"),
        "expert": pgettext("need", "expert"),
    }


def skill_words() -> dict[str, str]:
    return {code: said(pair) for code, pair in SKILLS.items()}


def need_codes() -> list[tuple[str, list[tuple[str, str]]]]:
    """Skills, categories and items that a need may name, in groups."""
    kinds = need_kind_words()
    return [
        (f"{kinds[NeedKind.TEAM]}、{kinds[NeedKind.EXPERT]}", list(skill_words().items())),
        (f"{kinds[NeedKind.VEHICLE]}、{kinds[NeedKind.EQUIPMENT]}", [(code, said(face[:2])) for code, face in _pairs(ASSET_CATEGORIES)]),
        (kinds[NeedKind.STOCK], [(code, said(face[:2])) for code, face in _pairs(ITEMS)]),
    ]  # fmt: skip


def _pairs(faces: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return list(faces.items())


def need_word(one: Need) -> str:
    """ "冲锋舟 2 艘"."""
    count = f"{one.count:g}"
    return f"{one.name} {count} {one.unit}".strip()


def body_word(code: str) -> str:
    return BODIES.get(code, code)


def minutes_word(minutes: int) -> str:
    """A limit; "" for none."""
    if not minutes:
        return ""
    if minutes % 60 == 0:
        return _("%(n)s h") % {"n": minutes // 60}
    return _("%(n)s min") % {"n": minutes}


def field_words() -> dict[str, str]:
    """Fields of rows, for forms and for the comparison of two versions."""
    return {
        **part_words(),
        "title": pgettext("plan field", "Title"),
        "name": pgettext("plan field", "Name"),
        "words": pgettext("plan field", "Words"),
        "level": pgettext("plan field", "Level"),
        "triggers": pgettext("plan field", "Triggers"),
        "authority": pgettext("plan field", "Who may decide"),
        "notify": pgettext("plan field", "Who gets the notice"),
        "address": pgettext("plan field", "Held by"),
        "deputy": pgettext("plan field", "Deputy"),
        "duties": pgettext("plan field", "Duties"),
        "lead": pgettext("plan field", "Led by"),
        "members": pgettext("plan field", "Members"),
        "from_level": pgettext("plan field", "From level"),
        "owner": pgettext("plan field", "Who does it"),
        "group": pgettext("plan field", "Group"),
        "post": pgettext("plan field", "Post of the plan"),
        "ack_min": pgettext("plan field", "Acknowledge within, minutes"),
        "limit_min": pgettext("plan field", "Finish within, minutes"),
        "after": pgettext("plan field", "Only after"),
        "needs": pgettext("plan field", "Skills needed"),
        "needs_proof": pgettext("plan field", "Needs a photo or file as proof"),
        "pack": pgettext("plan field", "Order pack"),
        "kind": pgettext("plan field", "Kind"),
        "code": pgettext("plan field", "Counted as"),
        "count": pgettext("plan field", "At least"),
        "unit": pgettext("plan field", "Unit"),
        "above": pgettext("plan field", "Called by"),
        "hazard": pgettext("plan field", "Hazard"),
        "event_types": pgettext("plan field", "Types of incidents"),
        "grade": pgettext("plan field", "Grade or graver"),
        "figure": pgettext("plan field", "Figure"),
        "at_least": pgettext("plan field", "At least"),
        "townships": pgettext("plan field", "At least so many townships"),
    }
