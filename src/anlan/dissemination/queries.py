"""Reads for the board and the answer page. The number of queries does not depend on the number of seats."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.utils.translation import get_language

from anlan.accounts.access import narrow
from anlan.directory.queries import mask
from anlan.dissemination.access import visible_callouts, visible_seats
from anlan.dissemination.audience import TARGETS, Audience, addresses_for
from anlan.dissemination.models import (
    Acknowledgement,
    Callout,
    CalloutSeat,
    CalloutState,
    Delivery,
    DeliveryState,
    SeatState,
)
from anlan.dissemination.services.feedback import UNDER_WAY, is_missing
from anlan.dissemination.services.seating import still_opening
from anlan.dissemination.services.seats import SILENT
from anlan.dissemination.tokens import is_genuine
from anlan.dissemination.types import Board, BoardRow, LastFact, Progress, TownshipTab
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import FACES, PostKind, Right

#: How long an answer page works after its call-out is over: people answer late, and the fact is kept.
TOKEN_GRACE = timedelta(hours=48)

#: Unanswered first; the settled ones last.
_ORDER = {
    state: place
    for place, state in enumerate(
        (
            SeatState.UNANSWERED,
            SeatState.LOST_CONTACT,
            SeatState.WAITING,
            SeatState.ANSWERED,
            SeatState.ACTING,
            SeatState.DONE,
            SeatState.RESOLVED,
            SeatState.RELEASED,
        )
    )
}


@dataclass(frozen=True, slots=True)
class AnswerTicket:
    """What an answer link opens: one seat, for the person that the message went to."""

    delivery: Delivery
    seat: CalloutSeat
    callout: Callout


@dataclass(frozen=True, slots=True)
class Reachable:
    """Somebody who can be called about a seat now. `address` is "" without a number, else masked by right."""

    person_id: uuid.UUID
    name: str
    role: str
    kind: PostKind
    address: str

    @property
    def title(self) -> str:
        """The post in the reader's language."""
        is_chinese = (get_language() or "zh").startswith("zh")
        return FACES[self.kind].zh if is_chinese else FACES[self.kind].en


@dataclass(slots=True)
class _Attempts:
    """What the deliveries of one seat say together."""

    latest: LastFact | None = None
    address: str = ""
    possibly_twice: bool = False


def board(callout: Callout, actor: Actor) -> Board:
    """Every seat that the actor may see, unanswered first, then the longest waiting. Five queries."""
    at = clocks.now(callout.exercise_id)
    seats = list(
        visible_seats(callout, actor)
        .select_related("division", "trying_person", "party")
        .defer("division__geometry")
    )
    attempts = _attempts(callout)
    answers = _latest_answers(callout)
    townships = _townships(seats)
    rows = [
        _row(
            callout,
            seat,
            attempts.get(seat.pk, _Attempts()),
            answers.get(seat.pk),
            townships,
            actor.can(Right.SEE_NUMBERS, seat.division.path),
            at,
        )
        for seat in seats
    ]
    rows.sort(key=lambda row: (_ORDER[SeatState(row.state)], row.waiting_since, row.division_code))
    counted = _count(row.state for row in rows)
    if actor.sees(callout.division.path):
        counted = replace(counted, opening=_opening(callout, counted.total))
    return Board(rows, counted, _tabs(rows), at)


def progress(callout: Callout) -> Progress:
    """Counts of the whole call-out. One query."""
    counted = CalloutSeat.objects.filter(callout=callout).values_list("state").annotate(Count("pk"))
    by_state = dict(counted)
    total = sum(by_state.values())
    return Progress(total, by_state, _opening(callout, total))


def _opening(callout: Callout, seats: int) -> int:
    """Seats that the worker has yet to open. No query for a call-out that has all of them."""
    return still_opening(callout) if callout.seats_planned > seats else 0


def open_callouts(actor: Actor) -> list[tuple[Callout, Progress]]:
    """Running call-outs that the actor may see, the newest first, with the counts of the seats he may see. Two queries."""
    callouts = list(
        visible_callouts(actor)
        .filter(state=CalloutState.OPEN)
        .select_related("division")
        .order_by("-started_at", "-id")
    )
    seats = narrow(CalloutSeat.objects.filter(callout__in=callouts), actor)
    by_callout: dict[uuid.UUID, dict[str, int]] = {}
    for pk, state, number in seats.values_list("callout", "state").annotate(Count("pk")):
        by_callout.setdefault(pk, {})[state] = number
    return [(one, _progress(by_callout.get(one.pk, {}))) for one in callouts]


def seat_by_token(token: str) -> AnswerTicket | None:
    """What an answer link opens, or None when it is forged, unknown or over (48 h after the call-out's end)."""
    if not is_genuine(token):
        return None
    delivery = (
        Delivery.objects.filter(answer_token=token, seat__isnull=False)
        .select_related("seat__callout__division", "seat__division", "person")
        .first()
    )
    if delivery is None or delivery.seat is None:
        return None
    callout = delivery.seat.callout
    ends = [moment for moment in (callout.closed_at, callout.expires_at) if moment is not None]
    if ends and clocks.now(callout.exercise_id) > min(ends) + TOKEN_GRACE:
        return None
    return AnswerTicket(delivery, delivery.seat, callout)


def seat_facts(seat: CalloutSeat) -> tuple[list[Delivery], list[Acknowledgement]]:
    """Every attempt and every answer of one seat, oldest first: its whole story."""
    attempts = list(Delivery.objects.filter(seat=seat).select_related("person").order_by("id"))
    answers = list(Acknowledgement.objects.filter(seat=seat).select_related("person").order_by("id"))
    return attempts, answers


def shown_address(delivery: Delivery, actor: Actor) -> str:
    """The number or address, masked unless the actor may see numbers of that village."""
    about = delivery.seat or delivery.callout
    may = about is not None and actor.can(Right.SEE_NUMBERS, about.division.path)
    return delivery.address if may else mask(delivery.address)


def people_for_seat(seat: CalloutSeat, actor: Actor) -> list[Reachable]:
    """Who can be called about a seat now, in the order of a ladder, each on the best number. Two queries."""
    audience = Audience.of([seat.division], at=clocks.now(seat.exercise_id))
    found: dict[uuid.UUID, Reachable] = {}
    sees_numbers = actor.can(Right.SEE_NUMBERS, seat.division.path)
    for target in TARGETS:
        for holder in audience.holders(seat.division, target):
            numbers = addresses_for(holder.points, "voice")
            address = numbers[0] if numbers else ""
            shown = address if sees_numbers else mask(address)
            found.setdefault(
                holder.person_id,
                Reachable(holder.person_id, holder.name, holder.role, PostKind(holder.kind), shown),
            )
    return list(found.values())


def overdue_seats(actor: Actor) -> list[CalloutSeat]:
    """Seats whose ladder is used up, or whose next step is late: what rings on *mine now*. One query."""
    late = Q(state=SeatState.WAITING, escalate_at__lt=clocks.wall_now() - timedelta(seconds=5))
    rows = CalloutSeat.objects.filter(Q(state=SeatState.UNANSWERED) | late, callout__state=CalloutState.OPEN)
    return list(narrow(rows, actor).select_related("division", "callout").order_by("waiting_since", "id"))


def _attempts(callout: Callout) -> dict[uuid.UUID, _Attempts]:
    """Newest fact and address per seat, from plain values: a board may have more than a thousand attempts."""
    values = (
        Delivery.objects.filter(callout=callout, seat__isnull=False)
        .order_by("id")
        .values_list(
            "seat_id",
            "state",
            "address",
            "may_be_repeated",
            "person__name",
            "last_error",
            "due_at",
            "handed_at",
            "delivered_at",
            "ended_at",
        )
    )
    found: dict[uuid.UUID, _Attempts] = {}
    for seat_id, state, address, may_be_repeated, name, error, *times in values:
        seat = found.setdefault(seat_id, _Attempts())
        seat.possibly_twice = seat.possibly_twice or may_be_repeated
        seat.address = address
        at = max((moment for moment in times if moment is not None), default=None)
        if state == DeliveryState.CANCELLED or at is None:
            continue
        if seat.latest is None or at >= seat.latest.at:
            seat.latest = LastFact(state, at, name or "", error)
    return found


def _latest_answers(callout: Callout) -> dict[uuid.UUID, LastFact]:
    values = (
        Acknowledgement.objects.filter(seat__callout=callout)
        .order_by("id")
        .values_list("seat_id", "meaning", "answered_at", "person_name", "words")
    )
    return {seat_id: LastFact(meaning, at, who, words) for seat_id, meaning, at, who, words in values}


def _row(
    callout: Callout,
    seat: CalloutSeat,
    attempts: _Attempts,
    answer: LastFact | None,
    townships: dict[str, tuple[str, str]],
    sees_numbers: bool,
    at: datetime,
) -> BoardRow:
    facts = [fact for fact in (attempts.latest, answer) if fact is not None]
    is_silent = seat.state in SILENT
    until = at if is_silent else (seat.answered_at or at)
    township_code, township = townships.get(seat.division_id, ("", ""))
    return BoardRow(
        seat_id=seat.pk,
        division_code=seat.division_id,
        village=seat.division.name,
        township_code=township_code,
        township=township,
        state=seat.state,
        rung=seat.rung,
        person=seat.trying_person.name if seat.trying_person is not None else "",
        role=seat.trying_role,
        channel=seat.trying_channel,
        address=attempts.address if sees_numbers else mask(attempts.address),
        waiting_since=seat.waiting_since,
        waiting_s=max(0, int((until - seat.waiting_since).total_seconds())),
        next_step_at=seat.escalate_at,
        next_step=_next_rung(callout, seat) if is_silent else "",
        late_s=max(0, int((at - seat.escalate_at).total_seconds())) if seat.escalate_at else 0,
        last_fact=max(facts, key=lambda fact: fact.at, default=None),
        answered_at=seat.answered_at,
        answered_by=seat.answered_by_name,
        answered_via=seat.answered_via,
        households_moved=seat.households_moved,
        people_moved=seat.people_moved,
        escalated_to=seat.escalated_to_name,
        possibly_twice=attempts.possibly_twice,
        skipped=tuple((one["to"], one["why"]) for one in seat.skipped),
        note=seat.note,
        feedback=_feedback(seat),
        party=seat.party.name if seat.party is not None else "",
    )


def _feedback(seat: CalloutSeat) -> str:
    if seat.claimed_done_at is None or seat.state not in UNDER_WAY:
        return ""
    return "missing" if is_missing(seat) else "owed"


def _next_rung(callout: Callout, seat: CalloutSeat) -> str:
    """The target of the next rung; after the last one, whoever the ladder hands the village to."""
    if seat.state != SeatState.WAITING:
        return ""
    rungs = callout.ladder["rungs"]
    following = seat.rung + 1
    to = rungs[following]["to"] if following < len(rungs) else callout.ladder["escalate_to"]
    return to if isinstance(to, str) else "+".join(to)


def _townships(seats: Sequence[CalloutSeat]) -> dict[str, tuple[str, str]]:
    """Township code and name of each seat's division. One query."""
    above = {code for seat in seats for code in seat.division.path.split("/")}
    names = dict(
        Division.objects.filter(level=DivisionLevel.TOWNSHIP, code__in=above).values_list("code", "name")
    )
    found: dict[str, tuple[str, str]] = {}
    for seat in seats:
        code = next((code for code in reversed(seat.division.path.split("/")) if code in names), "")
        found[seat.division_id] = (code, names.get(code, ""))
    return found


def _tabs(rows: Sequence[BoardRow]) -> list[TownshipTab]:
    grouped: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        grouped.setdefault((row.township_code, row.township), []).append(row.state)
    return [TownshipTab(code, name, _count(states)) for (code, name), states in sorted(grouped.items())]


def _count(states: Iterable[str]) -> Progress:
    return _progress(dict(Counter(states)))


def _progress(by_state: dict[str, int]) -> Progress:
    return Progress(sum(by_state.values()), by_state)
