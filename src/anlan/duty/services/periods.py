"""Holidays, special periods and joint duty (D-20): proposed by one, approved by another, stopped when the risk is over."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from anlan.accounts.access import require
from anlan.directory.refusals import UnknownShiftKind
from anlan.duty.models import SpecialPeriod
from anlan.duty.refusals import BadInterval, OwnPeriod, WordsMissing
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.vocab.posts import Right
from anlan.vocab.shifts import ShiftKind


def propose_period(
    division: Division,
    *,
    kind: str,
    title: str,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    departments: Sequence[str] = (),
    by: Actor,
    at: datetime,
    exercise_id: uuid.UUID | None = None,
) -> SpecialPeriod:
    """Write it down for approval; `departments` sit together in a joint period."""
    require(by, Right.MANAGE_DUTY, division.path)
    if kind not in set(ShiftKind) or kind == ShiftKind.DAILY:
        raise UnknownShiftKind(kind=kind)
    if ends_at <= starts_at:
        raise BadInterval
    if not title.strip() or not reason.strip():
        raise WordsMissing
    return SpecialPeriod(
        state="proposed",
        division=division,
        kind=kind,
        title=title.strip()[:80],
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason.strip()[:300],
        departments=sorted(set(departments)),
        proposed_by=by.ref,
        proposed_by_person_id=by.person_id,
        proposed_at=at,
        exercise_id=exercise_id,
    ).record(by=by, at=at, kind="proposed")


def approve_period(period: SpecialPeriod, *, by: Actor, at: datetime) -> SpecialPeriod:
    """From now on it counts; nobody approves his own."""
    _check_other(period, by)
    return period.advance("approved", by=by, at=at, decided_at=at, decided_by=by.ref)


def refuse_period(period: SpecialPeriod, *, why: str, by: Actor, at: datetime) -> SpecialPeriod:
    _check_other(period, by)
    if not why.strip():
        raise WordsMissing
    return period.advance("refused", by=by, at=at, decided_at=at, decided_by=by.ref, why=why.strip()[:300])


def withdraw_period(period: SpecialPeriod, *, by: Actor, at: datetime) -> SpecialPeriod:
    require(by, Right.MANAGE_DUTY, period.division.path)
    return period.advance("withdrawn", by=by, at=at)


def stop_period(period: SpecialPeriod, *, why: str, by: Actor, at: datetime) -> SpecialPeriod:
    """Over before its end; what was planned in it stays."""
    require(by, Right.MANAGE_DUTY, period.division.path)
    if not why.strip():
        raise WordsMissing
    return period.advance("stopped", by=by, at=at, stopped_at=at, why=why.strip()[:300])


def _check_other(period: SpecialPeriod, by: Actor) -> None:
    require(by, Right.MANAGE_DUTY, period.division.path)
    if by.person_id is None or by.person_id == period.proposed_by_person_id:
        raise OwnPeriod
