"""Corrections of the table of issuing rights: proposed by one person, approved by another, dated and sourced."""

from __future__ import annotations

import re
from datetime import datetime

from django.db import transaction

from anlan.journal.refusals import NoSuchTransition
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.vocab.hazards import HazardType
from anlan.vocab.posts import Right
from anlan.warning.authority import TIERS
from anlan.warning.models import IssuingRight
from anlan.warning.refusals import NotYourOwn, SourceMissing, UnknownKey
from anlan.warning.services.common import person_with, reason_given
from anlan.warning.services.drafting import known_level


def propose_issuing_right(
    *,
    hazard: str,
    level: int,
    tier: str,
    source: str,
    division: Division,
    by: Actor,
    at: datetime,
    is_verified: bool = False,
) -> IssuingRight:
    """Say which tier issues a hazard (a type, an event code, or a group like "11B") at a level, after which document."""
    person = person_with(by, Right.EDIT_RULES, division=division)
    if tier not in TIERS:
        raise UnknownKey(value=tier[:40])
    if hazard not in set(HazardType) and not re.fullmatch(r"1[1-4][A-Z]([0-9]{2})?", hazard):
        raise UnknownKey(value=hazard[:40])
    if not source.strip():
        raise SourceMissing
    row = IssuingRight(
        state="proposed",
        hazard=hazard,
        level=known_level(level),
        tier=tier,
        source=source.strip()[:200],
        is_verified=is_verified,
        division=division,
        proposed_by=by.ref,
        proposed_by_person_id=person,
        proposed_at=at,
    )
    return row.record(by=by, at=at, kind="proposed")


def approve_issuing_right(row: IssuingRight, *, by: Actor, at: datetime) -> IssuingRight:
    """A second person puts it into force; the former row for the same hazard and level retires."""
    person = person_with(by, Right.APPROVE_RULES, division=row.division)
    if row.state != "proposed":
        raise NoSuchTransition(old=row.state, new="in_force")
    if by.ref == row.proposed_by or by.person_id == row.proposed_by_person_id:
        raise NotYourOwn
    former = IssuingRight.objects.filter(state="in_force", hazard=row.hazard, level=row.level).first()
    with transaction.atomic(savepoint=False):
        if former is not None:
            former.advance("retired", by=by, at=at, cause=f"issuing_right:{row.pk}")
        row.advance("in_force", by=by, at=at, decided_by=by.ref, decided_by_person_id=person, decided_at=at)
    return row


def reject_issuing_right(row: IssuingRight, *, reason: str, by: Actor, at: datetime) -> IssuingRight:
    """Decline a proposal, with a reason."""
    if by.person_id is not None and by.person_id == row.proposed_by_person_id:
        person = person_with(by, Right.EDIT_RULES, division=row.division)
    else:
        person = person_with(by, Right.APPROVE_RULES, division=row.division)
    why = reason_given(reason)[:300]
    return row.advance(
        "rejected",
        by=by,
        at=at,
        decided_by=by.ref,
        decided_by_person_id=person,
        decided_at=at,
        reason=why,
    )
