"""Take seats up the ladder until somebody answers or a named person has them. Opening is in `opening` and `seating`."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from anlan.dissemination.audience import Audience, Reach
from anlan.dissemination.ladders import Ladder, from_copy
from anlan.dissemination.models import (
    Callout,
    CalloutSeat,
    CalloutState,
    Delivery,
    DeliveryPurpose,
    DeliveryState,
    SeatState,
)
from anlan.dissemination.planning import Party, Passed, Turn, next_turn
from anlan.dissemination.services.seats import new_delivery
from anlan.dissemination.texts import compose
from anlan.dissemination.wake import wake_worker
from anlan.events.published import SeatOverdue
from anlan.journal.services import announce, record_all
from anlan.kernel.actor import Actor

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
#: What only informs comes behind every level.
_ORDINARY = 5


@dataclass(slots=True)
class Step:
    """What happens next to one seat: the fields it gets and the messages that go with them."""

    fields: dict[str, Any]
    deliveries: list[Delivery] = field(default_factory=list)
    is_used_up: bool = False


def move_on(seats: Sequence[CalloutSeat], *, by: Actor, at: datetime, cause: str) -> None:
    """Take waiting seats of one call-out to their next rung; a used-up ladder names the person who has the village now.

    The audience is read now, not when the call-out began: a deputy appointed an hour ago is called, and who went off duty
    meanwhile is not.
    """
    waiting = [seat for seat in seats if seat.state == SeatState.WAITING]
    if not waiting:
        return
    ladder = from_copy(waiting[0].callout.ladder)
    audience = audience_of(waiting, ladder, at=at)
    with transaction.atomic(savepoint=False):
        deliveries: list[Delivery] = []
        for seat in waiting:
            step = step_for(seat, ladder, audience, at=at)
            if step.is_used_up:
                seat.advance(SeatState.UNANSWERED, by=by, at=at, cause=cause, **step.fields)
                announce(SeatOverdue(seat_id=str(seat.pk)), at=at, exercise_id=seat.exercise_id)
            else:
                seat.change(by=by, at=at, kind="moved_on", cause=cause, fields=step.fields)
            deliveries += step.deliveries
        record_all(deliveries, by=by, at=at, kind="queued", cause=cause)
        wake_worker()


def rung_failed(seat_id: uuid.UUID, *, by: Actor, at: datetime, cause: str) -> None:
    """After an attempt failed: when it was the last one of the present rung, the next rung starts now, not at the deadline.

    Where the next rung is a retry of the same people, it keeps its time: a busy line is not rung three times in a minute.
    """
    seat = CalloutSeat.objects.select_related("callout", "division").get(pk=seat_id)
    if seat.state != SeatState.WAITING or seat.callout.state != CalloutState.OPEN:
        return
    attempts = Delivery.objects.filter(seat=seat, rung=seat.rung, purpose=DeliveryPurpose.CALL)
    if attempts.filter(state__in=_OUTSTANDING).exists():
        return
    rungs = seat.callout.ladder["rungs"]
    following = seat.rung + 1
    is_retry = following < len(rungs) and rungs[following].get("is_retry", False)
    if is_retry and attempts.filter(state=DeliveryState.FAILED).exists():
        return
    if is_retry:  # every number was refused for good: a retry would be refused as well
        seat.rung = _last_retry(rungs, seat.rung)
    move_on([seat], by=by, at=at, cause=cause)


def audience_of(seats: Sequence[CalloutSeat], ladder: Ladder, *, at: datetime) -> Audience:
    """Everybody responsible for these seats at `at`. A fixed number of queries."""
    parties = [seat.party_id for seat in seats if seat.party_id is not None]
    return Audience.of([seat.division for seat in seats], at=at, parties=parties, ladder=ladder)


def step_for(seat: CalloutSeat, ladder: Ladder, audience: Audience, *, at: datetime) -> Step:
    """The first rung after the present one on which somebody can be called; rungs passed over are noted on the seat."""
    turn = next_turn(Party(seat.division, seat.party_id), ladder, audience, after=seat.rung, at=at)
    skipped = [*seat.skipped, *_noted(turn.passed)]
    if turn.step is None:
        return _used_up(seat, ladder, audience, skipped, at=at)
    fields = {
        "rung": turn.rung,
        "trying_person_id": turn.reaches[0].person_id,
        "trying_role": turn.step.word[:40],
        "trying_channel": _channels(turn),
        "escalate_at": at + timedelta(seconds=turn.step.wait_s),
        "skipped": skipped,
    }
    return Step(fields, [_call(seat, reach, rung=turn.rung, at=at) for reach in turn.reaches])


def _noted(passed: Sequence[Passed]) -> list[dict[str, Any]]:
    """What a seat remembers: a rung of another hour of the day was never meant for it."""
    return [{"rung": one.rung, "to": one.to, "why": one.why} for one in passed if one.why != "other_hour"]


def _channels(turn: Turn) -> str:
    """The channels of a turn in one word that fits the seat's column."""
    words = list(dict.fromkeys(reach.channel for reach in turn.reaches))
    joined = "+".join(words)
    return joined if len(joined) <= 20 else words[0]


def _last_retry(rungs: Sequence[dict[str, Any]], rung: int) -> int:
    while rung + 1 < len(rungs) and rungs[rung + 1].get("is_retry", False):
        rung += 1
    return rung


def _used_up(
    seat: CalloutSeat, ladder: Ladder, audience: Audience, skipped: list[dict[str, Any]], *, at: datetime
) -> Step:
    found = audience.owner_of_silence(seat.division, ladder.owner)
    fields: dict[str, Any] = {"rung": len(ladder.rungs), "escalate_at": None, "skipped": skipped}
    if found is None:
        # Nobody at all is registered: the desk of the issuing county has it, and the alarm rings there.
        fields["escalated_to_name"] = f"{seat.callout.division.name}值班室"
        return Step(fields, [], is_used_up=True)
    holder, reaches = found
    fields |= {"escalated_to_id": holder.person_id, "escalated_to_name": holder.name}
    return Step(fields, [_hand_up(seat, reach, at=at) for reach in reaches], is_used_up=True)


def requeued(delivery: Delivery, callout: Callout, *, at: datetime) -> Delivery:
    """The same call again with the words that the call-out has now; unsaved."""
    seat = delivery.seat
    assert seat is not None  # only calls to seats are queued anew
    seat.callout = callout
    reach = Reach(
        delivery.person_id, "", delivery.role, delivery.channel, delivery.address, delivery.outlet_id
    )
    return _call(seat, reach, rung=delivery.rung, at=at)


def _call(seat: CalloutSeat, reach: Reach, *, rung: int, at: datetime) -> Delivery:
    """A call to a person; what an outlet says asks for no answer."""
    callout = seat.callout
    spoken = callout.voice_text if reach.channel == "voice" or reach.outlet_id is not None else ""
    text = compose(
        "call.outlet" if reach.outlet_id is not None else f"call.{reach.channel}",
        issuer=callout.issuer,
        village=seat.division.name,
        text=spoken or callout.text,
    )
    purpose = DeliveryPurpose.CALL if reach.outlet_id is None else DeliveryPurpose.BROADCAST
    return for_seat(seat, reach, purpose=purpose, text=text, rung=rung, at=at)


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
    delivery.outlet_id = reach.outlet_id
    delivery.priority = seat.callout.level or _ORDINARY
    if reach.outlet_id is not None:
        delivery.recipient = reach.name[:60]
    return delivery
