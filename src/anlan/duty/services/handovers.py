"""交接班: what is open is collected from every floor, handed over by one person, taken over by another.

Nothing is dropped: what was on the last sheet is either still open and on this one, or listed as done since. Where an owner of
open things cannot be asked, what he had on the last sheet is carried on and marked as unknown.
"""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from anlan.directory.models import Shift
from anlan.directory.roster import on_shift_at
from anlan.duty.models import CarriedNote, ClockSync, DutyRoom, Handover
from anlan.duty.refusals import (
    BadInterval,
    HandoverIsOpen,
    NotAPerson,
    SamePerson,
    WordsMissing,
)
from anlan.journal.models import ChainHead
from anlan.kernel.actor import Actor
from anlan.kernel.openitems import OpenItem, sources
from anlan.kernel.refusals import NotAllowed
from anlan.vocab.posts import Right

log = logging.getLogger("anlan.duty")

Item = dict[str, Any]  # as the journal keeps it: text, numbers and truth values


@dataclass(frozen=True, slots=True)
class Composition:
    """What is open now, and what was on the last sheet and is not."""

    items: list[Item]
    done: list[Item]


def compose(room: DutyRoom, *, at: datetime, exercise_id: uuid.UUID | None = None) -> Composition:
    """The sheet as it would be now."""
    last = last_taken(room)
    before = {str(one["key"]): one for one in (last.items if last is not None else [])}
    open_now: dict[str, Item] = {}
    unknown: set[str] = set()
    for source in sources():
        try:
            with transaction.atomic():
                found = list(source.provide(room.division.path, at, exercise_id))
        except Exception:  # whatever an owner stumbles over, his open things stay on the sheet
            log.exception("open_items_failed", extra={"source": source.code})
            unknown.add(source.code)
            continue
        for item in found:
            open_now[item.key] = _kept(item, source.code, before.get(item.key))
    asked = {source.code for source in sources()} - unknown
    for key, item in before.items():
        if key not in open_now and item["group"] not in asked:
            open_now[key] = {**item, "is_unknown": True, "is_new": False, "carried": item["carried"] + 1}
    done = [item for key, item in before.items() if key not in open_now]
    order = {source.code: place for place, source in enumerate(sources())}
    items = sorted(
        open_now.values(),
        key=lambda one: (order.get(one["group"], 99), one["due_at"] or "9", one["since"], one["key"]),
    )
    return Composition(items, done)


def offer_handover(
    room: DutyRoom,
    *,
    shift_from: datetime,
    shift_to: datetime,
    summary: str = "",
    by: Actor,
    at: datetime,
    exercise_id: uuid.UUID | None = None,
) -> Handover:
    """The one who leaves signs: what is open at this moment, the head of the journal and the state of the clock are kept."""
    person_id = _signer(room, by, at)
    if shift_to <= shift_from:
        raise BadInterval
    if Handover.objects.filter(room=room, state="offered").exists():
        raise HandoverIsOpen
    sheet = compose(room, at=at, exercise_id=exercise_id)
    seq, chain_hash = chain_head()
    serial = Handover.objects.filter(room=room).aggregate(most=Max("serial"))["most"] or 0
    return Handover(
        state="offered",
        room=room,
        serial=serial + 1,
        shift_from=shift_from,
        shift_to=shift_to,
        summary=summary.strip()[:4000],
        items=sheet.items,
        done=sheet.done,
        given_by_id=person_id,
        given_at=at,
        given_seq=seq,
        given_hash=chain_hash,
        clock_sync=sync_now(),
        exercise_id=exercise_id,
    ).record(by=by, at=at, kind="offered")


def take_handover(handover: Handover, *, words: str = "", by: Actor, at: datetime) -> Handover:
    """The one who comes signs. What was opened between the two signatures is on the sheet too."""
    person_id = _signer(handover.room, by, at)
    if person_id == handover.given_by_id:
        raise SamePerson
    sheet = compose(handover.room, at=at, exercise_id=handover.exercise_id)
    open_now = {str(one["key"]) for one in sheet.items}
    listed = {str(one["key"]) for one in sheet.done}
    done = sheet.done + [one for one in handover.items if one["key"] not in open_now | listed]
    seq, chain_hash = chain_head()
    return handover.advance(
        "taken",
        by=by,
        at=at,
        items=sheet.items,
        done=done,
        taken_by_id=person_id,
        taken_at=at,
        taken_seq=seq,
        taken_hash=chain_hash,
        taken_words=words.strip()[:300],
        ended_at=at,
    )


def return_handover(handover: Handover, *, why: str, by: Actor, at: datetime) -> Handover:
    """The one who comes does not take it like this, and says why."""
    if _signer(handover.room, by, at) == handover.given_by_id:
        raise SamePerson
    if not why.strip():
        raise WordsMissing
    return handover.advance("returned", by=by, at=at, ended_at=at, ended_why=why.strip()[:300])


def withdraw_handover(handover: Handover, *, why: str = "", by: Actor, at: datetime) -> Handover:
    """The one who leaves stays on, or writes it anew."""
    if by.person_id != handover.given_by_id and not by.can(Right.MANAGE_DUTY, handover.room.division.path):
        raise NotAllowed
    return handover.advance("withdrawn", by=by, at=at, ended_at=at, ended_why=why.strip()[:300])


def carry_note(
    room: DutyRoom,
    text: str,
    *,
    due_at: datetime | None = None,
    by: Actor,
    at: datetime,
    exercise_id: uuid.UUID | None = None,
) -> CarriedNote:
    """Something that the next shifts must know until it is done."""
    _signer(room, by, at)
    if not text.strip():
        raise WordsMissing
    return CarriedNote(
        state="open",
        room=room,
        text=text.strip()[:300],
        written_by=by.name or by.ref,
        written_at=at,
        due_at=due_at,
        exercise_id=exercise_id,
    ).record(by=by, at=at, kind="written")


def finish_note(note: CarriedNote, *, words: str = "", by: Actor, at: datetime) -> CarriedNote:
    _signer(note.room, by, at)
    return note.advance(
        "done", by=by, at=at, done_at=at, done_by=by.name or by.ref, done_words=words.strip()[:200]
    )


def may_sign(room: DutyRoom, by: Actor, at: datetime) -> bool:
    """Whoever works in the room: with a post that reports there, or on shift there."""
    if by.person_id is None:
        return False
    if by.can(Right.REPORT, room.division.path):
        return True
    rows = Shift.objects.filter(on_shift_at(at), person_id=by.person_id, post__division_id=room.division_id)
    return rows.exists()


def last_taken(room: DutyRoom) -> Handover | None:
    """The sheet that was signed by both last."""
    return Handover.objects.filter(room=room, state="taken").order_by("-serial").first()


def chain_head() -> tuple[int, str]:
    """The number and hash of this node's newest sealed entry."""
    head = ChainHead.objects.filter(origin=settings.ANLAN_NODE).first()
    return (0, "") if head is None else (head.seq, head.hash)


def sync_now() -> str:
    row = ClockSync.objects.filter(node=settings.ANLAN_NODE).first()
    return "unknown" if row is None else row.sync


def _signer(room: DutyRoom, by: Actor, at: datetime) -> uuid.UUID:
    if by.person_id is None:
        raise NotAPerson
    if not may_sign(room, by, at):
        raise NotAllowed
    return by.person_id


def _kept(item: OpenItem, group: str, before: Item | None) -> Item:
    return {
        "key": item.key,
        "group": group,
        "title": item.title[:200],
        "state_zh": item.state_zh,
        "state_en": item.state_en,
        "since": item.since.isoformat(),
        "due_at": None if item.due_at is None else item.due_at.isoformat(),
        "is_restricted": item.is_restricted,
        "is_new": before is None,
        "is_unknown": False,
        "carried": 0 if before is None else int(before["carried"]) + 1,
    }
