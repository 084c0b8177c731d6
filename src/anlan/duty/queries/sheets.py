"""Handover sheets as they are shown and printed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings

from anlan.duty.models import ClockSync, Handover
from anlan.duty.onduty import on_duty_now
from anlan.duty.services.handovers import last_taken
from anlan.duty.types import HandoverContent, HandoverGroup, HandoverLine, OnDuty
from anlan.kernel.openitems import sources
from anlan.places.models import Division


def latest_handover(division: Division) -> Handover | None:
    """The sheet of this place's room that both signed last."""
    from anlan.duty.models import DutyRoom

    room = DutyRoom.objects.filter(division=division).first()
    return None if room is None else last_taken(room)


def handover_content(handover: Handover, *, sees_restricted: bool = True) -> HandoverContent:
    """Everything on the sheet; the words of restricted items only for whoever may read those."""
    is_taken = handover.taken_at is not None
    division = handover.room.division
    return HandoverContent(
        number=number_of(handover),
        room_name=handover.room.name,
        shift_from=handover.shift_from,
        shift_to=handover.shift_to,
        given_by=handover.given_by.name,
        given_at=handover.given_at,
        taken_by=handover.taken_by.name if handover.taken_by is not None else "",
        taken_at=handover.taken_at,
        taken_words=handover.taken_words,
        summary=handover.summary,
        groups=groups_of(handover.items, sees_restricted=sees_restricted),
        done=[_line(one, sees_restricted) for one in handover.done],
        on_duty=_names(on_duty_now(division, at=handover.shift_from)),
        next_on_duty=_names(on_duty_now(division, at=handover.shift_to)),
        chain_seq=handover.taken_seq if is_taken else handover.given_seq,
        chain_hash=handover.taken_hash if is_taken else handover.given_hash,
        given_seq=handover.given_seq,
        given_hash=handover.given_hash,
        clock_sync=handover.clock_sync,
    )


def groups_of(
    items: Iterable[dict[str, Any]], *, sees_restricted: bool
) -> list[HandoverGroup]:  # Any: kept as JSON
    """Open things under the headings of their owners."""
    heads = {source.code: (source.zh, source.en) for source in sources()}
    found: dict[str, list[HandoverLine]] = {}
    for item in items:
        found.setdefault(item["group"], []).append(_line(item, sees_restricted))
    return [HandoverGroup(code, *heads.get(code, (code, code)), lines) for code, lines in found.items()]


def number_of(handover: Handover) -> str:
    """ "999901000000-0012": the room's code and the number of the sheet."""
    return f"{handover.room.division_id}-{handover.serial:04d}"


def clock_sync() -> tuple[str, datetime | None]:
    """The state of this machine's clock as it was journaled last, and since when."""
    row = ClockSync.objects.filter(node=settings.ANLAN_NODE).values_list("sync", "since").first()
    return ("unknown", None) if row is None else row


def _line(item: dict[str, Any], sees_restricted: bool) -> HandoverLine:  # Any: kept as JSON
    hidden = item["is_restricted"] and not sees_restricted
    due = item["due_at"]
    return HandoverLine(
        key="" if hidden else item["key"],
        title="限制阅读事项" if hidden else item["title"],
        state_zh=item["state_zh"],
        state_en=item["state_en"],
        since=datetime.fromisoformat(item["since"]),
        due_at=None if due is None else datetime.fromisoformat(due),
        is_new=item["is_new"],
        is_unknown=item["is_unknown"],
        is_restricted=item["is_restricted"],
        carried=item["carried"],
    )


def _names(people: Iterable[OnDuty]) -> list[str]:
    return [f"{one.post_zh}{one.name}" for one in people]
