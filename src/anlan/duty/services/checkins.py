"""签到: who comes to his shift says so; whoever does not is called, then whoever steps in, then the chief.

Every delay is counted from the true start of the shift, so that a time in which no worker lived changes nothing.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings

from anlan.directory import queries as directory
from anlan.directory import roster, rostering
from anlan.directory.models import HoldingRole, Shift
from anlan.dissemination import services as dissemination
from anlan.duty.manning import duty_table
from anlan.duty.models import CheckIn, DutyRoom
from anlan.duty.parameters import alarms
from anlan.duty.refusals import (
    AlreadyChecked,
    NotYourShift,
    ShiftIsOver,
    TooEarly,
    UnknownWay,
    WordsMissing,
)
from anlan.duty.services.ringing import clear_subject, raise_alarm
from anlan.kernel.actor import Actor, system
from anlan.kernel.clock import SHANGHAI
from anlan.vocab.posts import FACES, PostKind, Right

BY = system("duty")
WAYS = frozenset({"page", "phone", "hand"})
#: After the chief nobody else is called; the desk rings on.
LAST_STEP = 3


def begin_shift(shift: Shift, *, at: datetime) -> CheckIn | None:
    """The start of a shift has come: from now on its person is expected. None where nobody checks in."""
    rostering.watched(shift, by=BY, at=at)
    room = room_of(shift)
    if room is None or not room.checks_in or room.closed_at is not None:
        return None
    known = CheckIn.objects.filter(shift=shift).first()
    if known is not None:
        return known
    due = shift.starts_at + duty_table().missing_after
    return _expected(shift, room, next_at=due).record(by=BY, at=at, kind="expected")


def check_in(shift: Shift, *, way: str = "page", words: str = "", by: Actor, at: datetime) -> CheckIn:
    """The person is there. Late by the true start; somebody else's word counts with the right and with words on how it is known."""
    room = room_of(shift)
    _may_check(shift, way, words, by, at)
    known = (
        None if room is None else CheckIn.objects.filter(shift=shift).select_related("room__division").first()
    )
    if known is not None and known.state in ("present", "excused"):
        raise AlreadyChecked(name=shift.person.name)
    if known is None:
        if room is None:
            raise ShiftIsOver
        known = _expected(shift, room, next_at=None).record(by=by, at=at, kind="expected")
    late = (at - shift.starts_at).total_seconds()
    known.advance(
        "present",
        by=by,
        at=at,
        checked_at=at,
        late_s=max(0, int(late)) if late > 0 else 0,
        way=way,
        words=words.strip()[:200],
        checked_by=by.ref,
        next_at=None,
    )
    clear_subject(f"check_in:{known.pk}", reason="已签到", by=by, at=at)
    if shift.watch_at is not None:
        rostering.watched(shift, by=by, at=at)
    return known


def excuse(check: CheckIn, *, words: str, by: Actor, at: datetime) -> CheckIn:
    """The person need not come: swapped, cancelled, away."""
    check.advance("excused", by=by, at=at, words=words.strip()[:200], checked_by=by.ref, next_at=None)
    clear_subject(f"check_in:{check.pk}", reason=words.strip()[:200] or "不需签到", by=by, at=at)
    return check


def excuse_shift(shift: Shift, *, words: str, by: Actor, at: datetime) -> None:
    """The same for whatever is expected of a shift that was taken back."""
    check = CheckIn.objects.filter(shift=shift, state__in=("expected", "missing")).first()
    if check is not None:
        excuse(check, words=words, by=by, at=at)


def miss(check: CheckIn, *, at: datetime) -> CheckIn:
    """The deadline of somebody who did not check in: call the next in line, and ring.

    1. The person. 2. The deputy, the B role of the post, then others of the room on shift. 3. The chief of the room and of
    the county. A step in which nobody can be reached is passed over at once.
    """
    shift = Shift.objects.select_related("post__division", "person").get(pk=check.shift_id)
    if shift.cancelled_at is not None:
        return excuse(check, words="班次已撤销", by=BY, at=at)
    table = duty_table()
    step, told = check.step, list(check.told)
    while step < LAST_STEP:
        step += 1
        names = _reach(check, shift, _line(check, shift, step, at), step, at)
        told += names
        if names:
            break
    following = (
        None if step >= LAST_STEP else check.expected_at + table.missing_after + step * table.escalate_every
    )
    if following is not None and following <= at:
        following = at + table.escalate_every  # a server that was down: late, but one after the other
    fields: dict[str, Any] = {"step": step, "told": told, "next_at": following}
    if check.state == "expected":
        check.advance("missing", by=BY, at=at, **fields)
    else:
        check.change(by=BY, at=at, kind="escalated", fields=fields)
    _ring(check, shift, at)
    return check


def room_of(shift: Shift) -> DutyRoom | None:
    """The room whose post this shift mans; None for a post that mans no room."""
    rule = duty_table().room(shift.post.division.level)
    if rule is None or shift.post.kind not in rule.all_posts:
        return None
    return DutyRoom.objects.filter(division_id=shift.post.division_id).select_related("division").first()


def _expected(shift: Shift, room: DutyRoom, *, next_at: datetime | None) -> CheckIn:
    return CheckIn(
        state="expected",
        shift=shift,
        room=room,
        person_id=shift.person_id,
        expected_at=shift.starts_at,
        next_at=next_at,
        exercise_id=shift.exercise_id,
    )


def _may_check(shift: Shift, way: str, words: str, by: Actor, at: datetime) -> None:
    if way not in WAYS:
        raise UnknownWay(way=way)
    if shift.cancelled_at is not None or shift.ends_at <= at:
        raise ShiftIsOver
    if shift.starts_at - at > duty_table().check_in_opens:
        raise TooEarly(start=shift.starts_at.astimezone(SHANGHAI).strftime("%m-%d %H:%M"))
    if by.person_id == shift.person_id:
        return
    if not by.can(Right.MANAGE_DUTY, shift.post.division.path) and not _is_deputy(shift, by, at):
        raise NotYourShift
    if not words.strip():
        raise WordsMissing


def _is_deputy(shift: Shift, by: Actor, at: datetime) -> bool:
    gone = roster.away(at).get(shift.person_id)
    return gone is not None and by.person_id is not None and gone.deputy_id == by.person_id


def _line(check: CheckIn, shift: Shift, step: int, at: datetime) -> list[tuple[uuid.UUID, str]]:
    """(person, role) to be told in this step."""
    if step == 1:
        return [(check.person_id, shift.post.kind)]
    if step == 2:
        return _steps_in(check, shift, at)
    chiefs: list[tuple[uuid.UUID, str]] = []
    table, division = duty_table(), shift.post.division
    rule = table.room(division.level)
    kinds = list(dict.fromkeys([*table.chiefs, *(rule.leader_posts if rule else ())]))
    codes = [division.code, *(code for code in reversed(division.path.split("/")) if code != division.code)]
    found = directory.responsible(codes, at, kinds)
    for code in codes:
        for holder in found.get(code, []):
            if not holder.is_off_duty and holder.person_id != check.person_id:
                chiefs.append((holder.person_id, holder.kind))
                break
    return chiefs


def _steps_in(check: CheckIn, shift: Shift, at: datetime) -> list[tuple[uuid.UUID, str]]:
    gone = roster.away(at)
    line: list[uuid.UUID] = []
    if (away := gone.get(check.person_id)) is not None and away.deputy_id is not None:
        line.append(away.deputy_id)
    beside = Shift.objects.filter(
        roster.on_shift_at(max(at, shift.starts_at)), post=shift.post, role=HoldingRole.B
    )
    line += list(beside.order_by("starts_at", "id").values_list("person_id", flat=True))
    holders = directory.holders_of([shift.post_id], at)[shift.post_id]
    line += [one.person_id for one in sorted(holders, key=lambda one: one.role != HoldingRole.B)]
    wanted = [one for one in dict.fromkeys(line) if one != check.person_id and one not in gone]
    return [(one, shift.post.kind) for one in wanted[:1]]


def _reach(
    check: CheckIn, shift: Shift, line: list[tuple[uuid.UUID, str]], step: int, at: datetime
) -> list[str]:
    from anlan.directory.models import Person

    names = Person.objects.in_bulk([person for person, _role in line])
    told = []
    for person_id, role in line:
        if dissemination.reach_person(
            person_id=person_id,
            subject=f"check_in:{check.pk}",
            text=_words(check, shift, step, at, with_link=True),
            voice_text=_words(check, shift, step, at, with_link=False),
            role=role,
            by=BY,
            at=at,
            exercise_id=check.exercise_id,
            cause=f"check_in:{check.pk}",
        ):
            told.append(names[person_id].name)
    return told


def _words(check: CheckIn, shift: Shift, step: int, at: datetime, *, with_link: bool) -> str:
    mark = "【演练】" if check.exercise_id is not None else ""
    start = shift.starts_at.astimezone(SHANGHAI).strftime("%H:%M")
    post, waited = FACES[PostKind(shift.post.kind)].zh, round((at - shift.starts_at).total_seconds() / 60)
    who = f"{check.room.name}{post}{shift.person.name}"
    ask = {
        1: "请立即到岗签到",
        2: "请联系本人，必要时顶班",
        3: "请安排人员顶班",
    }[step]
    link = f"：{settings.ANLAN_BASE_URL}/f/duty/" if with_link and step == 1 else "。"
    return f"{mark}【值班签到】{who}应于{start}到岗，已过{waited}分钟未签到，{ask}{link}"


def _ring(check: CheckIn, shift: Shift, at: datetime) -> None:
    kind = alarms().of("check_in_missing")
    start = shift.starts_at.astimezone(SHANGHAI).strftime("%H:%M")
    post = FACES[PostKind(shift.post.kind)]
    raise_alarm(
        "check_in_missing",
        subject=f"check_in:{check.pk}",
        text_zh=kind.zh.format(what=f"{check.room.name}{post.zh}{shift.person.name}，应于{start}到岗"),
        text_en=kind.en.format(what=f"{shift.person.name}, {post.en} of {check.room.name}, due {start}"),
        level=None,
        division=check.room.division,
        by=BY,
        at=at,
        exercise_id=check.exercise_id,
        cause=f"check_in:{check.pk}",
    )
