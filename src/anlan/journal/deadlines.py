"""One loop looks for what is due, on the clock of each run, and hands it to the verb that was registered for it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F

from anlan.journal import clocks, leases
from anlan.journal.models import Announcement, Leased, WorkFailure
from anlan.journal.reactions import reaction_named
from anlan.journal.refusals import StaleRow
from anlan.journal.services import ORDINARY
from anlan.journal.turns import write_turn
from anlan.kernel.registry import Registry

log = logging.getLogger("anlan.deadlines")

#: Rows taken at a time; small enough that a batch ends well within a second.
BATCH = 200
#: Reactions taken at a time; few, so that an urgent one never waits behind a long queue of others.
REACTIONS = 20


@dataclass(frozen=True, slots=True)
class Deadline:
    """`meet(row, at)` runs in its own transaction and must move the column or the state, else it comes again."""

    name: str
    model: type[Leased]
    column: str
    meet: Callable[[Any, datetime], None]
    conditions: dict[str, Any] = field(default_factory=dict)
    #: Rows taken at a time; few where one takes long, for the other deadlines wait behind them.
    limit: int = BATCH


_registry: Registry[Deadline] = Registry("deadline", needs=("model", "column", "meet"))


def deadline(
    name: str, model: type[Leased], column: str, *, limit: int = BATCH, **conditions: Any
) -> Callable[[Callable[[Any, datetime], None]], Callable[[Any, datetime], None]]:
    """Register `(row, at) -> None` for rows whose `column` has come and which match `conditions`."""

    def keep(function: Callable[[Any, datetime], None]) -> Callable[[Any, datetime], None]:
        _registry.add(name, Deadline(name, model, column, function, conditions, limit))
        return function

    return keep


def run_deadlines(*, owner: str, is_interrupted: Callable[[], bool] = lambda: False) -> int:
    """Meet every deadline that is due in reality and in each running exercise. Returns how many were met.

    When `is_interrupted` says so between two of them, the others are given back and come next time.
    """
    met = 0
    for run in clocks.active_runs():
        for item in _registry.values():
            rows = leases.due(
                item.model, item.column, at=run.now, exercise_id=run.exercise_id, **item.conditions
            )
            claimed = leases.claim(rows, owner=owner, wall_now=clocks.wall_now(), limit=item.limit)
            for number, row in enumerate(claimed, start=1):
                met += _meet(item, row, clocks.now(run.exercise_id))
                if number < len(claimed) and is_interrupted():
                    leases.release(claimed)
                    return met
            leases.release(claimed)
    return met


def _meet(item: Deadline, row: Leased, at: datetime) -> int:
    """A batch takes a while: the row is read again, and left alone if somebody acted since it was claimed."""
    query = {f"{item.column}__lte": at, **item.conditions}
    try:
        with clocks.entered(getattr(row, "exercise_id", None) or clocks.folder_exercise_id()), write_turn():
            fresh = item.model._default_manager.filter(pk=row.pk, **query).first()
            if fresh is None:
                return 0
            item.meet(fresh, at)
    except StaleRow:
        return 0  # somebody answered in the same moment; the new state has its own deadline
    except Exception as error:  # a failing deadline must not stop the others; it is shown to people
        log.exception("deadline_failed", extra={"deadline": item.name, "subject": str(row.pk)})
        note_failure(item.name, str(row.pk), error)
        return 0
    return 1


def note_failure(name: str, subject_id: str, error: Exception) -> None:
    """Make a failure visible; repeated ones are counted on one row."""
    at = clocks.wall_now()
    text = f"{type(error).__name__}: {error}"[:500]
    known = WorkFailure.objects.filter(name=name, subject_id=subject_id)
    if not known.update(count=F("count") + 1, last_at=at, error=text):
        WorkFailure.objects.create(name=name, subject_id=subject_id, error=text, first_at=at, last_at=at)


def run_reactions(*, owner: str, is_interrupted: Callable[[], bool] = lambda: False) -> int:
    """Run some pending reactions to announced events, urgent ones first, then the oldest. Returns how many succeeded.

    `is_interrupted` is asked after each one is committed; when it says so, the ordinary ones are given back.
    """
    done = 0
    for run in clocks.active_runs():
        rows = leases.due(Announcement, "due_at", at=run.now, exercise_id=run.exercise_id, done_at=None)
        rows = rows.order_by("priority", "id")
        claimed = leases.claim(rows, owner=owner, wall_now=clocks.wall_now(), limit=REACTIONS)
        waiting = sorted(claimed, key=lambda row: (row.priority, row.pk))
        while waiting:
            row = waiting.pop(0)
            done += _react(row, clocks.now(run.exercise_id))
            if is_interrupted() and waiting and waiting[0].priority >= ORDINARY:
                leases.release(waiting)
                return done
    return done


def _react(row: Announcement, at: datetime) -> int:
    reaction = reaction_named(row.reaction)
    try:
        with clocks.entered(row.exercise_id or clocks.folder_exercise_id()), write_turn():
            reaction.run(reaction.event.from_payload(row.payload), at)
            Announcement.objects.filter(pk=row.pk).update(
                done_at=at, lease_owner="", attempts=row.attempts + 1
            )
    except Exception as error:  # the row stays, visible, and is tried again when its lease ends
        log.exception("reaction_failed", extra={"reaction": row.reaction, "announcement": str(row.pk)})
        Announcement.objects.filter(pk=row.pk).update(
            attempts=row.attempts + 1, last_error=f"{type(error).__name__}: {error}"[:500]
        )
        note_failure(row.reaction, str(row.pk), error)
        return 0
    return 1
