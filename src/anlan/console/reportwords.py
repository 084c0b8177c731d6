"""What pages say about reports: words of states, ways and levels in the reader's language, and rows for the templates."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from anlan.console.templatetags.anlan import is_chinese
from anlan.console.worddiff import word_diff
from anlan.kernel.refusals import Refusal, fill
from anlan.reporting.models import ReportClock, ReportDelivery, ReportingFinding, UpwardReport
from anlan.reporting.queries import is_late
from anlan.reporting.services.common import person_name
from anlan.reporting.types import ReportContent
from anlan.reporting.words import FINDINGS, KINDS, STATES, TIERS, WAYS, kind_words

#: Looks of the chip of each state.
_CHIPS = {
    "draft": "",
    "in_review": "chip--waiting",
    "reviewed": "chip--waiting",
    "returned": "chip--unanswered",
    "signed": "chip--answered",
    "sent": "chip--done",
    "received": "chip--waiting",
    "taken": "chip--done",
    "withdrawn": "",
}


def say(pair: tuple[str, str]) -> str:
    return pair[0] if is_chinese() else pair[1]


def sentence(refusal: Refusal) -> str:
    """The refusal and its next step in the reader's language."""
    step = fill(_(refusal.next_step), refusal.data) if refusal.next_step else ""
    return f"{fill(_(refusal.text), refusal.data)} {step}".strip()


def tiers() -> list[tuple[str, str]]:
    return [(code, say(pair)) for code, pair in TIERS.items() if code != "county"]


def ways() -> list[tuple[str, str]]:
    return [(code, say(pair)) for code, pair in WAYS.items() if code != "system"]


def kinds() -> dict[str, str]:
    return {code: say(pair) for code, pair in KINDS.items()}


def findings() -> list[tuple[str, str]]:
    return [(code, say(pair)) for code, pair in FINDINGS.items()]


def tier_word(tier: str) -> str:
    return say(TIERS[tier]) if tier in TIERS else ""


def clock_rows(rows: Iterable[ReportClock], now: datetime) -> list[dict[str, Any]]:
    """Each limit with how it stands, from true times."""
    found = []
    for row in rows:
        late = is_late(row, now)
        about = row.incident if row.incident is not None else row.report
        found.append(
            {
                "row": row,
                "label": row.label_zh if is_chinese() else row.label_en,
                "tier": tier_word(row.tier),
                "what": _what(row),
                "about": about,
                "late": late,
                "left": "" if row.state != "open" else left_words(row.due_at, now),
                "state": _clock_state(row, late=late),
                "chip": "chip--unanswered"
                if late
                else {"met": "chip--done", "open": "chip--waiting"}.get(row.state, ""),
            }
        )
    return found


def _what(row: ReportClock) -> str:
    if row.incident is not None:
        return f"{row.incident.number} {'' if row.incident.is_restricted else row.incident.title}"
    return row.report.title if row.report is not None else ""


def _clock_state(row: ReportClock, *, late: bool) -> str:
    if row.state == "closed":
        return pgettext("clock", "ended")
    if row.state == "met":
        return _("met late") if late else _("met in time")
    return pgettext("report", "late") if late else pgettext("clock", "running")


def left_words(due_at: datetime, now: datetime) -> str:
    """ "25 min left", "late by 1 h 5 min"; read without scripts."""
    minutes = int(abs((due_at - now).total_seconds()) // 60)
    span = (
        _("%(hours)d h %(minutes)d min") % {"hours": minutes // 60, "minutes": minutes % 60}
        if minutes >= 60
        else _("%(minutes)d min") % {"minutes": minutes}
    )
    return (_("late by %(span)s") if now > due_at else _("%(span)s left")) % {"span": span}


def report_row(report: UpwardReport) -> dict[str, Any]:
    return {
        "row": report,
        "kind": say(kind_words(report.kind, report.serial)),
        "state": say(STATES[report.state]),
        "chip": _CHIPS[report.state],
    }


def delivery_rows(rows: Iterable[ReportDelivery]) -> list[dict[str, Any]]:
    states = {
        "waiting": (_("not sent yet"), "chip--waiting"),
        "handed": (_("sent, not confirmed"), "chip--answered"),
        "confirmed": (_("receipt confirmed"), "chip--done"),
        "failed": (_("not taken"), "chip--unanswered"),
        "cancelled": (_("cancelled"), ""),
    }
    return [
        {
            "row": row,
            "way": say(WAYS[row.way]),
            "tier": tier_word(row.tier),
            "state": states[row.state][0],
            "chip": states[row.state][1],
            "is_by_machine": row.way in ("api", "email") and row.state == "waiting",
        }
        for row in rows
    ]


def finding_rows(
    rows: Iterable[ReportingFinding], standing: Iterable[ReportingFinding]
) -> list[dict[str, Any]]:
    holds = {row.pk for row in standing}
    return [
        {
            "row": row,
            "kind": say(FINDINGS[row.kind]),
            "holds": row.pk in holds,
            "by": person_name(row.decided_by),
        }
        for row in rows
    ]


def content_rows(content: ReportContent) -> dict[str, Any]:
    """Elements and figures with what changed since the report before marked by word and colour."""
    return {
        "elements": [
            {
                "one": one,
                "label": one.zh if is_chinese() else one.en,
                "runs": word_diff(one.former, one.words) if one.former else [],
            }
            for one in content.elements
        ],
        "figures": [
            {
                "one": one,
                "label": one.zh if is_chinese() else one.en,
                "unit": one.unit_zh if is_chinese() else one.unit_en,
                "value": f"{one.value.normalize():f}",
                "former": "" if one.former is None else f"{one.former.normalize():f}",
            }
            for one in content.figures
        ],
    }
