"""The room map's document of a moment that is past: rows as the journal tells them, positions that had been received by then."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from anlan.command.models import PlotMark, Scene
from anlan.console import plotlayers
from anlan.dispatch.models import TeamJob
from anlan.review.folding import State
from anlan.review.thawing import Thawed

_KINDS = ("plot_mark", "team_job", "scene")


def document_of(state: State, *, at: datetime) -> dict[str, Any]:
    """The same form as `plotlayers.document`; one query for positions, one for teams."""
    rows = Thawed({kind: state[kind] for kind in _KINDS if kind in state})
    jobs = [job for job in rows.rows(TeamJob) if job.state in plotlayers.OUT]
    for job in jobs:
        job.team = rows.team(job.team_id)
    fixes = plotlayers._fixes(jobs, at, known_by=at)
    teams = [feature for job in jobs if (feature := plotlayers._team(job, fixes.get(job.pk, []), at))]
    tracks = [plotlayers._track(job, fixes[job.pk]) for job in jobs if len(fixes.get(job.pk, [])) > 1]
    marks = [mark for mark in rows.rows(PlotMark) if mark.removed_at is None]
    scenes = [one for one in rows.rows(Scene) if one.state != "closed" and one.lon is not None]
    return {
        "marks": plotlayers._collection([plotlayers.mark_feature(mark) for mark in marks]),
        "teams": plotlayers._collection(teams),
        "tracks": plotlayers._collection(tracks),
        "scenes": plotlayers._collection([plotlayers.scene_feature(row) for row in scenes]),
        "read_at": at.isoformat(),
    }
