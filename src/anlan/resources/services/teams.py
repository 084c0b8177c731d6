"""Teams: register, change, say whether they are ready, strike."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from anlan.kernel.actor import Actor
from anlan.resources.holding import held_by
from anlan.resources.models import Readiness, Team
from anlan.resources.refusals import IsOut, IsRetired
from anlan.resources.services.checking import among, free_code, point, reason, tidy_name
from anlan.resources.types import TeamDetails
from anlan.vocab.skills import READINESS, SKILLS, TEAM_KINDS


def register_team(
    details: TeamDetails,
    *,
    by: Actor,
    at: datetime,
    exercise_id: uuid.UUID | None = None,
    kind: str = "registered",
) -> Team:
    """Enter a team. Raises what is wrong with it before anything is stored."""
    return new_team(details, at=at, exercise_id=exercise_id).record(by=by, at=at, kind=kind)


def new_team(details: TeamDetails, *, at: datetime, exercise_id: uuid.UUID | None = None) -> Team:
    """The row, checked and not yet stored."""
    point(details.lon, details.lat)
    return Team(
        code=free_code(Team, details.code, "DW"),
        name=tidy_name(details.name),
        kind=among(details.kind, TEAM_KINDS),
        division=details.division,
        owner_words=details.owner_words.strip()[:120],
        leader=details.leader,
        deputy=details.deputy,
        strength=details.strength,
        skills=[among(code, SKILLS) for code in dict.fromkeys(details.skills)],
        lon=details.lon,
        lat=details.lat,
        readiness=among(details.readiness, READINESS),
        readiness_at=at,
        registered_at=at,
        exercise_id=exercise_id,
    )


def change_team(team: Team, *, by: Actor, at: datetime, **fields: Any) -> Team:
    """Correct what is known of it; the former words stay in the journal. Readiness has its own verb."""
    _in_the_register(team)
    if "name" in fields:
        fields["name"] = tidy_name(fields["name"])
    if "skills" in fields:
        fields["skills"] = [among(code, SKILLS) for code in dict.fromkeys(fields["skills"])]
    if "kind" in fields:
        among(fields["kind"], TEAM_KINDS)
    point(fields.get("lon", team.lon), fields.get("lat", team.lat))
    different = {name: value for name, value in fields.items() if getattr(team, name) != value}
    return team.change(by=by, at=at, kind="changed", fields=different) if different else team


def set_readiness(
    team: Team, readiness: str, *, why: str = "", ready_in_min: int | None = None, by: Actor, at: datetime
) -> Team:
    """Say whether it can go. Anything but ready needs the reason; `ready_in_min` is how long it takes to get ready, minutes."""
    _in_the_register(team)
    among(readiness, READINESS)
    words = why.strip()[:200] if readiness == Readiness.READY else reason(why)
    return team.change(
        by=by,
        at=at,
        kind="readiness",
        readiness=readiness,
        readiness_why=words,
        ready_in_min=ready_in_min,
        readiness_at=at,
    )


def retire_team(team: Team, *, by: Actor, at: datetime) -> Team:
    """Strike it from the register; refused while it is out."""
    _in_the_register(team)
    job = held_by(team)
    if job:
        raise IsOut(name=team.name, job=job)
    return team.change(by=by, at=at, kind="retired", retired_at=at)


def _in_the_register(team: Team) -> None:
    if team.retired_at is not None:
        raise IsRetired(name=team.name)
