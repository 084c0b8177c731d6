"""`anlan exercise TIME`: let this whole data folder run as an exercise with a clock of its own.

For rehearsing with recorded data: the clock stands at TIME when the platform starts next and runs from there. A folder that
has journal entries of reality keeps them; from now on everything in it carries the exercise's id.
"""

from __future__ import annotations

import argparse
import os
import time
import uuid
from datetime import UTC, datetime

from anlan.kernel.clock import parse_instant
from anlan.kernel.refusals import BadSetting, Refusal
from anlan.project.cli import use_django
from anlan.project.runtime import data_folder


class AlreadyInForce(Refusal):
    code = "exercise.real_work_is_open"
    text = "A real warning or call-out is open in this data folder."
    next_step = "End it first, or name another folder with ANLAN_DATA."


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="anlan exercise", description="Give this data folder a clock of its own."
    )
    parser.add_argument("clock_start", help="time with zone, for example 2026-07-01T06:40:00+08:00")
    parser.add_argument("--speed", type=float, default=1.0, help="exercise seconds a wall second (1)")
    parser.add_argument("--name", default="rehearsal", help="what the strip on every page says")
    options = parser.parse_args(arguments)
    try:
        start = parse_instant(options.clock_start)
    except ValueError as error:
        raise BadSetting(name="the time", why=str(error), example="2026-07-01T06:40:00+08:00") from None
    exercise_id = uuid.uuid4()
    os.environ["ANLAN_DATA"] = str(data_folder())
    use_django()
    from django.conf import settings

    from anlan.journal.models import ExerciseRun
    from anlan.project.migrating import migrate
    from anlan.sensing.catalogue import write_catalogue

    migrate()
    _check_nothing_real_is_open()
    wall = datetime.fromtimestamp(time.time(), UTC)
    ExerciseRun.objects.create(
        id=exercise_id, scenario=options.name, clock_start=start, wall_start=wall, speed=options.speed
    )
    (data_folder() / "exercise").write_text(str(exercise_id))
    settings.ANLAN_EXERCISE = str(exercise_id)  # this process read the settings before the folder was one
    write_catalogue()
    _say_who_comes_later(start)
    print(
        f"This folder is an exercise now; its clock stood at {start.isoformat()} just now. Start `anlan serve` again."
    )
    return 0


def _say_who_comes_later(start: datetime) -> None:
    """Posts are dated: on a clock in the past nobody may hold them yet, and then nobody sees or signs anything."""
    from anlan.directory.models import Holding

    later = Holding.objects.filter(held_from__gt=start).count()
    if later:
        print(
            f"{later} holdings begin after this clock; fill the directory after this command, or choose a later time."
        )


def _check_nothing_real_is_open() -> None:
    from anlan.dissemination.models import Callout
    from anlan.warning.models import HazardWarning

    is_open = Callout.objects.filter(state="open", exercise_id=None).exists()
    if is_open or HazardWarning.objects.filter(state__in=["draft", "issued"], exercise_id=None).exists():
        raise AlreadyInForce
