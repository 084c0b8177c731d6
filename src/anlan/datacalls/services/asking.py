"""Opening a data call, its rounds, and ending it."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from anlan.datacalls.models import CallState, DataCall, DataSeat, FigureDefinition, SeatState
from anlan.datacalls.refusals import (
    BadRepeat,
    DueInThePast,
    NoFigures,
    NoTargets,
    NoTitle,
    ReasonMissing,
    TooManyFigures,
    UnknownFigure,
    WrongTarget,
)
from anlan.datacalls.services.chasing import first_reminder, tell_asked
from anlan.datacalls.services.register import define_figure
from anlan.datacalls.types import CallDetails, FigureDetails
from anlan.duty.services import clear_subject
from anlan.incidents.numbering import next_number
from anlan.journal.services import record_all
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.vocab.divisions import DivisionLevel

MOST_FIGURES = 12
MOST_HOURS = 168
_TARGETS = (DivisionLevel.TOWNSHIP, DivisionLevel.DEPARTMENT)
_ASKERS = (DivisionLevel.COUNTY, DivisionLevel.DEPARTMENT)


def open_call(
    details: CallDetails, *, by: Actor, at: datetime, exercise_id: uuid.UUID | None = None
) -> DataCall:
    """Ask: the figures are entered in the register where they are new, and the first round begins now."""
    _check(details, at)
    targets = _targets(details)
    figures = _figures(details, by=by, at=at, exercise_id=exercise_id)
    # Rounded up, so that no deadline moves before the one that was written.
    due_after = -int(-(details.due_at - at).total_seconds() // 60)
    every = details.repeat_every_hours * 60 if details.repeat_every_hours else None
    call = DataCall(
        state=CallState.OPEN,
        number=next_number("data_call", at, form="收{year}-{serial:03d}"),
        title=details.title.strip()[:80],
        words=details.words.strip()[:500],
        division=details.division,
        figures=[str(one.pk) for one in figures],
        targets=[place.code for place in targets],
        allows_nil=details.allows_nil,
        opened_at=at,
        opened_by=by.ref,
        opened_by_name=by.name[:60],
        due_after_min=due_after,
        repeat_every_min=every,
        repeat_until=details.repeat_until if every else None,
        exercise_id=exercise_id,
    ).record(by=by, at=at, kind="opened")
    open_round(call, began_at=at, by=by, at=at)
    return call


def open_round(call: DataCall, *, began_at: datetime, by: Actor, at: datetime) -> list[DataSeat]:
    """Ask everybody once more. `began_at` is when the round was to begin; its deadline counts from there."""
    _close_former(call, by=by, at=at)
    number = call.round + 1
    call.change(by=by, at=at, kind="round_opened", round=number, next_round_at=_next(call, began_at))
    due_at = began_at + timedelta(minutes=call.due_after_min)
    places = Division.objects.defer("geometry").in_bulk(call.targets)
    seats = [
        DataSeat(
            state=SeatState.ASKED,
            call=call,
            round=number,
            division=places[code],
            asked_at=at,
            due_at=due_at,
            remind_at=first_reminder(at, due_at),
            exercise_id=call.exercise_id,
        )
        for code in call.targets
        if code in places
    ]
    record_all(seats, by=by, at=at, kind="asked")
    tell_asked(seats, by=by, at=at)
    return seats


def open_due_round(call: DataCall, *, by: Actor, at: datetime) -> DataCall:
    """The time of a round has come. Rounds whose deadline passed while nobody could ask are skipped, and that is noted:
    nobody is late with what was never asked."""
    began_at = call.next_round_at
    if began_at is None or call.repeat_every_min is None:
        return call
    every, skipped = timedelta(minutes=call.repeat_every_min), 0
    while began_at + timedelta(minutes=call.due_after_min) <= at:
        skipped += 1
        began_at += every
    if skipped:
        call.change(
            by=by,
            at=at,
            kind="rounds_skipped",
            cause=f"{skipped} rounds",
            next_round_at=began_at if _within(call, began_at) else None,
        )
    if call.next_round_at is not None and call.next_round_at <= at:
        open_round(call, began_at=call.next_round_at, by=by, at=at)
    return call


def end_call(call: DataCall, *, by: Actor, at: datetime) -> DataCall:
    """No more rounds and no more reminders. What is not due yet is asked no longer; what is late stays missing."""
    _settle(call, late=SeatState.MISSED, by=by, at=at)
    call.advance(CallState.ENDED, by=by, at=at, ended_at=at, next_round_at=None)
    clear_subject(f"data_call:{call.pk}", reason="ended", by=by, at=at)
    return call


def cancel_call(call: DataCall, *, why: str, by: Actor, at: datetime) -> DataCall:
    """Asked in error: nobody owes it. What was filed stays in the record; late ones keep their mark."""
    if not why.strip():
        raise ReasonMissing
    _settle(call, late=SeatState.MISSED, by=by, at=at)
    call.advance(
        CallState.CANCELLED, by=by, at=at, ended_at=at, ended_why=why.strip()[:200], next_round_at=None
    )
    clear_subject(f"data_call:{call.pk}", reason="cancelled", by=by, at=at)
    return call


def _check(details: CallDetails, at: datetime) -> None:
    if not details.title.strip():
        raise NoTitle
    if details.division.level not in _ASKERS:
        raise WrongTarget(place=details.division.name)
    if not details.figures:
        raise NoFigures
    if len(details.figures) > MOST_FIGURES:
        raise TooManyFigures(most=MOST_FIGURES)
    if not details.targets:
        raise NoTargets
    if details.due_at <= at:
        raise DueInThePast
    hours = details.repeat_every_hours
    if hours is None:
        if details.due_at - at > timedelta(days=60):
            raise BadRepeat
        return
    fits = 1 <= hours <= MOST_HOURS and details.due_at - at <= timedelta(hours=hours)
    if not fits or details.repeat_until is None or details.repeat_until <= details.due_at:
        raise BadRepeat


def _targets(details: CallDetails) -> list[Division]:
    codes = list(dict.fromkeys(details.targets))
    known = Division.objects.defer("geometry").in_bulk(codes)
    for code in codes:
        place = known.get(code)
        if place is None or place.level not in _TARGETS:
            raise WrongTarget(place=place.name if place is not None else code)
    return [known[code] for code in codes]


def _figures(
    details: CallDetails, *, by: Actor, at: datetime, exercise_id: uuid.UUID | None
) -> list[FigureDefinition]:
    wanted = [one for one in details.figures if isinstance(one, uuid.UUID)]
    known = FigureDefinition.objects.filter(retired_at=None).in_bulk(wanted)
    county = _county_of(details.division)
    found: list[FigureDefinition] = []
    for one in details.figures:
        if isinstance(one, FigureDetails):
            figure = define_figure(one, division=county, by=by, at=at, exercise_id=exercise_id)
        elif one in known:
            figure = known[one]
        else:
            raise UnknownFigure
        if figure.pk not in {other.pk for other in found}:
            found.append(figure)
    return found


def _county_of(place: Division) -> Division:
    return place.parent if place.level == DivisionLevel.DEPARTMENT and place.parent is not None else place


def _next(call: DataCall, began_at: datetime) -> datetime | None:
    if call.repeat_every_min is None:
        return None
    following = began_at + timedelta(minutes=call.repeat_every_min)
    return following if _within(call, following) else None


def _within(call: DataCall, began_at: datetime) -> bool:
    return call.repeat_until is not None and began_at <= call.repeat_until


def _close_former(call: DataCall, *, by: Actor, at: datetime) -> None:
    """A new round begins: whoever still owes the former one has missed it, and is not reminded of it any more."""
    for seat in call.seats.filter(state__in=[SeatState.ASKED, SeatState.LATE]).select_related("division"):
        seat.advance(SeatState.MISSED, by=by, at=at, is_late=True, remind_at=None)


def _settle(call: DataCall, *, late: str, by: Actor, at: datetime) -> None:
    rows = call.seats.filter(state__in=[SeatState.ASKED, SeatState.LATE]).select_related("division")
    for seat in rows:
        if seat.state == SeatState.LATE or seat.due_at <= at:
            seat.advance(late, by=by, at=at, is_late=True, remind_at=None)
        else:
            seat.advance(SeatState.RELEASED, by=by, at=at, remind_at=None)
