"""Words and marks for the pages about warnings of others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from anlan.places.models import Division
from anlan.vocab.event_codes import CODES
from anlan.vocab.hazards import FACES, HazardType
from anlan.warning.incoming.rules import table


class Segment(NamedTuple):
    """A run of the raw text: `field` is the name of what was read from it, "?" for what was not understood, "" for the rest."""

    text: str
    field: str
    title: str


def states() -> dict[str, str]:
    return {
        "received": _("received"),
        "drafted": _("relay drafted"),
        "called_out": _("relay and call-out drafted"),
        "informed": _("for information"),
        "lift_proposed": _("issuer lifted it"),
        "needs_person": _("needs a person"),
        "duplicate": _("duplicate"),
        "superseded": _("followed by a newer one"),
        "ignored": _("set aside"),
        "ended": _("ended"),
    }


def ways() -> dict[str, str]:
    return {
        "paste": _("pasted"),
        "mail": _("e-mail"),
        "sms": _("SMS"),
        "cap_feed": _("CAP feed"),
        "national_json": _("national format"),
        "fax": _("fax"),
        "wechat": _("WeChat"),
        "phone": _("telephone"),
        "folder": _("folder"),
        "push": _("pushed by a system"),
    }


def fields() -> dict[str, str]:
    return {
        "issuer": _("Issuer"),
        "hazard": _("Hazard"),
        "level": _("Level"),
        "action": _("Action"),
        "issued_at": _("Issued"),
        "expires_at": _("Expires"),
        "area": _("Area"),
    }


def confidences() -> dict[str, str]:
    return {
        "sure": _("read"),
        "likely": _("completed from context"),
        "assumed": _("assumed"),
        "conflict": _("contradictory"),
        "missing": _("not found"),
    }


def actions() -> dict[str, str]:
    return {
        "issue": _("issued"),
        "continue": _("continued"),
        "change": _("changed"),
        "upgrade": _("raised"),
        "downgrade": _("lowered"),
        "lift": _("lifted by its issuer"),
    }


def report_states() -> dict[str, str]:
    return {
        "due": _("due"),
        "sent": _("sent"),
        "confirmed": _("confirmed"),
        "failed": _("failed: tell it another way"),
        "recorded": _("handed over"),
    }


def report_ways() -> dict[str, str]:
    return {"api": _("interface"), "paper": _("paper"), "phone": _("telephone"), "fax": _("fax")}


def segments(text: str, read: dict[str, Any]) -> list[Segment]:  # Any: JSON of what was read
    """The text in runs, so that a page can mark what was read and underline what was not."""
    names = [""] * len(text)
    _paint(names, read.get("not_understood", ()), "?")
    for name, field in read.get("fields", {}).items():
        _paint(names, field.get("spans", ()), name)
    titles = fields() | {"?": _("not understood"), "": ""}
    found: list[Segment] = []
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or names[at] != names[start]:
            found.append(Segment(text[start:at], names[start], titles.get(names[start], "")))
            start = at
    return found


def _paint(names: list[str], spans: Iterable[Sequence[int]], name: str) -> None:
    for start, end in spans:
        for at in range(max(0, start), min(end, len(names))):
            names[at] = name


def hazards() -> list[tuple[str, str]]:
    """What a person may choose: our own hazard types and the codes of the national list."""
    own = [
        (one.value, FACES[one].zh)
        for one in (HazardType.FLASH_FLOOD, HazardType.RIVER_FLOOD, HazardType.GEOHAZARD)
    ]
    return own + [(row.code, row.zh) for row in CODES]


def names_of(codes: Sequence[str]) -> list[str]:
    rows = dict(Division.objects.filter(code__in=list(codes)[:200]).values_list("code", "name"))
    return [rows.get(code, code) for code in list(codes)[:200]]


def doubtful_rules() -> bool:
    """Whether the county still has to confirm the table by which rules act."""
    return bool(table().unverified())
