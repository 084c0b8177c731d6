"""Alarms of enterprises as boards and pages show them, narrowed to what a person sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from anlan.accounts.access import within
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.sensing import rights
from anlan.sensing.models import OPEN_ALARM, EnterpriseAlarm, MaintenanceWindow

#: Closed ones that the board still shows, newest first, and open ones at most.
CLOSED_SHOWN = 50
MOST = 300
#: The order of a board: whoever is late first, then what waits longest for the enterprise.
_ORDER = {"open": 0, "acknowledged": 1, "restored": 2, "explained": 3, "closed": 4}


@dataclass(frozen=True, slots=True)
class AlarmLine:
    """One alarm. `is_late`: the enterprise did not take its step in time and the regulator was told."""

    alarm: EnterpriseAlarm
    is_late: bool
    may_answer: bool
    may_close: bool

    @property
    def waits_for_me(self) -> bool:
        """Whether this reader has the next step: the enterprise its answer, the regulator what is late or restored."""
        state = self.alarm.state
        if state in ("open", "acknowledged"):
            return self.may_answer or (self.may_close and self.is_late)
        return (state == "explained" and self.may_answer) or (state == "restored" and self.may_close)


def visible_alarms(actor: Actor) -> QuerySet[EnterpriseAlarm]:
    """Of the actor's divisions, in this run; somebody of an enterprise sees the own one's alone."""
    rows = EnterpriseAlarm.objects.filter(
        within(actor, "division__path"), exercise_id=clocks.default_exercise_id()
    )
    return rows.select_related("station", "division").defer("division__geometry")


def alarm_lines(actor: Actor) -> list[AlarmLine]:
    """Open ones, the late and unacknowledged first, then the one whose deadline comes next."""
    rows = visible_alarms(actor).filter(state__in=OPEN_ALARM).order_by("raised_at")[:MOST]
    lines = [alarm_line(row, actor) for row in rows]
    return sorted(lines, key=_place)


def closed_alarms(actor: Actor) -> list[EnterpriseAlarm]:
    """The newest closed ones."""
    return list(visible_alarms(actor).filter(state="closed").order_by("-closed_at")[:CLOSED_SHOWN])


def alarm_line(row: EnterpriseAlarm, actor: Actor) -> AlarmLine:
    path = row.division.path
    is_late = row.state in ("open", "acknowledged") and row.due_at is None
    return AlarmLine(
        row,
        is_late,
        may_answer=actor.can(rights.ANSWER_FOR_ENTERPRISE, path),
        may_close=actor.can(rights.SUPERVISE_ENTERPRISES, path),
    )


def waiting_for(actor: Actor) -> list[AlarmLine]:
    """Alarms whose next step is this person's."""
    may_act = (rights.ANSWER_FOR_ENTERPRISE, rights.SUPERVISE_ENTERPRISES)
    if not any(actor.can_somewhere(right) for right in may_act):
        return []
    return [line for line in alarm_lines(actor) if line.waits_for_me][:50]


def windows_to_decide(actor: Actor) -> list[MaintenanceWindow]:
    """Maintenance that enterprises asked for and this person may grant."""
    if not actor.can_somewhere(rights.SUPERVISE_ENTERPRISES):
        return []
    rows = MaintenanceWindow.objects.filter(
        within(actor, "station__division__path", rights.SUPERVISE_ENTERPRISES),
        state="asked",
        exercise_id=clocks.default_exercise_id(),
    )
    return list(rows.select_related("station").order_by("starts_at")[:50])


def _place(line: AlarmLine) -> tuple[bool, int, int, datetime]:
    alarm = line.alarm
    return not line.is_late, _ORDER[alarm.state], alarm.level, alarm.due_at or alarm.raised_at
