"""How well duty was kept: roll calls, check-ins and the video link of each room, from what was computed at the time."""

from __future__ import annotations

import uuid
from collections import defaultdict
from datetime import datetime

from anlan.accounts.access import within
from anlan.duty.models import CheckIn, DutyRoom, LinkGap, RollCallSeat
from anlan.duty.openitems import at_or_below
from anlan.duty.types import RoomStatistics
from anlan.kernel.actor import Actor
from anlan.places.models import Division


def duty_statistics(
    division: Division, *, start: datetime, end: datetime, actor: Actor | None = None
) -> list[RoomStatistics]:
    """One line a room at and below a place, for [start, end). Four queries."""
    rooms = DutyRoom.objects.filter(at_or_below(division.path), closed_at=None).select_related("division")
    if actor is not None:
        rooms = rooms.filter(within(actor, "division__path"))
    listed = list(rooms.defer("division__geometry").order_by("division__path"))
    keys = [room.pk for room in listed]
    seats = _seats(keys, start, end)
    checks = _checks(keys, start, end)
    silent = _silent(keys, start, end)
    return [_line(room, seats[room.pk], checks[room.pk], silent[room.pk]) for room in listed]


def _seats(
    keys: list[uuid.UUID], start: datetime, end: datetime
) -> dict[uuid.UUID, list[tuple[str, int | None]]]:
    rows = RollCallSeat.objects.filter(room_id__in=keys, called_at__gte=start, called_at__lt=end)
    found: dict[uuid.UUID, list[tuple[str, int | None]]] = defaultdict(list)
    for room, state, took in rows.values_list("room_id", "state", "answered_s"):
        found[room].append((state, took))
    return found


def _checks(
    keys: list[uuid.UUID], start: datetime, end: datetime
) -> dict[uuid.UUID, list[tuple[str, int | None]]]:
    rows = CheckIn.objects.filter(room_id__in=keys, expected_at__gte=start, expected_at__lt=end)
    found: dict[uuid.UUID, list[tuple[str, int | None]]] = defaultdict(list)
    for room, state, late in rows.exclude(state="excused").values_list("room_id", "state", "late_s"):
        found[room].append((state, late))
    return found


def _silent(keys: list[uuid.UUID], start: datetime, end: datetime) -> dict[uuid.UUID, int]:
    rows = LinkGap.objects.filter(link__room_id__in=keys, since__lt=end)
    found: dict[uuid.UUID, int] = defaultdict(int)
    for room, since, until in rows.values_list("link__room_id", "since", "until"):
        seconds = (min(until or end, end) - max(since, start)).total_seconds()
        found[room] += max(0, int(seconds))
    return found


def _line(
    room: DutyRoom, seats: list[tuple[str, int | None]], checks: list[tuple[str, int | None]], silent_s: int
) -> RoomStatistics:
    times = [took for _state, took in seats if took is not None]
    states = [state for state, _took in seats]
    kept = [late for state, late in checks if state == "present"]
    return RoomStatistics(
        room_id=room.pk,
        room_name=room.name,
        division_code=room.division_id,
        called=len(seats),
        answered=states.count("answered"),
        late=states.count("late"),
        absent=states.count("absent"),
        mean_answer_s=round(sum(times) / len(times), 1) if times else None,
        shifts=len(checks),
        checked_in=len(kept),
        checked_late=sum(1 for late in kept if late),
        missing=sum(1 for state, _late in checks if state == "missing"),
        silent_s=silent_s,
    )
