"""Words of responses in the reader's language: states, levels, notices, roles, partners."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from anlan.console.incidentwords import said
from anlan.plans.faultwords import sentence
from anlan.response.models import Activation, LevelChange
from anlan.response.parameters import table
from anlan.response.types import ROMAN

STATE_CHIPS = {
    "proposed": "chip--unanswered",
    "active": "chip--answered",
    "declined": "",
    "ended": "chip--done",
}
NOTICE_CHIPS = {"draft": "chip--waiting", "signed": "chip--unanswered", "sent": "chip--done", "withdrawn": ""}
SHARE_CHIPS = {
    "shared": "chip--waiting",
    "asked": "chip--unanswered",
    "accepted": "chip--answered",
    "moving": "chip--answered",
    "arrived": "chip--done",
    "refused": "chip--lost",
    "closed": "",
}


def state_words() -> dict[str, str]:
    return {
        "proposed": pgettext("response", "to be decided"),
        "active": pgettext("response", "running"),
        "declined": pgettext("response", "not opened"),
        "ended": pgettext("response", "ended"),
    }


def notice_words() -> dict[str, str]:
    return {
        "draft": pgettext("response notice", "to be signed"),
        "signed": pgettext("response notice", "signed, to be sent"),
        "sent": pgettext("response notice", "sent"),
        "withdrawn": pgettext("response notice", "withdrawn"),
    }


def share_words() -> dict[str, str]:
    return {
        "shared": pgettext("partner", "informed"),
        "asked": pgettext("partner", "asked to respond"),
        "accepted": pgettext("partner", "accepted"),
        "moving": pgettext("partner", "on the way"),
        "arrived": pgettext("partner", "arrived"),
        "refused": pgettext("partner", "cannot come"),
        "closed": pgettext("partner", "over"),
    }


def role_words() -> dict[str, str]:
    return {
        "chief": pgettext("body", "chief"),
        "deputy": pgettext("body", "deputy"),
        "secretary": pgettext("body", "secretariat"),
        "member": pgettext("body", "member"),
    }


def partner_word(code: str) -> str:
    found = next((one for one in table().partners if one.code == code), None)
    return code if found is None else said((found.zh, found.en))


def level_word(level: int | None) -> str:
    """Ⅲ级 or level Ⅲ; "" for none."""
    return _("level %(roman)s") % {"roman": ROMAN[level]} if level in ROMAN else ""


def suggestion_word(row: Activation) -> str:
    """What the rules would do with a running response; "" where nothing."""
    if row.state != "active" or row.proposed_level is None:
        return ""
    if row.proposed_level == 0:
        return _("The rules suggest to end it.")
    level = level_word(row.proposed_level)
    if row.proposed_level < row.level:
        return _("The rules suggest to raise it to %(level)s.") % {"level": level}
    return _("The rules suggest to lower it to %(level)s.") % {"level": level}


def change_word(change: LevelChange) -> str:
    """One change of level in words."""
    to = level_word(change.to_level)
    if change.from_level is None:
        return _("opened at %(level)s") % {"level": to}
    if change.to_level is None:
        return pgettext("response", "ended")
    if change.to_level == change.from_level:
        return _("further places at %(level)s") % {"level": to}
    if change.to_level < change.from_level:
        return _("raised to %(level)s") % {"level": to}
    return _("lowered to %(level)s") % {"level": to}


def reason_lines(reasons: list[dict[str, Any]]) -> list[str]:
    """Why the rules propose it."""
    return [said((str(one.get("zh", "")), str(one.get("en", "")))) for one in reasons]


def left_word(why: str) -> str:
    """Why a task reaches nobody."""
    words = {
        "no_places": _("no affected place is chosen"),
        "no_unit": _("the incident names no enterprise"),
    }
    return words.get(why, why)


def fault_word(code: str, params: dict[str, Any]) -> str:
    return said(sentence(code, params))
