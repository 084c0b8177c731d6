"""What becomes of the families of a danger zone during one event: the thin list that the answer page shows (B-13, row 57).

Facts only: a correction is a newer row. A later transfer ledger deepens it.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import QuerySet

from anlan.directory.models import Person
from anlan.journal.services import note, record_all
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotFound
from anlan.risk.models import Household, HouseholdMove
from anlan.risk.queries import zones_of
from anlan.risk.refusals import UnknownOutcome


class Outcome(StrEnum):
    """What became of a family that should leave a danger zone."""

    MOVED = "moved"
    REFUSED = "refused"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class TickLine:
    """A family as a tick list shows it: no number, no place. `outcome` is "" until somebody said what became of it."""

    id: uuid.UUID
    zone: str
    head: str
    members: int
    needs_assistance: bool
    helper: str
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class MoveCount:
    """Families by what became of them, and the people who were moved."""

    households: int
    moved: int
    people_moved: int
    refused: int
    not_found: int

    @property
    def open(self) -> int:
        return self.households - self.moved - self.refused - self.not_found


def households_at(division_codes: Iterable[str]) -> QuerySet[Household]:
    """The families of every danger zone of these places, by zone and name. Personal data: pages go through `access`."""
    zones = zones_of(division_codes)
    rows = Household.objects.filter(zone__in=zones, is_active=True)
    return rows.select_related("zone__division").order_by("zone__code", "head", "id")


def outcomes_of(subject: str) -> dict[uuid.UUID, HouseholdMove]:
    """The newest word on each family in one event. One query."""
    rows = HouseholdMove.objects.filter(subject=subject).order_by("told_at", "id")
    return {row.household_id: row for row in rows}


def count_moves(subject: str, *, households: int) -> MoveCount:
    """How far the moving of families has come in one event; `households` are those of the zones."""
    newest = outcomes_of(subject).values()
    by_outcome = Counter(row.outcome for row in newest)
    return MoveCount(
        households=households,
        moved=by_outcome[Outcome.MOVED],
        people_moved=sum(row.people for row in newest if row.outcome == Outcome.MOVED),
        refused=by_outcome[Outcome.REFUSED],
        not_found=by_outcome[Outcome.NOT_FOUND],
    )


def tick_households(
    subject: str,
    outcomes: Mapping[uuid.UUID, str],
    *,
    division_codes: Iterable[str],
    told_by: Person | None,
    told_by_name: str,
    by: Actor,
    at: datetime,
    exercise_id: uuid.UUID | None = None,
) -> list[HouseholdMove]:
    """Keep what became of these families; only what differs from the newest word is written.

    Raises `NotFound` for a family outside the danger zones of the places, and `UnknownOutcome`; then nothing is stored.
    """
    wanted = {}
    for household_id, word in outcomes.items():
        try:
            wanted[household_id] = Outcome(word)
        except ValueError:
            raise UnknownOutcome(outcome=str(word)[:20]) from None
    here = {row.pk: row for row in households_at(division_codes) if row.pk in wanted}
    if len(here) != len(wanted):
        raise NotFound
    newest = outcomes_of(subject)
    rows = [
        HouseholdMove(
            household=here[household_id],
            subject=subject,
            outcome=outcome,
            people=here[household_id].members,
            told_by=told_by,
            told_by_name=told_by_name[:60],
            told_at=at,
            exercise_id=exercise_id,
        )
        for household_id, outcome in wanted.items()
        if household_id not in newest or newest[household_id].outcome != outcome
    ]
    with transaction.atomic(savepoint=False):
        for outcome in Outcome:
            record_all(
                [row for row in rows if row.outcome == outcome], by=by, at=at, kind=outcome, cause=subject
            )
    return rows


def look_at_tick_list(
    division_codes: Iterable[str], subject: str, *, by: Actor, at: datetime, exercise_id: uuid.UUID | None
) -> list[TickLine]:
    """The families of these places' danger zones for whoever moves them, with a journal entry of the look.

    The caller has checked that the reader answers for these places (a sign-in, or the link of a seat). No numbers are shown.
    """
    households = list(households_at(division_codes))
    if not households:
        return []
    outcomes = outcomes_of(subject)
    note(
        kind="household_list.looked_at",
        subject=("tick_list", subject[:64]),
        payload={"households": len(households), "numbers_shown": False},
        by=by,
        at=at,
        path=households[0].journal_path(),
        exercise_id=exercise_id,
    )
    return [_tick_line(household, outcomes.get(household.pk)) for household in households]


def _tick_line(household: Household, told: HouseholdMove | None) -> TickLine:
    return TickLine(
        id=household.pk,
        zone=household.zone.name,
        head=household.head,
        members=household.members,
        needs_assistance=household.needs_assistance,
        helper=household.helper,
        outcome=told.outcome if told is not None else "",
    )
