"""A person has failed work tried again."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from anlan.journal import clocks
from anlan.journal.models import LONG_AGO, Announcement
from anlan.journal.refusals import OfAnotherRun
from anlan.journal.services import note
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotFound


def retry_announcement(announcement_id: uuid.UUID, *, by: Actor, at: datetime) -> None:
    """Make a waiting reaction due now and free its lease, so that the worker's next round takes it.

    One that is done already, or does not exist, raises `NotFound`; a reaction bears being repeated, so a worker that is just
    trying it does no harm.
    """
    waiting = Announcement.objects.filter(pk=announcement_id, done_at=None)
    row = waiting.first()
    if row is None:
        raise NotFound
    if clocks.is_out_of_reach(row.exercise_id):
        raise OfAnotherRun
    with transaction.atomic(savepoint=False):
        waiting.update(due_at=clocks.now(row.exercise_id), lease_owner="", lease_until=LONG_AGO)
        note(
            kind="announcement.retried",
            subject=("announcement", str(row.pk)),
            payload={"reaction": row.reaction, "event": row.event, "attempts": row.attempts},
            by=by,
            at=at,
            exercise_id=row.exercise_id,
        )
