"""换班: one asks, the colleague accepts, a third person with the right approves. Only then do the shifts change."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from anlan.accounts.access import require
from anlan.directory import rostering
from anlan.directory.models import HoldingRole, Person, Shift
from anlan.duty.models import ShiftSwap
from anlan.duty.refusals import (
    NotYourShift,
    OnlyTheColleague,
    OwnSwap,
    ShiftIsOver,
    SwapIsOpen,
    SwapWithOneself,
    WordsMissing,
)
from anlan.duty.services.checkins import excuse_shift
from anlan.kernel.actor import Actor
from anlan.vocab.posts import Right

OPEN = ("asked", "accepted")


def ask_swap(
    shift: Shift,
    colleague: Person,
    *,
    reason: str,
    other_shift: Shift | None = None,
    by: Actor,
    at: datetime,
    exercise_id: uuid.UUID | None = None,
) -> ShiftSwap:
    """Ask for it: the person on the shift, or somebody with the right to manage duty in his name."""
    if by.person_id != shift.person_id and not by.can(Right.MANAGE_DUTY, shift.post.division.path):
        raise NotYourShift
    if colleague.pk == shift.person_id:
        raise SwapWithOneself
    if not reason.strip():
        raise WordsMissing
    _check_open(shift, at)
    if other_shift is not None:
        _check_open(other_shift, at)
        if other_shift.person_id != colleague.pk:
            raise OnlyTheColleague(name=colleague.name)
    if ShiftSwap.objects.filter(shift=shift, state__in=OPEN).exists():
        raise SwapIsOpen
    return ShiftSwap(
        state="asked",
        shift=shift,
        other_shift=other_shift,
        asker_id=shift.person_id,
        colleague=colleague,
        reason=reason.strip()[:200],
        asked_at=at,
        exercise_id=exercise_id,
    ).record(by=by, at=at, kind="asked")


def accept_swap(swap: ShiftSwap, *, by: Actor, at: datetime) -> ShiftSwap:
    """The colleague agrees; nothing changes before a chief approves."""
    _check_colleague(swap, by)
    return swap.advance("accepted", by=by, at=at, accepted_at=at)


def decline_swap(swap: ShiftSwap, *, why: str = "", by: Actor, at: datetime) -> ShiftSwap:
    """The colleague does not agree."""
    _check_colleague(swap, by)
    return swap.advance("declined", by=by, at=at, why=why.strip()[:200])


def withdraw_swap(swap: ShiftSwap, *, by: Actor, at: datetime) -> ShiftSwap:
    """Whoever asked needs it no more."""
    if by.person_id != swap.asker_id and not by.can(Right.MANAGE_DUTY, swap.shift.post.division.path):
        raise NotYourShift
    return swap.advance("withdrawn", by=by, at=at)


def approve_swap(swap: ShiftSwap, *, by: Actor, at: datetime) -> ShiftSwap:
    """The shifts change hands: the old ones are cancelled, new ones planned, all in the record with the swap as cause."""
    _check_third(swap, by)
    shift = _fresh(swap.shift_id)
    other = None if swap.other_shift_id is None else _fresh(swap.other_shift_id)
    for one in (shift, other):
        if one is not None:
            _check_open(one, at)
    cause = f"shift_swap:{swap.pk}"
    with transaction.atomic():
        for one in (shift, other):
            if one is not None:
                rostering.cancel_shift(one, by=by, at=at)
                excuse_shift(one, words="已换班", by=by, at=at)
        new = _given(shift, swap.colleague, cause, by, at)
        back = None if other is None else _given(other, swap.asker, cause, by, at)
        swap.advance(
            "approved",
            by=by,
            at=at,
            decided_at=at,
            decided_by=by.ref,
            decided_by_person_id=by.person_id,
            new_shift_id=new.pk,
            new_other_id=None if back is None else back.pk,
        )
    return swap


def refuse_swap(swap: ShiftSwap, *, why: str, by: Actor, at: datetime) -> ShiftSwap:
    """The chief says no; the shifts stay as they are."""
    _check_third(swap, by)
    if not why.strip():
        raise WordsMissing
    return swap.advance(
        "refused",
        by=by,
        at=at,
        decided_at=at,
        decided_by=by.ref,
        decided_by_person_id=by.person_id,
        why=why.strip()[:200],
    )


def _fresh(pk: uuid.UUID) -> Shift:
    return Shift.objects.select_related("post__division", "person").get(pk=pk)


def _given(shift: Shift, person: Person, cause: str, by: Actor, at: datetime) -> Shift:
    return rostering.plan_shift(
        shift.post,
        person,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        role=HoldingRole(shift.role),
        kind=shift.kind,
        exercise_id=shift.exercise_id,
        cause=cause,
        by=by,
        at=at,
    )


def _check_open(shift: Shift, at: datetime) -> None:
    if shift.cancelled_at is not None or shift.ends_at <= at:
        raise ShiftIsOver


def _check_colleague(swap: ShiftSwap, by: Actor) -> None:
    if by.person_id != swap.colleague_id:
        raise OnlyTheColleague(name=swap.colleague.name)


def _check_third(swap: ShiftSwap, by: Actor) -> None:
    require(by, Right.MANAGE_DUTY, swap.shift.post.division.path)
    if by.person_id is None or by.person_id in (swap.asker_id, swap.colleague_id):
        raise OwnSwap
