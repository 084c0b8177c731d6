"""Words of the replay in the reader's language."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from anlan.console import roomwords
from anlan.console.mapprops import map_props
from anlan.console.plotwords import palette, room_map_props
from anlan.console.words import seat_words
from anlan.dispatch.jobwords import JOB_STATES
from anlan.dispatch.orderwords import STATES as ORDER_STATES
from anlan.incidents.models import Incident
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.review.knowing import Known, Reach

#: How much faster than life the past goes by.
SPEEDS = (1, 10, 60, 300, 600)
REACH_CHIPS = {
    Reach.FAILED: "chip--unanswered",
    Reach.NOT_TOLD: "chip--unanswered",
    Reach.TOLD: "chip--waiting",
    Reach.REACHED: "chip--answered",
}


def group_words() -> dict[str, str]:
    return {
        "reports": pgettext("knowing", "Reports"),
        "callouts": pgettext("knowing", "Called places"),
        "orders": pgettext("knowing", "Orders"),
        "teams": pgettext("knowing", "Teams"),
        "notices": pgettext("knowing", "Notices"),
        "consultations": pgettext("knowing", "Consultations"),
        "experts": pgettext("knowing", "Experts"),
        "calls": pgettext("knowing", "Calls"),
        "partners": pgettext("knowing", "Partners"),
    }


def reach_words() -> dict[Reach, str]:
    return {
        Reach.FAILED: pgettext("knowing", "not reached"),
        Reach.NOT_TOLD: pgettext("knowing", "not told yet"),
        Reach.TOLD: pgettext("knowing", "told, no answer yet"),
        Reach.REACHED: pgettext("knowing", "knows"),
    }


def proof_word(one: Known) -> str:
    """What the last thing was, in a word; what partners said is in their own words."""
    if one.group == "partners":
        return one.proof
    tables: dict[str, dict[str, Any]] = {
        "orders": {code: roomwords.said(pair) for code, pair in ORDER_STATES.items()},
        "teams": {code: roomwords.said(pair) for code, pair in JOB_STATES.items()},
        "callouts": dict(seat_words()),
        "consultations": dict(roomwords.consultation_words()),
        "experts": dict(roomwords.expert_words()),
        "calls": {**roomwords.outcome_words(), "called": roomwords.outcome_words()[""]},
        "reports": {
            "waiting": pgettext("report delivery", "not handed over"),
            "handed": pgettext("report delivery", "handed over"),
            "confirmed": pgettext("report delivery", "confirmed"),
            "failed": pgettext("report delivery", "failed"),
            "received": pgettext("report delivery", "received"),
            "taken": pgettext("report delivery", "taken note of"),
        },
        "notices": {
            "queued": pgettext("message", "waits to be sent"),
            "handing": pgettext("message", "being sent"),
            "sent": pgettext("message", "sent"),
            "delivered": pgettext("message", "reached the phone"),
            "read": pgettext("message", "read"),
            "refused": pgettext("message", "refused"),
            "failed": pgettext("message", "failed"),
            "not_sent": pgettext("message", "not sent yet"),
        },
    }
    return str(tables[one.group].get(one.proof, ""))


def left_word(deadline: datetime | None, at: datetime) -> str:
    """How long there was still to go at that moment, or by how much it was late."""
    if deadline is None:
        return ""
    minutes = int(abs(deadline - at) / timedelta(minutes=1))
    if deadline < at:
        return ngettext("%(n)s minute late", "%(n)s minutes late", minutes) % {"n": minutes}
    return ngettext("%(n)s minute left", "%(n)s minutes left", minutes) % {"n": minutes}


def ago_word(moment: datetime | None, at: datetime) -> str:
    """How long before that moment it was."""
    if moment is None:
        return ""
    minutes = max(0, int((at - moment) / timedelta(minutes=1)))
    if minutes < 120:
        return ngettext("%(n)s minute before", "%(n)s minutes before", minutes) % {"n": minutes}
    hours = minutes // 60
    return ngettext("%(n)s hour before", "%(n)s hours before", hours) % {"n": hours}


def of_day(moment: datetime) -> str:
    """The moment that is shown, in full: nobody should have to guess the day."""
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def past_map_props(actor: Actor, incident: Incident, drawn: dict[str, Any]) -> dict[str, Any]:
    """The room's map without anything of the present: no call-outs, no open incidents, nobody draws, nothing is asked for again."""
    base = room_map_props(actor, incident, "")
    layers = map_props(incident=incident)["text"]["layers"]
    kept = {name: base["text"]["layers"][name] for name in ("scenes", "teams", "marks")}
    return {
        **base,
        "zonesUrl": "",
        "calloutUrl": "",
        "incidentsUrl": "",
        "plotUrl": "",
        "actUrl": "",
        "mayDraw": False,
        "palette": palette(),
        "past": drawn,
        "text": {**base["text"], "layers": {"divisions": layers["divisions"], "rivers": layers["rivers"], **kept}},
    }  # fmt: skip


def bar_props(incident: Incident, first: datetime, last: datetime, at: datetime, back: str) -> dict[str, Any]:
    return {
        "url": reverse("console:replay_moment", args=[incident.pk]),
        "page": reverse("console:replay", args=[incident.pk]),
        "from": back,
        "first": first.isoformat(),
        "last": last.isoformat(),
        "at": at.isoformat(),
        "text": {
            "play": _("Play (space)"),
            "pause": _("Pause (space)"),
            "lost": _("This moment could not be read. What is shown is of an earlier one."),
        },
    }
