"""The state of the machine's clock: looked at every few minutes, journaled when it changes."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings

from anlan.duty.manning import duty_table
from anlan.duty.models import ClockSync
from anlan.kernel import timesync
from anlan.kernel.actor import Actor


def watch_clock(*, by: Actor, at: datetime, exercise_id: uuid.UUID | None = None) -> ClockSync:
    """Begin to look at the clock of this node; once is enough."""
    known = ClockSync.objects.filter(node=settings.ANLAN_NODE).first()
    if known is not None:
        return known
    row = ClockSync(
        node=settings.ANLAN_NODE,
        sync=timesync.clock_sync(),
        since=at,
        next_at=at + duty_table().clock_look_every,
        exercise_id=exercise_id,
    )
    return row.record(by=by, at=at, kind="seen")


def look_at_clock(row: ClockSync, *, by: Actor, at: datetime) -> ClockSync:
    """What the clock says now; the journal hears of it when that is something else than before."""
    sync, following = timesync.clock_sync(), at + duty_table().clock_look_every
    ClockSync.objects.filter(pk=row.pk).update(next_at=following)
    if sync == row.sync:
        return row
    return row.change(by=by, at=at, kind="changed", sync=sync, since=at)
