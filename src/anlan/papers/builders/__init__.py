"""Each kind of paper from what the platform knows. Reads only; the verbs freeze what these return."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from anlan.kernel.actor import Actor
from anlan.papers.builders import analysis, boards, command, desk, incident, rain, response, review
from anlan.papers.kinds import KINDS
from anlan.papers.refusals import UnknownKind
from anlan.papers.types import Draft
from anlan.places.models import Division

#: Made by one key, of the present.
_PRESENT: dict[str, Callable[..., Draft]] = {
    "rain": rain.rain_brief,
    "flood": rain.flood_brief,
    "weekly": desk.weekly,
    "morning": lambda **given: desk.day_paper("morning", "值班早报", **given),
    "daily": lambda **given: desk.day_paper("daily", "值班日报", **given),
}


def build(kind: str, *, division: Division, actor: Actor, at: datetime) -> Draft:
    """A paper of the present moment."""
    made = _PRESENT.get(kind)
    if made is None:
        raise UnknownKind
    return made(division=division, actor=actor, at=at)


def build_month(kind: str, *, day: date, division: Division, actor: Actor, at: datetime) -> Draft:
    """A paper of the month or quarter that a day lies in."""
    start, end = analysis.quarter_of(day) if kind == "analysis_quarter" else analysis.month_of(day)
    return analysis.analysis_paper(
        kind, KINDS[kind].zh, division=division, actor=actor, start=start, end=end, at=at
    )


def build_period(
    kind: str, *, start: datetime, end: datetime, division: Division, actor: Actor, at: datetime
) -> Draft:
    if kind == "log":
        return desk.log(division=division, actor=actor, start=start, end=end, at=at)
    return analysis.analysis_paper(
        kind, KINDS[kind].zh, division=division, actor=actor, start=start, end=end, at=at
    )


#: Papers about one thing: the kind and what it is about give the builder.
OF_SUBJECT: dict[tuple[str, str], Callable[..., Draft]] = {
    ("flash", "incident"): incident.flash,
    ("special", "incident"): incident.special_of_incident,
    ("special", "report"): incident.special,
    ("chase", "chase"): incident.chase,
    ("intake", "intake"): incident.intake,
    ("notice", "notice"): incident.notice,
    ("handover", "handover"): desk.handover,
    ("bulletin", "bulletin"): boards.bulletin,
    ("data_call", "data_call"): boards.data_call,
    ("situation", "situation"): command.situation,
    ("minutes", "consultation"): command.minutes,
    ("response", "response_notice"): response.notice,
    ("review", "review"): review.review,
}


def build_of(kind: str, about: str, row: Any, *, at: datetime) -> Draft:
    made = OF_SUBJECT.get((kind, about))
    if made is None:
        raise UnknownKind
    return made(row, at=at)
