"""What of incidents and chase orders a shift hands over."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q

from anlan.incidents.access import visible_incidents
from anlan.incidents.models import ChaseOrder, Incident
from anlan.kernel.actor import Actor
from anlan.kernel.openitems import OpenItem, open_items
from anlan.kernel.restricted import keeps_closed
from anlan.vocab.incidents import EventClass, IncidentKind

_STATES = {"received": ("待核实", "to be verified"), "verified": ("处置中", "going on")}
#: A threat was verified without a grade and became an impact; class 4 may have none.
_UNGRADED = ("处置中，待定级", "going on, to be graded")
_CHASES = {
    "issued": ("未签收", "not acknowledged"),
    "acknowledged": ("待回复", "waits for the answer"),
    "answered": ("待办结", "to be closed"),
}


def _here(path: str) -> Q:
    return Q(division__path=path) | Q(division__path__startswith=f"{path}/")


def _lacks_grade(row: Incident) -> bool:
    is_due = row.state == "verified" and row.kind == IncidentKind.IMPACT
    return is_due and row.grade is None and row.event_class != EventClass.SECURITY


@open_items("incidents", zh="未结束的事件", en="Open incidents")
def incidents(path: str, at: datetime, exercise_id: uuid.UUID | None) -> Iterator[OpenItem]:
    rows = Incident.objects.filter(_here(path), state__in=list(_STATES), exercise_id=exercise_id)
    for row in rows.select_related("division").defer("division__geometry").order_by("known_at", "id"):
        zh, en = _UNGRADED if _lacks_grade(row) else _STATES[row.state]
        yield OpenItem(
            f"incident:{row.pk}", "incidents", f"{row.number} {row.title}", row.known_at, row.division.path, zh, en,
            is_restricted=row.is_restricted,
        )  # fmt: skip


@open_items("chases", zh="未办结的督办", en="Open chase orders")
def chases(path: str, at: datetime, exercise_id: uuid.UUID | None) -> Iterator[OpenItem]:
    rows = ChaseOrder.objects.filter(_here(path), state__in=list(_CHASES), exercise_id=exercise_id)
    for row in rows.select_related("division", "incident").order_by("due_at", "id"):
        zh, en = _CHASES[row.state]
        yield OpenItem(
            f"chase:{row.pk}", "chases", f"{row.number} {row.addressee}：{row.task}"[:160], row.issued_at,
            row.division.path, zh, en, row.due_at,
            is_restricted=row.incident is not None and row.incident.is_restricted,
        )  # fmt: skip


@keeps_closed("incidents")
def closed_incidents(actor: Actor) -> list[str]:
    """Restricted incidents that this actor may not read."""
    allowed = visible_incidents(actor).filter(is_restricted=True).values_list("pk", flat=True)
    every = Incident.objects.filter(is_restricted=True).values_list("pk", flat=True)
    return [str(pk) for pk in set(every) - set(allowed)]
