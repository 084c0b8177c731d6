"""Words of findings, filings and studies of plans in the reader's language."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from anlan.console.incidentwords import said
from anlan.plans.faultwords import FAULTS, SEVERITIES, fault_name, sentence, where_words
from anlan.plans.filingrules import PARTS, RECEIVERS
from anlan.plans.models import PlanFiling, PlanFinding

FINDING_CHIPS = {"open": "chip--waiting", "accepted": "chip--answered", "gone": "chip--done"}
SEVERITY_CHIPS = {"stop": "chip--unanswered", "warn": "chip--waiting", "note": ""}
FILING_CHIPS = {
    "due": "chip--waiting",
    "submitted": "chip--answered",
    "returned": "chip--unanswered",
    "accepted": "chip--done",
    "lapsed": "",
}


def finding_words() -> dict[str, str]:
    return {
        "open": pgettext("plan finding", "open"),
        "accepted": pgettext("plan finding", "accepted"),
        "gone": pgettext("plan finding", "put right"),
    }


def filing_words() -> dict[str, str]:
    return {
        "due": pgettext("plan filing", "to be handed in"),
        "submitted": pgettext("plan filing", "handed in"),
        "returned": pgettext("plan filing", "returned"),
        "accepted": pgettext("plan filing", "accepted"),
        "lapsed": pgettext("plan filing", "no longer needed"),
    }


def study_words() -> dict[str, str]:
    return {
        "risk_assessment": pgettext("study", "risk assessment"),
        "scenario": pgettext("study", "scenario"),
        "resource_survey": pgettext("study", "resource survey"),
        "capability": pgettext("study", "capability assessment"),
    }


def severity_words() -> dict[str, str]:
    return {code: said(pair) for code, pair in SEVERITIES.items()}


def fault_choices() -> list[tuple[str, str]]:
    return [(code, said(fault_name(code))) for code in FAULTS]


def finding_view(row: PlanFinding) -> dict[str, Any]:
    """A finding as a line of a list."""
    return {
        "finding": row,
        "name": said(fault_name(row.code)),
        "words": said(sentence(row.code, row.params)),
        "part": said(where_words(row.where)),
        "severity": said(SEVERITIES[row.severity]),
        "severity_chip": SEVERITY_CHIPS[row.severity],
        "state": finding_words()[row.state],
        "chip": FINDING_CHIPS[row.state],
    }


def receiver_word(filing: PlanFiling) -> str:
    """Who receives it: the division of this county by name, an office outside by its words."""
    if filing.receiver is not None:
        return filing.receiver.name
    rule = RECEIVERS.get(filing.plan.kind)
    return filing.receiver_words if rule is None else said((rule.zh, rule.en))


def part_names(codes: list[str]) -> str:
    parts = [said((PARTS[code].zh, PARTS[code].en)) for code in codes if code in PARTS]
    return _(", ").join(parts)
