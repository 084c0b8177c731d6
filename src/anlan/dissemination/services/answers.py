"""Answers: facts first, then the seat's state. Answered, acting and done are different things."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from anlan.directory.models import Person
from anlan.dissemination.models import Acknowledgement, CalloutSeat, CalloutState, Delivery, SeatState
from anlan.dissemination.refusals import UnknownMeaning, WordsNeeded
from anlan.dissemination.services.seats import cancel_queued, with_fresh_seat
from anlan.dissemination.types import Meaning, Via
from anlan.dissemination.wake import wake_worker
from anlan.events.published import SeatAnswered
from anlan.journal.services import announce
from anlan.kernel.actor import Actor

#: How far a seat has come; an answer only moves it forward.
STEP_BY_STATE: dict[str, int] = {SeatState.ANSWERED: 1, SeatState.ACTING: 2, SeatState.DONE: 3}

WORDS_MAX = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody said. `person` is who said it, as far as known."""

    meaning: Meaning
    via: Via
    words: str = ""
    person: Person | None = None
    delivery: Delivery | None = None
    households: int | None = None
    people: int | None = None

    @property
    def name(self) -> str:
        return self.person.name if self.person is not None else ""


def acknowledge(
    seat: CalloutSeat,
    *,
    meaning: str,
    via: str,
    words: str = "",
    person: Person | None = None,
    delivery: Delivery | None = None,
    households: int | None = None,
    people: int | None = None,
    by: Actor,
    at: datetime,
) -> Acknowledgement:
    """Keep an answer and move the seat forward if it says something new.

    Whoever answers counts, also the first person called after the deputy's turn began. After the call-out is over, or when
    the seat was released, the answer is kept with `came_late` and changes nothing. A tick needs words on how it came.
    """
    if via == Via.TICK and not words.strip():
        raise WordsNeeded
    try:
        said = Answer(Meaning(meaning), Via(via), words[:WORDS_MAX], person, delivery, households, people)
    except ValueError:
        raise UnknownMeaning(meaning=meaning) from None
    fact, _ = take_answer(seat, said, by=by, at=at)
    return fact


def take_answer(seat: CalloutSeat, said: Answer, *, by: Actor, at: datetime) -> tuple[Acknowledgement, bool]:
    """The fact, and whether it moved the seat."""
    result: list[tuple[Acknowledgement, bool]] = []

    def move(fresh: CalloutSeat) -> None:
        is_late = fresh.callout.state == CalloutState.CLOSED or fresh.state == SeatState.RELEASED
        fact = _fact(fresh, said, at=at, is_late=is_late)
        has_moved = not is_late and _apply(fresh, said, cause=f"acknowledgement:{fact.pk}", by=by, at=at)
        fact.record(by=by, at=at, kind="came_late" if is_late else said.meaning)
        result.append((fact, has_moved))

    with transaction.atomic(savepoint=False):
        with_fresh_seat(seat, move)
    return result[-1]


def tick(seat: CalloutSeat, *, meaning: str, words: str, by: Actor, at: datetime) -> Acknowledgement:
    """The duty officer enters an answer that came another way, for example by radio; how it came must be said."""
    return acknowledge(seat, meaning=meaning, via=Via.TICK, words=words, by=by, at=at)


def add_note(
    seat: CalloutSeat,
    *,
    words: str,
    via: str = Via.TICK,
    person: Person | None = None,
    by: Actor,
    at: datetime,
) -> Acknowledgement:
    """A remark about a village: not an answer, the ladder goes on."""
    return acknowledge(seat, meaning=Meaning.NOTE, via=via, words=words, person=person, by=by, at=at)


def _fact(seat: CalloutSeat, said: Answer, *, at: datetime, is_late: bool) -> Acknowledgement:
    return Acknowledgement(
        seat=seat,
        delivery=said.delivery,
        person=said.person,
        person_name=said.name,
        meaning=said.meaning,
        via=said.via,
        words=said.words,
        answered_at=at,
        households=said.households,
        people=said.people,
        came_late=is_late,
        exercise_id=seat.exercise_id,
    )


def _apply(seat: CalloutSeat, said: Answer, *, cause: str, by: Actor, at: datetime) -> bool:
    """Move the seat; False when it says nothing new. Must write to the seat first: a stale row then costs nothing."""
    fields = _numbers(said)
    if said.meaning is Meaning.NOTE:
        fields["note"] = said.words
    elif STEP_BY_STATE[said.meaning] > STEP_BY_STATE.get(seat.state, 0):
        _step_forward(seat, said, fields, cause=cause, by=by, at=at)
        return True
    if fields:
        seat.change(by=by, at=at, kind="noted", cause=cause, **fields)
    return False


def _step_forward(
    seat: CalloutSeat, said: Answer, fields: dict[str, Any], *, cause: str, by: Actor, at: datetime
) -> None:
    is_first = seat.answered_at is None
    if is_first:
        fields |= {
            "answered_at": at,
            "answered_by": said.person,
            "answered_by_name": said.name or by.name,
            "answered_via": str(said.via),
            "escalate_at": None,
        }
    if said.meaning is Meaning.ACTING:
        fields["acting_at"] = at
    if said.meaning is Meaning.DONE:
        fields["done_at"] = at
    seat.advance(str(said.meaning), by=by, at=at, cause=cause, **fields)
    if is_first:
        cancel_queued(Delivery.objects.filter(seat=seat), by=by, at=at, cause=cause)
        announce(SeatAnswered(seat_id=str(seat.pk)), at=at, exercise_id=seat.exercise_id)
        wake_worker()


def _numbers(said: Answer) -> dict[str, Any]:
    given = {"households_moved": said.households, "people_moved": said.people}
    return {name: value for name, value in given.items() if value is not None}
