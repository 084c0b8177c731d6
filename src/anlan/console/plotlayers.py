"""What the room map shows of one incident: marks, teams with their tracks, scenes; one document, so that it is of one moment."""

from __future__ import annotations

import uuid
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from anlan.command.models import PlotMark, Scene
from anlan.command.plotting import as_feature, marks_of
from anlan.console import plotwords as words
from anlan.dispatch.models import PositionFix, TeamJob
from anlan.incidents.models import Incident

#: How far back a track goes, and how many points of it are sent. Engineering choices.
TRACK = timedelta(hours=2)
TRACK_POINTS = 60
#: A position older than this is shown as old.
FRESH = timedelta(minutes=15)
#: Jobs whose team is out.
OUT = ("told", "left", "arrived", "working", "done")

Fix = tuple[float, float, datetime]


def document(incident: Incident, *, at: datetime) -> dict[str, Any]:
    """`marks`, `teams`, `tracks` and `scenes` as GeoJSON in WGS84 degrees, and `read_at`."""
    jobs = list(_jobs(incident))
    fixes = _fixes(jobs, at)
    teams = [feature for job in jobs if (feature := _team(job, fixes.get(job.pk, []), at))]
    tracks = [_track(job, fixes[job.pk]) for job in jobs if len(fixes.get(job.pk, [])) > 1]
    return {
        "marks": _collection([mark_feature(mark) for mark in marks_of(incident)]),
        "teams": _collection(teams),
        "tracks": _collection(tracks),
        "scenes": _collection([scene_feature(row) for row in _scenes(incident)]),
        "read_at": at.isoformat(),
    }


def _collection(features: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": features}


def _feature(properties: dict[str, Any], geometry: str, coordinates: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": geometry, "coordinates": coordinates},
    }


def mark_feature(mark: PlotMark) -> dict[str, Any]:
    """A mark with its words in the reader's language."""
    feature = as_feature(mark)
    word = words.symbol_word(mark.symbol)
    feature["properties"] |= {"word": word, "name": mark.label or word}
    return feature


def _jobs(incident: Incident) -> Any:
    rows = TeamJob.objects.filter(incident=incident, state__in=OUT).select_related("team")
    return rows.order_by("told_at", "pk")


def _scenes(incident: Incident) -> Any:
    rows = Scene.objects.filter(incident=incident, lon__isnull=False, lat__isnull=False)
    return rows.exclude(state="closed").order_by("priority", "number")


def _fixes(
    jobs: list[TeamJob], at: datetime, *, known_by: datetime | None = None
) -> dict[uuid.UUID, list[Fix]]:
    """The newest points of each track, oldest first; one query whatever the number of teams. With `known_by`, those received by then."""
    found: dict[uuid.UUID, list[Fix]] = defaultdict(list)
    rows = PositionFix.objects.filter(
        job_id__in=[job.pk for job in jobs], happened_at__gt=at - TRACK, happened_at__lte=at
    )
    if known_by is not None:
        rows = rows.filter(received_at__lte=known_by)
    for job, lon, lat, happened_at in rows.order_by("happened_at").values_list(
        "job_id", "lon", "lat", "happened_at"
    ):
        if job is not None:
            found[job].append((lon, lat, happened_at))
    return {job: _thinned(points) for job, points in found.items()}


def _thinned(points: list[Fix]) -> list[Fix]:
    """Evenly fewer, the last one always among them."""
    step = -(-len(points) // TRACK_POINTS)
    return points[::-1][::step][::-1]


def _team(job: TeamJob, fixes: list[Fix], at: datetime) -> dict[str, Any] | None:
    """Where it was heard last; without that where it said it is, else where it is based. `how` says which."""
    how, place, heard = "base", (job.team.lon, job.team.lat), None
    if fixes:
        lon, lat, heard = fixes[-1]
        how, place = ("fix" if at - heard <= FRESH else "old"), (lon, lat)
    elif job.arrived_at is not None and job.lon is not None:
        how, place, heard = "place", (job.lon, job.lat), job.arrived_at
    if place[0] is None or place[1] is None:
        return None
    properties = {
        "id": str(job.pk),
        "name": job.team.name,
        "state": job.state,
        "state_text": words.job_words().get(job.state, job.state),
        "how": how,
        "read_at": heard.isoformat() if heard is not None else None,
        "late": bool(job.arrive_by is not None and job.arrived_at is None and job.arrive_by < at),
        "checks_missed": job.checks_missed,
    }
    return _feature(properties, "Point", [round(place[0], 6), round(place[1], 6)])


def _track(job: TeamJob, fixes: list[Fix]) -> dict[str, Any]:
    line = [[round(lon, 6), round(lat, 6)] for lon, lat, _at in fixes]
    return _feature({"id": str(job.pk), "name": job.team.name}, "LineString", line)


def scene_feature(row: Scene) -> dict[str, Any]:
    properties = {
        "id": str(row.pk),
        "name": row.name,
        "number": row.number,
        "state": row.state,
        "state_text": words.scene_words().get(row.state, row.state),
        "priority": row.priority,
        "version": row.version,
    }
    return _feature(properties, "Point", [row.lon, row.lat])
