"""What the journal and its rows say of an incident or a drill: every step with its limit, and the sums over them.

Only rows of one run are read: those of the incident's own, or of the drill's. A drill never counts what happened in reality.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from anlan.command.trail import callouts_of, incident_ids, warnings_of
from anlan.drills.models import Drill
from anlan.drills.scoring import Mark as DrillMark
from anlan.drills.services.scoring import scorecard
from anlan.incidents.models import Incident
from anlan.journal import clocks
from anlan.review.lines import Line, Mark, numbered, tally, to_json
from anlan.review.lines_calling import of_callouts, of_warnings
from anlan.review.lines_field import of_room, of_supplies, of_teams
from anlan.review.lines_incident import of_incident
from anlan.review.lines_response import of_responses

_MARKS = {
    DrillMark.DONE: Mark.KEPT,
    DrillMark.LATE: Mark.LATE,
    DrillMark.MISSED: Mark.MISSED,
    DrillMark.WRONG: Mark.WRONG,
    DrillMark.OPEN: Mark.OPEN,
}


def computed_of_incident(incident: Incident) -> dict[str, Any]:
    now = clocks.now(incident.exercise_id)
    return _kept(numbered(lines_of_incident(incident, now)), now, [incident.pk])


def computed_of_drill(drill: Drill) -> dict[str, Any]:
    """The steps of its scorecard, then those of each incident of its run. A drill held elsewhere has none."""
    if drill.run is None:
        return _kept([], clocks.now(drill.exercise_id), [])
    now = clocks.run_time(drill.run)
    incidents = incidents_of(drill)
    lines = [*_of_drill(drill), *(line for one in incidents for line in lines_of_incident(one, now))]
    return _kept(numbered(lines), now, [one.pk for one in incidents])


def incidents_of(drill: Drill) -> list[Incident]:
    """The incidents that were entered in the run of a drill, without those merged into another."""
    if drill.run_id is None:
        return []
    rows = Incident.objects.filter(exercise_id=drill.run_id).exclude(state__in=("merged", "not_true"))
    return list(rows.select_related("division").order_by("known_at", "pk"))


def lines_of_incident(incident: Incident, now: datetime) -> Iterator[Line]:
    """Every step of an incident and of what was merged into it, as it stands at `now`. A fixed number of queries."""
    ids: list[uuid.UUID] = incident_ids(incident)
    # A limit that ran out after the incident was closed was broken by nobody.
    until = min(now, incident.closed_at) if incident.closed_at is not None else now
    key = str(incident.pk)
    found: Iterable[Iterator[Line]] = (
        of_incident(incident, ids, now),
        of_warnings(warnings_of(incident)),
        of_callouts(callouts_of(incident), until),
        of_responses(ids, until),
        of_teams(ids, until),
        of_supplies(ids, until),
        of_room(incident, ids, until),
    )
    for part in found:
        for line in part:
            yield replace(line, incident=key)


def _of_drill(drill: Drill) -> Iterator[Line]:
    for step in scorecard(drill).steps:
        limit = step.within_min or None
        due = None
        if limit is not None and step.mark != DrillMark.WRONG:
            due = step.given_at + timedelta(minutes=limit)
        mark = _MARKS[step.mark]
        if step.mark == DrillMark.DONE and due is None:
            mark = Mark.DONE
        yield Line(
            "drill.step",
            f"step/{step.key}",
            mark,
            title=step.words,
            starts_at=step.given_at,
            done_at=step.done_at,
            due_at=due,
            source=(step.source, step.source),
            note=(f"注入 {step.inject} 之后", f"after inject {step.inject}"),
            subject=step.entry_ref,
        )


def _kept(lines: list[Line], now: datetime, incidents: list[uuid.UUID]) -> dict[str, Any]:
    sums = tally(lines)
    return {
        "form": 1,
        "until": now.isoformat(),
        "incidents": [str(key) for key in incidents],
        "counts": dict(sums.counts),
        "score": sums.score,
        "lines": [to_json(line) for line in lines],
    }
