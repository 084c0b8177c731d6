"""Words of intake in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from anlan.console.templatetags.anlan import is_chinese
from anlan.intake.models import Intake
from anlan.vocab.figures import FIGURES
from anlan.vocab.incidents import INFORMANT_LABELS, TYPES


def states() -> dict[str, str]:
    return {
        "received": pgettext("message", "received"),
        "verifying": pgettext("message", "being verified"),
        "verified": pgettext("message", "verified"),
        "not_true": pgettext("message", "not true"),
        "fed_back": pgettext("message", "caller told"),
        "handed_on": pgettext("message", "handed on"),
    }


def state_chips() -> dict[str, str]:
    """The class of a state's chip."""
    return {
        "received": "chip--unanswered",
        "verifying": "chip--waiting",
        "verified": "chip--done",
        "fed_back": "chip--done",
    }


def sources() -> dict[str, str]:
    return {code.value: (zh if is_chinese() else en) for code, (zh, en) in INFORMANT_LABELS.items()}


def types() -> dict[str, str]:
    return {code: (face.zh if is_chinese() else face.en) for code, face in TYPES.items()}


def levels() -> dict[str, str]:
    return {"village": _("village"), "township": _("township"), "county": _("county")}


def ways() -> dict[str, str]:
    return {
        "phone": _("by phone"),
        "sms": _("by SMS"),
        "api": _("by the other system"),
        "mail": _("by e-mail"),
        "page": _("on a page"),
        "visit": _("in person"),
    }


def steps() -> dict[str, str]:
    return {
        "asked": _("asked to verify"),
        "found_true": _("found true"),
        "found_false": _("found false"),
        "unclear": _("not clear yet"),
        "corrected": _("place corrected"),
        "linked": _("linked as a duplicate"),
        "unlinked": _("duplicate link undone"),
        "incident": _("added to an incident"),
        "taken_out": _("taken out of the incident"),
        "handed_on": _("handed on to another county"),
        "taken_back": _("taken back"),
        "signed": _("signed by the township"),
        "fed_back": _("caller told"),
        "refused": _("attachment refused"),
        "left_out": _("figure not taken: it falls without a reason"),
    }


def sender_kinds() -> dict[str, str]:
    return {
        "token": _("system with a token"),
        "mail": _("e-mail"),
        "line": _("telephone line"),
        "link": _("link of an enterprise"),
    }


def ring_states() -> dict[str, str]:
    return {"ringing": _("rings"), "missed": _("missed"), "taken": _("written down")}


def figures_of(row: Intake) -> str:
    """What was counted, in one line."""
    parts = []
    for code, value in row.figures.items():
        face = FIGURES.get(code)
        if face is not None:
            parts.append(f"{face.zh if is_chinese() else face.en} {value}")
    return "，".join(parts) if is_chinese() else ", ".join(parts)
