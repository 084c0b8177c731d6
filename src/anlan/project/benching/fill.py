"""Fills a bench folder: 2,000 call-outs in the main database and 200,000 observations in the hot store.

Run as `python -m anlan.project.benching.fill` in the folder's own process. Prints one JSON document.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any


def main() -> int:
    parser = argparse.ArgumentParser(prog="fill")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--callouts", type=int, default=2_000)
    options = parser.parse_args()
    os.environ["ANLAN_DATA"] = str(options.data)
    from anlan.project.cli import use_django

    use_django()
    print(json.dumps(fill(options.callouts)))
    return 0


def fill(callouts: int) -> dict[str, Any]:
    """Old call-outs first, then the measured one with every village of the county."""
    from anlan.journal import clocks
    from anlan.journal.deadlines import run_reactions
    from anlan.journal.sealer import seal_everything
    from anlan.places.models import Division

    exercise_id = clocks.default_exercise_id()
    at = clocks.now(exercise_id)
    villages = list(Division.objects.filter(level="village").values_list("code", flat=True))
    for number in range(callouts - 1):
        start = at - timedelta(minutes=10 * (number + 1))
        few = [villages[(number * 3 + offset) % len(villages)] for offset in range(3)]
        _open(f"历史叫应 {number + 1}", few, start, exercise_id, is_over=number >= 20)
    seconds = []
    big = None
    for _attempt in range(3):
        began = time.perf_counter()
        big = _open("全县叫应", villages, at, exercise_id, is_over=False)
        seconds.append(time.perf_counter() - began)
    while run_reactions(owner="bench"):  # what a worker would have done by then
        pass
    seal_everything()
    return {"board": str(big), "villages": len(villages), "queue_s": sorted(seconds)[1]}


def _open(title: str, villages: list[str], at: Any, exercise_id: Any, *, is_over: bool) -> Any:
    from django.db import transaction

    from anlan.dissemination.services import close_callout, open_callout
    from anlan.kernel.actor import system
    from anlan.places.models import Division

    by = system("bench")
    county = Division.objects.get(level="county")
    with transaction.atomic():
        callout = open_callout(
            subject=f"bench:{title}",
            title=title,
            text="测量用叫应，请勿理会。",
            voice_text="测量用叫应。",
            issuer="云岭县防汛抗旱指挥部办公室",
            level=2,
            hazard_type="flash_flood",
            division=county,
            villages=Division.objects.filter(code__in=villages),
            ladder_name="anlan_default",
            by=by,
            at=at,
            exercise_id=exercise_id,
        )
        if is_over:
            from anlan.dissemination.services import resolve_seat
            from anlan.project.benching.person import somebody

            person = somebody()
            for seat in callout.seats.all():
                resolve_seat(seat, reason="测量", by=person, at=at)
            close_callout(callout, reason="测量", by=person, at=at)
    return callout.pk


if __name__ == "__main__":
    raise SystemExit(main())
