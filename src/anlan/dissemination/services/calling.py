"""Start a call-out, and take its seats up the ladder until somebody answers or a named person has them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from anlan.dissemination.audience import Audience, Reach
from anlan.dissemination.ladders import Ladder, from_copy, ladder_named
from anlan.dissemination.models import (
    Callout,
    CalloutSeat,
    CalloutState,
    Delivery,
    DeliveryPurpose,
    DeliveryState,
    SeatState,
)
from anlan.dissemination.refusals import NobodyToCall
from anlan.dissemination.services.seats import SILENT, cancel_queued, new_delivery, seats_of
from anlan.dissemination.texts import compose
from anlan.dissemination.wake import wake_worker
from anlan.events.published import SeatOverdue
from anlan.journal.refusals import StaleRow
from anlan.journal.services import announce, record_all
from anlan.kernel.actor import Actor
from anlan.places.models import Division

#: An attempt in one of these can still bring an answer.
_OUTSTANDING = frozenset(
    {
        DeliveryState.QUEUED,
        DeliveryState.HANDING,
        DeliveryState.SENT,
        DeliveryState.DELIVERED,
        DeliveryState.READ,
    }
)


@dataclass(slots=True)
class Step:
    """What happens next to one seat: the fields it gets and the messages that go with them."""

    fields: dict[str, Any]
    deliveries: list[Delivery] = field(default_factory=list)
    is_used_up: bool = False


def open_callout(
    *,
    subject: str,
    title: str,
    text: str,
    voice_text: str,
    issuer: str,
    level: int | None,
    hazard_type: str,
    division: Division,
    villages: Iterable[Division],
    ladder_name: str,
    by: Actor,
    at: datetime,
    exercise_id: uuid.UUID | None = None,
    expires_at: datetime | None = None,
    replaces: Callout | None = None,
    cause: str = "",
) -> Callout:
    """Call everybody responsible for the villages: one seat each, the first rung queued at once.

    A village whose first rungs nobody can be called on starts on the first rung that works, or is unanswered from the start.
    """
    ladder = ladder_named(ladder_name)
    divisions = list({village.pk: village for village in villages}.values())
    if not divisions:
        raise NobodyToCall
    callout = Callout(
        state=CalloutState.OPEN,
        subject=subject,
        title=title,
        text=text,
        voice_text=voice_text,
        issuer=issuer,
        level=level,
        hazard_type=hazard_type,
        division=division,
        ladder=ladder.as_copy(),
        ladder_name=ladder.name,
        started_at=at,
        expires_at=expires_at,
        replaces=replaces,
        exercise_id=exercise_id,
    )
    with transaction.atomic(savepoint=False):
        callout.record(by=by, at=at, kind="opened", cause=cause)
        _seat_everybody(callout, divisions, ladder, by=by, at=at)
        if replaces is not None:
            _take_over(replaces, callout, {one.pk for one in divisions}, by=by, at=at)
        wake_worker()
    return callout


def _seat_everybody(
    callout: Callout, divisions: Sequence[Division], ladder: Ladder, *, by: Actor, at: datetime
) -> None:
    audience = Audience.of(divisions, at=at)
    seats: list[CalloutSeat] = []
    steps: list[Step] = []
    for division in divisions:
        seat = CalloutSeat(
            state=SeatState.WAITING,
            callout=callout,
            division=division,
            rung=-1,
            waiting_since=at,
            exercise_id=callout.exercise_id,
        )
        step = _next_step(seat, ladder, audience, at=at)
        for name, value in step.fields.items():
            setattr(seat, name, value)
        seat.state = SeatState.UNANSWERED if step.is_used_up else SeatState.WAITING
        seats.append(seat)
        steps.append(step)
    cause = f"callout:{callout.pk}"
    record_all(seats, by=by, at=at, kind="opened", cause=cause)
    record_all([one for step in steps for one in step.deliveries], by=by, at=at, kind="queued", cause=cause)
    for seat, step in zip(seats, steps, strict=True):
        if step.is_used_up:
            announce(SeatOverdue(seat_id=str(seat.pk)), at=at, exercise_id=seat.exercise_id)


def move_on(seats: Sequence[CalloutSeat], *, by: Actor, at: datetime, cause: str) -> None:
    """Take waiting seats of one call-out to their next rung; a used-up ladder names the person who has the village now.

    The audience is read now, not when the call-out began: a deputy appointed an hour ago is called.
    """
    waiting = [seat for seat in seats if seat.state == SeatState.WAITING]
    if not waiting:
        return
    ladder = from_copy(waiting[0].callout.ladder)
    audience = Audience.of([seat.division for seat in waiting], at=at)
    with transaction.atomic(savepoint=False):
        deliveries: list[Delivery] = []
        for seat in waiting:
            step = _next_step(seat, ladder, audience, at=at)
            if step.is_used_up:
                seat.advance(SeatState.UNANSWERED, by=by, at=at, cause=cause, **step.fields)
                announce(SeatOverdue(seat_id=str(seat.pk)), at=at, exercise_id=seat.exercise_id)
            else:
                seat.change(by=by, at=at, kind="moved_on", cause=cause, **step.fields)
            deliveries += step.deliveries
        record_all(deliveries, by=by, at=at, kind="queued", cause=cause)
        wake_worker()


def rung_failed(seat_id: uuid.UUID, *, by: Actor, at: datetime, cause: str) -> None:
    """After an attempt failed: when it was the last one of the present rung, the next rung starts now, not at the deadline."""
    seat = CalloutSeat.objects.select_related("callout", "division").get(pk=seat_id)
    if seat.state != SeatState.WAITING or seat.callout.state != CalloutState.OPEN:
        return
    attempts = Delivery.objects.filter(seat=seat, rung=seat.rung, purpose=DeliveryPurpose.CALL)
    if not attempts.filter(state__in=_OUTSTANDING).exists():
        move_on([seat], by=by, at=at, cause=cause)


def _next_step(seat: CalloutSeat, ladder: Ladder, audience: Audience, *, at: datetime) -> Step:
    """The first rung after the present one on which somebody can be called; rungs passed over are noted on the seat."""
    skipped = list(seat.skipped)
    for index in range(seat.rung + 1, len(ladder.rungs)):
        rung = ladder.rungs[index]
        found = audience.reaches(seat.division, rung)
        if isinstance(found, str):
            skipped.append({"rung": index, "to": rung.to, "why": found})
            continue
        fields = {
            "rung": index,
            "trying_person_id": found[0].person_id,
            "trying_role": rung.to,
            "trying_channel": "+".join(dict.fromkeys(reach.channel for reach in found)),
            "escalate_at": at + timedelta(seconds=rung.wait_s),
            "skipped": skipped,
        }
        return Step(fields, [_call(seat, reach, rung=index, at=at) for reach in found])
    return _used_up(seat, ladder, audience, skipped, at=at)


def _used_up(
    seat: CalloutSeat, ladder: Ladder, audience: Audience, skipped: list[dict[str, Any]], *, at: datetime
) -> Step:
    found = audience.owner_of_silence(seat.division, ladder.escalate_to)
    fields: dict[str, Any] = {"rung": len(ladder.rungs), "escalate_at": None, "skipped": skipped}
    if found is None:
        # Nobody at all is registered: the desk of the issuing county has it, and the alarm rings there.
        fields["escalated_to_name"] = f"{seat.callout.division.name}值班室"
        return Step(fields, [], is_used_up=True)
    holder, reaches = found
    fields |= {"escalated_to_id": holder.person_id, "escalated_to_name": holder.name}
    return Step(fields, [_hand_up(seat, reach, at=at) for reach in reaches], is_used_up=True)


def _call(seat: CalloutSeat, reach: Reach, *, rung: int, at: datetime) -> Delivery:
    callout = seat.callout
    spoken = callout.voice_text if reach.channel == "voice" else ""
    text = compose(
        f"call.{reach.channel}",
        issuer=callout.issuer,
        village=seat.division.name,
        text=spoken or callout.text,
    )
    return for_seat(seat, reach, purpose=DeliveryPurpose.CALL, text=text, rung=rung, at=at)


def _hand_up(seat: CalloutSeat, reach: Reach, *, at: datetime) -> Delivery:
    text = compose(
        f"escalation.{reach.channel}",
        issuer=seat.callout.issuer,
        village=seat.division.name,
        title=seat.callout.title,
    )
    rung = len(seat.callout.ladder["rungs"])
    return for_seat(seat, reach, purpose=DeliveryPurpose.ESCALATION, text=text, rung=rung, at=at)


def for_seat(
    seat: CalloutSeat, reach: Reach, *, purpose: str, text: str, rung: int, at: datetime
) -> Delivery:
    """An unsaved delivery about a seat to one address."""
    delivery = new_delivery(
        purpose=purpose,
        channel=reach.channel,
        address=reach.address,
        text=text,
        at=at,
        exercise_id=seat.exercise_id,
    )
    delivery.callout, delivery.seat, delivery.subject = seat.callout, seat, seat.callout.subject
    delivery.person_id, delivery.role, delivery.rung = reach.person_id, reach.role, rung
    return delivery


def _take_over(old: Callout, new: Callout, codes: set[str], *, by: Actor, at: datetime) -> None:
    """A newer call-out releases the silent seats it calls again; the old one closes only if none stays behind."""
    cause = f"callout:{new.pk}"
    left_behind = 0
    for seat in seats_of(old):
        if seat.state not in SILENT:
            continue
        if seat.division_id not in codes:
            left_behind += 1
            continue
        try:
            seat.advance(SeatState.RELEASED, by=by, at=at, cause=cause, escalate_at=None)
        except StaleRow:
            left_behind += 1
            continue
        cancel_queued(Delivery.objects.filter(seat=seat), by=by, at=at, cause=cause)
    if left_behind == 0 and old.state == CalloutState.OPEN:
        old.advance(
            CalloutState.CLOSED,
            by=by,
            at=at,
            cause=cause,
            closed_at=at,
            closed_by=by.name or by.ref,
            close_reason="replaced",
        )
