"""A storm of messages to one chat group becomes few: what exceeds the robot's limit is said in one, the most dangerous first.

Runs before each round of the outbox. A message that is said in a digest keeps its row: `bundled_in` names the digest and what
becomes of that becomes of it. Nothing is dropped; a digest that fails, fails for all that it said.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import QuerySet

from anlan.dissemination.channels import Nature, manifests
from anlan.dissemination.channels.robots import parameters
from anlan.dissemination.models import Delivery, DeliveryPurpose, DeliveryState
from anlan.dissemination.services.seats import new_delivery
from anlan.dissemination.texts import compose
from anlan.journal import clocks
from anlan.journal.services import record_all
from anlan.journal.turns import write_turn
from anlan.kernel.actor import system
from anlan.kernel.clock import SHANGHAI

DIGEST = system("digest")
ROLE = "digest"
#: How long a digest waits when the robot may not speak at all now. Engineering choice.
WAIT = timedelta(seconds=15)
#: Titles named in a digest; the number is always said.
NAMED_MAX = 40
#: From this level on a message does not wait for the end of a full or half hour: yellow and below may.
MAY_WAIT_FROM = 3

_ENDED = {
    DeliveryState.SENT: DeliveryState.SENT,
    DeliveryState.DELIVERED: DeliveryState.SENT,
    DeliveryState.REFUSED: DeliveryState.FAILED,
    DeliveryState.FAILED: DeliveryState.FAILED,
    DeliveryState.CANCELLED: DeliveryState.CANCELLED,
}
_RELATED = ("outlet__division", "seat__division", "callout__division", "broadcast")


def condense(run: clocks.Run) -> int:
    """Bring the queue of every group within its limit. Returns how many messages were moved into digests."""
    groups = [code for code, face in manifests().items() if face.nature is Nature.GROUP]
    waiting = _queued(run).filter(channel__in=groups)
    if not waiting.exists():
        return 0
    with write_turn():
        _follow(run)
        _leave_half_hours(run, waiting)
        addresses = waiting.filter(due_at__lte=run.now).values_list("channel", "address").distinct()
        return sum(_bring_within(run, channel, address) for channel, address in sorted(set(addresses)))


def _queued(run: clocks.Run) -> QuerySet[Delivery]:
    return Delivery.objects.filter(state=DeliveryState.QUEUED, exercise_id=run.exercise_id)


def _bring_within(run: clocks.Run, channel: str, address: str) -> int:
    limit = manifests()[channel].digest_over_min
    if limit is None:
        return 0
    mine = _queued(run).filter(channel=channel, address=address, bundled_in=None)
    due = mine.filter(due_at__lte=run.now).exclude(role=ROLE)
    waiting = list(due.select_related(*_RELATED).order_by("priority", "due_at", "id"))
    pending = mine.filter(role=ROLE).select_related(*_RELATED).order_by("id").first()
    slots = limit - _sent_lately(channel, address)
    if pending is None and len(waiting) <= slots:
        return 0
    if pending is not None and not waiting:
        _hold(pending, slots, run.now)
        return 0
    alone = max(0, slots - 1)
    rest = waiting[alone:]
    if rest:
        _into_one(pending, rest, slots, run.now)
    return len(rest)


def _sent_lately(channel: str, address: str) -> int:
    """Taken by the robot in the last minute, and what is on its way now."""
    since = clocks.wall_now().timestamp() - 60
    rows = Delivery.objects.filter(channel=channel, address=address, bundled_in=None)
    on_its_way = rows.filter(state=DeliveryState.HANDING).count()
    return rows.filter(handed_wall__gte=since).count() + on_its_way


def _hold(pending: Delivery, slots: int, at: datetime) -> None:
    if slots <= 0 and pending.due_at is not None and pending.due_at <= at:
        pending.change(by=DIGEST, at=at, kind="held", due_at=at + WAIT)


def _into_one(pending: Delivery | None, rest: list[Delivery], slots: int, at: datetime) -> None:
    before = (
        [] if pending is None else list(Delivery.objects.filter(bundled_in=pending).select_related(*_RELATED))
    )
    everything = sorted([*before, *rest], key=lambda one: (one.priority, one.id))
    due_at = at if slots > 0 else at + WAIT
    if pending is None:
        pending = _digest(rest[0], text_of(everything), due_at=due_at, at=at)
        record_all([pending], by=DIGEST, at=at, kind="queued", cause=f"delivery:{rest[0].pk}")
    else:
        pending.change(by=DIGEST, at=at, kind="grew", text=text_of(everything), due_at=due_at)
    for one in rest:
        one.change(by=DIGEST, at=at, kind="bundled", bundled_in=pending, due_at=None)


def _digest(first: Delivery, text: str, *, due_at: datetime, at: datetime) -> Delivery:
    made = new_delivery(
        purpose=DeliveryPurpose.BROADCAST,
        channel=first.channel,
        address=first.address,
        text=text,
        at=at,
        exercise_id=first.exercise_id,
    )
    made.outlet, made.role, made.priority, made.due_at = first.outlet, ROLE, first.priority, due_at
    made.answer_token = ""
    return made


def text_of(deliveries: Iterable[Delivery]) -> str:
    """ "另有 17 条：…", one line each, danger first; what does not fit is counted."""
    rows = list(deliveries)
    lines = [f"{number}. {_title(one)}" for number, one in enumerate(rows[:NAMED_MAX], start=1)]
    if len(rows) > NAMED_MAX:
        lines.append(f"……以及 {len(rows) - NAMED_MAX} 条")
    return compose("digest.group", count=len(rows), lines="\n".join(lines))


def _title(delivery: Delivery) -> str:
    if delivery.broadcast is not None:
        return f"【{delivery.broadcast.issuer}】{delivery.broadcast.title}"
    return delivery.text[:60]


def _follow(run: clocks.Run) -> None:
    """What was said in a digest goes the way of the digest."""
    said = _queued(run).filter(bundled_in__role=ROLE, bundled_in__state__in=list(_ENDED))
    for one in said.select_related(*_RELATED, "bundled_in"):
        digest = one.bundled_in
        assert digest is not None  # the query asks for it
        to = _ENDED[DeliveryState(digest.state)]
        fields = (
            {"handed_at": digest.handed_at, "provider_ref": digest.provider_ref, "route": digest.route}
            if to is DeliveryState.SENT
            else {"ended_at": run.now, "last_error": digest.last_error}
        )
        one.advance(to, by=DIGEST, at=run.now, cause=f"delivery:{digest.pk}", **fields)


def _leave_half_hours(run: clocks.Run, waiting: QuerySet[Delivery]) -> None:
    """What may wait goes after the first minute of a full or half hour, when everybody's timers post."""
    quiet = [code for code, limits in parameters().robots.items() if limits.avoids_half_hours]
    until = after_half_hour(clocks.wall_now())
    if until is None:
        return
    late = run.now + (until - clocks.wall_now())
    rows = waiting.filter(
        channel__in=quiet, priority__gte=MAY_WAIT_FROM, due_at__lte=run.now, bundled_in=None
    )
    for one in rows.select_related(*_RELATED):
        one.change(by=DIGEST, at=run.now, kind="held", due_at=late)


def after_half_hour(wall: datetime) -> datetime | None:
    """When the crowded minute ends, or None outside of it."""
    local = wall.astimezone(SHANGHAI)
    seconds = (local.minute % 30) * 60 + local.second
    window = parameters().half_hour_window_s
    return wall + timedelta(seconds=window - seconds) if seconds < window else None


def in_digest(delivery_id: uuid.UUID) -> list[Delivery]:
    """What one digest said, danger first."""
    rows = Delivery.objects.filter(bundled_in=delivery_id)
    return list(rows.select_related(*_RELATED).order_by("priority", "id"))
