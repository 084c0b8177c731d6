"""Speeds, winding of roads and limits of teams and requests, as data: `data/teams.json`, which a county replaces by
`teams.json` in its data folder."""

from __future__ import annotations

import functools
import json
from datetime import timedelta
from pathlib import Path

import msgspec
from django.conf import settings

from anlan.kernel.refusals import BadSetting


class TeamTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Speeds in km/h by kind of team; times in minutes unless the name says otherwise.

    `winding_factor` makes a road out of a straight line. `check_again_min` is how soon a team that did not check in is
    asked again; after `commander_after` silences in a row the commander of the scene is called; `position_gap_s` is the least time between two kept positions of one phone.
    """

    version: str
    source: str
    is_verified: bool
    winding_factor: float
    default_kmh: float
    kmh: dict[str, float]
    leave_within_min: int
    again_min: int
    most_rises: int
    check_again_min: int
    position_fresh_min: int
    position_gap_s: int
    approve_within_min: int
    send_within_min: int
    receive_within_min: int
    link_hours_after_end: int
    #: A county's own table may be older than this one.
    commander_after: int = 3

    def minutes(self, name: str) -> timedelta:
        """One of the limits as a span of time."""
        return timedelta(minutes=float(getattr(self, name)))


def team_table() -> TeamTable:
    """The table that applies here. Raises `BadSetting` where the county's own cannot be read."""
    own = Path(settings.ANLAN_DATA) / "teams.json"
    path = own if own.exists() else Path(__file__).parent / "data" / "teams.json"
    return _load(str(path), path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=8)
def _load(path: str, _stamp: int) -> TeamTable:
    try:
        table = msgspec.convert(json.loads(Path(path).read_text(encoding="utf-8")), TeamTable)
        if (
            table.winding_factor < 1
            or table.commander_after < 1
            or min([table.default_kmh, *table.kmh.values()]) <= 0
        ):
            raise ValueError("a road is not shorter than a straight line, and a speed is above zero")
    except (ValueError, msgspec.ValidationError) as error:
        raise BadSetting(
            name=path, why=str(error), example="the file dispatch/data/teams.json of the package"
        ) from error
    return table
