"""Keys on a record's own page that make a paper from it, and the papers made so far."""

from __future__ import annotations

from typing import Any

from django import template

from anlan.console.templatetags.anlan import is_chinese
from anlan.papers.access import visible_papers
from anlan.papers.kinds import KINDS
from anlan.vocab.posts import Right

register = template.Library()

#: What a record is called in the address, its kinds of papers, and its name among the subjects of papers.
_KEYS: dict[str, tuple[tuple[str, ...], str]] = {
    "incident": (("flash", "special"), "incident"),
    "report": (("special",), "upward_report"),
    "chase": (("chase",), "chase_order"),
    "intake": (("intake",), "intake"),
    "notice": (("notice",), "risk_notice"),
    "handover": (("handover",), "handover"),
    "bulletin": (("bulletin",), "score_bulletin"),
    "data_call": (("data_call",), "data_call"),
    "situation": (("situation",), "situation_report"),
    "consultation": (("minutes",), "consultation"),
    "response_notice": (("response",), "response_notice"),
    "review": (("review",), "review"),
}
SHOWN = 3


@register.inclusion_tag("console/papers/_keys.html", takes_context=True)
def paper_keys(context: dict[str, Any], about: str, row_id: object) -> dict[str, Any]:
    """One indexed query; the keys only for whoever keeps a desk."""
    kinds, subject = _KEYS[about]
    actor = context["request"].actor
    rows = visible_papers(actor).filter(subject=f"{subject}:{row_id}").order_by("-made_at", "-id")[:SHOWN]
    return {
        "keys": [(code, KINDS[code].zh if is_chinese() else KINDS[code].en) for code in kinds]
        if actor.can_somewhere(Right.TAKE_REPORTS)
        else [],
        "about": about,
        "row_id": row_id,
        "made": [(row, KINDS[row.kind].zh if is_chinese() else KINDS[row.kind].en) for row in rows],
        "csrf_token": context.get("csrf_token"),
    }
