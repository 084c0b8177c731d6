"""The time of each run. Reality has the wall clock; an exercise has its own, which its deadlines compare with."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from anlan.journal.models import ExerciseRun
from anlan.kernel.clock import Clock, ScaledClock, SystemClock

_wall: Clock = SystemClock()


@dataclass(frozen=True, slots=True)
class _Entered:
    """The run that somebody works in; reality where `exercise_id` is None."""

    exercise_id: uuid.UUID | None
    #: Somebody plays here: what belongs to another run is read and not written.
    is_closed: bool = False


#: None where nobody entered a run: the data folder's own counts then.
_entered: ContextVar[_Entered | None] = ContextVar("entered_run", default=None)


@dataclass(frozen=True, slots=True)
class Run:
    """One stream of time: `exercise_id` is None in reality."""

    exercise_id: uuid.UUID | None
    now: datetime


def set_wall_clock(clock: Clock) -> Clock:
    """Replace the wall clock (tests only); returns the former one."""
    global _wall
    former, _wall = _wall, clock
    return former


def wall_now() -> datetime:
    """The wall clock, UTC; leases and log lines use it."""
    return _wall.now()


def now(exercise_id: uuid.UUID | None = None) -> datetime:
    """The time of reality or of one exercise (a stopped exercise stands still at its end). UTC."""
    if exercise_id is None:
        return wall_now()
    return run_time(ExerciseRun.objects.get(pk=exercise_id))


def run_time(run: ExerciseRun) -> datetime:
    """What the clock of an exercise shows. UTC."""
    if run.ended_at is not None:
        return run.ended_at.astimezone(UTC)
    if not isinstance(_wall, SystemClock):
        return run.clock_start + max(timedelta(0), wall_now() - run.wall_start) * run.speed
    return ScaledClock(clock_start=run.clock_start, wall_start=run.wall_start, speed=run.speed).now()


def default_run() -> ExerciseRun | None:
    """The row of `default_exercise_id`."""
    exercise_id = default_exercise_id()
    return None if exercise_id is None else ExerciseRun.objects.get(pk=exercise_id)


def active_runs() -> list[Run]:
    """Reality and every exercise that has not ended. A data folder that is one drill has no reality to look after."""
    runs = [] if folder_exercise_id() else [Run(None, wall_now())]
    runs += [Run(run.pk, run_time(run)) for run in ExerciseRun.objects.filter(ended_at=None)]
    return runs


@contextmanager
def entered(exercise_id: uuid.UUID | None) -> Iterator[None]:
    """Everything inside that asks for the run belongs to this one: a worker that meets its deadlines, a verb about the drill itself."""
    with _inside(_Entered(exercise_id)):
        yield


@contextmanager
def played(exercise_id: uuid.UUID) -> Iterator[None]:
    """Like `entered`, for the request of a person inside a drill: rows of another run, of reality above all, are not written.

    A verb that is work of reality also from inside (the plan of the drill, its lessons) enters that run with `entered`.
    """
    with _inside(_Entered(exercise_id, is_closed=True)):
        yield


@contextmanager
def _inside(here: _Entered) -> Iterator[None]:
    token = _entered.set(here)
    try:
        yield
    finally:
        _entered.reset(token)


def is_out_of_reach(exercise_id: uuid.UUID | None) -> bool:
    """Whether somebody plays in a drill beside reality and a row of this run is not of that drill."""
    here = _entered.get()
    return (
        here is not None
        and here.is_closed
        and here.exercise_id != exercise_id
        and folder_exercise_id() is None
    )


def default_exercise_id() -> uuid.UUID | None:
    """The run of the work at hand: the one that was entered, else the data folder's own. None is reality."""
    here = _entered.get()
    return folder_exercise_id() if here is None else here.exercise_id


def folder_exercise_id() -> uuid.UUID | None:
    """The exercise that a data folder made for one drill lives in; None everywhere else."""
    from django.conf import settings

    value = settings.ANLAN_EXERCISE
    return uuid.UUID(value) if value else None


def stays_indoors(exercise_id: uuid.UUID | None) -> bool:
    """Whether something belongs to a drill beside reality: it must not reach the public or a real authority.

    In a folder that is one drill as a whole everything stands behind simulators, so it may go.
    """
    return exercise_id is not None and folder_exercise_id() is None


def is_silent(exercise_id: uuid.UUID | None) -> bool:
    """Whether a drill rings nobody's telephone either: a tabletop drill."""
    return exercise_id is not None and ExerciseRun.objects.filter(pk=exercise_id, is_silent=True).exists()
