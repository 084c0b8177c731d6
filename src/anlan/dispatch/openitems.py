"""What of dispatch a shift hands over."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q

from anlan.dispatch.models import Instruction
from anlan.dispatch.orderwords import STATES
from anlan.kernel.openitems import OpenItem, open_items


@open_items("orders", zh="未办结的指令", en="Open orders")
def orders(path: str, at: datetime, exercise_id: uuid.UUID | None) -> Iterator[OpenItem]:
    """Orders of the incidents here and to the places here, the next limit first."""
    here = Q(incident__division__path=path) | Q(incident__division__path__startswith=f"{path}/")
    here |= Q(addressee__path=path) | Q(addressee__path__startswith=f"{path}/")
    rows = Instruction.objects.filter(
        here, state__in=["issued", "acknowledged", "started", "could_not"], exercise_id=exercise_id
    )
    rows = rows.select_related("addressee", "incident").defer("addressee__geometry")
    for row in rows.order_by("due_at", "number"):
        zh, en = STATES[row.state]
        yield OpenItem(
            f"instruction:{row.pk}", "orders", f"{row.number} {row.addressee.name}：{row.title}"[:160],
            row.issued_at or row.planned_at, row.addressee.path, zh, en, row.due_at,
            is_restricted=row.incident.is_restricted,
        )  # fmt: skip
