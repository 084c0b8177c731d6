"""Deliveries leave the house. Promise 3: nothing is sent zero times by a crash, or twice where the channel can tell.

One round: (1) claim due rows and store HANDING, in one transaction; (2) send, with nothing open; (3) store the results in
one transaction. Whoever dies between (1) and (3) leaves HANDING rows; once their lease is free they are *uncertain*: the
channel is asked, and only when it cannot tell is the message repeated, marked `may_be_repeated` before it leaves.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any

import httpx
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from anlan.dissemination.channels import (
    Asked,
    Channel,
    ChannelDown,
    ChannelError,
    ChannelRefused,
    ChannelUncertain,
    Handed,
    Message,
    Trace,
    manifests,
    open_channels,
)
from anlan.dissemination.models import CalloutState, Delivery, DeliveryPurpose, DeliveryState
from anlan.dissemination.pace import Pace
from anlan.dissemination.services.calling import rung_failed
from anlan.dissemination.services.seats import SILENT
from anlan.dissemination.texts import compose
from anlan.dissemination.tokens import answer_url
from anlan.journal import clocks, leases
from anlan.journal.deadlines import note_failure
from anlan.journal.models import LONG_AGO
from anlan.journal.refusals import StaleRow
from anlan.journal.turns import write_turn
from anlan.kernel.actor import system

log = logging.getLogger("anlan.outbox")

OUTBOX = system("outbox")

# Parameters, engineering choices. BATCH / THREADS rounds of the slowest channel stay well below a lease of 60 s.
BATCH = 48
THREADS = 16
#: Rounds in one call, so that a stopping worker is not kept.
ROUNDS = 20
#: After so many attempts that the provider did not take, the attempt has failed and the ladder moves on.
ATTEMPTS_MAX = 5
#: Waits after the first, second … failed attempt, on the clock of the run; about 75 s in all.
BACK_OFF = tuple(timedelta(seconds=s) for s in (5, 10, 20, 40, 60))
#: An attempt that may have been taken is asked about after this long: receipts often settle it by themselves.
ASK_AFTER = timedelta(seconds=2)

#: Reply words and key presses and what they mean; sent along with each call.
KEYS = {"1": "answered", "2": "acting", "3": "done"}

Outcome = Handed | Asked | ChannelError


@dataclass(slots=True)
class Batch:
    """What one worker holds: rows to send for the first time (or again after "down"), and rows to find out about."""

    at: datetime
    exercise_id: uuid.UUID | None
    fresh: list[Delivery]
    uncertain: list[Delivery]

    @property
    def size(self) -> int:
        return len(self.fresh) + len(self.uncertain)


def deliver_due(*, owner: str, http: httpx.Client | None = None) -> int:
    """Hand over what is due in reality and in each running exercise. Returns how many rows were worked on."""
    channels = open_channels(http or _shared_http())
    worked = 0
    for _ in range(ROUNDS):
        done = sum(_round(owner, run, channels) for run in clocks.active_runs())
        if done == 0:
            break
        worked += done
    return worked


def recover(dead_owners: Iterable[str]) -> int:
    """Free what dead workers held in hand and mark it uncertain. Returns how many attempts are uncertain now."""
    Delivery.objects.filter(state=DeliveryState.HANDING, lease_owner__in=list(dead_owners)).update(
        lease_owner="", lease_until=LONG_AGO
    )
    with write_turn():
        cut_off = Delivery.objects.filter(state=DeliveryState.HANDING, lease_until__lt=clocks.wall_now())
        for delivery in cut_off.filter(is_uncertain=False).select_related(
            "seat__division", "callout__division"
        ):
            _mark_uncertain(delivery, at=clocks.now(delivery.exercise_id))
        return cut_off.count()


def _round(owner: str, run: clocks.Run, channels: dict[str, Channel]) -> int:
    batch = _claim(owner, run)
    if batch.size == 0:
        return 0
    outcomes = _each(partial(_send, channels), batch.fresh)
    if batch.uncertain:
        asked = _each(partial(_ask, channels), batch.uncertain)
        again = _store_repeats(owner, batch, asked)
        outcomes += [pair for pair in asked if pair[0] not in again]
        outcomes += _each(partial(_send, channels), again)
    _record(batch, outcomes)
    return batch.size


# --- (1) claim and store HANDING ------------------------------------------------------------------------------------


def _claim(owner: str, run: clocks.Run) -> Batch:
    """Take due rows, drop what nobody needs any more, and store HANDING before anything leaves."""
    batch = Batch(run.now, run.exercise_id, [], [])
    if not _due(run).exists():
        return batch  # the idle case costs one read and no write lock
    with write_turn():
        held = leases.claim(_within_pace(_due(run)), owner=owner, wall_now=clocks.wall_now(), limit=BATCH)
        for delivery in _loaded(held):
            _take(delivery, batch)
    return batch


def _due(run: clocks.Run) -> QuerySet[Delivery]:
    states = [DeliveryState.QUEUED, DeliveryState.HANDING]
    rows = leases.due(Delivery, "due_at", at=run.now, exercise_id=run.exercise_id, state__in=states)
    return rows.filter(lease_until__lt=clocks.wall_now()).order_by("due_at", "id")


def _within_pace(due: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Only as many of each channel as it may take now."""
    waiting: dict[str, list[uuid.UUID]] = {}
    for pk, channel in due.values_list("pk", "channel")[:BATCH]:
        waiting.setdefault(channel, []).append(pk)
    at = clocks.wall_now()
    chosen = [
        pk for channel, keys in waiting.items() for pk in keys[: _pace().allow(channel, len(keys), at=at)]
    ]
    return Delivery.objects.filter(pk__in=chosen).order_by("due_at", "id")


def _loaded(held: Sequence[Delivery]) -> list[Delivery]:
    rows = Delivery.objects.filter(pk__in=[delivery.pk for delivery in held])
    related = ("seat__callout__division", "seat__division", "callout__division")
    return list(rows.select_related(*related).order_by("due_at", "id"))


def _take(delivery: Delivery, batch: Batch) -> None:
    if delivery.state == DeliveryState.HANDING:
        _mark_uncertain(delivery, at=batch.at)
        batch.uncertain.append(delivery)
    elif not _is_wanted(delivery):
        delivery.advance(DeliveryState.CANCELLED, by=OUTBOX, at=batch.at, due_at=None, ended_at=batch.at)
    else:
        delivery.advance(DeliveryState.HANDING, by=OUTBOX, at=batch.at, attempts=delivery.attempts + 1)
        batch.fresh.append(delivery)


def _mark_uncertain(delivery: Delivery, *, at: datetime) -> None:
    if not delivery.is_uncertain:
        delivery.change(by=OUTBOX, at=at, kind="uncertain", is_uncertain=True)


def _is_wanted(delivery: Delivery) -> bool:
    """A call to a seat that answered, or of a call-out that is over, must not ring."""
    if delivery.purpose not in (DeliveryPurpose.CALL, DeliveryPurpose.ESCALATION) or delivery.seat is None:
        return True
    return delivery.seat.state in SILENT and delivery.seat.callout.state == CalloutState.OPEN


# --- (2) speak to the channels; no database in here -----------------------------------------------------------------


def _each(
    work: Callable[[Delivery], Outcome], deliveries: Sequence[Delivery]
) -> list[tuple[Delivery, Outcome]]:
    if not deliveries:
        return []
    return list(zip(deliveries, _pool().map(work, deliveries), strict=True))


def _send(channels: dict[str, Channel], delivery: Delivery) -> Outcome:
    channel = channels.get(delivery.channel)
    if channel is None:
        return ChannelDown("no_such_channel")
    try:
        return channel.send(_message(delivery, channel))
    except ChannelError as error:
        return error
    except Exception as error:  # a fault of the channel's own code may have come after the message left
        log.exception("channel_failed", extra={"channel": delivery.channel, "delivery": str(delivery.pk)})
        return ChannelUncertain(type(error).__name__)


def _ask(channels: dict[str, Channel], delivery: Delivery) -> Outcome:
    channel = channels.get(delivery.channel)
    if channel is None:
        return ChannelDown("no_such_channel")
    try:
        return channel.ask(delivery.send_key, route=delivery.route)
    except ChannelError as error:
        return error
    except Exception as error:
        log.exception("channel_failed", extra={"channel": delivery.channel, "delivery": str(delivery.pk)})
        return ChannelDown(type(error).__name__)


def _message(delivery: Delivery, channel: Channel) -> Message:
    """The link is added here and not stored, because the text is in the journal and the link opens a page."""
    text = delivery.text
    if channel.manifest.carries_links and delivery.answer_token and _asks_for_answer(delivery):
        text = compose(f"link.{delivery.channel}", text=text, link=answer_url(delivery.answer_token))
    title = delivery.callout.title if delivery.callout is not None else ""
    keys = KEYS if _asks_for_answer(delivery) else None
    return Message(delivery.send_key, delivery.address, text, title, keys)


def _asks_for_answer(delivery: Delivery) -> bool:
    return delivery.seat is not None and delivery.purpose != DeliveryPurpose.ALL_CLEAR


# --- (2b) attempts that were cut off --------------------------------------------------------------------------------


def _store_repeats(owner: str, batch: Batch, asked: Sequence[tuple[Delivery, Outcome]]) -> list[Delivery]:
    """Store which uncertain attempts are sent again: "possibly twice" where the channel could not tell. Renews the lease."""
    again: list[Delivery] = []
    unsettled = {
        delivery.pk: answer.trace
        for delivery, answer in asked
        if isinstance(answer, Asked) and answer.trace is not Trace.KNOWN
    }
    with write_turn():
        keys = [delivery.pk for delivery, _ in asked]
        until = clocks.wall_now() + leases.LEASE
        Delivery.objects.filter(pk__in=keys, lease_owner=owner).update(lease_until=until)
        for delivery in _loaded([delivery for delivery, _ in asked if delivery.pk in unsettled]):
            if delivery.state != DeliveryState.HANDING or not _is_wanted(delivery):
                continue
            if delivery.attempts >= ATTEMPTS_MAX:
                continue
            was_seen = unsettled[delivery.pk] is not Trace.NEVER_SEEN
            delivery.change(
                by=OUTBOX,
                at=batch.at,
                kind="repeated" if was_seen else "sent_again",
                attempts=delivery.attempts + 1,
                is_uncertain=was_seen,
                may_be_repeated=delivery.may_be_repeated or was_seen,
            )
            again.append(delivery)
    return again


# --- (3) store what came of it --------------------------------------------------------------------------------------


def _record(batch: Batch, outcomes: Sequence[tuple[Delivery, Outcome]]) -> None:
    """One transaction for the batch; one row that cannot be stored stays HANDING and becomes uncertain."""
    at = clocks.now(batch.exercise_id)
    with write_turn():
        for delivery, outcome in outcomes:
            try:
                with transaction.atomic():
                    _settle_whatever_it_is_now(delivery, outcome, at=at)
            except Exception as error:
                log.exception("result_not_stored", extra={"delivery": str(delivery.pk)})
                note_failure("dissemination.outbox", str(delivery.pk), error)
        leases.release([delivery for delivery, _ in outcomes])


def _settle_whatever_it_is_now(delivery: Delivery, outcome: Outcome, *, at: datetime) -> None:
    """A receipt may have been faster than the provider's answer; then only what it did not tell is added."""
    try:
        with transaction.atomic():
            _settle(delivery, outcome, at=at)
    except StaleRow:
        [fresh] = _loaded([delivery])
        _settle(fresh, outcome, at=at)


def _settle(delivery: Delivery, outcome: Outcome, *, at: datetime) -> None:
    if delivery.state != DeliveryState.HANDING:
        _complete(delivery, outcome, at=at)
    elif isinstance(outcome, Handed):
        _sent(delivery, outcome, at=at)
    elif isinstance(outcome, Asked):
        _answered_when_asked(delivery, outcome, at=at)
    elif isinstance(outcome, ChannelRefused):
        _end(delivery, DeliveryState.REFUSED, str(outcome), at=at)
    elif isinstance(outcome, ChannelDown):
        _not_taken(delivery, str(outcome), at=at)
    else:
        _cut_off(delivery, outcome, at=at)


def _sent(delivery: Delivery, handed: Handed, *, at: datetime) -> None:
    delivery.advance(
        DeliveryState.SENT,
        by=OUTBOX,
        at=at,
        provider_ref=handed.provider_ref or delivery.provider_ref,
        route=handed.route or delivery.route,
        handed_at=delivery.handed_at or at,
        handed_wall=delivery.handed_wall or handed.wall or None,
        is_uncertain=False,
        due_at=None,
        last_error="",
    )


def _complete(delivery: Delivery, outcome: Outcome, *, at: datetime) -> None:
    """The row moved on by a receipt meanwhile."""
    if isinstance(outcome, Handed) and delivery.state not in (DeliveryState.QUEUED, DeliveryState.CANCELLED):
        delivery.change(
            by=OUTBOX,
            at=at,
            kind="handed",
            provider_ref=delivery.provider_ref or outcome.provider_ref,
            handed_at=delivery.handed_at or at,
            handed_wall=delivery.handed_wall or outcome.wall,
        )


def _answered_when_asked(delivery: Delivery, asked: Asked, *, at: datetime) -> None:
    """Known: it had gone out. Otherwise it comes here only when it is not to be repeated."""
    if asked.trace is Trace.KNOWN:
        _sent(delivery, Handed(asked.provider_ref, 0.0), at=at)
        return
    fields = {"is_uncertain": asked.trace is Trace.CANNOT_TELL}
    _end(delivery, DeliveryState.FAILED, "not_repeated", at=at, **fields)


def _not_taken(delivery: Delivery, why: str, *, at: datetime) -> None:
    """Provider down. An attempt that is uncertain from before stays in hand: "queued" would claim that it never left."""
    if delivery.attempts >= ATTEMPTS_MAX:
        _end(delivery, DeliveryState.FAILED, why, at=at)
        return
    due_at = at + BACK_OFF[min(delivery.attempts, len(BACK_OFF)) - 1]
    if delivery.is_uncertain:
        delivery.change(by=OUTBOX, at=at, kind="down", due_at=due_at, last_error=why)
    else:
        delivery.advance(DeliveryState.QUEUED, by=OUTBOX, at=at, due_at=due_at, last_error=why)


def _cut_off(delivery: Delivery, error: ChannelError, *, at: datetime) -> None:
    route = getattr(error, "route", "") or delivery.route
    if delivery.attempts >= ATTEMPTS_MAX:
        _end(delivery, DeliveryState.FAILED, str(error), at=at, is_uncertain=True, route=route)
        return
    delivery.change(
        by=OUTBOX,
        at=at,
        kind="uncertain",
        is_uncertain=True,
        route=route,
        due_at=at + ASK_AFTER,
        last_error=str(error),
    )


def _end(delivery: Delivery, state: DeliveryState, why: str, *, at: datetime, **fields: Any) -> None:
    """Nothing more will be tried on this row; the seat moves on if it was the rung's last."""
    delivery.advance(state, by=OUTBOX, at=at, due_at=None, ended_at=at, last_error=why[:200], **fields)
    if delivery.seat_id is not None and delivery.purpose == DeliveryPurpose.CALL:
        rung_failed(delivery.seat_id, by=OUTBOX, at=at, cause=f"delivery:{delivery.pk}")


# --- kept between rounds --------------------------------------------------------------------------------------------


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="outbox")


@cache
def _shared_http() -> httpx.Client:
    """Keeps connections. No proxies from the environment and no redirects: it speaks to the configured gateway only."""
    limits = httpx.Limits(max_connections=THREADS, max_keepalive_connections=THREADS)
    return httpx.Client(limits=limits, trust_env=False, follow_redirects=False)


@cache
def _pace() -> Pace:
    rates = {code: manifest.rate_per_s for code, manifest in manifests().items()}
    return Pace(rates | getattr(settings, "ANLAN_CHANNEL_RATES", {}))
