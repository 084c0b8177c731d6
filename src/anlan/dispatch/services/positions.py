"""Where a team is: positions from the leader's phone while the job runs. Nothing is kept before it was told or after it is back."""

from __future__ import annotations

import math
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from anlan.dispatch.jobparameters import team_table
from anlan.dispatch.models import FixSource, PositionFix, TeamJob

#: Names positions by what they say, so that the same one uploaded twice is one.
_SPACE = uuid.UUID("6f1f8a52-2f5e-5b7e-9d1c-0c1f6a1d7a11")
_OVER = ("back", "refused", "cancelled")
SLACK = timedelta(minutes=2)
#: Positions of one upload. Engineering choice: eight hours at one a minute.
MOST = 500


@dataclass(frozen=True, slots=True)
class Fix:
    """Degrees WGS84; `accuracy_m` as the device says it."""

    lon: float
    lat: float
    happened_at: datetime
    accuracy_m: float | None = None


def is_followed(job: TeamJob) -> bool:
    """Whether positions of this job are still taken; a phone that asks stops by itself when not."""
    return job.state not in _OVER


def note_position(
    job: TeamJob,
    fixes: Iterable[Fix],
    *,
    at: datetime,
    source: str = FixSource.PHONE,
    tracker: str = "",
) -> int:
    """Keep what a phone noted, also a batch that waited without a network. The same batch twice changes nothing.

    Left out: what lies outside the job's time, on no place of the earth, or within seconds of another one. Returns how many
    are new.
    """
    until = job.step_at if not is_followed(job) and job.step_at is not None else at + SLACK
    good = [one for one in fixes if _is_sound(one) and job.told_at - SLACK <= one.happened_at <= until]
    rows = {_key(job, one, tracker): one for one in good[:MOST]}
    known = set(PositionFix.objects.filter(pk__in=rows).values_list("pk", flat=True))
    made = [
        PositionFix(
            id=key,
            job=job,
            team_id=job.team_id,
            tracker=tracker,
            exercise_id=job.exercise_id,
            lon=one.lon,
            lat=one.lat,
            accuracy_m=one.accuracy_m,
            happened_at=one.happened_at,
            received_at=at,
            source=source,
        )
        for key, one in rows.items()
        if key not in known
    ]
    PositionFix.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)


def _key(job: TeamJob, one: Fix, tracker: str) -> uuid.UUID:
    """The same for every position of one job within the gap of the table."""
    gap = max(1, team_table().position_gap_s)
    return uuid.uuid5(_SPACE, f"{job.pk}:{tracker}:{int(one.happened_at.timestamp()) // gap}")


def _is_sound(one: Fix) -> bool:
    is_place = math.isfinite(one.lon) and math.isfinite(one.lat) and (one.lon, one.lat) != (0.0, 0.0)
    accuracy = one.accuracy_m
    if accuracy is not None and not (math.isfinite(accuracy) and accuracy >= 0):
        return False
    return is_place and -180 <= one.lon <= 180 and -90 <= one.lat <= 90
