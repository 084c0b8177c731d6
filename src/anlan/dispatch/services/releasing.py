"""Orders that waited for others go out when those are finished, or when the desk says so."""

from __future__ import annotations

import uuid
from datetime import datetime

from anlan.dispatch.models import Instruction
from anlan.dispatch.preconditions import by_key, is_free
from anlan.dispatch.services.issuing import issued_fields, known_of, went_out
from anlan.kernel.actor import Actor


def release_waiting(
    activation_id: uuid.UUID, *, by: Actor, at: datetime, by_name: str = ""
) -> list[Instruction]:
    """Issue every waiting order of an activation whose predecessors are finished. Returns them."""
    rows = Instruction.objects.filter(activation_id=activation_id, state="waiting")
    waiting = list(
        rows.select_related("incident__division", "addressee", "team")
        .defer("incident__division__geometry", "addressee__geometry")
        .order_by("number")
    )
    if not waiting:
        return []
    known = by_key(known_of(activation_id))
    free = [row for row in waiting if is_free(row.after, row.addressee_id, known)]
    return _issue(free, by=by, by_name=by_name, at=at)


def issue_now(row: Instruction, *, by: Actor, by_name: str, at: datetime) -> Instruction:
    """The desk waits no longer for what should have come first."""
    return _issue([row], by=by, by_name=by_name, at=at)[0]


def _issue(rows: list[Instruction], *, by: Actor, by_name: str, at: datetime) -> list[Instruction]:
    for row in rows:
        row.advance("issued", by=by, at=at, **issued_fields(row.ack_limit_min, row.limit_min, at))
    went_out(rows, by=by, by_name=by_name or by.name, at=at)
    return rows
