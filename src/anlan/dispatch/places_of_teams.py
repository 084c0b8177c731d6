"""Where each team is now: the newest sign of its vehicles and phones if it is fresh, else where it stands in the register."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from anlan.dispatch.jobparameters import team_table
from anlan.dispatch.models import PositionFix
from anlan.kernel.actor import system
from anlan.resources.models import Asset, Team
from anlan.sensing.queries.vehicles import VehicleLine, vehicles_now


@dataclass(frozen=True, slots=True)
class Spot:
    """Degrees WGS84; `how` is "phone", "tracker", "cot", "desk", "register" or "place" (the point of its division); `at` UTC."""

    lon: float
    lat: float
    how: str
    at: datetime | None = None

    @property
    def is_live(self) -> bool:
        return self.how not in ("register", "place")


def spots_of(teams: Sequence[Team], *, at: datetime, exercise_id: uuid.UUID | None) -> dict[uuid.UUID, Spot]:
    """Where the teams are; one without any place at all is left out."""
    fresh_from = at - team_table().minutes("position_fresh_min")
    live = _phones(teams, fresh_from, at, exercise_id)
    for team_id, spot in _vehicles(teams, fresh_from, at).items():
        known = live.get(team_id)
        if known is None or (known.at is not None and spot.at is not None and spot.at > known.at):
            live[team_id] = spot
    found = {team.pk: live.get(team.pk) or registered_spot(team) for team in teams}
    return {key: spot for key, spot in found.items() if spot is not None}


def registered_spot(team: Team) -> Spot | None:
    """Its base, or the point of its division."""
    if team.lon is not None and team.lat is not None:
        return Spot(team.lon, team.lat, "register")
    place = team.division
    if place.lon is None or place.lat is None:
        return None
    return Spot(place.lon, place.lat, "place")


def asset_spots(assets: Sequence[Asset], *, at: datetime) -> dict[uuid.UUID, VehicleLine]:
    """The last report of the tracker of each vehicle that has one, fresh or old."""
    lines = _trackers({asset.tracker for asset in assets if asset.tracker}, at)
    return {asset.pk: lines[asset.tracker] for asset in assets if asset.tracker in lines}


def _phones(
    teams: Sequence[Team], fresh_from: datetime, at: datetime, exercise_id: uuid.UUID | None
) -> dict[uuid.UUID, Spot]:
    rows = PositionFix.objects.filter(
        team__in=[team.pk for team in teams],
        exercise_id=exercise_id,
        happened_at__gte=fresh_from,
        happened_at__lte=at,
    )
    found: dict[uuid.UUID, Spot] = {}
    for row in rows.order_by("happened_at"):
        if row.team_id is not None:
            found[row.team_id] = Spot(row.lon, row.lat, row.source, row.happened_at)
    return found


def _vehicles(teams: Sequence[Team], fresh_from: datetime, at: datetime) -> dict[uuid.UUID, Spot]:
    assets = Asset.objects.filter(team__in=[team.pk for team in teams], retired_at=None).exclude(tracker="")
    owner = {asset.tracker: asset.team_id for asset in assets}
    found: dict[uuid.UUID, Spot] = {}
    for code, line in _trackers(set(owner), at).items():
        team_id = owner[code]
        if team_id is None or line.at is None or line.lon is None or line.lat is None:
            continue
        known = found.get(team_id)
        if line.at >= fresh_from and (known is None or known.at is None or line.at > known.at):
            found[team_id] = Spot(line.lon, line.lat, "tracker", line.at)
    return found


def _trackers(codes: set[str], at: datetime) -> dict[str, VehicleLine]:
    """Positions are read when somebody asks; nothing is copied."""
    if not codes:
        return {}
    return {
        line.code: line
        for line in vehicles_now(system("dispatch"), at=at)
        if line.code in codes and line.is_drawn
    }
