"""Asking, reminding and escalating by message; marking what is late."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from anlan.datacalls.models import DataCall, DataSeat, SeatState
from anlan.directory import queries as directory
from anlan.directory.types import Holder
from anlan.dissemination.services import reach_person
from anlan.duty.parameters import alarms
from anlan.duty.services import clear_subject, raise_alarm
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.places.models import Division
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import PostKind

#: The first reminder comes so long before the deadline (or half-way, where the time is shorter), then at the deadline and
#: every ten minutes; the second after the deadline goes to the leader too. Engineering choices.
BEFORE = timedelta(minutes=10)
AGAIN = timedelta(minutes=10)
ESCALATE_AFTER = timedelta(minutes=10)
MOST_CHASES = 5

#: Who answers for a place, in this order, and who is told when nobody does.
_ANSWERS: dict[str, tuple[PostKind, ...]] = {
    DivisionLevel.TOWNSHIP: (PostKind.TOWNSHIP_DUTY, PostKind.TOWNSHIP_INFORMATION_OFFICER),
    DivisionLevel.DEPARTMENT: (PostKind.DEPARTMENT_DUTY,),
    DivisionLevel.VILLAGE: (PostKind.INFORMATION_OFFICER,),
}
_LEADS: dict[str, PostKind] = {
    DivisionLevel.TOWNSHIP: PostKind.TOWNSHIP_LEADER,
    DivisionLevel.VILLAGE: PostKind.TOWNSHIP_DUTY,
}


def first_reminder(asked_at: datetime, due_at: datetime) -> datetime:
    """When the first reminder goes out."""
    return max(due_at - BEFORE, asked_at + (due_at - asked_at) / 2)


def tell_asked(seats: list[DataSeat], *, by: Actor, at: datetime) -> None:
    """One message to whoever answers for each place, with the page to fill in."""
    holders = _answering([seat.division for seat in seats], at)
    for seat in seats:
        call = seat.call
        text = f"【收数】{call.title}，请于{_hour(seat.due_at)}前填报：{_page()}"
        _tell(seat, holders.get(seat.division_id), text, by=by, at=at)


def mark_late(seat: DataSeat, *, by: Actor, at: datetime) -> DataSeat:
    """The deadline has passed and nothing was filed. The desk that asked is told once a round."""
    seat.advance(SeatState.LATE, by=by, at=at, is_late=True)
    if seat.parent_id is None:
        _ring(seat.call, by=by, at=at)
    return seat


def remind(seat: DataSeat, *, by: Actor, at: datetime) -> DataSeat:
    """Remind, and go on reminding until it is filed or enough was done; past the deadline the leader hears of it too."""
    escalates = seat.escalated_at is None and at >= seat.due_at + ESCALATE_AFTER
    chases = seat.chases + 1
    again = None if chases >= MOST_CHASES else max(at + AGAIN, min(seat.due_at, at + BEFORE * 2))
    fields: dict[str, Any] = {"chases": chases, "remind_at": again}
    if escalates:
        fields["escalated_at"] = at
    seat.change(by=by, at=at, kind="escalated" if escalates else "chased", fields=fields)
    _say(seat, escalates=escalates, by=by, at=at)
    return seat


def chase(seat: DataSeat, *, by: Actor, at: datetime) -> DataSeat:
    """A person at the desk chases now; the ladder of reminders goes on by itself."""
    seat.change(by=by, at=at, kind="chased", chases=seat.chases + 1)
    _say(seat, escalates=False, by=by, at=at)
    return seat


def settle_alarm(call: DataCall, *, by: Actor, at: datetime) -> None:
    """Nobody of the round is late any more: what rings about the call stops."""
    still = call.seats.filter(round=call.round, parent=None, state=SeatState.LATE)
    if not still.exists():
        clear_subject(f"data_call:{call.pk}", reason="filed", by=by, at=at)


def _say(seat: DataSeat, *, escalates: bool, by: Actor, at: datetime) -> None:
    call, is_over = seat.call, at > seat.due_at
    state = f"已逾期（{_hour(seat.due_at)}）" if is_over else f"{_hour(seat.due_at)}截止"
    text = f"【催报】{call.title}{state}，{seat.division.name}尚未填报：{_page()}"
    _tell(seat, _answering([seat.division], at).get(seat.division_id), text, by=by, at=at)
    if escalates:
        _tell(seat, _leader(seat, at), text, by=by, at=at)


def _answering(divisions: list[Division], at: datetime) -> dict[str, Holder]:
    """Whoever answers for each place now: on shift first, A before B."""
    found: dict[str, Holder] = {}
    by_level: dict[str, list[str]] = {}
    for place in divisions:
        by_level.setdefault(place.level, []).append(place.code)
    for level, codes in by_level.items():
        kinds = [kind.value for kind in _ANSWERS.get(level, ())]
        if not kinds:
            continue
        for code, held in directory.responsible(codes, at, kinds).items():
            if held:
                found[code] = held[0]
    return found


def _leader(seat: DataSeat, at: datetime) -> Holder | None:
    """The township's leader; of a village its township's duty room; of a department whoever else is on its post."""
    kind = _LEADS.get(seat.division.level)
    if kind is None:
        held = directory.responsible([seat.division_id], at, [PostKind.DEPARTMENT_DUTY.value])
        return next(iter(held[seat.division_id][1:]), None)
    code = seat.division.parent_id if seat.division.level == DivisionLevel.VILLAGE else seat.division_id
    if code is None:
        return None
    return next(iter(directory.responsible([code], at, [kind.value])[code]), None)


def _tell(seat: DataSeat, holder: Holder | None, text: str, *, by: Actor, at: datetime) -> None:
    if holder is None:
        return
    reach_person(
        person_id=holder.person_id,
        subject=f"data_seat:{seat.pk}",
        text=text,
        channels=("sms",),
        role=holder.role,
        by=by,
        at=at,
        exercise_id=seat.exercise_id,
    )


def _ring(call: DataCall, *, by: Actor, at: datetime) -> None:
    kind = alarms().of("data_call_overdue")
    what = f"{call.number} {call.title}"
    raise_alarm(
        kind.kind,
        subject=f"data_call:{call.pk}",
        text_zh=kind.zh.format(what=what)[:300],
        text_en=kind.en.format(what=what)[:300],
        level=None,
        division=call.division,
        by=by,
        at=at,
        exercise_id=call.exercise_id,
    )


def _hour(moment: datetime) -> str:
    local = moment.astimezone(SHANGHAI)
    return f"{local.month}月{local.day}日{local:%H:%M}"


def _page() -> str:
    return f"{settings.ANLAN_BASE_URL}/f/data/"
