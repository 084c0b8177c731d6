"""3个一: one message, one call, one video check for each called party (R30). A seat that owes one of them is not done.

Message and call are done by what channels prove, never by hope: a message that a provider only took proves nothing. The video
check is ticked by the duty officer with what was seen. A seat may be acting meanwhile; with the last of the three it becomes
done by itself, if somebody said so before and the measures are known.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction

from anlan.dissemination.channels import Nature, manifests
from anlan.dissemination.models import (
    Acknowledgement,
    CalloutSeat,
    CalloutState,
    CalloutTask,
    Delivery,
    DeliveryState,
    SeatState,
    TaskKind,
    TaskState,
)
from anlan.dissemination.refusals import NoSuchTask, WordsNeeded
from anlan.dissemination.services import feedback
from anlan.dissemination.services.seats import require_person, require_reason, with_fresh_seat
from anlan.dissemination.types import Meaning
from anlan.journal.refusals import StaleRow
from anlan.kernel.actor import Actor

#: Calls by voice; every other personal channel carries a message.
_CALLS = frozenset({"voice", "desk_phone"})
_HEARD = frozenset({DeliveryState.DELIVERED, DeliveryState.READ})
_OWED = (TaskState.OPEN, TaskState.FAILED)
_WORDS_MAX = 300


def note_delivery(
    delivery: Delivery, at: datetime, *, by: Actor, is_answered: bool = False, heard_s: float | None = None
) -> None:
    """What an attempt proved, told by whoever took the receipt or the answer. Costs nothing where no ladder asks for threes.

    `heard_s` is how long a call lasted, where the gateway says so: one that was cut before the ladder's `heard_out_s` was not
    heard, and neither was one of unknown length, unless it was answered.
    """
    seat = delivery.seat
    if seat is None or not seat.callout.ladder.get("threes"):
        return
    kind = _kind_of(delivery.channel)
    if kind is None:
        return
    if is_answered or (delivery.state in _HEARD and _was_heard_out(delivery, heard_s)):
        _settle(seat, kind, TaskState.DONE, delivery=delivery, words="", by=by, at=at)
        finish(seat, by=by, at=at)
    elif delivery.state in (DeliveryState.FAILED, DeliveryState.REFUSED):
        _settle(seat, kind, TaskState.FAILED, delivery=delivery, words=delivery.last_error, by=by, at=at)


def settle_task(
    seat: CalloutSeat,
    kind: str,
    *,
    words: str,
    evidence_id: uuid.UUID | None = None,
    by: Actor,
    at: datetime,
) -> CalloutTask:
    """The duty officer says that it was done, with what was seen or heard: the video check, or a call from his own phone."""
    require_person(by)
    if not words.strip():
        raise WordsNeeded
    task = _owed_task(seat, kind)
    with transaction.atomic(savepoint=False):
        _write(task, TaskState.DONE, words=words.strip(), evidence_id=evidence_id, by=by, at=at)
        finish(seat, by=by, at=at)
    return task


def waive_task(seat: CalloutSeat, kind: str, *, reason: str, by: Actor, at: datetime) -> CalloutTask:
    """A person decides that this one is not needed here, and says why."""
    require_person(by)
    why = require_reason(reason)
    task = _owed_task(seat, kind)
    with transaction.atomic(savepoint=False):
        _write(task, TaskState.WAIVED, words=why, by=by, at=at)
        finish(seat, by=by, at=at)
    return task


def owed(seat: CalloutSeat) -> list[str]:
    """The kinds that the seat still owes. No query where its ladder asks for none."""
    if not seat.callout.ladder.get("threes"):
        return []
    rows = CalloutTask.objects.filter(seat=seat, state__in=_OWED).values_list("kind", flat=True)
    return sorted(rows, key=TaskKind.values.index)


def tasks_of(seat: CalloutSeat) -> list[CalloutTask]:
    """All of the seat's, in the order message, call, video."""
    rows = CalloutTask.objects.filter(seat=seat).select_related("delivery")
    return sorted(rows, key=lambda task: TaskKind.values.index(task.kind))


def amounts_to(seat: CalloutSeat, meaning: Meaning) -> Meaning:
    """How far an answer brings a seat that owes some of the three: "done" counts as acting until they are done or waived."""
    return Meaning.ACTING if meaning is Meaning.DONE and owed(seat) else meaning


def finish(seat: CalloutSeat, *, by: Actor, at: datetime) -> None:
    """With nothing owed any more, a seat of which somebody said "done" is done."""
    said = Acknowledgement.objects.filter(seat=seat, meaning=Meaning.DONE, came_late=False)
    if not said.exists():
        return

    def move(fresh: CalloutSeat) -> None:
        is_open = fresh.callout.state == CalloutState.OPEN
        if not is_open or fresh.state not in (SeatState.ANSWERED, SeatState.ACTING) or owed(fresh):
            return
        if fresh.callout.needs_feedback and not feedback.is_known(fresh, {}):
            return
        fields: dict[str, Any] = {"done_at": at, "feedback_due_at": None}  # columns differ in type
        fresh.advance(SeatState.DONE, by=by, at=at, cause="threes", **fields)

    with_fresh_seat(seat, move)


def _kind_of(channel: str) -> str | None:
    if channel == "video":
        return TaskKind.VIDEO
    if channel in _CALLS:
        return TaskKind.CALL
    manifest = manifests().get(channel)
    is_personal = manifest is not None and manifest.nature is Nature.PERSONAL
    return TaskKind.MESSAGE if is_personal else None


def _was_heard_out(delivery: Delivery, heard_s: float | None) -> bool:
    if delivery.seat is None or delivery.channel != "voice":
        return True
    needed: int | None = delivery.seat.callout.ladder.get("heard_out_s")
    return needed is None or (heard_s is not None and heard_s >= needed)


def _settle(
    seat: CalloutSeat, kind: str, state: TaskState, *, delivery: Delivery, words: str, by: Actor, at: datetime
) -> None:
    task = (
        CalloutTask.objects.filter(seat=seat, kind=kind, state__in=_OWED)
        .select_related("seat__division")
        .first()
    )
    if task is None or task.state == state:
        return
    try:
        _write(task, state, words=words, delivery_id=delivery.pk, by=by, at=at)
    except StaleRow:
        return  # another attempt proved it in the same moment


def _owed_task(seat: CalloutSeat, kind: str) -> CalloutTask:
    task = (
        CalloutTask.objects.filter(seat=seat, kind=kind, state__in=_OWED)
        .select_related("seat__division")
        .first()
    )
    if task is None:
        raise NoSuchTask
    return task


def _write(
    task: CalloutTask, state: TaskState, *, words: str, by: Actor, at: datetime, **fields: Any
) -> None:
    task.advance(
        state, by=by, at=at, settled_at=at, settled_by=by.name or by.ref, words=words[:_WORDS_MAX], **fields
    )
