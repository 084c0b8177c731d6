"""Step (1) of the outbox: which due rows leave now, in which order, and with whom together. Danger first.

A claim is a conditional update like every other; on PostgreSQL rows that another worker is just claiming are passed over, so
that several workers share one queue without waiting for each other.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from anlan.dissemination import bundling
from anlan.dissemination.held import OUTBOX, is_wanted, loaded
from anlan.dissemination.models import Delivery, DeliveryPurpose, DeliveryState
from anlan.journal import clocks, leases
from anlan.journal.refusals import StaleRow
from anlan.journal.together import Move, move_all
from anlan.journal.turns import write_turn

_DUE = (DeliveryState.QUEUED, DeliveryState.HANDING)


@dataclass(slots=True)
class Batch:
    """What one worker holds: rows to send for the first time (or again after "down"), and rows to find out about.

    `bundles` are, by primary, the rows that its message names besides.
    """

    at: datetime
    exercise_id: uuid.UUID | None
    fresh: list[Delivery] = field(default_factory=list)
    uncertain: list[Delivery] = field(default_factory=list)
    bundles: dict[uuid.UUID, list[Delivery]] = field(default_factory=dict)
    cancelled: int = 0

    @property
    def size(self) -> int:
        """Rows that were worked on."""
        return len(self.fresh) + len(self.uncertain) + self.cancelled + sum(map(len, self.bundles.values()))

    @property
    def by_channel(self) -> Counter[str]:
        """Messages, not rows: what counts against a channel's pace."""
        return Counter(delivery.channel for delivery in [*self.fresh, *self.uncertain])


def claim(
    owner: str,
    run: clocks.Run,
    *,
    room: Mapping[str, int],
    under_way: Collection[uuid.UUID] = (),
) -> Batch:
    """Take due rows up to each channel's room, drop what nobody needs any more, and store HANDING before anything leaves.

    `under_way` are this worker's own: they are never taken again, also when the clock was stepped past their lease.
    """
    batch = Batch(run.now, run.exercise_id)
    if not room or not _due(run).exists():
        return batch  # the idle case costs one read and no write lock
    try:
        with write_turn():
            keys = [key for key in _keys(run, room) if key not in under_way]
            if keys:
                _take(owner, loaded(Delivery.objects.filter(pk__in=keys)), run, batch)
    except StaleRow:
        return Batch(run.now, run.exercise_id)  # somebody was faster; they stay due
    return batch


def _due(run: clocks.Run) -> QuerySet[Delivery]:
    """Rows whose time has come and that nobody holds. A row that is said in another's message never leaves by itself."""
    rows = leases.due(Delivery, "due_at", at=run.now, exercise_id=run.exercise_id, state__in=_DUE)
    return rows.filter(lease_until__lt=clocks.wall_now(), bundled_in=None)


def is_due(run: clocks.Run, channels: Collection[str]) -> bool:
    """Something of these channels would leave now."""
    return bool(channels) and _due(run).filter(channel__in=channels).exists()


def _keys(run: clocks.Run, room: Mapping[str, int]) -> list[uuid.UUID]:
    """The first rows of each channel's queue: by danger, then by age."""
    found: list[uuid.UUID] = []
    for channel, count in room.items():
        rows = _due(run).filter(channel=channel).order_by("priority", "due_at", "id")
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        found += rows.values_list("pk", flat=True)[:count]
    return found


def _take(owner: str, rows: Sequence[Delivery], run: clocks.Run, batch: Batch) -> None:
    wall = clocks.wall_now()
    lease = {"lease_owner": owner, "lease_until": wall + leases.LEASE}
    moves: list[Move] = []
    queued = [row for row in rows if row.state == DeliveryState.QUEUED]
    wanted = [row for row in queued if is_wanted(row)]
    unwanted = [row for row in queued if not is_wanted(row)]
    for row in unwanted:
        moves.append(_cancelled(row, batch.at))
    for row in [row for row in rows if row.state == DeliveryState.HANDING]:
        moves += _uncertain(row, batch, lease)
    for group in bundling.groups([*wanted, *_companions(wanted, run)]):
        moves += _handing(group, batch, lease)
    batch.cancelled = len(unwanted)
    move_all(moves, by=OUTBOX, at=batch.at)


def _handing(group: Sequence[Delivery], batch: Batch, lease: Mapping[str, object]) -> Iterable[Move]:
    """The primary leaves; the others are in its message."""
    primary, *others = group
    batch.fresh.append(primary)
    if others:
        batch.bundles[primary.pk] = others
    for row in group:
        fields: dict[str, object] = {"attempts": row.attempts + 1}
        if row is not primary:
            fields["bundled_in"] = primary
        yield Move(row, "", fields, to=DeliveryState.HANDING, unjournaled=dict(lease))


def _uncertain(row: Delivery, batch: Batch, lease: Mapping[str, object]) -> Iterable[Move]:
    """Somebody who held it died, or the line broke: it is asked about, together with what its message named besides."""
    others = loaded(Delivery.objects.filter(bundled_in=row, state=DeliveryState.HANDING))
    batch.uncertain.append(row)
    if others:
        batch.bundles[row.pk] = others
    known = [one.pk for one in [row, *others] if one.is_uncertain]
    Delivery.objects.filter(pk__in=known).update(**lease)
    for one in [row, *others]:
        if not one.is_uncertain:
            yield Move(one, "uncertain", {"is_uncertain": True}, unjournaled=dict(lease))


def _cancelled(row: Delivery, at: datetime) -> Move:
    return Move(row, "", {"due_at": None, "ended_at": at}, to=DeliveryState.CANCELLED)


def _companions(wanted: Sequence[Delivery], run: clocks.Run) -> list[Delivery]:
    """Calls further back in the queue to somebody who is called right now: they may go in the same message."""
    addresses = {row.address for row in wanted if bundling.can_be_combined(row)}
    if not addresses:
        return []
    held = {row.pk for row in wanted}
    waiting = _due(run).filter(
        state=DeliveryState.QUEUED,
        purpose=DeliveryPurpose.CALL,
        channel__in=bundling.CHANNELS,
        address__in=addresses,
        seat__isnull=False,
    )
    keys = [key for key in waiting.values_list("pk", flat=True)[:500] if key not in held]
    if not keys:
        return []
    called = {(row.channel, row.address) for row in wanted}
    rows = loaded(Delivery.objects.filter(pk__in=keys))
    return [row for row in rows if (row.channel, row.address) in called and is_wanted(row)]
