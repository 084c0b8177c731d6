"""What the forms of reviews and lessons send, and what they offer."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from anlan.console.drillwords import options
from anlan.console.roomforms import key_of
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotFound
from anlan.places.access import access_division, visible
from anlan.places.models import Division
from anlan.plans.access import visible_plans
from anlan.plans.models import Plan
from anlan.review import stepwords as words
from anlan.review.models import Review, ReviewFinding
from anlan.review.refusals import OwnerMissing

OWNERS = ("county", "department", "township", "village", "enterprise")
MOST = 400


def owner_of(actor: Actor, code: str) -> Division:
    """A place of the actor's; a lesson is never handed to somebody whom one does not see."""
    if not code:
        raise OwnerMissing
    return access_division(actor, code)


def owners(actor: Actor) -> list[tuple[str, str]]:
    rows = visible(actor).filter(level__in=OWNERS).order_by("path")
    return list(rows.values_list("code", "name")[:MOST])


def plans(actor: Actor) -> list[tuple[uuid.UUID, str]]:
    rows = visible_plans(actor).order_by("number")
    return list(rows.values_list("pk", "title")[:MOST])


def day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def finding_of(review: Review, text: str) -> ReviewFinding | None:
    """A finding of this review that stands; "" is none."""
    if not text:
        return None
    pk = key_of(text)
    row = None if pk is None else review.findings.filter(pk=pk).first()
    if row is None:
        raise NotFound
    row.review = review
    return row


def lesson_words(given: Mapping[str, str], finding: ReviewFinding | None) -> str:
    """What was written, else the finding's own words."""
    return given.get("words", "").strip() or (finding.words if finding is not None else "")


def plan_of(actor: Actor, given: Mapping[str, str], kept: Plan | None = None) -> Plan | None:
    """The plan that was chosen as what has to be revised; `kept` where the form did not ask, as for a plan that one does not see."""
    if "plan" not in given:
        return kept
    if not given["plan"]:
        return None
    pk = key_of(given["plan"])
    plan = None if pk is None else visible_plans(actor).filter(pk=pk).first()
    if plan is None:
        raise NotFound
    return plan


def plan_that_ran(review: Review) -> uuid.UUID | None:
    """The plan whose response is reviewed, the one opened last; of a drill the plan that was practised."""
    if review.drill is not None:
        return review.drill.plan_id
    if review.incident is None:
        return None
    rows = review.incident.activations.filter(started_at__isnull=False).order_by("-started_at", "-pk")
    return rows.values_list("plan_id", flat=True).first()


def finding_kinds() -> list[tuple[str, str]]:
    return options(words.FINDING_KINDS)


def lesson_states() -> list[tuple[str, str]]:
    return options(words.LESSON_STATES)


def typed(given: Mapping[str, str]) -> dict[str, Any]:
    """What was typed when something was refused."""
    return {
        name: given.get(name, "") for name in ("words", "owner", "owner_words", "due_on", "summary", "plan")
    }
