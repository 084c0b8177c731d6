"""Answers: facts first, then the seat's state. Answered, acting and done are different things."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from anlan.directory.models import Person
from anlan.dissemination.models import Acknowledgement, CalloutSeat, CalloutState, Delivery, SeatState
from anlan.dissemination.refusals import UnknownMeaning, UnknownMeasure, WordsNeeded
from anlan.dissemination.services import feedback, threes
from anlan.dissemination.services.seats import cancel_queued, with_fresh_seat
from anlan.dissemination.types import Meaning, Via
from anlan.dissemination.wake import wake_worker
from anlan.events.published import HelpAsked, SeatAnswered
from anlan.journal.services import announce
from anlan.kernel.actor import Actor
from anlan.vocab.measures import MEASURES

#: How far a seat has come; an answer only moves it forward.
STEP_BY_STATE: dict[str, int] = {SeatState.ANSWERED: 1, SeatState.ACTING: 2, SeatState.DONE: 3}

WORDS_MAX = 300
NAME_MAX = 60
PLACE_MAX = 120
#: Somebody asks for help: it rings before anything ordinary.
_URGENT = 1


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody said. `person` is who said it, as far as known; `speaker` says it in words where that is nobody of the directory.

    `measures` are codes of `vocab.measures`; `is_open_ended` means that more is to come, whatever was claimed before.
    """

    meaning: Meaning
    via: Via
    words: str = ""
    person: Person | None = None
    delivery: Delivery | None = None
    households: int | None = None
    people: int | None = None
    measures: tuple[str, ...] = ()
    moved_to: str = ""
    refused: int | None = None
    missing: int | None = None
    photo_ids: tuple[uuid.UUID, ...] = ()
    speaker: str = ""
    asks_for_help: bool = False
    is_open_ended: bool = False

    @property
    def name(self) -> str:
        return (self.speaker or (self.person.name if self.person is not None else ""))[:NAME_MAX]

    @property
    def gives_feedback(self) -> bool:
        return bool(self.measures) or self.households is not None or self.people is not None


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
    measures: Sequence[str] = (),
    moved_to: str = "",
    refused: int | None = None,
    missing: int | None = None,
    photo_ids: Sequence[uuid.UUID] = (),
    speaker: str = "",
    asks_for_help: bool = False,
    is_open_ended: bool = False,
    by: Actor,
    at: datetime,
) -> Acknowledgement:
    """Keep an answer and move the seat forward if it says something new.

    Whoever answers counts, also the first person called after the deputy's turn began. After the call-out is over, or when
    the seat was released, the answer is kept with `came_late` and changes nothing. A tick needs words on how it came.
    "Done" without measures is a claim: it counts as acting until they come (services/feedback.py).
    """
    if via == Via.TICK and not words.strip():
        raise WordsNeeded
    for measure in measures:
        if measure not in MEASURES:
            raise UnknownMeasure(measure=measure[:40])
    try:
        said = Answer(
            Meaning(meaning),
            Via(via),
            words[:WORDS_MAX],
            person,
            delivery,
            households,
            people,
            tuple(measures),
            moved_to.strip()[:PLACE_MAX],
            refused,
            missing,
            tuple(photo_ids),
            speaker.strip(),
            asks_for_help,
            is_open_ended,
        )
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
        if said.asks_for_help:
            _ring_for_help(seat, said, at=at)
    return result[-1]


def _ring_for_help(seat: CalloutSeat, said: Answer, *, at: datetime) -> None:
    """Also after the end of the call-out: whoever asks for help is in danger now."""
    event = HelpAsked(seat_id=str(seat.pk), words=said.words, who=said.name)
    announce(event, at=at, exercise_id=seat.exercise_id, priority=_URGENT)
    wake_worker()


def tick(
    seat: CalloutSeat,
    *,
    meaning: str,
    words: str,
    households: int | None = None,
    people: int | None = None,
    measures: Sequence[str] = (),
    moved_to: str = "",
    refused: int | None = None,
    missing: int | None = None,
    by: Actor,
    at: datetime,
) -> Acknowledgement:
    """The duty officer enters an answer that came another way, for example by radio; how it came must be said."""
    return acknowledge(
        seat,
        meaning=meaning,
        via=Via.TICK,
        words=words,
        households=households,
        people=people,
        measures=measures,
        moved_to=moved_to,
        refused=refused,
        missing=missing,
        by=by,
        at=at,
    )


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


def add_photo(
    seat: CalloutSeat,
    *,
    photo_id: uuid.UUID,
    via: str,
    person: Person | None = None,
    delivery: Delivery | None = None,
    speaker: str = "",
    by: Actor,
    at: datetime,
) -> Acknowledgement:
    """A picture of the place, also long after the answer; by itself it answers nothing."""
    return acknowledge(
        seat,
        meaning=Meaning.NOTE,
        via=via,
        person=person,
        delivery=delivery,
        speaker=speaker,
        photo_ids=[photo_id],
        by=by,
        at=at,
    )


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
        measures=list(said.measures),
        moved_to=said.moved_to,
        photo_ids=[str(photo_id) for photo_id in said.photo_ids],
        households_refused=said.refused,
        households_missing=said.missing,
        exercise_id=seat.exercise_id,
    )


def _apply(seat: CalloutSeat, said: Answer, *, cause: str, by: Actor, at: datetime) -> bool:
    """Move the seat; False when it says nothing new. Must write to the seat first: a stale row then costs nothing."""
    if said.meaning is Meaning.RANG_BACK:
        return False
    fields = feedback.fields_of(seat, said)
    if said.meaning is Meaning.NOTE:
        if said.words:
            fields["note"] = said.words
        if fields:
            seat.change(by=by, at=at, kind="noted", cause=cause, fields=fields)
        return False
    if said.delivery is not None:
        threes.note_delivery(said.delivery, at, by=by, is_answered=True)
    said = replace(said, meaning=feedback.amounts_to(seat, said, fields, at=at))
    said = replace(said, meaning=threes.amounts_to(seat, said.meaning))
    is_claim = "claimed_done_at" in fields
    is_forward = STEP_BY_STATE[said.meaning] > STEP_BY_STATE.get(seat.state, 0)
    if is_forward:
        _step_forward(seat, said, fields, cause=cause, by=by, at=at)
    elif fields:
        seat.change(by=by, at=at, kind="claimed_done" if is_claim else "noted", cause=cause, fields=fields)
    if is_claim:
        feedback.ask_after(seat, said, by=by, at=at)
    return is_forward or is_claim


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
        fields |= {"done_at": at, "feedback_due_at": None}
    seat.advance(str(said.meaning), by=by, at=at, cause=cause, **fields)
    if is_first:
        cancel_queued(Delivery.objects.filter(seat=seat), by=by, at=at, cause=cause)
        announce(SeatAnswered(seat_id=str(seat.pk)), at=at, exercise_id=seat.exercise_id)
        wake_worker()
    elif said.meaning is Meaning.DONE and seat.claimed_done_at is not None:
        feedback.stop_asking(seat, by=by, at=at, cause=cause)
