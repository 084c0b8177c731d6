"""Send a team, follow it, hear that it is well, take it back."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from anlan.dispatch.joblinks import digest, token_of
from anlan.dispatch.jobparameters import team_table
from anlan.dispatch.jobwords import GONE, JOB_STATES, ORDER, TIMES
from anlan.dispatch.models import Instruction, TeamCheck, TeamJob, Via
from anlan.dispatch.refusals_teams import (
    ArriveInThePast,
    BadInterval,
    ClosedIncident,
    JobIsOver,
    JobWhyMissing,
    NoSuchStep,
    RestrictedJob,
    StepInTheFuture,
    StepOutOfOrder,
    TaskMissing,
    TeamAlreadyGone,
    TeamNotReady,
    TeamRetired,
)
from anlan.dispatch.services.jobtelling import (
    chase_check,
    chase_late,
    tell_cancelled,
    tell_job,
    text_leader,
)
from anlan.incidents.models import Incident
from anlan.incidents.numbering import next_number
from anlan.incidents.refusals import Words
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.kernel.ids import uuid7
from anlan.places.models import Division
from anlan.resources.models import Readiness, Team
from anlan.resources.services import register_team
from anlan.resources.types import TeamDetails

#: Clocks of phones differ a little from ours. Engineering choice.
SLACK = timedelta(minutes=2)
#: Minutes between safety check-ins that make sense. Engineering choice.
INTERVALS = (5, 1440)
#: On the way and on the spot a team says that it is well.
CHECKED = ("left", "arrived", "working")


def send_team(
    team: Team,
    *,
    incident: Incident,
    words: str,
    division: Division,
    place_words: str = "",
    lon: float | None = None,
    lat: float | None = None,
    by: Actor,
    by_name: str,
    at: datetime,
    scene_id: uuid.UUID | None = None,
    instruction: Instruction | None = None,
    check_every_min: int | None = None,
    arrive_by: datetime | None = None,
    travel_min: int | None = None,
    strength: int | None = None,
    with_words: str = "",
    why: list[list[str]] | None = None,
) -> TeamJob:
    """Tell a team to go. Refused where it is out, not ready or struck from the register; the leader gets the link."""
    check_can_go(team, incident)
    _check_order(words, check_every_min, arrive_by, at)
    table = team_table()
    row = _new_job(
        team, incident=incident, words=words, division=division, place_words=place_words, lon=lon, lat=lat, by=by,
        by_name=by_name, at=at, state="told", scene_id=scene_id, instruction=instruction,
        check_every_min=check_every_min, arrive_by=arrive_by, travel_min=travel_min,
        strength=team.strength if strength is None else strength, with_words=with_words.strip()[:200],
        why=list(why or []), rise_at=at + table.minutes("leave_within_min"),
    )  # fmt: skip
    job = _store(row, by=by, at=at)
    text_leader(job, by=by, at=at)
    tell_job(job, "told", at)
    return job


def register_on_arrival(
    details: TeamDetails | Team,
    *,
    incident: Incident,
    words: str,
    division: Division,
    place_words: str = "",
    lon: float | None = None,
    lat: float | None = None,
    by: Actor,
    by_name: str,
    at: datetime,
    arrived_at: datetime | None = None,
    scene_id: uuid.UUID | None = None,
    strength: int | None = None,
    check_every_min: int | None = None,
) -> TeamJob:
    """A team turned up by itself: the field coordinator registers it and gives it a task. Its job begins as arrived."""
    came = _moment(arrived_at, at)
    run = incident.exercise_id
    if isinstance(details, TeamDetails):
        team = register_team(details, by=by, at=at, exercise_id=run)
    else:
        team = details
        check_can_go(team, incident, is_here=True)
    _check_order(words, check_every_min, None, at)
    check_incident(incident)
    row = _new_job(
        team, incident=incident, words=words, division=division, place_words=place_words, lon=lon, lat=lat, by=by,
        by_name=by_name, at=at, state="arrived", scene_id=scene_id, check_every_min=check_every_min,
        strength=team.strength if strength is None else strength, arrived_at=came, step_at=came,
        check_due_at=_next_check(check_every_min, at),
    )  # fmt: skip
    job = _store(row, by=by, at=at)
    text_leader(job, by=by, at=at)
    tell_job(job, "arrived", at)
    return job


def check_can_go(team: Team, incident: Incident, *, is_here: bool = False) -> None:
    """Raise why this team cannot be sent now. One that is here already needs not be ready."""
    if team.retired_at is not None:
        raise TeamRetired(team=team.name)
    out = current_job(team, incident.exercise_id)
    if out is not None:
        state = Words(*JOB_STATES[out.state])
        place = f"{out.division.name}{out.place_words}"
        raise TeamAlreadyGone(team=team.name, job=out.number, state=state, place=place)
    if team.readiness == Readiness.NOT_READY and not is_here:
        raise TeamNotReady(team=team.name, why=team.readiness_why or "—")
    check_incident(incident)


def current_job(team: Team, exercise_id: uuid.UUID | None) -> TeamJob | None:
    """The job that keeps the team busy in this run."""
    rows = TeamJob.objects.filter(team=team, state__in=GONE, exercise_id=exercise_id)
    return rows.select_related("division").defer("division__geometry").first()


def move_job(
    job: TeamJob,
    to: str,
    *,
    by: Actor,
    by_name: str,
    via: str,
    at: datetime,
    words: str = "",
    happened_at: datetime | None = None,
) -> TeamJob:
    """The next step of a job as it was told; `happened_at` is when it was true, `at` when we heard of it.

    A step told twice counts once, whatever time it names. A step that was skipped and is told later gets its time without
    moving the job back. Refusing and cancelling need the reason.
    """
    if to not in JOB_STATES:
        raise NoSuchStep(number=job.number, old=Words(*JOB_STATES[job.state]), new=to[:20])
    when, told = _moment(happened_at, at), _told(by_name, via, words, at)
    if to == job.state:
        return job
    if _is_past(job, to):
        return _note_time(job, to, when, by=by, at=at, told=told)
    if to not in job.transitions[job.state]:
        raise NoSuchStep(number=job.number, old=Words(*JOB_STATES[job.state]), new=Words(*JOB_STATES[to]))
    _check_after_former(job, to, when)
    job.advance(to, by=by, at=at, **told, step_at=when, **_fields(job, to, when, words, at))
    if to == "cancelled":
        tell_cancelled(job, by=by, at=at)
    tell_job(job, to, at)
    return job


def check_in(
    job: TeamJob,
    *,
    is_well: bool,
    by: Actor,
    by_name: str,
    via: str,
    at: datetime,
    people: int | None = None,
    words: str = "",
    happened_at: datetime | None = None,
) -> TeamCheck:
    """All are well, or help is needed. Either way somebody was heard, so the next check-in is counted from now."""
    if job.state not in (*GONE, "done"):
        raise JobIsOver(state=Words(*JOB_STATES[job.state]))
    when = _moment(happened_at, at)
    check = TeamCheck(
        job=job,
        happened_at=when,
        recorded_at=at,
        is_well=is_well,
        people=people,
        words=words.strip()[:300],
        by_ref=by.ref,
        by_name=by_name.strip()[:60],
        via=via,
        exercise_id=job.exercise_id,
    ).record(by=by, at=at, kind="well" if is_well else "needs_help")
    due = _next_check(job.check_every_min, at) if job.state in CHECKED else None
    job.change(by=by, at=at, kind="checked", heard_at=at, check_due_at=due, checks_missed=0)
    tell_job(job, "checked" if is_well else "needs_help", at)
    return check


def set_checks(job: TeamJob, check_every_min: int | None, *, by: Actor, at: datetime) -> TeamJob:
    """How often the team must say that it is well, minutes; None ends it."""
    _check_interval(check_every_min)
    due = _next_check(check_every_min, at) if job.state in CHECKED else None
    return job.change(
        by=by, at=at, kind="checks_set", check_every_min=check_every_min, check_due_at=due, checks_missed=0
    )


def miss_check(job: TeamJob, *, by: Actor, at: datetime) -> TeamJob:
    """The time of a check-in has passed in silence: it turns red, the leader is asked, and it comes again until heard."""
    table = team_table()
    again = min(job.check_every_min or table.check_again_min, table.check_again_min)
    job.change(
        by=by,
        at=at,
        kind="check_missed",
        checks_missed=job.checks_missed + 1,
        check_due_at=at + timedelta(minutes=again),
    )
    chase_check(job, by=by, at=at)
    tell_job(job, "check_missed" if job.checks_missed == 1 else "check_missed_again", at)
    return job


def mark_late(job: TeamJob, *, by: Actor, at: datetime) -> TeamJob:
    """It has not left, or has not arrived in time. Said again until it moves or enough was said."""
    table = team_table()
    risen = job.risen + 1
    rise_at = at + table.minutes("again_min") if risen < table.most_rises else None
    job.change(by=by, at=at, kind="late", risen=risen, rise_at=rise_at)
    chase_late(job, by=by, at=at)
    tell_job(job, "late", at)
    return job


def _new_job(
    team: Team,
    *,
    incident: Incident,
    words: str,
    place_words: str,
    by: Actor,
    by_name: str,
    at: datetime,
    **fields: Any,
) -> TeamJob:
    key = uuid7()
    return TeamJob(
        id=key,
        number=next_number("team_job", at, form="调{year}-{serial:04d}"),
        incident=incident,
        team=team,
        words=words.strip(),
        place_words=place_words.strip()[:160],
        told_by=by.ref,
        told_by_name=by_name.strip()[:60],
        told_at=at,
        token_digest=digest(token_of(key)),
        exercise_id=incident.exercise_id,
        **{"step_at": at, **fields},
    )


def _store(row: TeamJob, *, by: Actor, at: datetime) -> TeamJob:
    """Of two who send the same team in one moment the second is told so."""
    try:
        with transaction.atomic():
            return row.record(by=by, at=at, kind=row.state)
    except IntegrityError:
        check_can_go(row.team, row.incident, is_here=True)
        raise


def check_incident(incident: Incident) -> None:
    if incident.is_restricted:
        raise RestrictedJob
    if incident.state not in ("received", "verified"):
        raise ClosedIncident(number=incident.number)


def _check_order(words: str, every_min: int | None, arrive_by: datetime | None, at: datetime) -> None:
    if not words.strip():
        raise TaskMissing
    _check_interval(every_min)
    if arrive_by is not None and arrive_by <= at:
        raise ArriveInThePast


def _check_interval(every_min: int | None) -> None:
    if every_min is not None and not INTERVALS[0] <= every_min <= INTERVALS[1]:
        raise BadInterval(given=every_min)


def _moment(happened_at: datetime | None, at: datetime) -> datetime:
    if happened_at is not None and happened_at > at + SLACK:
        raise StepInTheFuture(given=_local(happened_at))
    return min(happened_at, at) if happened_at is not None else at


def _told(by_name: str, via: str, words: str, at: datetime) -> dict[str, Any]:
    said = {
        "step_words": words.strip()[:300],
        "step_by_name": by_name.strip()[:60],
        "step_via": Via(via).value,
    }
    return {**said, "heard_at": at}


def _is_past(job: TeamJob, to: str) -> bool:
    """Whether the job is beyond this step already."""
    return to in ORDER and job.state in ORDER and ORDER.index(to) < ORDER.index(job.state)


def _note_time(
    job: TeamJob, to: str, when: datetime, *, by: Actor, at: datetime, told: dict[str, Any]
) -> TeamJob:
    if to == "told" or getattr(job, TIMES[to]) is not None:
        return job  # told before; the first time stays
    _check_after_former(job, to, when)
    later = [getattr(job, TIMES[step]) for step in ORDER[ORDER.index(to) + 1 :]]
    following = min((one for one in later if one is not None), default=None)
    if following is not None and when > following:
        raise StepOutOfOrder(step=Words(*JOB_STATES[to]), given=_local(when), former=_local(following))
    return job.change(by=by, at=at, kind="time_noted", fields={**told, TIMES[to]: when})


def _check_after_former(job: TeamJob, to: str, when: datetime) -> None:
    """No step before the one that came before it; who refuses or is cancelled counts from when it was told."""
    steps = ORDER[: ORDER.index(to)] if to in ORDER else ORDER
    former = max((one for step in steps if (one := getattr(job, TIMES[step])) is not None), default=None)
    # A team that left before the desk wrote it down left then: `told` is when it was entered.
    if former is None or when >= former - SLACK or (to in ("left", "arrived") and former == job.told_at):
        return
    raise StepOutOfOrder(step=Words(*JOB_STATES.get(to, (to, to))), given=_local(when), former=_local(former))


def _fields(job: TeamJob, to: str, when: datetime, words: str, at: datetime) -> dict[str, Any]:
    """What a step sets besides the state."""
    fields: dict[str, Any] = {TIMES[to]: when} if to in TIMES else {}
    if to in ("refused", "cancelled"):
        if not words.strip():
            raise JobWhyMissing
        fields["ended_why"] = words.strip()[:300]
    fields["rise_at"] = _arrival_limit(job, when) if to == "left" else None
    if to not in CHECKED:
        return {**fields, "check_due_at": None}
    if job.check_due_at is None or to != "working":
        fields |= {"check_due_at": _next_check(job.check_every_min, at), "checks_missed": 0}
    return fields


def _arrival_limit(job: TeamJob, left_at: datetime) -> datetime | None:
    """When it must be there: as ordered, or half as long again as the estimate says."""
    if job.arrive_by is not None:
        return job.arrive_by
    return None if job.travel_min is None else left_at + timedelta(minutes=job.travel_min * 1.5)


def _next_check(every_min: int | None, at: datetime) -> datetime | None:
    return None if every_min is None else at + timedelta(minutes=every_min)


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%m-%d %H:%M}"
