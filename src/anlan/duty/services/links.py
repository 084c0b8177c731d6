"""视联网: each room's video link beats. Silence rings and is kept as a gap with its true beginning and end."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime, timedelta

from anlan.accounts.access import require
from anlan.duty.manning import duty_table
from anlan.duty.models import DutyRoom, LinkGap, RoomLink
from anlan.duty.parameters import alarms
from anlan.duty.refusals import LinkIsOver, WordsMissing
from anlan.duty.services.ringing import clear_subject, raise_alarm
from anlan.duty.services.rooms import digest
from anlan.journal.services import note
from anlan.kernel.actor import Actor, system
from anlan.vocab.posts import Right

BY = system("duty")
#: A beat every second is a mistake, one a day proves nothing. Engineering choice.
SHORTEST_S, LONGEST_S = 10, 86_400


def register_link(
    room: DutyRoom,
    *,
    name: str,
    every_s: int | None = None,
    by: Actor,
    at: datetime,
    exercise_id: uuid.UUID | None = None,
) -> tuple[RoomLink, str]:
    """Watch the link of a room. The token for its heartbeat is returned once. It is expected from now on."""
    require(by, Right.MANAGE_DUTY, room.division.path)
    if not name.strip():
        raise WordsMissing
    every = min(max(every_s or duty_table().link_every_s, SHORTEST_S), LONGEST_S)
    token = secrets.token_urlsafe(32)
    link = RoomLink(
        state="unheard",
        room=room,
        name=name.strip()[:60],
        every_s=every,
        token_sha256=digest(token),
        silent_at=at + _patience(every),
        exercise_id=exercise_id,
    )
    link.record(by=by, at=at, kind="registered")
    return link, token


def link_by_token(token: str) -> RoomLink | None:
    rows = RoomLink.objects.exclude(state="ended").select_related("room__division")
    return rows.filter(token_sha256=digest(token)).first()


def heartbeat(link: RoomLink, *, by: Actor, at: datetime) -> RoomLink:
    """It is there. Only a return from silence is journaled; the beats are not."""
    if link.state == "ended":
        raise LinkIsOver
    rows = RoomLink.objects.filter(pk=link.pk)
    rows.update(heard_at=at, silent_at=at + _patience(link.every_s))
    if link.state == "up":
        return link
    link.advance("up", by=by, at=at)
    gap = LinkGap.objects.filter(link=link, until=None).first()
    if gap is not None:
        gap.change(by=by, at=at, kind="ended", until=at)
    clear_subject(f"room_link:{link.pk}", reason="已恢复", by=by, at=at)
    return link


def check_link(link: RoomLink, *, works: bool, words: str = "", by: Actor, at: datetime) -> RoomLink:
    """Somebody looked: a picture was there, or not. Where no programme beats, this is the beat."""
    require(by, Right.REPORT, link.room.division.path)
    if link.state == "ended":
        raise LinkIsOver
    payload = {"works": works, "words": words.strip()[:120], "by": by.name}
    path, run = link.room.division.path, link.exercise_id
    note(
        kind="room_link.looked_at", subject=("room_link", str(link.pk)), payload=payload, by=by, at=at,
        path=path, exercise_id=run,
    )  # fmt: skip
    if works:
        return heartbeat(link, by=by, at=at)
    return fall_silent(link, since=at, at=at)


def fall_silent(link: RoomLink, *, since: datetime | None = None, at: datetime) -> RoomLink:
    """Nothing was heard for too long; the gap begins when it was heard last, not when that was noticed."""
    begun = since or link.heard_at or (link.silent_at or at) - _patience(link.every_s)
    RoomLink.objects.filter(pk=link.pk).update(silent_at=None)
    if link.state == "silent":
        return link
    link.advance("silent", by=BY, at=at)
    if not LinkGap.objects.filter(link=link, until=None).exists():
        LinkGap(link=link, since=begun, exercise_id=link.exercise_id).record(by=BY, at=at, kind="begun")
    kind = alarms().of("room_link_silent")
    what = f"{link.room.name} {link.name}"
    raise_alarm(
        "room_link_silent",
        subject=f"room_link:{link.pk}",
        text_zh=kind.zh.format(what=what),
        text_en=kind.en.format(what=what),
        level=None,
        division=link.room.division,
        by=BY,
        at=at,
        exercise_id=link.exercise_id,
        cause=f"room_link:{link.pk}",
    )
    return link


def end_link(link: RoomLink, *, by: Actor, at: datetime) -> RoomLink:
    """It is watched no more."""
    require(by, Right.MANAGE_DUTY, link.room.division.path)
    RoomLink.objects.filter(pk=link.pk).update(silent_at=None)
    link.advance("ended", by=by, at=at, ended_at=at)
    gap = LinkGap.objects.filter(link=link, until=None).first()
    if gap is not None:
        gap.change(by=by, at=at, kind="ended", until=at)
    clear_subject(f"room_link:{link.pk}", reason="不再监视", by=by, at=at)
    return link


def _patience(every_s: int) -> timedelta:
    return timedelta(seconds=every_s * duty_table().link_missed)
