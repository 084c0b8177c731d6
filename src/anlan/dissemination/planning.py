"""What happens next to one called party, and what would happen to it all night: one pure function for the engine and the page.

Nothing here reads the clock or the database; whoever calls it brings the audience and the moment.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from anlan.directory.types import Holder
from anlan.dissemination.audience import Audience, Gap, Reach
from anlan.dissemination.ladders import Ladder, Rung
from anlan.places.models import Division


@dataclass(frozen=True, slots=True)
class Party:
    """Who has to answer: a place, or one person of it."""

    division: Division
    person_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Passed:
    """A rung, or one target of it, that reaches nobody."""

    rung: int
    to: str
    why: Gap


@dataclass(frozen=True, slots=True)
class Turn:
    """The next rung on which somebody can be called. `step` is None when the ladder is used up."""

    rung: int
    step: Rung | None
    reaches: tuple[Reach, ...] = ()
    passed: tuple[Passed, ...] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    """One turn at its time; `after_s` counts from the beginning."""

    at: datetime
    after_s: int
    turn: Turn


@dataclass(frozen=True, slots=True)
class Plan:
    """Who is called when if nobody ever answers, and who has the silence at the end."""

    party: Party
    turns: list[Planned] = field(default_factory=list)
    silent_after_s: int = 0
    passed_at_end: tuple[Passed, ...] = ()
    owner: Holder | None = None
    owner_reach: Reach | None = None


def next_turn(party: Party, ladder: Ladder, audience: Audience, *, after: int, at: datetime) -> Turn:
    """The first rung behind `after` that reaches somebody at this hour; what is passed over comes with its reason.

    `ladder` is the expanded one. Beginning is `after=-1`.
    """
    passed: list[Passed] = []
    for index in range(after + 1, len(ladder.rungs)):
        rung = ladder.rungs[index]
        if rung.only_between is not None and not rung.only_between.hold(at):
            passed.append(Passed(index, rung.word, "other_hour"))
            continue
        found = audience.reaches_of(party.division, rung, party.person_id)
        passed += [Passed(index, target, why) for target, why in found.gaps]
        if found.reaches:
            return Turn(index, rung, found.reaches, tuple(passed))
    return Turn(len(ladder.rungs), None, (), tuple(passed))


def plan(party: Party, ladder: Ladder, audience_at: Callable[[datetime], Audience], at: datetime) -> Plan:
    """The whole night of a party that never answers, with the roster as it will be at each step."""
    full = ladder.expanded()
    turns: list[Planned] = []
    moment, rung = at, -1
    while True:
        turn = next_turn(party, full, audience_at(moment), after=rung, at=moment)
        after_s = int((moment - at).total_seconds())
        if turn.step is None:
            found = audience_at(moment).owner_of_silence(party.division, full.owner)
            owner, reaches = found if found is not None else (None, [])
            return Plan(party, turns, after_s, turn.passed, owner, reaches[0] if reaches else None)
        turns.append(Planned(moment, after_s, turn))
        moment += timedelta(seconds=turn.step.wait_s)
        rung = turn.rung
