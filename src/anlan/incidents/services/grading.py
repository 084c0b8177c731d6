"""Compute the grade from verified figures, or take a person's with a reason."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from anlan.incidents import grading
from anlan.incidents.models import Incident
from anlan.incidents.queries import figures_of
from anlan.incidents.refusals import ReasonMissing
from anlan.incidents.rolling import rolling
from anlan.incidents.services.telling import tell_graded
from anlan.kernel.actor import Actor

BY_RULE = "rule"


def regrade(incident: Incident, *, by: Actor, at: datetime) -> Incident:
    """Judge again by what is counted now. A grade that a person set stays until that person or another gives it back.

    An unverified incident is graded by claims, a verified one by verified figures where there are any.
    """
    figures = figures_of(incident)
    counted = rolling(figures, only_verified=incident.state == "verified") or rolling(figures)
    judged = grading.judge(incident, counted, at=at)
    is_own = incident.graded_by not in ("", BY_RULE)
    grade = incident.grade if is_own else judged.grade
    why = [{"zh": one.zh, "en": one.en, "rule": one.rule, "level": one.level} for one in judged.reasons]
    former = incident.grade
    same = (incident.grade, incident.grade_why, incident.regrade_at) == (grade, why, judged.regrade_at)
    if same:
        return incident
    fields: dict[str, Any] = {"grade": grade, "grade_why": why, "regrade_at": judged.regrade_at}
    if not is_own:
        fields["graded_by"] = BY_RULE if grade is not None else ""
    incident.change(by=by, at=at, kind="graded", fields=fields)
    if grade != former:
        tell_graded(incident, former=former, at=at)
    return incident


def set_grade(incident: Incident, grade: int | None, *, reason: str, by: Actor, at: datetime) -> Incident:
    """A person decides otherwise than the table, and says why. None with a reason gives it back to the rule."""
    if not reason.strip():
        raise ReasonMissing
    former = incident.grade
    incident.change(
        by=by,
        at=at,
        kind="graded_by_hand",
        grade=grade,
        graded_by="" if grade is None else by.ref,
        grade_reason=reason.strip()[:300],
    )
    if grade is None:
        return regrade(incident, by=by, at=at)
    if grade != former:
        tell_graded(incident, former=former, at=at)
    return incident
