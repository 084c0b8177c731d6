"""Holds the clock of a drill still and moves it step by step, so that a drill plays the same on a slow machine as on a fast one.

Run as `python -m anlan.project.drill.held --data FOLDER`: one JSON request a line on standard input, one JSON answer a line.

    {"do": "settle", "limit_s": 60}     -> {"left": {...}}: what is still under way; empty when nothing is
    {"do": "step", "to": "ISO"}         -> {"now": "ISO"}: the platform's clock shows this time from now on
    {"do": "now"}                       -> {"now": "ISO"}: what the platform's clock shows
    {"do": "boards"}                    -> {"saved": [...]}: the boards of each incident as they are now, kept in boards.jsonl

Between two steps the clock creeps (see `CREEP`), so that what happens one after the other also has times one after the other.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

#: Exercise seconds a wall second while the clock is held: 100 wall seconds of work are one second of the drill.
CREEP = 0.01
#: Pause between two looks, wall seconds. Twice in a row nothing must be under way.
LOOK_S = 0.03
#: The same while something is under way.
BUSY_LOOK_S = 0.15
QUIET_LOOKS = 2


def main() -> int:
    parser = argparse.ArgumentParser(prog="held")
    parser.add_argument("--data", type=Path, required=True)
    options = parser.parse_args()
    os.environ["ANLAN_DATA"] = str(options.data)
    from anlan.project.cli import use_django

    use_django()
    verbs = {"settle": _settle, "step": _step, "boards": _boards, "now": _now}
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(verbs[asked["do"]](asked, options.data)), flush=True)
    return 0


def _settle(asked: dict[str, Any], data: Path) -> dict[str, Any]:
    limit = time.monotonic() + float(asked.get("limit_s", 60))
    quiet = 0
    while True:
        left = _under_way(data)
        quiet = 0 if left else quiet + 1
        if quiet >= QUIET_LOOKS or time.monotonic() > limit:
            return {"left": left}
        time.sleep(BUSY_LOOK_S if left else LOOK_S)


def _under_way(data: Path) -> dict[str, int]:
    """Signals nobody read yet, reactions and deadlines that are due and not met, messages that are due or being handed over.

    Asked in the order in which work flows, so that nothing slips past between two questions; the cheap ones once before,
    since looking must not cost the time of the work.
    """
    from anlan.journal import clocks

    run = clocks.default_exercise_id()
    now = clocks.now(run)
    cheap = (("messages", _messages), ("reactions", _reactions))
    for name, count in (
        *cheap,
        ("signals", lambda *_: int(_has_signals(data))),
        ("deadlines", _deadlines),
        *reversed(cheap),
    ):
        if found := count(run, now):
            return {name: found}
    return {}


def _messages(run: Any, now: datetime) -> int:
    from anlan.dissemination.models import Delivery

    due = Delivery.objects.filter(state="queued", due_at__lte=now).count()
    return due + Delivery.objects.filter(state="handing").count()


def _reactions(run: Any, now: datetime) -> int:
    from anlan.journal.models import Announcement

    return Announcement.objects.filter(done_at=None, due_at__lte=now).count()


def _deadlines(run: Any, now: datetime) -> int:
    from anlan.journal import deadlines, leases

    due = (
        leases.due(one.model, one.column, at=now, exercise_id=run, **one.conditions)
        for one in deadlines._registry.values()
    )
    return int(any(rows.exists() for rows in due))


def _has_signals(data: Path) -> bool:
    from anlan.sensing.services import signals

    return any(True for _ in _reader(data).signals_after(dict(signals._position())))


_readers: dict[Path, Any] = {}


def _reader(data: Path) -> Any:
    from anlan.sensing.hot.reading import open_reader

    if data not in _readers:
        _readers[data] = open_reader(data)
    return _readers[data]


def _step(asked: dict[str, Any], data: Path) -> dict[str, Any]:
    """Every process reads the run's row whenever it asks for the time; the gateway reads the catalogue."""
    from anlan.journal import clocks
    from anlan.journal.models import ExerciseRun
    from anlan.sensing.catalogue import write_catalogue

    run = clocks.default_exercise_id()
    assert run is not None  # the folder of a drill is one run
    to = max(datetime.fromisoformat(asked["to"]), clocks.now(run))
    ExerciseRun.objects.filter(pk=run).update(clock_start=to, wall_start=clocks.wall_now(), speed=CREEP)
    write_catalogue()
    return {"now": clocks.now(run).isoformat()}


def _now(asked: dict[str, Any], data: Path) -> dict[str, Any]:
    from anlan.journal import clocks

    return {"now": clocks.now(clocks.default_exercise_id()).isoformat()}


def _boards(asked: dict[str, Any], data: Path) -> dict[str, Any]:
    """What the rooms show at this moment, from the rows themselves; the judge rebuilds the same from the journal later."""
    import msgspec

    from anlan.incidents.models import Incident
    from anlan.journal import clocks
    from anlan.review.boards import live_boards

    run = clocks.default_exercise_id()
    at = clocks.now(run)
    saved = []
    with (data / "boards.jsonl").open("a", encoding="utf-8") as file:
        for incident in Incident.objects.filter(exercise_id=run).order_by("number"):
            boards = msgspec.to_builtins(live_boards(incident, at), enc_hook=str)
            row = {"incident": str(incident.pk), "number": incident.number, "at": at.isoformat()}
            file.write(json.dumps({**row, "boards": boards}, ensure_ascii=False, default=str) + "\n")
            saved.append(row)
    return {"saved": saved}


if __name__ == "__main__":
    raise SystemExit(main())
