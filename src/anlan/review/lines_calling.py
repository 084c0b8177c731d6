"""Steps of warning and calling: from the crossing to the signature, and to every village that had to answer."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from anlan.dissemination.models import Callout, CalloutSeat
from anlan.review.lines import NOTHING, Line, Words, mark_of
from anlan.warning.models import HazardWarning

_STATES: dict[str, Words] = {
    "unanswered": ("梯次用尽无人应答", "the ladder is used up, nobody answered"),
    "lost_contact": ("失联", "lost contact"),
    "released": ("解除时尚未应答", "released before it answered"),
    "resolved": ("由人处置了结", "settled by a person"),
}


def of_warnings(warned: Sequence[HazardWarning]) -> Iterator[Line]:
    """Two queries: warnings come read, their crossings and call-outs are fetched."""
    keys = [one.pk for one in warned]
    rows = HazardWarning.objects.filter(pk__in=keys).select_related("crossing", "division")
    begun = dict(
        Callout.objects.filter(subject__in=[f"warning:{key}" for key in keys])
        .order_by("-started_at")
        .values_list("subject", "started_at")
    )
    for row in rows.defer("division__geometry").order_by("issued_at", "pk"):
        said: dict[str, Any] = {
            "title": row.headline,
            "who": row.issuer,
            "unit": "",
            "subject": f"warning:{row.pk}",
        }
        crossed = row.crossing.phenomenon_time if row.crossing is not None else row.drafted_at
        note = NOTHING if row.crossing is not None else ("人工起草，从起草时间计", "drafted by hand, from the draft on")  # fmt: skip
        if row.pre_authorisation_id is not None:
            note = ("按预授权签发", "issued by pre-authorisation")
        issued = row.issued_at
        key = f"warning/{row.hazard_type}/{row.level}"
        yield Line("warning.issued", key, mark_of(issued, None, crossed), starts_at=crossed, done_at=issued, note=note, **said)  # fmt: skip
        called = begun.get(f"warning:{row.pk}")
        if called is not None and issued is not None:
            yield Line("warning.called", f"{key}/called", mark_of(called, None, issued), starts_at=issued, done_at=called, **said)  # fmt: skip


def of_callouts(keys: Sequence[uuid.UUID], now: datetime) -> Iterator[Line]:
    """Every seat against the whole time that the ladder of its call-out gives. One query."""
    rows = CalloutSeat.objects.filter(callout__in=keys).select_related("callout", "division")
    for seat in rows.defer("division__geometry").order_by("callout__started_at", "division_id", "pk"):
        yield from _seat(seat, now)


def _seat(seat: CalloutSeat, now: datetime) -> Iterator[Line]:
    callout = seat.callout
    limit = ladder_time(callout)
    due = None if limit is None else callout.started_at + limit
    is_over = seat.state in ("released", "resolved") and seat.answered_at is None
    name = callout.ladder_name
    said: dict[str, Any] = {"title": callout.title, "who": seat.division.name, "unit": seat.division_id, "subject": f"callout_seat:{seat.pk}"}  # fmt: skip
    # A seat that was released or settled before its time owed no answer any more.
    if is_over and (callout.closed_at is None or due is None or callout.closed_at <= due):
        due = None
    yield Line(
        "callout.answered",
        f"seat/{callout.hazard_type}/{callout.level}/{seat.division_id}",
        mark_of(seat.answered_at, due, now),
        starts_at=callout.started_at,
        done_at=seat.answered_at,
        due_at=due,
        source=(f"叫应梯次“{name}”全程", f"whole ladder “{name}”") if due is not None else NOTHING,
        note=_note(seat),
        **said,
    )
    if seat.done_at is not None:
        yield Line(
            "callout.done",
            f"seat_done/{callout.hazard_type}/{callout.level}/{seat.division_id}",
            mark_of(seat.done_at, None, now),
            starts_at=callout.started_at,
            done_at=seat.done_at,
            note=_moved(seat),
            **said,
        )


def _note(seat: CalloutSeat) -> Words:
    zh, en = _STATES.get(seat.state, NOTHING)
    if seat.escalated_to_name:
        zh = f"{zh}；已升级至{seat.escalated_to_name}".strip("；")
        en = f"{en}; escalated to {seat.escalated_to_name}".strip("; ")
    if seat.answered_by_name and not zh:
        return f"{seat.answered_by_name}应答", f"answered by {seat.answered_by_name}"
    return zh, en


def _moved(seat: CalloutSeat) -> Words:
    if seat.people_moved is None:
        return NOTHING
    return f"转移{seat.people_moved}人", f"{seat.people_moved} people moved"


def ladder_time(callout: Callout) -> timedelta | None:
    """How long the copy of its ladder lasts in all; None where it says nothing."""
    rungs = callout.ladder.get("rungs", []) if isinstance(callout.ladder, dict) else callout.ladder
    seconds = sum(int(rung.get("wait_s") or 0) for rung in rungs or [])
    return timedelta(seconds=seconds) if seconds else None
