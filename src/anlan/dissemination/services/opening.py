"""Start a call-out, call everybody again at a higher level, or take more places into a running one."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from anlan.dissemination.audience import Reach
from anlan.dissemination.ladders import ladder_named
from anlan.dissemination.models import (
    Callout,
    CalloutSeat,
    CalloutState,
    Delivery,
    DeliveryPurpose,
    DeliveryState,
)
from anlan.dissemination.refusals import NobodyToCall
from anlan.dissemination.services.calling import for_seat, requeued
from anlan.dissemination.services.closing import told_by
from anlan.dissemination.services.seating import parties_of, seat_all, take_over
from anlan.dissemination.services.seats import SILENT, cancel_queued, require_open
from anlan.dissemination.texts import compose
from anlan.dissemination.wake import wake_worker
from anlan.journal.services import record_all
from anlan.kernel.actor import Actor
from anlan.places.models import Division

Parties = Mapping[str, Sequence[uuid.UUID]]


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
    parties: Parties | None = None,
    audience: Mapping[str, Any] | None = None,
    texts: Mapping[str, Any] | None = None,
    needs_feedback: bool | None = None,
) -> Callout:
    """Call everybody responsible for the places: one seat each, the first rung queued at once.

    `villages` may be sites and enterprises too, in the order of danger. `parties` are single people by the place they belong
    to; each has a seat of his own. A place whose first rungs nobody can be called on starts on the first rung that works, or
    is unanswered from the start. Beyond `seating.FIRST` seats the worker opens the rest in batches.

    With `replaces` everybody is called again, also who answered the former call-out; its silent seats are released.
    `needs_feedback` is the ladder's own word where it is left out.
    """
    ladder = ladder_named(ladder_name, at, division)
    places = list({village.pk: village for village in villages}.values())
    entries = parties_of(places, parties or {})
    if not entries:
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
        audience=dict(audience or {}),
        texts=dict(texts or {}),
        needs_feedback=ladder.requires_feedback if needs_feedback is None else needs_feedback,
        seats_planned=len(entries),
    )
    with transaction.atomic(savepoint=False):
        callout.record(by=by, at=at, kind="opened", cause=cause)
        seat_all(callout, entries, {one.pk: one for one in places}, by=by, at=at)
        if replaces is not None:
            take_over(replaces, callout, {code for code, _ in entries}, by=by, at=at)
        wake_worker()
    return callout


def widen_callout(
    callout: Callout,
    *,
    villages: Iterable[Division],
    parties: Parties | None = None,
    by: Actor,
    at: datetime,
    cause: str = "",
    **said: Any,
) -> Callout:
    """Take more places or people into a running call-out. Nobody who has a seat is called again, and answers stay.

    `said` are fields of the call-out that say the same thing anew (`subject`, `title`, `text`, `voice_text`, `expires_at`,
    `audience`, `texts`): what is called from now on, new seats and later rungs, is told these words.
    """
    require_open(callout)
    places = list({village.pk: village for village in villages}.values())
    entries = _new_entries(callout, parties_of(places, parties or {}))
    with transaction.atomic(savepoint=False):
        planned = callout.seats_planned + len(entries)
        callout.change(by=by, at=at, kind="widened", cause=cause, seats_planned=planned, fields=said)
        seat_all(callout, entries, {one.pk: one for one in places}, by=by, at=at)
        wake_worker()
    return callout


def ease_callout(
    callout: Callout,
    *,
    villages: Iterable[Division],
    parties: Parties | None = None,
    level: int | None,
    notice: str,
    by: Actor,
    at: datetime,
    cause: str = "",
    **said: Any,
) -> Callout:
    """The danger became milder. Who answered is told once and not called again; who is silent is called on, in the new words.

    New places, if any, are seated like in `widen_callout`. A message that has not left yet says the new words too.
    """
    with transaction.atomic(savepoint=False):
        widen_callout(
            callout, villages=villages, parties=parties, level=level, by=by, at=at, cause=cause, **said
        )
        _requeue(callout, by=by, at=at, cause=cause)
        answered = CalloutSeat.objects.filter(callout=callout).exclude(state__in=SILENT)
        told = told_by(Delivery.objects.filter(seat__in=answered))
        record_all(
            [_notice(delivery, notice, at=at) for delivery in told], by=by, at=at, kind="queued", cause=cause
        )
    return callout


def _new_entries(callout: Callout, entries: Sequence[tuple[str, str | None]]) -> list[tuple[str, str | None]]:
    """Without those that have a seat, or one that is about to be opened."""
    rows = CalloutSeat.objects.filter(callout=callout).values_list("division_id", "party_id")
    known = {(code, None if person is None else str(person)) for code, person in rows}
    for batch in callout.seating_batches.filter(due_at__isnull=False):
        known |= {(code, person) for code, person in batch.entries}
    return [entry for entry in entries if entry not in known]


def _requeue(callout: Callout, *, by: Actor, at: datetime, cause: str) -> None:
    """What still waits in the queue for a silent seat is taken back and queued in the words of now."""
    waiting = list(
        Delivery.objects.filter(
            callout=callout, purpose=DeliveryPurpose.CALL, state=DeliveryState.QUEUED, attempts=0
        ).select_related("seat__callout", "seat__division")
    )
    cancel_queued(Delivery.objects.filter(pk__in=[one.pk for one in waiting]), by=by, at=at, cause=cause)
    record_all([requeued(one, callout, at=at) for one in waiting], by=by, at=at, kind="queued", cause=cause)


def _notice(told: Delivery, text: str, *, at: datetime) -> Delivery:
    assert told.seat is not None  # they are deliveries of seats
    sentence = compose(f"all_clear.{told.channel}", issuer=told.seat.callout.issuer, text=text)
    name = told.person.name if told.person is not None else ""
    reach = Reach(told.person_id, name, told.role, told.channel, told.address)
    return for_seat(told.seat, reach, purpose=DeliveryPurpose.NOTICE, text=sentence, rung=told.rung, at=at)
