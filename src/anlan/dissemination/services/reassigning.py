"""Give a silent village to somebody else, by hand: that person is called now, and owns it until the ladder goes on."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from anlan.directory import queries as directory
from anlan.directory.models import Person
from anlan.dissemination.audience import TARGETS, Audience, addresses_for
from anlan.dissemination.models import CalloutSeat, SeatState
from anlan.dissemination.refusals import NoReachableRecipient, NotThisPerson
from anlan.dissemination.services.reaching import call_now
from anlan.dissemination.services.seats import (
    SILENT,
    require_open,
    require_person,
    require_reason,
    with_fresh_seat,
)
from anlan.kernel.actor import Actor

#: How long the new person has before the ladder goes on. Parameter, assumption.
WAIT = timedelta(minutes=5)


def reassign_seat(
    seat: CalloutSeat, *, person_id: uuid.UUID, reason: str, by: Actor, at: datetime
) -> CalloutSeat:
    """The duty officer names who has the village now. Only somebody with a post there or above may be named.

    The person is called by voice and by SMS where there is a number; the ladder goes on after `WAIT`. A seat whose ladder was
    used up waits again, so that a second silence rings again.
    """
    require_person(by)
    why = require_reason(reason)
    require_open(seat.callout)
    person = _responsible(seat, person_id, at=at)
    points = directory.contact_points([person_id], at).get(person_id, [])
    channels = [channel for channel in ("voice", "sms") if addresses_for(points, channel)]
    if not channels:
        raise NoReachableRecipient(village=seat.division.name)

    def move(fresh: CalloutSeat) -> None:
        fields: dict[str, Any] = {"reassigned_to": person, "note": why[:300]}  # columns differ in type
        if fresh.state == SeatState.UNANSWERED:
            fresh.advance(
                SeatState.WAITING, by=by, at=at, cause="reassigned", escalate_at=at + WAIT, **fields
            )
        elif fresh.state in SILENT:
            fresh.change(by=by, at=at, kind="reassigned", escalate_at=_not_before(fresh, at), fields=fields)
        else:
            fresh.change(by=by, at=at, kind="reassigned", fields=fields)

    with transaction.atomic(savepoint=False):
        with_fresh_seat(seat, move)
        for channel in channels:
            call_now(seat, person_id=person_id, channel=channel, by=by, at=at)
    return seat


def _not_before(seat: CalloutSeat, at: datetime) -> datetime | None:
    """The rung's own deadline where it is later; lost contact has none and gets none."""
    if seat.state == SeatState.LOST_CONTACT:
        return None
    return max(seat.escalate_at or at, at + WAIT)


def _responsible(seat: CalloutSeat, person_id: uuid.UUID, *, at: datetime) -> Person:
    """A person of the village's line of responsibility; anybody else would be answering for a place that is not his."""
    person = Person.objects.filter(pk=person_id).select_related("division").first()
    if person is None:
        raise NotThisPerson(name="")
    audience = Audience.of([seat.division], at=at)
    line = {holder.person_id for target in TARGETS for holder in audience.holders(seat.division, target)}
    if person_id not in line and not _lives_there(person, seat):
        raise NotThisPerson(name=person.name)
    return person


def _lives_there(person: Person, seat: CalloutSeat) -> bool:
    """Registered in the same township: somebody who can walk over."""
    parent = seat.division.path.rpartition("/")[0]
    return f"{person.division.path}/".startswith(f"{parent}/")
