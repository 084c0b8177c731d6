"""Seats of a call-out: opened with few statements, the most dangerous first, the rest of a province in batches by the worker."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Sum

from anlan.dissemination.ladders import Ladder, from_copy
from anlan.dissemination.models import (
    Callout,
    CalloutSeat,
    CalloutState,
    CalloutTask,
    Delivery,
    SeatingBatch,
    SeatState,
    TaskState,
)
from anlan.dissemination.planning import Party
from anlan.dissemination.services.calling import audience_of, step_for
from anlan.dissemination.services.seats import SILENT, cancel_queued, seats_of
from anlan.events.published import SeatOverdue
from anlan.journal.inserting import unsaved
from anlan.journal.refusals import StaleRow
from anlan.journal.services import announce, record_all
from anlan.kernel.actor import Actor
from anlan.places.models import Division

#: Seats of the opening transaction: a county is called at once, and the first message of a province does not wait for the last.
FIRST = 200
#: Seats of each later transaction. Engineering choice: short enough that an answer never waits for it.
BATCH = 500

Entry = tuple[str, str | None]


def parties_of(villages: Iterable[Division], parties: Mapping[str, Sequence[uuid.UUID]]) -> list[Entry]:
    """Every called party once, in the order given by the caller: places first, then people by their place."""
    entries: list[Entry] = [(village.pk, None) for village in villages]
    entries += [(code, str(person)) for code, people in parties.items() for person in people]
    return list(dict.fromkeys(entries))


def seat_all(
    callout: Callout, entries: Sequence[Entry], known: Mapping[str, Division], *, by: Actor, at: datetime
) -> None:
    """Open the first seats now and store the others as batches; a crash in between leaves them due."""
    seat_some(callout, entries[:FIRST], known, by=by, at=at)
    rest = entries[FIRST:]
    if not rest:
        return
    first = SeatingBatch.objects.filter(callout=callout).count()
    count = -(-len(rest) // BATCH)
    batches = [
        SeatingBatch(
            callout=callout,
            number=first + index,
            entries=rest[start : start + BATCH],
            size=len(rest[start : start + BATCH]),
            # All due now, a microsecond apart, so that the most dangerous come first.
            due_at=at - timedelta(microseconds=count - index),
            exercise_id=callout.exercise_id,
        )
        for index, start in enumerate(range(0, len(rest), BATCH))
    ]
    record_all(batches, by=by, at=at, kind="stored", cause=f"callout:{callout.pk}")


def seat_some(
    callout: Callout, entries: Sequence[Entry], known: Mapping[str, Division], *, by: Actor, at: datetime
) -> list[CalloutSeat]:
    """Seats with their first messages, in a fixed number of statements. Who has a seat already is not seated twice."""
    places = _places(entries, known)
    parties = _not_seated(
        callout, [Party(places[code], _uuid(person)) for code, person in entries if code in places]
    )
    ladder = from_copy(callout.ladder)
    seats = [_seat(callout, party, at=at) for party in parties]
    if not seats:
        return []
    audience = audience_of(seats, ladder, at=at)
    deliveries: list[Delivery] = []
    for seat in seats:
        step = step_for(seat, ladder, audience, at=at)
        for name, value in step.fields.items():
            setattr(seat, name, value)
        seat.state = SeatState.UNANSWERED if step.is_used_up else SeatState.WAITING
        deliveries += step.deliveries
    cause = f"callout:{callout.pk}"
    record_all(seats, by=by, at=at, kind="opened", cause=cause)
    record_all(deliveries, by=by, at=at, kind="queued", cause=cause)
    record_all(_tasks(seats, ladder), by=by, at=at, kind="asked", cause=cause)
    for seat in seats:
        if seat.state == SeatState.UNANSWERED:
            announce(SeatOverdue(seat_id=str(seat.pk)), at=at, exercise_id=seat.exercise_id)
    return seats


def open_batch(batch: SeatingBatch, *, by: Actor, at: datetime) -> None:
    """Open the seats of one stored batch; of a call-out that is over, nobody is called any more."""
    callout = Callout.objects.select_related("division", "replaces").get(pk=batch.callout_id)
    is_open = callout.state == CalloutState.OPEN
    with transaction.atomic(savepoint=False):
        # The batch first: of two workers one finds it taken, and everything of his is rolled back.
        batch.change(
            by=by,
            at=at,
            kind="opened" if is_open else "dropped",
            due_at=None,
            opened_at=at if is_open else None,
        )
        if not is_open:
            return
        entries: list[Entry] = [(code, person) for code, person in batch.entries]
        seat_some(callout, entries, {}, by=by, at=at)
        if callout.replaces is not None:
            take_over(callout.replaces, callout, {code for code, _ in entries}, by=by, at=at)
        # Nobody is rung: the worker is who opens it, and its messages leave after each batch. A ring would only make it
        # give back and claim anew every batch that waits, with all their places.


def still_opening(callout: Callout) -> int:
    """Seats that wait to be opened. One query."""
    waiting = SeatingBatch.objects.filter(callout=callout, due_at__isnull=False)
    return waiting.aggregate(number=Sum("size"))["number"] or 0


def take_over(old: Callout, new: Callout, codes: set[str], *, by: Actor, at: datetime) -> None:
    """A newer call-out releases the silent seats it calls again; the old one closes only if none stays behind."""
    cause = f"callout:{new.pk}"
    left_behind = _leave_unopened(old, codes, by=by, at=at, cause=cause)
    for seat in seats_of(old).filter(state__in=SILENT):
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


def _leave_unopened(old: Callout, codes: set[str], *, by: Actor, at: datetime, cause: str) -> int:
    """What the old call-out had not opened yet is left to the newer one. Returns how many it still has to open itself."""
    left = 0
    for batch in SeatingBatch.objects.filter(callout=old, due_at__isnull=False).select_related(
        "callout__division"
    ):
        kept = [entry for entry in batch.entries if entry[0] not in codes]
        left += len(kept)
        if len(kept) == batch.size:
            continue
        try:
            batch.change(
                by=by, at=at, kind="left", cause=cause, entries=kept, size=len(kept),
                due_at=batch.due_at if kept else None,
            )  # fmt: skip
        except StaleRow:
            left += 1
    return left


def _places(entries: Sequence[Entry], known: Mapping[str, Division]) -> Mapping[str, Division]:
    missing = {code for code, _ in entries if code not in known}
    if not missing:
        return known
    return {**known, **Division.objects.defer("geometry").in_bulk(list(missing))}


def _not_seated(callout: Callout, parties: Sequence[Party]) -> list[Party]:
    codes = {party.division.pk for party in parties}
    rows = CalloutSeat.objects.filter(callout=callout, division_id__in=codes)
    seated = set(rows.values_list("division_id", "party_id"))
    return [one for one in parties if (one.division.pk, one.person_id) not in seated]


def _seat(callout: Callout, party: Party, *, at: datetime) -> CalloutSeat:
    seat = unsaved(
        CalloutSeat,
        state=SeatState.WAITING,
        party_id=party.person_id,
        rung=-1,
        waiting_since=at,
        exercise_id=callout.exercise_id,
    )
    seat.callout, seat.division = callout, party.division
    return seat


def _tasks(seats: Sequence[CalloutSeat], ladder: Ladder) -> list[CalloutTask]:
    """The 3个一 of each seat, where the ladder asks for them."""
    return [
        CalloutTask(state=TaskState.OPEN, seat=seat, kind=kind, exercise_id=seat.exercise_id)
        for seat in seats
        for kind in ladder.threes
    ]


def _uuid(person: str | None) -> uuid.UUID | None:
    return None if person is None else uuid.UUID(person)
