"""Start and end: a run with its own clock beside reality, and the injects that come due on that clock."""

from __future__ import annotations

from datetime import datetime, timedelta

from anlan.drills import script as scripts
from anlan.drills.models import Drill, DrillKind, Inject, InjectKind
from anlan.drills.refusals import NothingToPlay, NotRunning, ScriptWrong
from anlan.events.published import DrillMoved
from anlan.journal import clocks
from anlan.journal.models import ExerciseRun
from anlan.journal.services import announce, record_all
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI

#: How much faster than the wall a drill's clock may run. Engineering choice.
SLOWEST, FASTEST = 0.1, 60.0


def start_drill(drill: Drill, *, speed: float = 1.0, by: Actor, at: datetime) -> Drill:
    """Open a run and lay out the injects. `at` is the wall's time; the run's clock starts at the script's time of day.

    What happens in reality goes on untouched: every row of the drill carries the run's id.
    """
    try:
        script = scripts.read(drill.script)
    except scripts.BadScript as error:
        raise ScriptWrong(why=str(error)) from None
    if not script.lines:
        raise NothingToPlay
    begins = _begins(script, at)
    run = ExerciseRun.objects.create(
        scenario=drill.title[:80],
        seed=drill.seed,
        clock_start=begins,
        wall_start=at,
        speed=min(FASTEST, max(SLOWEST, speed)),
        is_silent=drill.kind == DrillKind.TABLETOP,
    )
    drill.advance(
        "running",
        by=by,
        at=at,
        run=run,
        speed=run.speed,
        started_at=at,
        held_on=at.astimezone(SHANGHAI).date(),
    )
    _lay_out(drill, run, script, by=by, at=at)
    announce(
        DrillMoved(str(drill.pk), what="started", division=drill.division.path, exercise_id=str(run.pk)),
        at=at,
    )
    return drill


def _begins(script: scripts.Script, at: datetime) -> datetime:
    """The script's time of day on the local day of `at`."""
    if not script.begins:
        return at
    hour, _, minute = script.begins.partition(":")
    try:
        local = at.astimezone(SHANGHAI).replace(
            hour=int(hour), minute=int(minute or 0), second=0, microsecond=0
        )
    except ValueError:
        raise ScriptWrong(why=script.begins) from None
    return local.astimezone(at.tzinfo)


def _lay_out(drill: Drill, run: ExerciseRun, script: scripts.Script, *, by: Actor, at: datetime) -> None:
    rows = [
        Inject(
            drill=drill,
            exercise_id=run.pk,
            key=line.key,
            position=number,
            kind=InjectKind(line.kind),
            title=line.title[:120],
            payload=line.payload,
            due_at=run.clock_start + timedelta(minutes=line.at_min),
            expects=scripts.stored(script)["lines"][number].get("expects", []),
            state="waiting",
        )
        for number, line in enumerate(script.lines)
    ]
    record_all(rows, by=by, at=at, kind="waiting")


def end_drill(drill: Drill, *, why: str = "", by: Actor, at: datetime) -> Drill:
    """Stop the clock of the run; what waits in it waits for ever. The scorecard is made from what the journal holds."""
    from anlan.drills.services.scoring import score

    run = drill.run
    if run is None or drill.state != "running":
        raise NotRunning
    stopped = clocks.run_time(run)
    ExerciseRun.objects.filter(pk=run.pk, ended_at=None).update(ended_at=stopped)
    run.ended_at = stopped
    for inject in drill.injects.filter(state="waiting"):
        inject.advance("skipped", by=by, at=stopped, due_at=None, outcome=why[:300])
    drill.advance("held", by=by, at=at, ended_at=at, ended_why=why.strip()[:300])
    score(drill, by=by, at=at)
    announce(
        DrillMoved(str(drill.pk), what="ended", division=drill.division.path, exercise_id=str(run.pk)), at=at
    )
    return drill
