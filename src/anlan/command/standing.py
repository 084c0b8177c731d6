"""Where call-outs, teams and lines of an incident stood at a moment, read from the times that their rows keep."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from anlan.command import trail
from anlan.dispatch.models import TeamJob
from anlan.dissemination.models import CalloutSeat
from anlan.duty.models import Outage
from anlan.incidents.models import Incident


def path_within(path: str) -> Q:
    """Rows of a division and of those below it."""
    return Q(division__path=path) | Q(division__path__startswith=f"{path}/")


_SEEN = ("told", "left", "arrived", "working", "done", "back")


@dataclass(frozen=True, slots=True)
class Seats:
    """The called places of an incident. A place counts as unanswered while it waits, lost while contact is declared lost."""

    rows: list[CalloutSeat]

    def state(self, row: CalloutSeat, at: datetime) -> str:
        """ "" before it was called."""
        if row.callout.started_at > at:
            return ""
        if row.answered_at is not None and row.answered_at <= at:
            return "answered"
        if row.answered_at is None and row.state in ("resolved", "released"):
            return "answered"
        if row.lost_contact_at is not None and row.lost_contact_at <= at:
            return "lost_contact"
        return "unanswered"

    def count(self, at: datetime, state: str | None = None) -> int:
        found = [self.state(row, at) for row in self.rows]
        return sum(bool(one) if state is None else one == state for one in found)

    def names(self, at: datetime, state: str) -> list[str]:
        return [row.division.name for row in self.rows if self.state(row, at) == state]

    def moved(self, at: datetime) -> int:
        """People, as those said who were called."""
        return sum(
            row.people_moved or 0 for row in self.rows if row.done_at is not None and row.done_at <= at
        )

    def last_move(self, at: datetime) -> datetime | None:
        times = [row.done_at for row in self.rows if row.done_at is not None and row.people_moved]
        return max((one for one in times if one <= at), default=None)


def seats_of(incident: Incident, subjects: trail.Subjects | None = None) -> Seats:
    """Places called because of the incident, its responses, or warnings that belong to it; only those within its own place, so that nobody reads of others here."""
    if subjects is None:
        keys = trail.callouts_of(incident)
    else:
        keys = [uuid.UUID(key) for key in subjects.get("callout", ())]
    if not keys:
        return Seats([])
    rows = CalloutSeat.objects.filter(path_within(incident.division.path), callout__in=keys)
    rows = rows.select_related("division", "callout").defer("division__geometry")
    newest: dict[tuple[object, object], CalloutSeat] = {}
    for row in rows.order_by("callout__started_at", "pk"):
        newest[(row.division_id, row.party_id)] = row  # an update of a warning calls the same place again
    return Seats(sorted(newest.values(), key=lambda one: one.division_id))


@dataclass(frozen=True, slots=True)
class Jobs:
    rows: list[TeamJob]

    def by_state(self, at: datetime) -> Counter[str]:
        return Counter(state for row in self.rows if (state := job_state(row, at)))


def job_state(row: TeamJob, at: datetime) -> str:
    """The last step whose time has come; "" before the team was told, and once the job was refused or cancelled."""
    if row.state in ("refused", "cancelled"):
        return ""
    found = ""
    for step in _SEEN:
        moment = getattr(row, f"{step}_at")
        if moment is not None and moment <= at:
            found = step
    return found


def jobs_of(incident: Incident) -> Jobs:
    """One query."""
    rows = TeamJob.objects.filter(incident=incident).select_related("team").order_by("told_at", "pk")
    return Jobs(list(rows))


def cuts_of(incident: Incident) -> list[Outage]:
    """What was told of lines down in the incident's place."""
    rows = Outage.objects.filter(path_within(incident.division.path), exercise_id=incident.exercise_id)
    return list(rows.order_by("since", "pk"))
