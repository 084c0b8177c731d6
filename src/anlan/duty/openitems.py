"""What of the duty room itself is open at a change of shift. Other floors register their own (`kernel.openitems`)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db.models import Q

from anlan.dissemination.models import Callout, CalloutSeat
from anlan.duty.models import Alarm, CarriedNote, CheckIn, ShiftSwap, SpecialPeriod
from anlan.duty.services.ringing import RINGING
from anlan.kernel.openitems import OpenItem, open_items

_SILENT = ("waiting", "unanswered", "lost_contact")


def at_or_below(path: str, field: str = "division__path") -> Q:
    """Rows of the place at `path` and below it."""
    return Q(**{field: path}) | Q(**{f"{field}__startswith": f"{path}/"})


@open_items("alarms", zh="正在响的告警", en="Alarms that ring")
def alarms(path: str, at: datetime, exercise_id: uuid.UUID | None) -> Iterator[OpenItem]:
    place = at_or_below(path)
    if "/" not in path:
        place |= Q(division=None)
    rows = Alarm.objects.filter(place, state__in=RINGING, exercise_id=exercise_id)
    for row in rows.select_related("division").order_by("raised_at", "id"):
        where = row.division.path if row.division is not None else path
        yield OpenItem(
            f"alarm:{row.pk}",
            "alarms",
            row.text_zh,
            row.raised_at,
            where,
            "未确认",
            "not confirmed",
            row.leader_call_at,
        )


@open_items("callouts", zh="进行中的叫应", en="Call-outs that run")
def callouts(path: str, at: datetime, exercise_id: uuid.UUID | None) -> Iterator[OpenItem]:
    here = CalloutSeat.objects.filter(at_or_below(path)).values("callout_id")
    rows = Callout.objects.filter(
        at_or_below(path) | Q(pk__in=here), state="open", exercise_id=exercise_id
    ).select_related("division")
    for row in rows.order_by("started_at", "id"):
        silent = CalloutSeat.objects.filter(at_or_below(path), callout=row, state__in=_SILENT).count()
        yield OpenItem(
            f"callout:{row.pk}", "callouts", row.title, row.started_at, row.division.path,
            f"{silent}处未应答" if silent else "均已应答", f"{silent} not answered",
        )  # fmt: skip


@open_items("roster", zh="值班事项", en="Duty")
def roster(path: str, at: datetime, exercise_id: uuid.UUID | None) -> Iterable[OpenItem]:
    checks = CheckIn.objects.filter(
        at_or_below(path, "room__division__path"),
        state="missing",
        exercise_id=exercise_id,
        shift__ends_at__gt=at,
    ).select_related("room__division", "person")
    swaps = ShiftSwap.objects.filter(
        at_or_below(path, "shift__post__division__path"),
        state__in=("asked", "accepted"),
        exercise_id=exercise_id,
    ).select_related("shift__post__division", "asker", "colleague")
    periods = SpecialPeriod.objects.filter(at_or_below(path), state="proposed", exercise_id=exercise_id)
    return [
        *(
            OpenItem(
                f"check_in:{row.pk}", "roster", f"{row.room.name}{row.person.name}未签到", row.expected_at,
                row.room.division.path, "未到岗", "not there",
            )
            for row in checks
        ),
        *(
            OpenItem(
                f"shift_swap:{row.pk}", "roster", f"{row.asker.name}与{row.colleague.name}换班", row.asked_at,
                row.shift.post.division.path, "待批准" if row.state == "accepted" else "待同意",
                "waits for approval" if row.state == "accepted" else "waits for the colleague", row.shift.starts_at,
            )
            for row in swaps
        ),
        *(
            OpenItem(
                f"special_period:{row.pk}", "roster", row.title, row.proposed_at, row.division.path, "待批准",
                "waits for approval", row.starts_at,
            )
            for row in periods.select_related("division")
        ),
    ]  # fmt: skip


@open_items("notes", zh="交办事项", en="To be done")
def notes(path: str, at: datetime, exercise_id: uuid.UUID | None) -> Iterator[OpenItem]:
    """Of this very room: a township's notes are its own."""
    rows = CarriedNote.objects.filter(room__division__path=path, state="open", exercise_id=exercise_id)
    for row in rows.order_by("written_at", "id"):
        yield OpenItem(
            f"note:{row.pk}", "notes", row.text, row.written_at, path, "未办结", "not done", row.due_at
        )
