"""Lets the clock of a drill go: until then it stood still at its start, so the platform and its history come up in peace.

Run as `python -m anlan.project.drill.clock` in the drill's folder.
"""

from __future__ import annotations

import argparse
import os
from datetime import UTC, datetime
from pathlib import Path


def main() -> int:
    parser = argparse.ArgumentParser(prog="clock")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--wall-start", type=float, required=True)
    options = parser.parse_args()
    os.environ["ANLAN_DATA"] = str(options.data)
    from anlan.project.cli import use_django

    use_django()
    from anlan.journal.clocks import default_exercise_id
    from anlan.journal.models import ExerciseRun
    from anlan.sensing.catalogue import write_catalogue

    start = datetime.fromtimestamp(options.wall_start, UTC)
    ExerciseRun.objects.filter(pk=default_exercise_id()).update(wall_start=start)
    write_catalogue()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
