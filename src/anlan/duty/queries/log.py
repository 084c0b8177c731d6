"""值班日志: the journal of one room's place, read for people, and the notes in it.

What mentions something that is closed to the reader is left out, whatever kind of entry it is.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from anlan.directory.models import Person
from anlan.duty.models import DutyRoom
from anlan.duty.onduty import on_duty_now
from anlan.duty.services.handovers import chain_head
from anlan.duty.services.logbook import NOTED
from anlan.duty.types import LogContent, LogLine
from anlan.journal import clocks
from anlan.journal.models import Entry
from anlan.kernel.actor import Actor
from anlan.kernel.restricted import closed_to
from anlan.places.models import Division
from anlan.vocab.posts import Right

#: Lines of one shift that are read; a busy night of a county is some thousand entries.
MOST = 2_000
#: Entries are written in the order of their moments, but for this much.
SLACK = timedelta(minutes=10)
#: What fills the journal and says nothing to the next shift; the journal page shows it.
QUIET = (
    "delivery.",
    "inbound_event.",
    "check_in.expected",
    "roll_call_seat.called",
    "shift.begun",
    "import",
    "account.",
    "crossing.",
    "station_link.",
    "history",
    "binding.",
    "signal.",
    "announcement.",
)


def log_lines(
    room: DutyRoom,
    *,
    start: datetime,
    end: datetime,
    actor: Actor,
    kind: str = "",
    only_notes: bool = False,
    limit: int = MOST,
) -> tuple[list[LogLine], bool]:
    """Entries of the room's place in [start, end), oldest first; the newest of them, where there are more.

    Somebody without the right to see the journal there reads the notes and nothing else.
    """
    path = room.division.path
    entries = _between(_of_place(path, actor), start, end)
    if only_notes or not actor.can(Right.SEE_JOURNAL, path):
        entries = entries.filter(kind=NOTED, division_path=path)
    elif kind:
        entries = entries.filter(kind__startswith=kind)
    else:
        for quiet in QUIET:
            entries = entries.exclude(kind__startswith=quiet)
    rows = list(entries.order_by("-seq")[: limit + 1])
    return _lines(_open_to(actor, rows[limit - 1 :: -1]), room), len(rows) > limit


def log_content(division: Division, *, start: datetime, end: datetime, actor: Actor) -> LogContent:
    """The log of a place's room for a paper."""
    room = DutyRoom.objects.select_related("division").filter(division=division).first() or DutyRoom(
        division=division, name=f"{division.name}值班室"
    )
    lines, is_cut = log_lines(room, start=start, end=end, actor=actor)
    seq, chain_hash = chain_head()
    there = [f"{one.post_zh}{one.name}" for one in on_duty_now(division, at=start)]
    return LogContent(room.name, start, end, there, lines, is_cut, seq, chain_hash)


def mask_for(actor: Actor, entries: Sequence[Entry]) -> set[uuid.UUID]:
    """Ids of the entries that mention something closed to the reader: by subject, cause or content, or because the subject
    was recorded with a mention of it. Two queries, the second over the subjects of these entries only."""
    closed = closed_to(actor)
    if not closed or not entries:
        return set()
    hidden = {one.pk for one in entries if _mentions(one, closed)}
    subjects = {(one.subject_type, one.subject_id) for one in entries if one.pk not in hidden}
    told = Entry.objects.filter(
        subject_type__in={kind for kind, _key in subjects}, subject_id__in={key for _kind, key in subjects}
    )
    suspect = {
        (one.subject_type, one.subject_id)
        for one in told.only("subject_type", "subject_id", "payload", "cause").order_by("id")[: 5 * MOST]
        if _mentions(one, closed)
    }
    return hidden | {one.pk for one in entries if (one.subject_type, one.subject_id) in suspect}


def _mentions(entry: Entry, closed: frozenset[str]) -> bool:
    if entry.subject_id in closed:
        return True
    text = f"{entry.cause} {entry.payload}"
    return any(one in text for one in closed)


def _of_place(path: str, actor: Actor) -> QuerySet[Entry]:
    place = Q(division_path=path) | Q(division_path__startswith=f"{path}/")
    if "/" not in path:
        place |= Q(division_path="")
    return Entry.objects.filter(place, seq__isnull=False, exercise_id=clocks.default_exercise_id())


def _between(entries: QuerySet[Entry], start: datetime, end: datetime) -> QuerySet[Entry]:
    """By moment, with the bounds of the sequence found first, so that an old shift is not searched in the whole journal."""
    first, last = _seq_at(start - SLACK) or 0, _seq_at(end + SLACK)
    entries = entries.filter(at__gte=start, at__lt=end, seq__gte=first)
    return entries if last is None else entries.filter(seq__lte=last)


def _seq_at(moment: datetime) -> int | None:
    """The first sequence number whose entry is not before the moment; None when there is none. Some twenty short reads."""
    rows = Entry.objects.filter(seq__isnull=False, exercise_id=clocks.default_exercise_id())
    newest = rows.order_by("-seq").values_list("seq", "at").first()
    if newest is None or newest[1] < moment:
        return None if newest is None else int(newest[0] or 0) + 1
    low, high = 1, int(newest[0] or 1)
    while low < high:
        middle = (low + high) // 2
        found = rows.filter(seq__gte=middle).order_by("seq").values_list("seq", "at").first()
        if found is None or found[1] >= moment:
            high = middle
        else:
            low = int(found[0] or middle) + 1
    return low


def _open_to(actor: Actor, rows: Sequence[Entry]) -> list[Entry]:
    hidden = mask_for(actor, rows)
    return [one for one in rows if one.pk not in hidden]


def _lines(rows: Sequence[Entry], room: DutyRoom) -> list[LogLine]:
    names = _names(row.actor for row in rows)
    notes = [_line(row, names) for row in rows]
    newer = {one.corrects: one.entry_id for one in notes if one.corrects is not None}
    if not newer:
        return notes
    from dataclasses import replace

    return [replace(one, corrected_by=newer.get(one.entry_id)) for one in notes]


def _line(row: Entry, names: dict[str, str]) -> LogLine:
    payload: dict[str, Any] = json.loads(row.payload) if row.payload else {}  # Any: as the journal keeps it
    is_note = row.kind == NOTED
    corrects = payload.get("corrects")
    return LogLine(
        entry_id=row.pk,
        seq=row.seq,
        at=row.at,
        who=str(payload.get("by", "")) if is_note else names.get(row.actor, ""),
        kind=row.kind,
        subject=f"{row.subject_type}:{row.subject_id}",
        text=str(payload.get("text", "")) if is_note else _said(payload),
        is_note=is_note,
        place=row.division_path.rpartition("/")[2],
        corrects=uuid.UUID(corrects) if corrects else None,
        payload=payload,
    )


#: Fields that say in words what an entry is about, the best first.
_SAYING = (
    "title",
    "text_zh",
    "headline",
    "text",
    "task",
    "summary",
    "words",
    "name",
    "number",
    "reason",
    "why",
    "end_reason",
)


def _said(payload: dict[str, Any]) -> str:  # Any: as the journal keeps it
    fields = payload.get("set") if isinstance(payload.get("set"), dict) else payload
    if not isinstance(fields, dict):
        return ""
    return next((str(fields[name])[:160] for name in _SAYING if fields.get(name)), "")


def _names(refs: Iterable[str]) -> dict[str, str]:
    """Who acted, by reference: accounts by their person, the program by its part."""
    from anlan.accounts.models import User

    wanted = set(refs)
    users = [one.partition(":")[2] for one in wanted if one.startswith("user:")]
    people = [one.partition(":")[2] for one in wanted if one.startswith("person:")]
    rows = User.objects.filter(pk__in=[one for one in users if one.isdigit()]).values_list(
        "pk", "person__name", "username"
    )
    found = {f"user:{pk}": name or username for pk, name, username in rows}
    found |= {
        f"person:{pk}": name for pk, name in Person.objects.filter(pk__in=people).values_list("pk", "name")
    }
    return found
