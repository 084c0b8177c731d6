"""Step (3) of the outbox: what came of each attempt is stored, on the row that left and on those that its message named."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from anlan.dissemination import bundling
from anlan.dissemination.channels import (
    Asked,
    Channel,
    ChannelBusy,
    ChannelDown,
    ChannelError,
    ChannelRefused,
    Handed,
    Trace,
)
from anlan.dissemination.channels.routing import RoutedChannel
from anlan.dissemination.held import OUTBOX, is_any_wanted, loaded
from anlan.dissemination.models import Delivery, DeliveryPurpose, DeliveryState
from anlan.dissemination.services.calling import rung_failed
from anlan.journal import clocks, leases
from anlan.journal.deadlines import note_failure
from anlan.journal.refusals import StaleRow
from anlan.journal.together import Move, move_all
from anlan.journal.turns import write_turn

log = logging.getLogger("anlan.outbox")

# Parameters, engineering choices.
#: After so many attempts that the provider did not take, the attempt has failed and the ladder moves on.
ATTEMPTS_MAX = 5
#: Waits after the first, second … failed attempt, on the clock of the run; about 75 s in all.
BACK_OFF = tuple(timedelta(seconds=s) for s in (5, 10, 20, 40, 60))
#: When every line was in use. Engineering choice.
LINE_WAIT = timedelta(seconds=2)
#: An attempt that may have been taken is asked about after this long: receipts often settle it by themselves.
ASK_AFTER = timedelta(seconds=2)
#: How often one message may be handed over again although it may have arrived. A telephone that rings for the third time
#: within a minute keeps its owner from acting, so a call is repeated once: a provider that hangs rings one person at most
#: twice on a rung, other routes included. Parameter, assumption.
REPEATS_MAX = {"voice": 1}
REPEATS_MAX_OTHERS = 2

Outcome = Handed | Asked | ChannelError
Result = tuple[Delivery, list[Delivery], Outcome]


def repeats_max(channel: str) -> int:
    return REPEATS_MAX.get(channel, REPEATS_MAX_OTHERS)


def record(channels: Mapping[str, Channel], exercise_id: uuid.UUID | None, results: Sequence[Result]) -> None:
    """One transaction for what came back together. A row that cannot be stored stays HANDING and becomes uncertain."""
    at = clocks.now(exercise_id)
    taken = [one for one in results if isinstance(one[2], Handed) and one[0].state == DeliveryState.HANDING]
    with write_turn():
        together = _all_sent(channels, taken, at=at)
        for delivery, bundle, outcome in results:
            if together and delivery.state == DeliveryState.SENT:
                continue
            _one(channels, delivery, bundle, outcome, at=at)
        leases.release([row for delivery, bundle, _ in results for row in [delivery, *bundle]])


def _all_sent(channels: Mapping[str, Channel], taken: Sequence[Result], *, at: datetime) -> bool:
    """The usual case in two statements. False, with nothing written, when a receipt was faster on one of them."""
    moves = []
    for delivery, bundle, handed in taken:
        assert isinstance(handed, Handed)  # chosen by the caller
        moves += _sent(channels, delivery, bundle, handed, at=at)
    try:
        move_all(moves, by=OUTBOX, at=at)
    except StaleRow:
        return False
    except Exception:  # one row spoils the statement: each by itself then
        log.exception("results_one_by_one", extra={"results": len(taken)})
        return False
    return True


def _one(
    channels: Mapping[str, Channel],
    delivery: Delivery,
    bundle: Sequence[Delivery],
    outcome: Outcome,
    *,
    at: datetime,
) -> None:
    try:
        with transaction.atomic():
            _settle_whatever_it_is_now(channels, delivery, bundle, outcome, at=at)
    except Exception as error:
        log.exception("result_not_stored", extra={"delivery": str(delivery.pk)})
        note_failure("dissemination.outbox", str(delivery.pk), error)


def _settle_whatever_it_is_now(
    channels: Mapping[str, Channel],
    delivery: Delivery,
    bundle: Sequence[Delivery],
    outcome: Outcome,
    *,
    at: datetime,
) -> None:
    """A receipt may have been faster than the provider's answer; then only what it did not tell is added."""
    try:
        with transaction.atomic():
            _settle(channels, delivery, bundle, outcome, at=at)
    except StaleRow:
        fresh = loaded(Delivery.objects.filter(pk__in=[delivery.pk, *(one.pk for one in bundle)]))
        now = {one.pk: one for one in fresh}
        _settle(channels, now[delivery.pk], [now[one.pk] for one in bundle], outcome, at=at)


def _settle(
    channels: Mapping[str, Channel],
    delivery: Delivery,
    bundle: Sequence[Delivery],
    outcome: Outcome,
    *,
    at: datetime,
) -> None:
    held = [one for one in [delivery, *bundle] if one.state == DeliveryState.HANDING]
    for one in [delivery, *bundle]:
        if one.state != DeliveryState.HANDING:
            _complete(one, outcome, at=at)
    if not held:
        return
    first, *others = held
    if isinstance(outcome, Asked) and outcome.trace is Trace.KNOWN:
        outcome = Handed(outcome.provider_ref, 0.0)
    if isinstance(outcome, Handed):
        move_all(_sent(channels, first, others, outcome, at=at), by=OUTBOX, at=at)
    elif isinstance(outcome, Asked):
        for one in held:
            _end(
                one,
                DeliveryState.FAILED,
                "not_repeated",
                at=at,
                is_uncertain=outcome.trace is Trace.CANNOT_TELL,
            )
    elif isinstance(outcome, ChannelRefused):
        _refused(held, str(outcome), at=at)
    elif isinstance(outcome, ChannelBusy):
        for one in held:
            _no_line(one, str(outcome), at=at)
    elif isinstance(outcome, ChannelDown):
        for one in held:
            _not_taken(one, str(outcome), at=at)
    else:
        for one in held:
            _cut_off(one, outcome, at=at)


def _sent(
    channels: Mapping[str, Channel],
    delivery: Delivery,
    bundle: Sequence[Delivery],
    handed: Handed,
    *,
    at: datetime,
) -> list[Move]:
    """The provider took it. Its reference and the wait for a receipt stand on the row whose key it knows."""
    moves = []
    for one in [delivery, *bundle]:
        fields: dict[str, Any] = {
            "handed_at": one.handed_at or at,
            "handed_wall": one.handed_wall or handed.wall or None,
            "route": handed.route or one.route,
            "is_uncertain": False,
            "due_at": None,
            "last_error": "",
        }
        if one.bundled_in_id is None:
            fields["provider_ref"] = (handed.provider_ref or one.provider_ref)[:80]
            fields["receipt_due_at"] = _receipt_due(channels, one, fields["route"], at=at)
        moves.append(Move(one, "", fields, to=DeliveryState.SENT))
    return moves


def _receipt_due(
    channels: Mapping[str, Channel], delivery: Delivery, route: str, *, at: datetime
) -> datetime | None:
    channel = channels.get(delivery.channel)
    wait_s = channel.waits_for_receipt_s(route) if isinstance(channel, RoutedChannel) else None
    return at + timedelta(seconds=wait_s) if wait_s is not None else None


def _complete(delivery: Delivery, outcome: Outcome, *, at: datetime) -> None:
    """The row moved on by a receipt meanwhile."""
    if isinstance(outcome, Handed) and delivery.state not in (DeliveryState.QUEUED, DeliveryState.CANCELLED):
        delivery.change(
            by=OUTBOX,
            at=at,
            kind="handed",
            provider_ref=delivery.provider_ref or ("" if delivery.bundled_in_id else outcome.provider_ref),
            route=delivery.route or outcome.route,
            handed_at=delivery.handed_at or at,
            handed_wall=delivery.handed_wall or outcome.wall,
        )


def _refused(held: Sequence[Delivery], why: str, *, at: datetime) -> None:
    """Stop. It may be the combined text that was refused: each of several is tried by itself then."""
    if len(held) == 1 and held[0].bundled_in_id is None:
        _end(held[0], DeliveryState.REFUSED, why, at=at)
        return
    for one in held:
        one.advance(
            DeliveryState.QUEUED,
            by=OUTBOX,
            at=at,
            due_at=at,
            bundled_in=None,
            last_error=f"{bundling.ALONE}{why}"[:200],
        )


def _not_taken(delivery: Delivery, why: str, *, at: datetime) -> None:
    """Provider down. An attempt that is uncertain from before stays in hand: "queued" would claim that it never left."""
    if delivery.attempts >= ATTEMPTS_MAX:
        _end(delivery, DeliveryState.FAILED, why, at=at)
        return
    due_at = at + BACK_OFF[min(delivery.attempts, len(BACK_OFF)) - 1]
    if delivery.is_uncertain:
        delivery.change(by=OUTBOX, at=at, kind="down", due_at=due_at, last_error=why[:200])
    else:
        delivery.advance(
            DeliveryState.QUEUED, by=OUTBOX, at=at, due_at=due_at, bundled_in=None, last_error=why[:200]
        )


def _no_line(delivery: Delivery, why: str, *, at: datetime) -> None:
    """Every line was in use: it waits its turn, and this was no attempt."""
    due_at = at + LINE_WAIT
    if delivery.is_uncertain:
        delivery.change(by=OUTBOX, at=at, kind="down", due_at=due_at, last_error=why[:200])
    else:
        delivery.advance(
            DeliveryState.QUEUED,
            by=OUTBOX,
            at=at,
            due_at=due_at,
            bundled_in=None,
            attempts=max(0, delivery.attempts - 1),
            last_error=why[:200],
        )


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
        last_error=str(error)[:200],
    )


def _end(delivery: Delivery, state: DeliveryState, why: str, *, at: datetime, **fields: Any) -> None:
    """Nothing more will be tried on this row; the seat moves on if it was the rung's last."""
    delivery.advance(state, by=OUTBOX, at=at, due_at=None, ended_at=at, last_error=why[:200], **fields)
    if delivery.seat_id is not None and delivery.purpose == DeliveryPurpose.CALL:
        rung_failed(delivery.seat_id, by=OUTBOX, at=at, cause=f"delivery:{delivery.pk}")


def store_repeats(
    owner: str,
    unsettled: Mapping[uuid.UUID, Trace],
    bundles: Mapping[uuid.UUID, Sequence[Delivery]],
    *,
    at: datetime,
) -> list[Delivery]:
    """Store which uncertain attempts are sent again: "possibly twice" where the channel could not tell. Renews the lease."""
    again: list[Delivery] = []
    with write_turn():
        held = [*unsettled, *(one.pk for key in unsettled for one in bundles.get(key, ()))]
        until = clocks.wall_now() + leases.LEASE
        Delivery.objects.filter(pk__in=held, lease_owner=owner).update(lease_until=until)
        for delivery in loaded(Delivery.objects.filter(pk__in=list(unsettled))):
            bundle = bundles.get(delivery.pk, ())
            if delivery.state != DeliveryState.HANDING or not is_any_wanted(delivery, bundle):
                continue
            was_seen = unsettled[delivery.pk] is not Trace.NEVER_SEEN
            if delivery.attempts >= ATTEMPTS_MAX or (
                was_seen and delivery.repeats >= repeats_max(delivery.channel)
            ):
                continue
            for one in [delivery, *bundle]:
                _repeated(one, was_seen=was_seen, at=at)
            again.append(delivery)
    return again


def _repeated(delivery: Delivery, *, was_seen: bool, at: datetime) -> None:
    delivery.change(
        by=OUTBOX,
        at=at,
        kind="repeated" if was_seen else "sent_again",
        attempts=delivery.attempts + 1,
        repeats=delivery.repeats + was_seen,
        is_uncertain=was_seen,
        may_be_repeated=delivery.may_be_repeated or was_seen,
    )
