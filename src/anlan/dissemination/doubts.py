"""Gateways that take messages and never prove anything. The attempt stays "sent", marked as unproven; nothing is invented.

A route that was silent about everything it took is *doubted*: other routes are preferred, the duty room is told, and a call goes
out once more by the next route, marked "possibly twice". The rung's own deadline is not touched: nobody waits for the gateway.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Min

from anlan.dissemination.channels.routing import route_settings
from anlan.dissemination.held import is_wanted, loaded
from anlan.dissemination.models import (
    Delivery,
    DeliveryPurpose,
    DeliveryState,
    InboundEvent,
    RouteDoubt,
)
from anlan.dissemination.services.seats import new_delivery
from anlan.dissemination.settling import repeats_max
from anlan.dissemination.wake import wake_worker
from anlan.events.published import RouteDoubted, RouteTrusted
from anlan.journal.services import announce, note, record_all
from anlan.journal.together import Move, move_all
from anlan.kernel.actor import system

#: So many messages without any sign, and no sign about anything taken since the first of them. Parameter, assumption: one
#: telephone that is switched off looks the same as one lost message, several at once do not.
DOUBT_AFTER = 3
#: Rows looked at together.
BATCH = 1_000
#: Why an attempt is unproven, on its row.
NO_RECEIPT = "no_receipt"

_BY = system("receipts")


def doubted_routes() -> dict[str, frozenset[str]]:
    """By channel, the routes that are doubted now."""
    found: dict[str, set[str]] = {}
    for channel, route in RouteDoubt.objects.values_list("channel", "route"):
        found.setdefault(channel, set()).add(route)
    return {channel: frozenset(routes) for channel, routes in found.items()}


def look_at(delivery: Delivery, *, at: datetime) -> None:
    """No receipt came in time: this attempt and every other one of the same route whose time is over."""
    due = Delivery.objects.filter(
        channel=delivery.channel,
        route=delivery.route,
        exercise_id=delivery.exercise_id,
        state=DeliveryState.SENT,
        receipt_due_at__lte=at,
    )
    rows = loaded(Delivery.objects.filter(pk__in=list(due.values_list("pk", flat=True)[:BATCH])))
    heard = set(InboundEvent.objects.filter(delivery__in=rows).values_list("delivery_id", flat=True))
    unproven = [row for row in rows if row.pk not in heard]
    with transaction.atomic(savepoint=False):
        moves = [Move(row, "heard_of", {"receipt_due_at": None}) for row in rows if row.pk in heard]
        moves += [
            Move(row, "unproven", {"receipt_due_at": None, "last_error": NO_RECEIPT}) for row in unproven
        ]
        move_all(moves, by=_BY, at=at, cause="deadline:dissemination.receipts")
        if unproven and _is_silent(delivery, at=at):
            _say_again(unproven, at=at)


def trust_again(*, at: datetime) -> None:
    """A doubted route over which something came in since is trusted again."""
    for doubt in RouteDoubt.objects.all():
        if _told(doubt.channel, doubt.route) > doubt.told:
            _note("trusted", doubt, at=at)
            announce(
                RouteTrusted(channel=doubt.channel, route=doubt.route), at=at, exercise_id=doubt.exercise_id
            )
            doubt.delete()


def _told(channel: str, route: str) -> int:
    """How much ever came in over a route. Not by time: providers' clocks are their own."""
    return InboundEvent.objects.filter(delivery__channel=channel, delivery__route=route).count()


def _is_silent(delivery: Delivery, *, at: datetime) -> bool:
    """True when the route is doubted, from now on or already. It needs enough silent attempts and no sign since the first."""
    silent = Delivery.objects.filter(
        channel=delivery.channel,
        route=delivery.route,
        exercise_id=delivery.exercise_id,
        state=DeliveryState.SENT,
        last_error=NO_RECEIPT,
    )
    since = _last_sign(delivery)
    if since is not None:
        silent = silent.filter(handed_at__gt=since)
    count = silent.count()
    known = RouteDoubt.objects.filter(channel=delivery.channel, route=delivery.route)
    if count < DOUBT_AFTER or known.exists():
        return known.exists()
    first = silent.aggregate(first=Min("handed_at"))["first"]
    doubt = RouteDoubt.objects.create(
        channel=delivery.channel,
        route=delivery.route,
        doubted_at=at,
        silent=count,
        told=_told(delivery.channel, delivery.route),
        exercise_id=delivery.exercise_id,
    )
    _note("doubted", doubt, at=at)
    event = RouteDoubted(
        channel=doubt.channel, route=doubt.route, silent=count, since=first.isoformat() if first else ""
    )
    announce(event, at=at, exercise_id=delivery.exercise_id, priority=2)
    return True


def _last_sign(delivery: Delivery) -> datetime | None:
    """When the newest message was handed over about which the route ever told something."""
    told = Delivery.objects.filter(
        channel=delivery.channel,
        route=delivery.route,
        exercise_id=delivery.exercise_id,
        inbound_events__isnull=False,
    )
    found: datetime | None = told.order_by("-handed_at").values_list("handed_at", flat=True).first()
    return found


def _note(what: str, doubt: RouteDoubt, *, at: datetime) -> None:
    note(
        kind=f"route.{what}",
        subject=("route", f"{doubt.channel}/{doubt.route}"),
        payload={"channel": doubt.channel, "route": doubt.route, "silent": doubt.silent},
        by=_BY,
        at=at,
        exercise_id=doubt.exercise_id,
    )


def _say_again(unproven: Sequence[Delivery], *, at: datetime) -> None:
    """Calls that nobody answered yet go out by another route where there is one. The bound on repeats counts all routes."""
    if len(route_settings(unproven[0].channel)) < 2:
        return
    again = [
        _again(row, at=at)
        for row in unproven
        if row.purpose == DeliveryPurpose.CALL
        and row.seat is not None
        and is_wanted(row)
        and row.repeats < repeats_max(row.channel)
        and row.rung == row.seat.rung
    ]
    record_all(again, by=_BY, at=at, kind="repeated", cause="deadline:dissemination.receipts")
    wake_worker()


def _again(row: Delivery, *, at: datetime) -> Delivery:
    """The same words to the same address, as a row of its own: the first attempt keeps its own fate."""
    made = new_delivery(
        purpose=row.purpose,
        channel=row.channel,
        address=row.address,
        text=row.text,
        at=at,
        exercise_id=row.exercise_id,
    )
    made.callout, made.seat, made.subject = row.callout, row.seat, row.subject
    made.person_id, made.role, made.rung = row.person_id, row.role, row.rung
    made.priority, made.language, made.recipient = row.priority, row.language, row.recipient
    made.instead_of, made.may_be_repeated, made.repeats = row, True, row.repeats + 1
    return made


def routes_in_doubt() -> list[tuple[str, str, datetime, int]]:
    """For screens: channel, route, since when, and how many silent messages led to it."""
    rows = RouteDoubt.objects.order_by("channel", "route")
    return list(rows.values_list("channel", "route", "doubted_at", "silent"))
