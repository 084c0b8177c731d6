"""What of data calls a shift hands over: what this place asked and has not got, and what it owes itself."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Q

from anlan.datacalls.models import DataCall, DataSeat
from anlan.kernel.openitems import OpenItem, open_items

_OWED = ("asked", "late")


@open_items("data_calls", zh="收数", en="Data calls")
def data_calls(path: str, at: datetime, exercise_id: uuid.UUID | None) -> Iterator[OpenItem]:
    """One line for a call however many places still owe it; one for each round that this place owes."""
    owed = Count("seats", filter=Q(seats__state__in=_OWED, seats__parent=None))
    asked = DataCall.objects.filter(division__path=path, exercise_id=exercise_id).annotate(owed=owed)
    for call in asked.filter(owed__gt=0).select_related("division").order_by("opened_at", "pk"):
        yield OpenItem(
            f"data_call:{call.pk}", "data_calls", f"{call.number} {call.title}", call.opened_at, path,
            f"{call.owed}处未报", f"{call.owed} have not filed",
        )  # fmt: skip
    seats = DataSeat.objects.filter(division__path=path, state__in=_OWED, exercise_id=exercise_id)
    for seat in seats.select_related("call").order_by("due_at", "pk"):
        yield OpenItem(
            f"data_seat:{seat.pk}", "data_calls", f"{seat.call.number} {seat.call.title}", seat.asked_at, path,
            "本单位未报", "owed by this place", seat.due_at,
        )  # fmt: skip
