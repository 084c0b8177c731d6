"""Seats and messages keep their waits when the wall clock is stepped (±5 minutes are part of the acceptance)."""

from __future__ import annotations

from datetime import datetime, timedelta

from anlan.dissemination.models import CalloutSeat, CalloutState, Delivery, SeatingBatch, SeatState
from anlan.journal.models import Journaled
from anlan.journal.refusals import StaleRow
from anlan.journal.steps import on_clock_step
from anlan.kernel.actor import Actor

#: (model, columns that mean "so long from then", conditions). Only reality: the clocks of exercises do not step.
_WAITING: tuple[tuple[type[Journaled], tuple[str, ...], dict[str, object]], ...] = (
    (CalloutSeat, ("escalate_at",), {"state": SeatState.WAITING, "callout__state": CalloutState.OPEN}),
    (CalloutSeat, ("feedback_due_at",), {"callout__state": CalloutState.OPEN}),
    (Delivery, ("due_at",), {}),
    (Delivery, ("receipt_due_at",), {}),
    (SeatingBatch, ("due_at",), {}),
)


@on_clock_step("dissemination")
def shift_waiting(step: timedelta, by: Actor, at: datetime) -> int:
    """Move every running wait of call-outs with the clock; each is journaled, so the record says why a rung came when it did."""
    return sum(_shift(model, columns, conditions, step, by, at) for model, columns, conditions in _WAITING)


def _shift(
    model: type[Journaled],
    columns: tuple[str, ...],
    conditions: dict[str, object],
    step: timedelta,
    by: Actor,
    at: datetime,
) -> int:
    running = {f"{column}__isnull": False for column in columns}
    moved = 0
    for row in model._default_manager.filter(exercise_id=None, **running, **conditions):
        fields = {column: getattr(row, column) + step for column in columns}
        try:
            row.change(by=by, at=at, kind="clock_shifted", cause="clock", fields=fields)
        except StaleRow:
            continue  # it moved in this moment, on the new clock already
        moved += 1
    return moved
