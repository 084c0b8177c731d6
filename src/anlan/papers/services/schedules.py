"""Papers that are drafted by themselves at a time of day. They ring nobody."""

from __future__ import annotations

import uuid
from datetime import datetime, time, timedelta

from anlan.accounts.access import require
from anlan.kernel.actor import Actor, grants, system
from anlan.kernel.clock import SHANGHAI
from anlan.papers.models import BriefSchedule, Paper
from anlan.papers.services.making import make_paper
from anlan.places.models import Division
from anlan.vocab.posts import Right

#: Shipped times: the morning brief of the duty room.
TIMES = (("morning", 8, 0),)


def ensure_schedules(
    county: Division,
    *,
    by: Actor,
    at: datetime,
    exercise_id: uuid.UUID | None = None,
    after: datetime | None = None,
) -> None:
    """The shipped times, where the county has none yet; the first one after `after` (a run begins later than it is set up)."""
    for kind, hour, minute in TIMES:
        if BriefSchedule.objects.filter(division=county, kind=kind, exercise_id=exercise_id).exists():
            continue
        BriefSchedule(
            division=county,
            kind=kind,
            hour=hour,
            minute=minute,
            next_at=next_time(after or at, hour, minute),
            exercise_id=exercise_id,
        ).record(by=by, at=at, kind="made")


def switch_schedule(
    row: BriefSchedule, *, hour: int | None, minute: int = 0, by: Actor, at: datetime
) -> None:
    """Another time of day, or none."""
    require(by, Right.MANAGE_DUTY, row.division.path)
    if hour is None:
        row.change(by=by, at=at, kind="switched", next_at=None)
        return
    row.change(by=by, at=at, kind="switched", hour=hour, minute=minute, next_at=next_time(at, hour, minute))


def draft_due(row: BriefSchedule, *, at: datetime) -> Paper:
    """Draft it and move on to the next day. Days that passed while nothing ran are not made up."""
    from anlan.papers.builders import build

    writer = system("papers")
    reader = Actor(ref=writer.ref, name=writer.name, grants=grants([Right.SEE], row.division.path))
    draft = build(row.kind, division=row.division, actor=reader, at=at)
    paper = make_paper(draft, by=writer, at=at, exercise_id=row.exercise_id)
    row.change(by=writer, at=at, kind="moved", next_at=next_time(at, row.hour, row.minute))
    return paper


def next_time(after: datetime, hour: int, minute: int) -> datetime:
    """The next such local time strictly after a moment, in UTC."""
    local = after.astimezone(SHANGHAI)
    found = datetime.combine(local.date(), time(hour, minute), SHANGHAI)
    if found <= local:
        found += timedelta(days=1)
    return found.astimezone(after.tzinfo)
