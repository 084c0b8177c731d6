"""Words of ladders in the reader's language: roles, channels, reasons why a rung is passed over, states of a version."""

from __future__ import annotations

from django.utils.translation import gettext as _

from anlan.dissemination.channels import manifests


def target_words() -> dict[str, str]:
    """Whom a rung calls."""
    return {
        "A": _("A role (first officer)"),
        "B": _("B role (deputy)"),
        "secretary": _("village party secretary"),
        "township_duty": _("township duty room"),
        "county_duty": _("county duty officer"),
        "self": _("the called party itself"),
        "outlets": _("loudspeaker, gong or door of the place"),
    }


def channel_words(is_chinese: bool) -> dict[str, str]:
    """Every installed channel by its code."""
    return {code: face.zh if is_chinese else face.en for code, face in manifests().items()}


def gap_words() -> dict[str, str]:
    """Why a rung reaches nobody."""
    return {
        "no_holder": _("nobody holds the post"),
        "no_number": _("no number that this channel reaches"),
        "off_duty": _("off duty or away"),
        "no_outlet": _("no such device or tool in the place"),
        "no_channel": _("this channel is not installed"),
        "other_hour": _("meant for other hours"),
    }


def state_words() -> dict[str, str]:
    """How far a proposal has come."""
    return {
        "proposed": _("waits for approval"),
        "returned": _("sent back"),
        "in_force": _("in force"),
        "retired": _("no longer in force"),
        "shipped": _("as shipped"),
    }


def third_words() -> dict[str, str]:
    """The 3个一."""
    return {"message": _("one message"), "call": _("one call"), "video": _("one video check")}


def task_words() -> dict[str, str]:
    """States of one of the three."""
    return {"open": _("owed"), "done": _("done"), "failed": _("failed"), "waived": _("waived")}


def kind_words() -> dict[str, str]:
    """Kinds of warnings that a ladder may be chosen for."""
    return {"callout": _("call-out"), "risk_notice": _("risk notice"), "relay": _("relayed warning")}
