"""The board of a roster, computed: who is on when, where somebody is missing, who is planned twice."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

#: (leaders, on duty) needed at a moment.
Need = Callable[[datetime], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Slot:
    """One shift as the board sees it."""

    shift_id: uuid.UUID
    person_id: uuid.UUID
    name: str
    post_kind: str
    is_leader: bool
    role: str
    starts_at: datetime
    ends_at: datetime
    is_away: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """An interval in which a room is not manned as its rule asks."""

    starts_at: datetime
    ends_at: datetime
    leaders: int
    leaders_needed: int
    on_duty: int
    needed: int


@dataclass(frozen=True, slots=True)
class Double:
    """One person planned for two shifts at once."""

    name: str
    starts_at: datetime
    ends_at: datetime


def gaps(
    slots: Sequence[Slot], need: Need, start: datetime, end: datetime, edges: Sequence[datetime] = ()
) -> list[Gap]:
    """Where fewer are planned than needed; neighbouring pieces with the same numbers are one gap.

    `edges` are moments at which the need changes. A person counts once, whoever is away without a deputy does not.
    """
    there = [one for one in slots if not one.is_away]
    moments = {start, end, *(edge for edge in edges if start < edge < end)}
    for one in there:
        moments |= {moment for moment in (one.starts_at, one.ends_at) if start < moment < end}
    ordered = sorted(moments)
    found: list[Gap] = []
    for begin, finish in pairwise(ordered):
        on = [one for one in there if one.starts_at <= begin and one.ends_at >= finish]
        leaders = len({one.person_id for one in on if one.is_leader})
        others = len({one.person_id for one in on if not one.is_leader})
        wanted_leaders, wanted = need(begin)
        if leaders >= wanted_leaders and others >= wanted:
            continue
        piece = Gap(begin, finish, leaders, wanted_leaders, others, wanted)
        last = found[-1] if found else None
        if last is not None and last.ends_at == begin and _numbers(last) == _numbers(piece):
            found[-1] = Gap(last.starts_at, finish, *_numbers(piece))
        else:
            found.append(piece)
    return found


def doubles(slots: Sequence[Slot]) -> list[Double]:
    """Every pair of overlapping shifts of one person, once."""
    by_person: dict[uuid.UUID, list[Slot]] = defaultdict(list)
    for one in slots:
        by_person[one.person_id].append(one)
    found = []
    for held in by_person.values():
        held.sort(key=lambda one: (one.starts_at, one.ends_at))
        for place, first in enumerate(held):
            for second in held[place + 1 :]:
                if second.starts_at >= first.ends_at:
                    break
                found.append(Double(first.name, second.starts_at, min(first.ends_at, second.ends_at)))
    return sorted(found, key=lambda one: (one.starts_at, one.name))


def _numbers(gap: Gap) -> tuple[int, int, int, int]:
    return gap.leaders, gap.leaders_needed, gap.on_duty, gap.needed
