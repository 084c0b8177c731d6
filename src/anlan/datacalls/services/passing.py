"""A township passes a question on to its villages and signs off what they add up to."""

from __future__ import annotations

from datetime import datetime, timedelta

from anlan.datacalls.models import CallState, DataSeat, SeatState
from anlan.datacalls.refusals import CallOver, DueInThePast, NotATownship
from anlan.datacalls.services.chasing import first_reminder, tell_asked
from anlan.journal.services import record_all
from anlan.kernel.actor import Actor
from anlan.places.queries import villages_below
from anlan.vocab.divisions import DivisionLevel

#: A township keeps so long for its own sign-off, where the time allows. Engineering choice.
FOR_SIGN_OFF = timedelta(minutes=15)


def pass_on(seat: DataSeat, *, by: Actor, at: datetime, due_at: datetime | None = None) -> list[DataSeat]:
    """Ask every village of the township the same figures; asked twice, only villages that are new are added."""
    if seat.division.level != DivisionLevel.TOWNSHIP or seat.parent_id is not None:
        raise NotATownship
    if not seat.is_open or seat.call.state != CallState.OPEN:
        raise CallOver(call=seat.call.title)
    until = due_at or _own_deadline(seat, at)
    if until <= at:
        raise DueInThePast
    asked = set(seat.villages.values_list("division_id", flat=True))
    places = villages_below(seat.division.path).filter(valid_to=None).defer("geometry")
    seats = [
        DataSeat(
            state=SeatState.ASKED,
            call=seat.call,
            round=seat.round,
            division=place,
            parent=seat,
            asked_at=at,
            due_at=until,
            remind_at=first_reminder(at, until),
            exercise_id=seat.exercise_id,
        )
        for place in places
        if place.code not in asked
    ]
    seat.change(by=by, at=at, kind="passed_on", passed_on_at=at)
    record_all(seats, by=by, at=at, kind="asked")
    tell_asked(seats, by=by, at=at)
    return seats


def _own_deadline(seat: DataSeat, at: datetime) -> datetime:
    """A quarter of an hour before the township's own, or half of what is left; after that, half an hour from now."""
    if seat.due_at <= at:
        return at + timedelta(minutes=30)
    return max(seat.due_at - FOR_SIGN_OFF, at + (seat.due_at - at) / 2)
