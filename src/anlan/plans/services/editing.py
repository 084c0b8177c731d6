"""The life of a plan's versions: drafted, submitted, returned or put into force, superseded; and plans withdrawn."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from anlan.events.published import PlanMoved
from anlan.incidents.numbering import next_number
from anlan.journal.services import announce
from anlan.kernel import canonical
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.places.models import Division
from anlan.plans.content import Content, read, stored
from anlan.plans.models import Plan, PlanKind, PlanVersion, ProtectedKind
from anlan.plans.naming import named
from anlan.plans.queries import IN_WORK
from anlan.plans.refusals import (
    DraftExists,
    EmptyPlan,
    NoPlanTitle,
    NotADraft,
    NotSubmitted,
    PlanReasonMissing,
    PlanWithdrawn,
    UnknownPlanWord,
    WroteItHimself,
)
from anlan.vocab.hazards import HazardType
from anlan.vocab.incidents import TYPES

#: A plan is looked through at least every three years (R23).
REVIEW_YEARS = 3


def open_plan(
    *,
    title: str,
    kind: str,
    division: Division,
    event_types: Sequence[str],
    hazards: Sequence[str],
    content: Content,
    by: Actor,
    at: datetime,
    exercise_id: uuid.UUID | None = None,
    template: str = "",
    parent: Plan | None = None,
    **details: Any,
) -> PlanVersion:
    """Open a plan with its first draft. `details`: protected_kind, protected_place, protected_words, source_name, and `key`,
    the id that a form made, so that one sent twice fails as a whole."""
    check_face(title=title, kind=kind, event_types=event_types, hazards=hazards, protected_kind=details.get("protected_kind", ""))  # fmt: skip
    plan = Plan(
        **({} if details.get("key") is None else {"id": details["key"]}),
        number=next_number("plan", at, form="预{year}-{serial:04d}"),
        state="draft",
        title=title.strip()[:160],
        kind=kind,
        event_types=list(event_types),
        hazards=list(hazards),
        division=division,
        parent=parent,
        protected_kind=details.get("protected_kind") or ProtectedKind.NONE.value,
        protected_place=details.get("protected_place"),
        protected_words=str(details.get("protected_words", "")).strip()[:160],
        template=template[:40],
        opened_at=at,
        exercise_id=exercise_id,
    ).record(by=by, at=at, kind="opened")
    return _draft(
        plan, content, why="", based_on=None, source_name=details.get("source_name", ""), by=by, at=at
    )


def draft_version(
    plan: Plan, *, content: Content, why: str, by: Actor, at: datetime, source_name: str = ""
) -> PlanVersion:
    """A new version beside the one in force; one at a time. A withdrawn plan is taken up again by it."""
    if not why.strip():
        raise PlanReasonMissing
    waiting = plan.versions.filter(state__in=IN_WORK).first()
    if waiting is not None:
        raise DraftExists(number=waiting.number)
    if plan.state == "withdrawn":
        plan.advance("draft", by=by, at=at, withdrawn_why="")
    based_on = plan.current or plan.versions.order_by("-number").first()
    return _draft(plan, content, why=why, based_on=based_on, source_name=source_name, by=by, at=at)


def _draft(
    plan: Plan,
    content: Content,
    *,
    why: str,
    based_on: PlanVersion | None,
    source_name: str,
    by: Actor,
    at: datetime,
) -> PlanVersion:
    last = plan.versions.order_by("-number").values_list("number", flat=True).first()
    body = stored(content)
    return PlanVersion(
        plan=plan,
        number=(last or 0) + 1,
        state="draft",
        content=body,
        digest=canonical.digest(body),
        based_on=based_on,
        why=why.strip()[:300],
        made_by=by.ref,
        made_by_name=by.name[:60],
        made_at=at,
        source_name=source_name[:120],
        hands=[by.ref],
        exercise_id=plan.exercise_id,
    ).record(by=by, at=at, kind="drafted")


def save_draft(version: PlanVersion, *, content: Content, by: Actor, at: datetime) -> PlanVersion:
    """Keep what was written; whoever writes becomes one of its hands. A returned version is a draft again."""
    if version.state not in ("draft", "returned"):
        raise NotADraft
    body = stored(content)
    digest = canonical.digest(body)
    if digest == version.digest:
        return version
    hands = version.hands if by.ref in version.hands else [*version.hands, by.ref]
    if version.state == "returned":
        version.advance("draft", by=by, at=at)
    return version.change(by=by, at=at, kind="saved", content=body, digest=digest, hands=hands)


def submit_version(version: PlanVersion, *, by: Actor, at: datetime) -> PlanVersion:
    """Hand it to whoever approves. From here on nobody writes in it."""
    if version.state not in ("draft", "returned"):
        raise NotADraft
    if not version.content:
        raise EmptyPlan
    if version.state == "returned":
        version.advance("draft", by=by, at=at)
    return version.advance("submitted", by=by, at=at, submitted_at=at, return_why="")


def return_version(version: PlanVersion, *, why: str, by: Actor, by_name: str, at: datetime) -> PlanVersion:
    """Not like this; the author reads why."""
    if version.state != "submitted":
        raise NotSubmitted
    if not why.strip():
        raise PlanReasonMissing
    return version.advance(
        "returned", by=by, at=at, return_why=why.strip()[:300], decided_by=by.ref, decided_by_name=by_name[:60], decided_at=at
    )  # fmt: skip


def approve_version(version: PlanVersion, *, by: Actor, by_name: str, at: datetime) -> PlanVersion:
    """Put it into force: the former version is superseded, the review is due in three years, the duty to file begins.

    Raises `WroteItHimself` for anybody who wrote in it, `NotSubmitted` where nothing waits for a decision.
    """
    plan = version.plan
    if version.state != "submitted":
        raise NotSubmitted
    if by.ref in version.hands:
        raise WroteItHimself
    if plan.state == "withdrawn":
        raise PlanWithdrawn
    former = plan.current
    if former is not None:
        former.advance("superseded", by=by, at=at)
    version.advance("in_force", by=by, at=at, decided_by=by.ref, decided_by_name=by_name[:60], decided_at=at)
    today = at.astimezone(SHANGHAI).date()
    fields: dict[str, Any] = {
        "current": version,
        "printed_on": today,
        "review_due_on": review_day(today),
        "named": named(read(version.content)),
    }
    if plan.state == "draft":
        plan.advance("in_force", by=by, at=at, check_at=at, **fields)
    else:
        plan.change(by=by, at=at, kind="renewed", check_at=at, fields=fields)
    _file(version, by=by, at=at)
    tell_moved(plan, "in_force", at=at)
    return version


def review_day(day: date) -> date:
    """The same day three years on; of 29 February the 28th."""
    try:
        return day.replace(year=day.year + REVIEW_YEARS)
    except ValueError:
        return day.replace(year=day.year + REVIEW_YEARS, day=28)


def _file(version: PlanVersion, *, by: Actor, at: datetime) -> None:
    """Begin the duty to file it, where filings are kept."""
    try:
        from anlan.plans.services.filing import open_filing
    except ImportError:
        return
    open_filing(version, by=by, at=at)


def withdraw_plan(plan: Plan, *, why: str, by: Actor, at: datetime) -> Plan:
    """Out of force for good reasons; its versions stay, incidents that run with one go on with it."""
    if plan.state == "withdrawn":
        raise PlanWithdrawn
    if not why.strip():
        raise PlanReasonMissing
    plan.advance("withdrawn", by=by, at=at, withdrawn_why=why.strip()[:300], check_at=None, current=None)
    in_force = plan.versions.filter(state="in_force").first()
    if in_force is not None:
        in_force.plan = plan
        in_force.advance("superseded", by=by, at=at)
    tell_moved(plan, "withdrawn", at=at)
    return plan


def check_face(
    *, title: str, kind: str, event_types: Sequence[str], hazards: Sequence[str], protected_kind: str
) -> None:
    """Raise what is wrong with the face of a plan before anything is stored."""
    if not title.strip():
        raise NoPlanTitle
    known = {*PlanKind.values, *TYPES, *HazardType, *ProtectedKind.values, ""}
    for given in (kind, *event_types, *hazards, protected_kind):
        if given not in known:
            raise UnknownPlanWord(given=given)


def tell_moved(plan: Plan, what: str, *, at: datetime) -> None:
    moved = PlanMoved(
        str(plan.pk),
        what=what,
        title=plan.title,
        number=plan.number,
        division=plan.division_id,
        due_on="" if plan.review_due_on is None else plan.review_due_on.isoformat(),
        exercise_id=None if plan.exercise_id is None else str(plan.exercise_id),
    )
    announce(moved, at=at, exercise_id=plan.exercise_id)
