"""What is announced about a job or a request, and what its leader gets on the phone."""

from __future__ import annotations

from datetime import datetime

from anlan.directory import queries as directory
from anlan.dispatch.joblinks import link_of
from anlan.dispatch.models import SupplyRequest, TeamJob
from anlan.dissemination.services import Notice, reach_people
from anlan.events.published import SupplyRequestMoved, TeamJobMoved
from anlan.journal.services import announce
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import PostKind

#: One priority for everything about a job, so that what ends an alarm is never read after what raised it later.
_JOBS, _REQUESTS = 3, 4


def tell_job(job: TeamJob, what: str, at: datetime) -> None:
    """Announce where a job stands; `what` is its state, or what happened to it."""
    event = TeamJobMoved(
        str(job.pk),
        incident_id=str(job.incident_id),
        what=what,
        team=job.team.name,
        division=job.incident.division_id,
        times=job.risen if what == "late" else job.checks_missed,
        exercise_id=None if job.exercise_id is None else str(job.exercise_id),
    )
    announce(event, at=at, exercise_id=job.exercise_id, priority=_JOBS)


def tell_request(row: SupplyRequest, what: str, at: datetime) -> None:
    event = SupplyRequestMoved(
        str(row.pk),
        incident_id=str(row.incident_id),
        what=what,
        number=row.number,
        division=row.incident.division_id,
        exercise_id=None if row.exercise_id is None else str(row.exercise_id),
    )
    announce(event, at=at, exercise_id=row.exercise_id, priority=_REQUESTS)


def text_leader(job: TeamJob, *, by: Actor, at: datetime) -> bool:
    """The first message: where to, what, the link. False where nobody of the team has a number."""
    until = f"，请{_hour(job.arrive_by)}前到达" if job.arrive_by is not None else ""
    text = f"【调派】{job.team.name}：{job.words}。地点：{_place(job)}{until}。出发、到达、完成请点：{link_of(job)}"
    return _text(job, text, with_deputy=False, channels=("sms",), by=by, at=at)


def chase_check(job: TeamJob, *, by: Actor, at: datetime) -> bool:
    """It did not check in: the leader is asked; from the second time on the deputy too, and by voice."""
    again = job.checks_missed > 1
    text = f"【安全报到】{job.team.name}未按时报到，请立即点开报平安或说明需要支援：{link_of(job)}"
    channels = ("sms", "voice") if again else ("sms",)
    return _text(job, text, with_deputy=again, channels=channels, by=by, at=at)


def chase_late(job: TeamJob, *, by: Actor, at: datetime) -> bool:
    """It has not left, or has not arrived in time."""
    state = "尚未出发" if job.state == "told" else "尚未到达"
    text = f"【催办】{job.team.name}{state}：{_place(job)}。请点开说明：{link_of(job)}"
    return _text(job, text, with_deputy=job.risen > 1, channels=("sms",), by=by, at=at)


def tell_cancelled(job: TeamJob, *, by: Actor, at: datetime) -> bool:
    """The order to go is taken back."""
    text = f"【调派取消】{job.team.name}：{_place(job)}的任务取消。{job.ended_why}"
    return _text(job, text, with_deputy=False, channels=("sms",), by=by, at=at)


def chase_receipt(row: SupplyRequest, *, by: Actor, at: datetime) -> bool:
    """Sent long ago and nobody said that it came: whoever is on duty where it was asked for is asked."""
    kinds = {
        DivisionLevel.TOWNSHIP: PostKind.TOWNSHIP_DUTY,
        DivisionLevel.VILLAGE: PostKind.INFORMATION_OFFICER,
        DivisionLevel.DEPARTMENT: PostKind.DEPARTMENT_DUTY,
    }
    kind = kinds.get(DivisionLevel(row.division.level))
    if kind is None:
        return False
    held = directory.responsible([row.division_id], at, [kind.value])[row.division_id]
    text = f"【催收货】{row.number}物资已发往{row.place_words or row.division.name}，请登录确认实收数量。"
    notices = [Notice(one.person_id, f"supply_request:{row.pk}", text, one.role) for one in held[:1]]
    return bool(reach_people(notices, by=by, at=at, exercise_id=row.exercise_id))


def _text(
    job: TeamJob, text: str, *, with_deputy: bool, channels: tuple[str, ...], by: Actor, at: datetime
) -> bool:
    team = job.team
    people = [team.leader_id or team.deputy_id, team.deputy_id if with_deputy else None]
    notices = [
        Notice(person, f"team_job:{job.pk}", text, "leader")
        for person in dict.fromkeys(people)
        if person is not None
    ]
    if not notices:
        return False
    return bool(reach_people(notices, channels=channels, by=by, at=at, exercise_id=job.exercise_id))


def _place(job: TeamJob) -> str:
    return f"{job.division.name}{job.place_words}"


def _hour(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment.astimezone(SHANGHAI):%m月%d日%H:%M}"
