"""What the pages of forces call things, in the reader's language."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _

from anlan.console.templatetags.anlan import is_chinese
from anlan.dispatch.jobwords import JOB_STATES, REQUEST_STATES
from anlan.vocab.incidents import TYPES
from anlan.vocab.skills import (
    ASSET_CATEGORIES,
    ASSET_KINDS,
    ASSET_STATES,
    ITEMS,
    READINESS,
    SKILLS,
    TEAM_KINDS,
)

JOB_CHIPS = {
    "told": "chip--waiting",
    "left": "chip--blue",
    "arrived": "chip--blue",
    "working": "chip--orange",
    "done": "chip--done",
    "back": "chip--done",
    "refused": "chip--unanswered",
    "cancelled": "",
}
REQUEST_CHIPS = {
    "asked": "chip--waiting",
    "approved": "chip--waiting",
    "sent": "chip--blue",
    "received": "chip--done",
    "refused": "chip--unanswered",
    "cancelled": "",
}
READY_CHIPS = {"ready": "chip--done", "limited": "chip--yellow", "not_ready": "chip--unanswered"}
STATE_CHIPS = {"usable": "chip--done", "away": "chip--blue", "repair": "chip--unanswered"}


def said(pair: tuple[str, ...]) -> str:
    return pair[0] if is_chinese() else pair[1]


def word(table: dict[str, tuple[str, str]], code: str) -> str:
    """The label of a code; the code itself when the list lost it."""
    return said(table.get(code, (code, code)))


def job_word(state: str) -> str:
    return word(JOB_STATES, state)


def request_word(state: str) -> str:
    return word(REQUEST_STATES, state)


def choices(table: dict[str, tuple[str, str]]) -> list[tuple[str, str]]:
    return [(code, said(pair)) for code, pair in table.items()]


def skills() -> list[tuple[str, str]]:
    return choices(SKILLS)


def skill_list(codes: list[str]) -> list[str]:
    return [word(SKILLS, code) for code in codes]


def items() -> list[tuple[str, str, str]]:
    """(code, name, unit) of what is asked for."""
    return [(code, zh if is_chinese() else en, unit) for code, (zh, en, unit) in ITEMS.items()]


def item_word(code: str, name: str) -> str:
    return said(ITEMS[code][:2]) if code in ITEMS and not is_chinese() else name


def event_types() -> list[tuple[str, str]]:
    return [(code, face.zh if is_chinese() else face.en) for code, face in TYPES.items()]


def event_list(codes: list[str]) -> list[str]:
    known = dict(event_types())
    return [known.get(code, code) for code in codes]


def plain(value: Decimal | None) -> str:
    return "—" if value is None else f"{value.normalize():f}"


def source_word(how: str) -> str:
    """Where a position comes from."""
    return {
        "phone": _("phone"),
        "tracker": _("vehicle"),
        "cot": _("terminal"),
        "desk": _("desk"),
        "register": _("base"),
        "place": _("division"),
    }.get(how, how)


def tables() -> dict[str, list[tuple[str, str]]]:
    """Every list that a form of the register needs."""
    return {
        "kinds": choices(TEAM_KINDS),
        "skills": skills(),
        "readiness": choices(READINESS),
        "asset_kinds": choices(ASSET_KINDS),
        "categories": choices(ASSET_CATEGORIES),
        "asset_states": choices(ASSET_STATES),
    }
