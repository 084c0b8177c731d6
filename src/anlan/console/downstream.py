"""Villages downstream of a station, as pages show them: narrowed to what the reader sees, with the assumptions beside."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _

from anlan.kernel.actor import Actor
from anlan.sensing.models import Station
from anlan.sensing.queries import downstream_of
from anlan.sensing.rivers import ASSUMPTIONS


def downstream_view(station: Station, actor: Actor, *, but: Collection[str] = ()) -> dict[str, Any] | None:
    """The villages but those already named, nearest first; None where the river network gives none."""
    found = [one for one in downstream_of(station) if one.division.code not in but]
    if not found:
        return None
    speed = ASSUMPTIONS["flow_speed_m_s"]
    seen = [one for one in found if actor.sees(one.division.path)]
    return {
        "villages": seen,
        "others": len(found) - len(seen),
        "speed": f"{speed.value:g}",
        "near_m": f"{ASSUMPTIONS['near_river_m'].value:g}",
        "reason": _(speed.reason),
    }
