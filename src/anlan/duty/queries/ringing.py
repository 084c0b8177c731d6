"""What rings now, and what rang before."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db.models import F, QuerySet

from anlan.duty.access import visible_alarms
from anlan.duty.models import Alarm
from anlan.duty.parameters import alarms
from anlan.duty.services import RINGING
from anlan.journal import clocks
from anlan.kernel.actor import Actor

_THE_RUN_OF_THIS_FOLDER = uuid.UUID(int=0)


def ringing(actor: Actor, *, exercise_id: uuid.UUID | None = _THE_RUN_OF_THIS_FOLDER) -> list[Alarm]:
    """Everything unconfirmed in the actor's jurisdiction: the most severe first, then the longest ringing.

    Alarms without a level come last. `sounds(alarm)` tells which of them are heard.
    """
    rows = _of_run(visible_alarms(actor), exercise_id).filter(state__in=RINGING)
    return list(rows.order_by(F("level").asc(nulls_last=True), "raised_at"))


def recent(
    actor: Actor,
    *,
    since: datetime | None = None,
    limit: int = 50,
    exercise_id: uuid.UUID | None = _THE_RUN_OF_THIS_FOLDER,
) -> list[Alarm]:
    """Confirmed and cleared alarms, the latest first."""
    rows = _of_run(visible_alarms(actor), exercise_id).exclude(state__in=RINGING)
    if since is not None:
        rows = rows.filter(ended_at__gte=since)
    return list(rows.order_by("-ended_at")[:limit])


def sounds(alarm: Alarm) -> bool:
    """Whether the desk hears it, or only sees it."""
    return alarms().of(alarm.kind).sounds


def _of_run(rows: QuerySet[Alarm], exercise_id: uuid.UUID | None) -> QuerySet[Alarm]:
    run = clocks.default_exercise_id() if exercise_id == _THE_RUN_OF_THIS_FOLDER else exercise_id
    return rows.filter(exercise_id=run)
