"""What a kept TAK line shows and takes: the running incidents of the client's division and run, and where each event belongs.

A restricted incident never leaves here: nobody knows who stands beside a telephone in the field.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db.models import Max, QuerySet

from anlan.command import cot
from anlan.command.models import PlotMark, TakClient
from anlan.command.takclients import actor_of
from anlan.dispatch.models import PositionFix
from anlan.documents.cot import CotEvent
from anlan.incidents.access import visible_incidents
from anlan.incidents.models import Incident
from anlan.journal import clocks
from anlan.journal.models import Entry
from anlan.kernel.actor import SEE, Actor, grants

#: Incidents of one line, the newest first, and events of all of them. Engineering choices: a phone shows no more.
MOST_INCIDENTS, MOST_EVENTS = 40, 2_000
RUNNING = ("received", "verified")


class Scope(NamedTuple):
    """What one line shows. Clients with the same scope share one picture."""

    path: str
    exercise_id: uuid.UUID | None


class TakenLine(NamedTuple):
    """How many events of a line were taken, were known already, were not believed, were refused."""

    taken: int = 0
    known: int = 0
    unknown: int = 0
    refused: int = 0


def scope_of(client: TakClient) -> Scope:
    return Scope(client.division.path, client.exercise_id)


def news_mark() -> str:
    """Changes with whatever may change a picture: any entry of the journal, any position."""
    entry = Entry.objects.order_by("-id").values_list("id", flat=True).first()
    heard = PositionFix.objects.aggregate(at=Max("received_at"))["at"]
    return f"{entry}/{heard}"


def picture(scope: Scope) -> list[CotEvent]:
    """Everything that a line of this scope shows now, on the clock of its run."""
    looker = Actor(ref="system:tak", name="tak", grants=grants([SEE], scope.path))
    at = clocks.now(scope.exercise_id)
    found: list[CotEvent] = []
    for row in running(looker, scope.exercise_id)[:MOST_INCIDENTS]:
        found += cot.picture(row, at=at)
    return found[:MOST_EVENTS]


def running(actor: Actor, run: uuid.UUID | None) -> QuerySet[Incident]:
    rows = visible_incidents(actor).filter(exercise_id=run, state__in=RUNNING, is_restricted=False)
    return rows.order_by("-known_at", "-pk")


def take(client: TakClient, events: Iterable[CotEvent]) -> TakenLine:
    """Each event goes to the incident that it belongs to; one that belongs to none is believed nothing."""
    listed = list(events)
    if not client.may_send:
        return TakenLine(unknown=len(listed))
    by = actor_of(client)
    with clocks.entered(client.exercise_id):
        rows = list(running(by, client.exercise_id)[:MOST_INCIDENTS])
        total = TakenLine()
        for event in listed:
            total = _plus(total, _take_one(event, rows, by, clocks.now(client.exercise_id)))
        return total


def _take_one(event: CotEvent, rows: list[Incident], by: Actor, at: datetime) -> TakenLine:
    incident = _incident_of(event, rows)
    if incident is None:
        return TakenLine(unknown=1)
    taken = cot.take_events([event], incident=incident, by=by, by_name=by.name, at=at)
    done = len(taken.positions) + len(taken.placed) + len(taken.moved) + len(taken.removed)
    return TakenLine(done, len(taken.known), len(taken.unknown), len(taken.refused))


def _incident_of(event: CotEvent, rows: list[Incident]) -> Incident | None:
    """A position belongs where its team works, a mark that is known to its own incident, a new one to the only one that runs."""
    keys = {row.pk: row for row in rows}
    if event.is_position:
        job = cot.jobs_of(event).filter(incident__in=keys).first()
        return None if job is None else keys[job.incident_id]
    uid = event.removes if event.is_removal else event.uid
    marks = PlotMark.objects.filter(incident__in=keys)
    own = _own_key(uid)
    mark = (marks.filter(pk=own) if own is not None else marks.filter(uid=uid)).order_by("-placed_at").first()
    if mark is not None:
        return keys[mark.incident_id]
    return rows[0] if len(rows) == 1 else None


def _own_key(uid: str) -> uuid.UUID | None:
    prefix = f"{cot.PREFIX}mark."
    if not uid.startswith(prefix):
        return None
    try:
        return uuid.UUID(uid.removeprefix(prefix))
    except ValueError:
        return None


def _plus(one: TakenLine, other: TakenLine) -> TakenLine:
    return TakenLine(*(a + b for a, b in zip(one, other, strict=True)))
