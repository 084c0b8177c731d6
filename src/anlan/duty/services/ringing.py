"""Verbs of the duty room: raise, confirm and clear alarms; call the leader when nobody confirms."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction

from anlan.directory import queries as directory
from anlan.dissemination import services as dissemination
from anlan.duty.access import may_confirm
from anlan.duty.models import Alarm
from anlan.duty.parameters import alarms
from anlan.duty.refusals import OnlyAPerson
from anlan.journal.refusals import StaleRow
from anlan.kernel.actor import Actor, system
from anlan.kernel.refusals import NotAllowed
from anlan.places.models import Division
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import FACES, PostKind

#: States in which an alarm still rings.
RINGING = ("ringing", "leader_called")


@dataclass(frozen=True, slots=True)
class Leader:
    """Somebody in the line of those who are called when nobody confirms."""

    person_id: uuid.UUID
    name: str
    post: PostKind


def raise_alarm(
    kind: str,
    *,
    subject: str,
    text_zh: str,
    text_en: str,
    level: int | None,
    division: Division | None,
    by: Actor,
    at: datetime,
    exercise_id: uuid.UUID | None = None,
    cause: str = "",
) -> Alarm:
    """Sound until somebody confirms. One open alarm a kind and subject: a worse one takes the place of the milder text."""
    found = _open(kind, subject)
    if found is None:
        alarm = _new(kind, subject, text_zh, text_en, level, division, at, exercise_id)
        try:
            with transaction.atomic():
                return alarm.record(by=by, at=at, kind="raised", cause=cause)
        except IntegrityError:  # raised by another worker in the same moment
            found = _open(kind, subject)
            if found is None:
                raise
    if not _is_worse(level, found.level):
        return found
    return found.change(
        by=by, at=at, kind="worsened", cause=cause, text_zh=text_zh, text_en=text_en, level=level
    )


def confirm_alarm(alarm: Alarm, *, by: Actor, at: datetime) -> Alarm:
    """A person at the desk has seen it; it stops sounding for everybody."""
    if not may_confirm(by, alarm):
        raise NotAllowed
    if by.person_id is None:
        raise OnlyAPerson
    return alarm.advance(
        "confirmed",
        by=by,
        at=at,
        confirmed_at=at,
        confirmed_by=by.ref,
        confirmed_by_person_id=by.person_id,
        leader_call_at=None,
        ended_at=at,
    )


def confirm_alarms(rows: Iterable[Alarm], *, by: Actor, at: datetime) -> int:
    """Confirm several at once; who was faster on one of them does not hinder the others. Returns how many were ours."""
    done = 0
    for alarm in rows:
        try:
            confirm_alarm(alarm, by=by, at=at)
        except StaleRow:
            continue
        done += 1
    return done


def clear_alarm(alarm: Alarm, *, reason: str, by: Actor, at: datetime) -> Alarm:
    """What it was about has ended; nobody needs to confirm any more."""
    return alarm.advance("cleared", by=by, at=at, end_reason=reason, ended_at=at, leader_call_at=None)


def clear_subject(
    subject: str, *, reason: str, by: Actor, at: datetime, kinds: Iterable[str] | None = None
) -> int:
    """Clear every open alarm about a subject. Returns how many."""
    rows = Alarm.objects.filter(subject=subject, state__in=RINGING).select_related("division")
    if kinds is not None:
        rows = rows.filter(kind__in=list(kinds))
    cleared = 0
    for alarm in rows:
        clear_alarm(alarm, reason=reason, by=by, at=at)
        cleared += 1
    return cleared


def call_leader(alarm: Alarm, *, at: datetime) -> Leader | None:
    """The deadline of an alarm that nobody confirmed.

    1. If the leader was called about another alarm of this county within the joining time and that one still rings, this
       one joins that call: forty silent villages are one call, not forty.
    2. Else the first in line who can be reached is called; the text says when it is not the leader on duty.
    3. With nobody to call, that is journaled and tried again after the same delay. The desk keeps sounding in any case.
    """
    by = system("duty")
    joined = _recent_call(alarm, at=at)
    if joined is not None and joined.leader_called is not None:
        _mark_called(
            alarm,
            joined.leader_called_id,
            joined.leader_post,
            rung=joined.leader_rung,
            by=by,
            at=at,
            joined=joined,
        )
        return Leader(joined.leader_called.pk, joined.leader_called.name, PostKind(joined.leader_post))
    for rung, leader in enumerate(leaders(alarm, at=at), start=1):
        if _call(alarm, leader, by=by, at=at):
            _mark_called(alarm, leader.person_id, leader.post, rung=rung, by=by, at=at)
            return leader
    after = alarms().of(alarm.kind).leader_after
    again = None if after is None else at + after
    alarm.change(by=by, at=at, kind="nobody_to_call", leader_call_at=again)
    return None


def leaders(alarm: Alarm, *, at: datetime) -> list[Leader]:
    """Who is called, in order, as the posts are held at this moment; nobody twice."""
    county = _county(alarm)
    if county is None:
        return []
    found: dict[uuid.UUID, Leader] = {}
    for kind in alarms().leader_line:
        for holder in directory.holders(kind, [county], at).get(county, []):
            found.setdefault(holder.person_id, Leader(holder.person_id, holder.name, kind))
    return list(found.values())


def _open(kind: str, subject: str) -> Alarm | None:
    return (
        Alarm.objects.filter(kind=kind, subject=subject, state__in=RINGING).select_related("division").first()
    )


def _new(
    kind: str,
    subject: str,
    text_zh: str,
    text_en: str,
    level: int | None,
    division: Division | None,
    at: datetime,
    exercise_id: uuid.UUID | None,
) -> Alarm:
    after = alarms().of(kind).leader_after
    return Alarm(
        state="ringing",
        kind=kind,
        subject=subject,
        text_zh=text_zh[:300],
        text_en=text_en[:300],
        level=level,
        division=division,
        raised_at=at,
        leader_call_at=None if after is None else at + after,
        exercise_id=exercise_id,
    )


def _is_worse(level: int | None, known: int | None) -> bool:
    return level is not None and (known is None or level < known)


def _mark_called(
    alarm: Alarm,
    person_id: uuid.UUID | None,
    post: str,
    *,
    rung: int,
    by: Actor,
    at: datetime,
    joined: Alarm | None = None,
) -> None:
    alarm.advance(
        "leader_called",
        by=by,
        at=at,
        cause="" if joined is None else f"alarm:{joined.pk}",
        leader_called_id=person_id,
        leader_called_at=at if joined is None else joined.leader_called_at,
        leader_post=str(post),
        leader_rung=rung,
        leader_call_at=None,
    )


def _recent_call(alarm: Alarm, *, at: datetime) -> Alarm | None:
    rows = Alarm.objects.filter(
        state="leader_called",
        exercise_id=alarm.exercise_id,
        leader_called_at__gt=at - alarms().join_within,
    ).select_related("leader_called", "division")
    county = _county(alarm)
    return next((row for row in rows.order_by("-leader_called_at") if _county(row) == county), None)


def _county(alarm: Alarm) -> str | None:
    """The code of the county whose leader is called: above the alarm's place, or the only county of this node."""
    counties = Division.objects.filter(level=DivisionLevel.COUNTY)
    if alarm.division is not None:
        counties = counties.filter(code__in=alarm.division.path.split("/"))
    codes = list(counties.values_list("code", flat=True)[:2])
    return codes[0] if len(codes) == 1 else None


def _call(alarm: Alarm, leader: Leader, *, by: Actor, at: datetime) -> bool:
    waited = max(1, round((at - alarm.raised_at).total_seconds() / 60))
    others = Alarm.objects.filter(exercise_id=alarm.exercise_id, state="ringing").exclude(pk=alarm.pk).count()
    more = f"另有{others}项未确认。" if others else ""
    instead = (
        ""
        if leader.post is PostKind.DUTY_LEADER
        else f"（无{_leader_words()}可呼，改呼{FACES[leader.post].zh}）"
    )
    mark = "【演练】" if alarm.exercise_id is not None else ""
    said = f"{alarm.text_zh}，{waited}分钟无人确认。{more}"
    deliveries = dissemination.reach_person(
        person_id=leader.person_id,
        subject=f"alarm:{alarm.pk}",
        text=f"{mark}【值班告警】{said}请处置{instead}：{settings.ANLAN_BASE_URL}/",
        voice_text=f"{'演练。' if mark else ''}值班告警。{said}请立即联系值班室{instead}。",
        role=str(leader.post),
        by=by,
        at=at,
        exercise_id=alarm.exercise_id,
        cause=f"alarm:{alarm.pk}",
    )
    return bool(deliveries)


def _leader_words() -> str:
    return FACES[PostKind.DUTY_LEADER].zh
