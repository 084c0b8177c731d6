"""What rings about teams and supplies: a check-in that did not come, a call for help, somebody late, a team that cannot go."""

from __future__ import annotations

import uuid
from datetime import datetime

from anlan.duty.parameters import alarms
from anlan.duty.services import clear_subject, raise_alarm
from anlan.events.published import SupplyRequestMoved, TeamJobMoved
from anlan.journal.reactions import react
from anlan.kernel.actor import system
from anlan.places.models import Division

_BY = system("duty")
#: What happened -> (kind of alarm, level). The second silence is worse than the first.
_RINGS: dict[str, tuple[str, int | None]] = {
    "check_missed": ("team_check_missed", 2),
    "check_missed_again": ("team_check_missed", 1),
    "needs_help": ("team_needs_help", 1),
    "late": ("team_late", None),
    "refused": ("team_refused", None),
}
#: What happened -> the alarms that need ring no more, and why.
_ENDS: dict[str, tuple[tuple[str, ...], str]] = {
    "checked": (("team_check_missed", "team_needs_help"), "已报平安"),
    "needs_help": (("team_check_missed",), "已联系上，需要支援"),
    "left": (("team_late",), "已出发"),
    "arrived": (("team_late",), "已到达"),
    "done": (("team_check_missed", "team_late", "team_needs_help"), "任务完成"),
    "back": (("team_check_missed", "team_late", "team_needs_help"), "已归队"),
    "cancelled": (("team_check_missed", "team_late", "team_needs_help", "team_refused"), "任务取消"),
    "refused": (("team_late",), "已回复不能出动"),
}


@react("duty.team_job", TeamJobMoved)
def on_team_job(event: TeamJobMoved, at: datetime) -> None:
    """A repeated event changes nothing: an alarm that is open stays, one that is closed has nothing to close."""
    subject = f"team_job:{event.job_id}"
    if event.what in _ENDS:
        kinds, reason = _ENDS[event.what]
        clear_subject(subject, reason=reason, by=_BY, at=at, kinds=list(kinds))
    if event.what in _RINGS:
        name, level = _RINGS[event.what]
        _ring(name, subject, event.team, event.division, event.exercise_id, level, at)


@react("duty.supply_request", SupplyRequestMoved)
def on_supply_request(event: SupplyRequestMoved, at: datetime) -> None:
    """Nobody took the next step of a request in time."""
    subject = f"supply_request:{event.request_id}"
    if event.what == "late":
        _ring("supply_late", subject, event.number, event.division, event.exercise_id, None, at)
    else:
        clear_subject(subject, reason="已办理", by=_BY, at=at, kinds=["supply_late"])


def _ring(
    name: str,
    subject: str,
    what: str,
    division: str,
    exercise_id: str | None,
    level: int | None,
    at: datetime,
) -> None:
    kind = alarms().of(name)
    raise_alarm(
        name,
        subject=subject,
        text_zh=kind.zh.format(what=what)[:300],
        text_en=kind.en.format(what=what)[:300],
        level=level,
        division=Division.objects.filter(code=division).first(),
        by=_BY,
        at=at,
        exercise_id=None if exercise_id is None else uuid.UUID(exercise_id),
        cause=subject[:80],
    )
