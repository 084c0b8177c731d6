"""How the demo county watches stations whose sensors the simulator makes faulty: by rules that two persons approve, as anywhere."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime
from math import cos, hypot, radians
from pathlib import Path
from typing import Any

#: So many of the nearest rain stations are asked about a lonely one.
NEIGHBOURS = 4
#: The shipped rule of these quantities, narrowed for one station: an hour eight times that of any neighbour is doubted; a
#: gauge on a lively river that stands still for 20 minutes is stuck. Numbers of this county, like the county fictional.
LONELY_RAIN = {"stuck_after_s": 3600, "dry_at_or_below": 2.0, "neighbour_ratio": 8.0, "neighbour_count": 3}
LIVELY_STAGE = {"max_rate_per_h": 12.0, "floor": 0.5, "spike_mads": 6.0, "stuck_after_s": 1200}


def faults_of(world: Path, *, seed: int, clock_start: datetime, duration_min: int) -> list[dict[str, Any]]:
    """The faults that the simulator is going to commit, as its oracle names them (JSON)."""
    command = [sys.executable, "-m", "simulator", "oracle", "--sensor-faults", "--world", str(world)]
    command += ["--seed", str(seed), "--clock-start", clock_start.isoformat()]
    done = subprocess.run([*command, "--duration-min", str(duration_min)], check=True, stdout=subprocess.PIPE)
    found: list[dict[str, Any]] = json.loads(done.stdout)["faults"]
    return found


def watch(faults: list[dict[str, Any]], *, at: datetime) -> None:
    """Give a lonely rain gauge its neighbours and a lively river gauge its limit for standing still."""
    for fault in faults:
        if (fault["kind"], fault["quantity"]) == ("spike", "rain_5min"):
            rule = LONELY_RAIN | {"neighbours": _neighbours(fault["station"])}
            _put_into_force(fault["station"], {"rain_5min": rule}, at=at)
        if (fault["kind"], fault["quantity"]) == ("stuck", "stage"):
            _put_into_force(fault["station"], {"stage": LIVELY_STAGE}, at=at)


def _neighbours(code: str) -> list[str]:
    from anlan.sensing.models import Station

    here = Station.objects.get(code=code)
    others = Station.objects.filter(kind=here.kind, is_active=True).exclude(code=code)

    def far(other: Station) -> float:
        east = (other.lon - here.lon) * cos(radians(here.lat))
        return hypot(east, other.lat - here.lat)

    return [one.code for one in sorted(others, key=far)[:NEIGHBOURS]]


def _put_into_force(code: str, quality: dict[str, dict[str, Any]], *, at: datetime) -> None:
    from django.db import transaction

    from anlan.kernel.actor import system
    from anlan.sensing.models import Station
    from anlan.sensing.services.rules import approve_rule, propose_rule

    station = Station.objects.select_related("division").get(code=code)
    rule = propose_rule(
        "RS",
        division=station.division,
        scope={"stations": [code]},
        table={"quality": quality},
        reason="演练：本站质量控制参数",
        by=system("stage"),
        at=at,
    )
    with transaction.atomic():
        approve_rule(rule, effective_from=at, by=system("stage-approval"), at=at)
