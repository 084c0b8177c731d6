"""Figures about call-outs: who was reached, how fast, over which channel (C-03 to C-05, R35). Counts facts, never states alone.

A seat counts as *sent* once a message about it was handed to a provider, *reached* once a provider proved delivery or somebody
answered, *answered* once somebody did. Times run from the start of the call-out, on its own clock. Exercises are never mixed in.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import Count, Min, Q

from anlan.accounts.access import within
from anlan.dissemination.access import visible_callouts
from anlan.dissemination.models import Callout, CalloutSeat, Delivery, DeliveryPurpose
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.vocab.divisions import DivisionLevel

_CALLS = (DeliveryPurpose.CALL, DeliveryPurpose.ESCALATION)


@dataclass(slots=True)
class Tally:
    """Counts of seats, and minutes from the start to the first message and to the answer."""

    seats: int = 0
    sent: int = 0
    reached: int = 0
    answered: int = 0
    done: int = 0
    resolved: int = 0
    silent: int = 0
    lost: int = 0
    people: int = 0
    people_reached: int = 0
    sent_s: list[float] = field(default_factory=list)
    answered_s: list[float] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        for name in ("seats", "sent", "reached", "answered", "done", "resolved", "silent", "lost"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.people += other.people
        self.people_reached += other.people_reached
        self.sent_s += other.sent_s
        self.answered_s += other.answered_s

    @property
    def coverage(self) -> float | None:
        """Share of seats that were reached; None where there is none (a zero denominator gives no figure, R35)."""
        return self.reached / self.seats if self.seats else None

    @property
    def people_coverage(self) -> float | None:
        """R35 预警覆盖率: people of the places that were reached over people of the places concerned."""
        return self.people_reached / self.people if self.people else None

    @property
    def median_sent_s(self) -> float | None:
        return median(self.sent_s) if self.sent_s else None

    @property
    def median_answered_s(self) -> float | None:
        return median(self.answered_s) if self.answered_s else None

    @property
    def slowest_tenth_s(self) -> float | None:
        """Nine of ten answers came within this time."""
        if not self.answered_s:
            return None
        ordered = sorted(self.answered_s)
        return ordered[min(len(ordered) - 1, int(0.9 * len(ordered)))]


@dataclass(slots=True)
class ChannelTally:
    """What one channel did: messages handed, proven delivered, failed, sent possibly twice, and answers that came by it."""

    handed: int = 0
    delivered: int = 0
    failed: int = 0
    possibly_twice: int = 0
    answered: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything the statistics page shows for a span of time."""

    start: datetime
    end: datetime
    whole: Tally
    by_callout: list[tuple[Callout, Tally]]
    by_township: list[tuple[str, str, Tally]]
    by_channel: dict[str, ChannelTally]


def figures(actor: Actor, *, start: datetime, end: datetime) -> Figures:
    """Call-outs that began in [start, end) and the seats of the actor's jurisdiction. Six queries."""
    callouts = list(
        visible_callouts(actor)
        .filter(started_at__gte=start, started_at__lt=end, exercise_id=None)
        .order_by("-started_at", "-id")
    )
    seats = list(
        CalloutSeat.objects.filter(within(actor, "division__path"), callout__in=callouts)
        .select_related("division")
        .defer("division__geometry")
    )
    by_seat = _tallies(callouts, seats)
    names = _townships(seats)
    whole, by_callout = Tally(), {callout.pk: Tally() for callout in callouts}
    by_township: dict[str, Tally] = defaultdict(Tally)
    for seat in seats:
        tally = by_seat[seat.pk]
        for sums in (whole, by_callout[seat.callout_id], by_township[names[seat.division_id][0]]):
            sums.add(tally)
    titles = dict(names.values())
    return Figures(
        start=start,
        end=end,
        whole=whole,
        by_callout=[(callout, by_callout[callout.pk]) for callout in callouts],
        by_township=[(code, titles.get(code, ""), by_township[code]) for code in sorted(by_township)],
        by_channel=_channels([seat.pk for seat in seats]),
    )


def of_callout(callout: Callout) -> Tally:
    """The figures of one call-out, whoever asks; for its record and for reporting back. Two queries."""
    seats = list(CalloutSeat.objects.filter(callout=callout).select_related("division"))
    by_seat = _tallies([callout], seats)
    sums = Tally()
    for tally in by_seat.values():
        sums.add(tally)
    return sums


def _tallies(callouts: Iterable[Callout], seats: Sequence[CalloutSeat]) -> dict[uuid.UUID, Tally]:
    started = {callout.pk: callout.started_at for callout in callouts}
    traces = _traces(seats)
    found = {}
    for seat in seats:
        handed, delivered = traces.get(seat.pk, (None, None))
        begun = started[seat.callout_id]
        has_answered = seat.answered_at is not None
        is_reached = has_answered or delivered is not None
        people = seat.division.population or 0 if seat.party_id is None else 0
        tally = Tally(
            seats=1,
            sent=int(handed is not None),
            reached=int(is_reached),
            answered=int(has_answered),
            done=int(seat.done_at is not None),
            resolved=int(seat.state == "resolved"),
            silent=int(seat.state in ("waiting", "unanswered")),
            lost=int(seat.lost_contact_at is not None),
            people=people,
            people_reached=people if is_reached else 0,
        )
        if handed is not None:
            tally.sent_s.append(_seconds(handed - begun))
        if seat.answered_at is not None:
            tally.answered_s.append(_seconds(seat.answered_at - begun))
        found[seat.pk] = tally
    return found


def _traces(seats: Sequence[CalloutSeat]) -> dict[uuid.UUID, tuple[Any, Any]]:
    """First hand-over and first proof of delivery of each seat."""
    callouts = {seat.callout_id for seat in seats}
    rows = (
        Delivery.objects.filter(callout__in=callouts, seat__isnull=False, purpose__in=_CALLS)
        .values_list("seat_id")
        .annotate(handed=Min("handed_at"), delivered=Min("delivered_at"))
        .order_by()
    )
    return {seat_id: (handed, delivered) for seat_id, handed, delivered in rows}


def _channels(seats: Sequence[uuid.UUID]) -> dict[str, ChannelTally]:
    """By channel, from plain counts; answers are counted by the message that brought them."""
    found: dict[str, ChannelTally] = {}
    for start in range(0, len(seats), 500):
        rows = (
            Delivery.objects.filter(seat__in=seats[start : start + 500])
            .values("channel")
            .annotate(
                handed=Count("id", filter=Q(handed_at__isnull=False)),
                delivered=Count("id", filter=Q(delivered_at__isnull=False)),
                failed=Count("id", filter=Q(state__in=("failed", "refused"))),
                twice=Count("id", filter=Q(may_be_repeated=True)),
            )
            .order_by()
        )
        for row in rows:
            tally = found.setdefault(row["channel"], ChannelTally())
            tally.handed += row["handed"]
            tally.delivered += row["delivered"]
            tally.failed += row["failed"]
            tally.possibly_twice += row["twice"]
        answers = (
            Delivery.objects.filter(seat__in=seats[start : start + 500], acknowledgements__isnull=False)
            .exclude(acknowledgements__meaning="note")
            .values("channel")
            .annotate(number=Count("acknowledgements"))
            .order_by()
        )
        for answer in answers:
            found.setdefault(answer["channel"], ChannelTally()).answered += answer["number"]
    return dict(sorted(found.items()))


def _townships(seats: Sequence[CalloutSeat]) -> dict[str, tuple[str, str]]:
    above = {code for seat in seats for code in seat.division.path.split("/")}
    names = dict(
        Division.objects.filter(level=DivisionLevel.TOWNSHIP, code__in=above).values_list("code", "name")
    )
    found = {}
    for seat in seats:
        code = next((one for one in reversed(seat.division.path.split("/")) if one in names), "")
        found[seat.division_id] = (code, names.get(code, ""))
    return found


def _seconds(span: timedelta) -> float:
    return max(0.0, span.total_seconds())
