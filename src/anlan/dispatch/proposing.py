"""Which team to send: those with the skill, the free ones first, then by the time they need, with the reasons in words.

The way is an estimate: a straight line times a winding factor, at a speed by kind of team. No road is looked at; a bridge
that is gone is not known here, and the reason says so.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from anlan.dispatch.jobparameters import team_table
from anlan.dispatch.jobwords import GONE, JOB_STATES
from anlan.dispatch.models import TeamJob
from anlan.dispatch.places_of_teams import Spot, spots_of
from anlan.incidents.models import Incident
from anlan.journal import clocks
from anlan.kernel.actor import Actor, system
from anlan.resources.models import Readiness, Team
from anlan.resources.queries import teams as registered_teams
from anlan.vocab.skills import READINESS, SKILLS

EARTH_KM = 6371.0
_HOW = {
    "phone": ("手机位置", "by phone"),
    "tracker": ("车载定位", "by its vehicle"),
    "cot": ("终端位置", "by its terminal"),
    "desk": ("值班员标注", "as the desk noted"),
    "register": ("登记驻地", "from its base"),
    "place": ("所在区划", "from its division"),
}


@dataclass(frozen=True, slots=True)
class Point:
    """Degrees WGS84."""

    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """`km` and `minutes` are estimates, None where a place is unknown; `reasons` are (Chinese, English)."""

    team: Team
    km: float | None
    minutes: int | None
    is_free: bool
    can_go: bool
    reasons: tuple[tuple[str, str], ...]
    job: TeamJob | None = None


def propose(
    about: Incident | Point,
    skill: str = "",
    *,
    actor: Actor | None = None,
    at: datetime | None = None,
    exercise_id: uuid.UUID | None = None,
    most: int = 20,
) -> list[Proposal]:
    """Teams that fit, the best first: free before busy, ready before limited, then the estimated minutes.

    Without an `actor` every registered team counts. Teams that cannot go stand at the end with the reason.
    """
    run = about.exercise_id if isinstance(about, Incident) else exercise_id
    now = at if at is not None else clocks.now(run)
    teams = [
        team
        for team in registered_teams(actor or system("dispatch"), exercise_id=run)
        if not skill or skill in team.skills
    ]
    spots = spots_of(teams, at=now, exercise_id=run)
    jobs = _jobs(teams, run)
    goal = _goal(about)
    found = [_proposal(team, spots.get(team.pk), goal, jobs.get(team.pk), skill) for team in teams]
    return sorted(found, key=_order)[:most]


def estimate(start: Point | Spot | None, goal: Point | None, kind: str) -> tuple[float | None, int | None]:
    """(km of road, minutes) between two places for a kind of team; None where one is unknown. An estimate, not a route."""
    if start is None or goal is None:
        return None, None
    table = team_table()
    km = distance_km(start.lon, start.lat, goal.lon, goal.lat) * table.winding_factor
    return round(km, 1), math.ceil(km / table.kmh.get(kind, table.default_kmh) * 60)


def distance_km(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Great circle (haversine)."""
    a1, a2 = math.radians(lat1), math.radians(lat2)
    half = math.sin((a2 - a1) / 2) ** 2
    half += math.cos(a1) * math.cos(a2) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


def _goal(about: Incident | Point) -> Point | None:
    if isinstance(about, Point):
        return about
    if about.lon is not None and about.lat is not None:
        return Point(about.lon, about.lat)
    place = about.division
    return None if place.lon is None or place.lat is None else Point(place.lon, place.lat)


def _jobs(teams: Sequence[Team], run: uuid.UUID | None) -> dict[uuid.UUID, TeamJob]:
    rows = TeamJob.objects.filter(team__in=[team.pk for team in teams], exercise_id=run)
    rows = rows.filter(state__in=[*GONE, "done", "cancelled"]).select_related("division")
    # A job that keeps the team comes last, so that it counts and not an older one that is done.
    listed = sorted(rows.defer("division__geometry"), key=lambda job: (job.state in GONE, job.told_at))
    return {job.team_id: job for job in listed}


def _proposal(team: Team, spot: Spot | None, goal: Point | None, job: TeamJob | None, skill: str) -> Proposal:
    km, minutes = estimate(spot, goal, team.kind)
    if minutes is not None:
        minutes += team.ready_in_min or 0
    is_free = job is None or job.state not in GONE
    can_go = is_free and team.readiness != Readiness.NOT_READY
    reasons = [*_skill(team, skill), _way(km, minutes, spot), _ready(team), _busy(job)]
    if team.strength:
        reasons.append((f"{team.strength}人", f"{team.strength} people"))
    return Proposal(team, km, minutes, is_free, can_go, tuple(reasons), job)


def _skill(team: Team, skill: str) -> list[tuple[str, str]]:
    if not skill:
        return []
    zh, en = SKILLS.get(skill, (skill, skill))
    return [(f"具备{zh}", f"skilled in {en}")]


def _way(km: float | None, minutes: int | None, spot: Spot | None) -> tuple[str, str]:
    if km is None or minutes is None or spot is None:
        return "位置不明，无法估算路程", "its place or the goal is not known, so no estimate"
    zh, en = _HOW[spot.how]
    return (
        f"约{km:g}公里、{minutes}分钟（{zh}，估算，未按道路计算）",
        f"about {km:g} km, {minutes} min ({en}; estimate, roads not considered)",
    )


def _ready(team: Team) -> tuple[str, str]:
    zh, en = READINESS[team.readiness]
    why = f"：{team.readiness_why}" if team.readiness_why and team.readiness != Readiness.READY else ""
    wait = team.ready_in_min
    return (
        f"{zh}{why}" + (f"，集结需{wait}分钟" if wait else ""),
        f"{en}{why}" + (f", needs {wait} min to get ready" if wait else ""),
    )


def _busy(job: TeamJob | None) -> tuple[str, str]:
    if job is None:
        return "目前空闲", "free now"
    zh, en = JOB_STATES[job.state]
    if job.state in GONE:
        return (
            f"正在执行{job.number}（{zh}，{job.division.name}）",
            f"out on {job.number} ({en}, {job.division.name})",
        )
    return f"刚完成{job.number}，尚未归队", f"has finished {job.number} and is not back yet"


def _order(one: Proposal) -> tuple[bool, bool, bool, int, str]:
    is_limited = one.team.readiness != Readiness.READY
    far = one.minutes if one.minutes is not None else 10**6
    return (not one.can_go, not one.is_free, is_limited, far, one.team.name)
