"""What of calls and messages a shift hands over: those not settled, and rings that nobody wrote down."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q

from anlan.intake.models import OPEN, Intake, RingEvent
from anlan.kernel.openitems import OpenItem, open_items

_STATES = {"received": ("待核实", "to be verified"), "verifying": ("核实中", "being verified")}


@open_items("calls", zh="未核实的接报", en="Calls and messages to settle")
def calls(path: str, at: datetime, exercise_id: uuid.UUID | None) -> Iterator[OpenItem]:
    """A duplicate follows its first message and is no item of its own."""
    here = Q(path=path) | Q(path__startswith=f"{path}/")
    rows = Intake.objects.filter(here, state__in=OPEN, duplicate_of=None, exercise_id=exercise_id)
    for row in rows.order_by("received_at", "id"):
        zh, en = _STATES[row.state]
        yield OpenItem(
            f"intake:{row.pk}", "calls", f"{row.number} {row.title}", row.received_at, row.path, zh, en,
            is_restricted=row.is_restricted,
        )  # fmt: skip
    at_desk = Q(division__path=path) | Q(division__path__startswith=f"{path}/")
    rings = RingEvent.objects.filter(at_desk, state__in=("ringing", "missed"), exercise_id=exercise_id)
    for ring in rings.select_related("line", "division").order_by("rang_at", "pk"):
        yield OpenItem(
            f"ring:{ring.pk}", "calls", ring.line.name, ring.rang_at, ring.division.path, "未登记来电", "not written down",
        )  # fmt: skip
