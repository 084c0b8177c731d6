"""`anlan bench replay`: how long it takes to rebuild any minute of an incident of six hours with 20,000 journal entries.

Runs in a scratch folder and a process of its own (`python -m anlan.project.benching.replay`), which prints one JSON document.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

#: What any minute may take when nothing of the incident is in memory, and when its past is; milliseconds. Issue's budget, own choice.
BUDGET_COLD_MS = 300.0
BUDGET_WARM_MS = 50.0
HOURS = 6
_COLD, _WARM, _MORE = 30, 60, 20


def measure_replay(entries: int = 20_000) -> dict[str, Any]:
    """Fill a scratch county, rebuild its incident cold and warm; leaves nothing behind."""
    folder = Path(tempfile.mkdtemp(prefix="anlan-bench-replay-"))
    try:
        command = [sys.executable, "-m", "anlan.project.benching.replay", "--data", str(folder)]
        command += ["--entries", str(entries)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="replay")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--entries", type=int, default=20_000)
    options = parser.parse_args()
    os.environ["ANLAN_DATA"] = str(options.data)
    os.environ.pop("ANLAN_DATABASE_URL", None)
    from anlan.project.cli import use_django

    use_django()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    from anlan.project.benching import fillreplay

    began = time.perf_counter()
    incident = fillreplay.fill(options.entries)
    gc.collect()
    gc.freeze()  # as the process of the pages does
    filled = {"entries": fillreplay.count(), "fill_s": round(time.perf_counter() - began, 1)}
    print(json.dumps({**filled, **measure(incident)}))
    return 0


def measure(incident: Any) -> dict[str, Any]:  # Any: models are loaded late here
    """Milliseconds. `physical` reads the payloads of the incident's rows and nothing else: no rebuilding can be faster."""
    from anlan.command.trail import subjects_of
    from anlan.review import folding, keeping
    from anlan.review.boards import boards_at

    dice = random.Random(7)
    fold = folding.fold_of(incident)

    def some() -> Any:
        return incident.known_at + timedelta(seconds=dice.uniform(60, HOURS * 3600))

    def cold() -> None:
        boards_at(incident, some())

    def now() -> None:
        boards_at(incident, incident.known_at + timedelta(hours=HOURS))

    found: dict[str, Any] = {
        "folded": fold.entries,
        "rows": sum(len(rows) for rows in fold.at(incident.known_at + timedelta(hours=HOURS + 1)).values()),
        "budget_cold_ms": BUDGET_COLD_MS,
        "budget_warm_ms": BUDGET_WARM_MS,
        "physical": _ms(_times(lambda: _payloads(fold.keys()), _COLD)),
        "subjects": _ms(_times(lambda: subjects_of(incident), _COLD)),
        # Letting go of the fold before is no part of the next.
        "cold": _ms(_times(cold, _COLD, before=keeping.forget)),
        "fold_only_warm": _ms(_times(lambda: keeping.state_at(incident, some()), _WARM)),
        "warm": _ms(_times(lambda: boards_at(incident, some()), _WARM)),
    }
    later: list[tuple[float, float]] = []
    for _time in range(_MORE):
        _one_more(incident)
        later += _times(now, 1)
    found["warm_after_a_new_entry"] = _ms(later)
    found["within_budget"] = found["cold"]["p95_ms"] <= BUDGET_COLD_MS
    return found


def _payloads(keys: dict[str, list[str]]) -> int:
    from django.db import connection

    read = 0
    with connection.cursor() as cursor:
        for kind, ids in keys.items():
            for start in range(0, len(ids), 500):
                part = ids[start : start + 500]
                places = ", ".join(["%s"] * len(part))
                cursor.execute(
                    f"SELECT payload FROM journal_entry WHERE subject_type = %s AND subject_id IN ({places})",  # noqa: S608 - only placeholders are put in
                    [kind, *part],
                )
                read += len(cursor.fetchall())
    return read


def _one_more(incident: Any) -> None:
    """Somebody says how far an order is: what happens between two looks at the same incident."""
    from anlan.dispatch.models import Instruction
    from anlan.kernel.actor import system

    order = Instruction.objects.filter(incident=incident).order_by("?").first()
    assert order is not None
    order.change(
        by=system("bench"), at=incident.known_at + timedelta(hours=HOURS), kind="reported", progress=99
    )


def _times(
    work: Callable[[], Any], count: int, *, before: Callable[[], Any] = lambda: None
) -> list[tuple[float, float]]:
    """(of the wall, of the processor) each; the second one holds on a machine that others use, too."""
    found = []
    for _time in range(count):
        before()
        began, spent = time.perf_counter(), time.process_time()
        work()
        found.append(((time.perf_counter() - began) * 1000, (time.process_time() - spent) * 1000))
    return found


def _ms(values: list[tuple[float, float]]) -> dict[str, float]:
    ordered = sorted(wall for wall, _processor in values)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))]
    return {
        "p50_ms": round(statistics.median(ordered), 1),
        "p95_ms": round(p95, 1),
        "worst_ms": round(ordered[-1], 1),
        "processor_p50_ms": round(statistics.median(processor for _wall, processor in values), 1),
    }


if __name__ == "__main__":
    raise SystemExit(main())
